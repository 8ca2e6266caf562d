"""Builds into PostgreSQL: one at a time, all or nothing, and under those who read."""

from __future__ import annotations

import logging
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from postgres_world import EMBEDDER, NEW, OLD, built, change_to, corpus, found, query, settings_of
from support.corpora import document
from support.corpora import write as write_files
from support.postgres import PASSWORD, Server, until

from assistant import factory
from assistant import live as live_module
from assistant.errors import IndexMismatch, IndexMissing, IndexUnusable, SettingsError
from assistant.factory import (
    build_index,
    open_assistant,
    open_home,
    postgres_home_of,
    where_index_is,
)
from assistant.indexes.home import StepCallback
from assistant.indexes.manifest import Origin
from assistant.indexes.postgres import copying, migrating
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.revising import collect
from assistant.indexes.postgres.servers import Servers
from assistant.indexes.postgres.writer import PostgresWriter, holding
from assistant.indexes.writing import FolderHome
from assistant.live import LiveAssistant
from assistant.records import Document
from assistant.settings import DatabaseSettings, Settings
from assistant.storage.sql import open_store

pytestmark = pytest.mark.servers

CHILD = Path(__file__).with_name("postgres_child.py")
FOREVER = 2**63 - 1


def documents_of(files: dict[str, str]) -> list[Document]:
    return [document(text, name=name.removesuffix(".txt")) for name, text in sorted(files.items())]


def rows(server: Server, schema: str, table: str) -> set[tuple[object, ...]]:
    """Where each row of a table lies, and its number of transaction: a row that was written anew has another."""
    return set(server.run(f"SELECT ctid::text, xmin::text, document_id, added FROM {schema}.{table}"))


@pytest.fixture
def settings(postgres: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings under which everything is kept in PostgreSQL, with the documents of ``OLD``."""
    monkeypatch.setattr(factory, "open_embedder", lambda _: EMBEDDER)
    corpus(tmp_path, OLD)
    return settings_of(tmp_path, postgres.url, schema)


def test_server_of_the_tests_flushes_what_it_commits_and_is_no_root(postgres: Server) -> None:
    assert postgres.run("SHOW fsync") == [("on",)]
    assert Path(f"/proc/{postgres.process}").stat().st_uid != 0


# --- where the index lives --------------------------------------------------------------------------


def test_a_postgresql_with_pgvector_is_where_the_index_lives(settings: Settings, home: PostgresHome) -> None:
    build_index(settings)
    assert isinstance(open_home(settings), PostgresHome)
    assert where_index_is(settings) == "i databasen på 127.0.0.1"
    assert where_index_is(replace(settings, database=DatabaseSettings())) == ""
    assert not (settings.index.path / "CURRENT").exists()
    _, hits = open_assistant(settings, build_if_missing=False).search("Hvad er kultur?")
    assert hits[0].passage.text == "Kultur er styring"


def test_the_same_documents_have_the_same_identity_and_answers_as_in_a_folder(
    settings: Settings, home: PostgresHome, tmp_path: Path
) -> None:
    there = replace(settings, database=replace(settings.database, url=""))
    ours, theirs = open_assistant(settings), open_assistant(there)
    for question in ("Hvad er kultur?", "Hvad udviser vi?", "Hvem vandt VM?"):
        one, other = ours.ask(question), theirs.ask(question)
        assert replace(one, hits=()) == replace(other, hits=())
        assert [hit.passage for hit in one.hits] == [hit.passage for hit in other.hits]
        # The database adds the parts of a score up in another order.
        assert [hit.score for hit in one.hits] == pytest.approx([hit.score for hit in other.hits], abs=1e-5)
    assert ours.stamp == theirs.stamp


def test_without_pgvector_conversations_are_kept_there_and_the_index_stays_in_its_folder(
    settings: Settings, postgres: Server, tmp_path: Path
) -> None:
    control = next(postgres.programs.parent.glob("share/**/extension/vector.control"))
    control.rename(control.with_suffix(".away"))
    try:
        postgres.run("DROP DATABASE IF EXISTS uden")
        postgres.run("CREATE DATABASE uden")
        plain = replace(settings, database=replace(settings.database, url=on(postgres, "uden")))
        assert isinstance(open_home(plain), FolderHome)
        home = PostgresHome(Servers(plain.database.url))
        assert home.why_not() == "pgvector er ikke installeret på serveren"
        assert where_index_is(plain) == (
            f"i mappen {plain.index.path}, for pgvector er ikke installeret på serveren"
        )
        store = open_store(plain.database.url, tmp_path)
        store.check()
        store.close()
    finally:
        control.with_suffix(".away").rename(control)


def test_who_may_not_enable_pgvector_is_told_who_can(postgres: Server) -> None:
    postgres.run("DROP DATABASE IF EXISTS ikke_endnu")
    postgres.run("CREATE DATABASE ikke_endnu")
    postgres.run("DROP ROLE IF EXISTS gæst")
    postgres.run("CREATE ROLE gæst LOGIN PASSWORD 'gæst'")
    home = PostgresHome(Servers(on(postgres, "ikke_endnu", "gæst", "gæst")))
    assert "CREATE EXTENSION vector" in home.why_not()


@pytest.mark.parametrize("schema", ["", "Stort", "med mellemrum", 'med"anførsel', "a" * 50])
def test_schema_that_is_no_plain_name_is_refused(settings: Settings, schema: str) -> None:
    wrong = replace(settings, database=replace(settings.database, schema=schema))
    with pytest.raises(SettingsError, match=r"database\.schema"):
        postgres_home_of(wrong)


def test_replicas_of_what_is_no_postgresql_are_refused(settings: Settings) -> None:
    wrong = replace(settings, database=replace(settings.database, url="", read_urls=("postgresql://a/b",)))
    with pytest.raises(SettingsError, match=r"database\.read_urls"):
        postgres_home_of(wrong)


# --- what a build changes ---------------------------------------------------------------------------


def test_only_what_changed_is_written(
    settings: Settings, postgres: Server, schema: str, tmp_path: Path, home: PostgresHome
) -> None:
    build_index(settings)
    before = {table: rows(postgres, schema, table) for table in ("passages", "headings", "document_terms")}
    EMBEDDER.embedded.clear()
    corpus(tmp_path, NEW)

    build_index(settings)

    for table, old in before.items():
        kept = {row for row in old if row[2] == "andet"}
        assert kept < rows(postgres, schema, table), table
    assert not [text for text in EMBEDDER.embedded if "driftsledelse" in text]
    assert {d.id for d in open_assistant(settings).documents} == {"andet", "første", "tredje"}


def test_nothing_is_written_where_nothing_changed(settings: Settings, home: PostgresHome) -> None:
    build_index(settings)
    name = home.current_name()
    assert build_index(settings).embedded == 0
    assert home.current_name() == name


def test_another_title_leaves_the_passages_alone(
    settings: Settings, postgres: Server, schema: str, tmp_path: Path, home: PostgresHome
) -> None:
    build_index(settings)
    before = rows(postgres, schema, "passages")
    (tmp_path / "corpus" / "corpus.toml").write_text('["andet"]\ntitle = "Om ledelse"\n', encoding="utf-8")
    build_index(settings)
    assert rows(postgres, schema, "passages") == before
    assert open_assistant(settings).document("andet").title == "Om ledelse"


def test_document_that_is_gone_is_found_no_more(
    settings: Settings, tmp_path: Path, home: PostgresHome
) -> None:
    build_index(settings)
    corpus(tmp_path, {"andet.txt": OLD["andet.txt"]})
    build_index(settings)
    assert set(found(home.read(model=EMBEDDER.fingerprint), "ordentlighed")) == {
        "Øget fokus på driftsledelse",
        "Kultur er styring",
    }


# --- readers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["few", "many"])
def test_who_reads_keeps_the_revision_that_was_begun_with(
    home: PostgresHome, size: str, request: pytest.FixtureRequest
) -> None:
    if size == "many":
        request.getfixturevalue("large")
    old = built(home, documents_of(OLD))
    before = found(old, "ordentlighed og ansvar")
    new = built(home, documents_of(NEW))

    assert found(old, "ordentlighed og ansvar") == before
    assert "Vi tager ansvar" in found(new, "ordentlighed og ansvar")
    assert "Vi taler sektoren op" not in found(new, "sektoren")
    assert (old.index.passages_of("tredje"), len(new.index.passages_of("tredje"))) == ((), 3)
    assert home.current_name() == new.name


def test_questions_go_on_while_it_is_built(home: PostgresHome, large: None) -> None:
    """Each answer is wholly the old index's or wholly the new one's, and none waits for the builder."""
    generations = {g.name: set(found(g, "vi")) for g in (built(home, documents_of(OLD)),)}
    stop, wrong, asked = threading.Event(), [], []

    def ask() -> None:
        while not stop.is_set():
            generation = home.read(model=EMBEDDER.fingerprint)
            asked.append((generation.name, set(found(generation, "vi"))))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for files in (NEW, OLD, NEW):
        generation = built(home, documents_of(files))
        generations[generation.name] = set(found(generation, "vi"))
    stop.set()
    for reader in readers:
        reader.join()
    wrong = [(name, texts) for name, texts in asked if generations[name] != texts]
    assert asked
    assert not wrong


def test_running_program_takes_up_what_another_built(
    settings: Settings, tmp_path: Path, home: PostgresHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "open_embedder", lambda _: EMBEDDER)
    live = LiveAssistant(settings)
    first = live.current()
    assert live.current() is first
    corpus(tmp_path, NEW)
    build_index(settings)
    assert {d.id for d in live.current().documents} == {"andet", "første", "tredje"}
    assert {d.id for d in first.documents} == {"andet", "første"}
    assert live.notice == ""


def test_what_nobody_can_read_any_more_is_deleted_and_its_readers_are_told(
    home: PostgresHome, postgres: Server, schema: str, large: None
) -> None:
    oldest = built(home, documents_of(OLD))
    found(oldest, "vi")
    before = built(home, documents_of({"første.txt": OLD["første.txt"]}), kept=frozenset({"første"}))
    newest = built(home, documents_of(NEW))
    with home._servers.connected() as connection:
        collect(connection, keep_seconds=0)
    assert postgres.run(f"SELECT count(*) FROM {schema}.passages WHERE document_id = 'andet'") == [(2,)]
    for table in ("texts", "postings"):
        own, passages = (f"SELECT document_id, added FROM {schema}.{each}" for each in (table, "passages"))
        assert postgres.run(f"{own} EXCEPT {passages}") == [], table
    assert found(before, "vi")
    assert found(newest, "vi")
    assert [home.is_there(each.name) for each in (oldest, before, newest)] == [False, True, True]
    with pytest.raises(IndexUnusable, match="skiftet ud"):
        oldest.index.search(query("vi"))


# --- builders ---------------------------------------------------------------------------------------


def child_command(server: Server, schema: str, folder: Path, step: str = "never") -> list[str]:
    return [sys.executable, str(CHILD), server.url, schema, step, str(folder)]


def build_child(server: Server, schema: str, folder: Path, step: str) -> int:
    command = child_command(server, schema, folder, step)
    return subprocess.run(command, check=False, timeout=120, stdout=subprocess.DEVNULL).returncode


@pytest.fixture
def next_documents(tmp_path: Path) -> Path:
    return write_files(tmp_path / "next", NEW.items())


@pytest.mark.parametrize("step", ["begun", "file", "manifest", "switched", "collected"])
def test_killed_builder_leaves_the_old_index_or_the_new_one_and_the_next_cleans_up(
    home: PostgresHome, postgres: Server, schema: str, next_documents: Path, step: str
) -> None:
    old = built(home, documents_of(OLD))
    before = found(old, "vi")

    assert build_child(postgres, schema, next_documents, step) == -signal.SIGKILL

    serving = home.read(model=EMBEDDER.fingerprint)
    if step in ("switched", "collected"):
        assert set(found(serving, "vi")) == set(found_in(NEW))
    else:
        assert serving.name == old.name
        assert found(serving, "vi") == before
    after = built(home, documents_of(NEW))
    assert set(found(after, "vi")) == set(found_in(NEW))
    number = after.name.partition("-")[0]
    live = postgres.run(
        f"SELECT DISTINCT document_id, added FROM {schema}.passages WHERE removed = {FOREVER}"
    )
    assert live == [(name, int(number)) for name in ("andet", "første", "tredje")] or len(live) == 3
    for table in ("passages", "texts", "headings", "postings"):
        assert postgres.run(f"SELECT count(*) FROM {schema}.{table} WHERE added > {number}") == [(0,)], table


def found_in(files: dict[str, str]) -> list[str]:
    return [
        line.removeprefix("• ")
        for text in files.values()
        for line in text.split("\n")
        if line.startswith("•")
    ]


def killed_after(seconds: float, server: Server, schema: str, folder: Path) -> tuple[bool, float]:
    """Kill a builder so long after it began; return whether it was done before, and the seconds until it was gone."""
    with subprocess.Popen(child_command(server, schema, folder), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        began = time.monotonic()
        killer = threading.Timer(seconds, child.kill)
        killer.start()
        done = child.stdout.readline() == "done\n"
        taken = time.monotonic() - began
        killer.cancel()
    assert done or child.returncode == -signal.SIGKILL
    return done, taken


@pytest.mark.soak
def test_builder_killed_at_any_moment_leaves_a_whole_index(
    home: PostgresHome, postgres: Server, schema: str, next_documents: Path
) -> None:
    chance = random.Random(20260)
    times = 40
    lengths = []
    for _ in range(3):
        built(home, documents_of(OLD))
        done, taken = killed_after(120, postgres, schema, next_documents)
        assert done
        lengths.append(taken)
    killed = 0
    for _ in range(times):
        built(home, documents_of(OLD))
        done, _ = killed_after(chance.uniform(0, min(lengths)), postgres, schema, next_documents)
        texts = set(found(home.read(model=EMBEDDER.fingerprint), "vi"))
        assert texts == set(found_in(NEW)) or not done
        assert texts in (set(found_in(OLD)), set(found_in(NEW)))
        killed += not done
    assert killed > times / 3, "most came before the build was done"


def test_second_builder_waits_for_the_first(home: PostgresHome) -> None:
    waited = threading.Event()
    done: list[str] = []

    def second() -> None:
        with home.writing(waiting=waited.set):
            done.append("second")

    with home.writing():
        other = threading.Thread(target=second)
        other.start()
        assert waited.wait(30)
        done.append("first")
    other.join()
    assert done == ["first", "second"]


def test_builder_whose_connection_breaks_can_write_nothing_more(
    home: PostgresHome, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is gone with the connection, and another may build."""
    old = built(home, documents_of(OLD))

    def build() -> None:
        with home.writing() as writer:
            (backend,) = writer._connection.exec_driver_sql("SELECT pg_backend_pid()").one()
            postgres.run("SELECT pg_terminate_backend(%s)", [backend])
            built(home, documents_of(OLD))
            write(writer)

    with pytest.raises(IndexUnusable, match="svarer ikke"):
        build()
    assert home.current_name() != old.name
    assert set(found(home.read(model=EMBEDDER.fingerprint), "vi")) == set(found_in(OLD))


def write(writer: PostgresWriter, step: StepCallback = lambda _: None) -> None:
    writer.write(
        change_to(documents_of(NEW)), Origin(EMBEDDER.fingerprint, "2026-01-01T08:00:00+00:00"), step
    )


def test_parts_of_a_build_are_written_in_transactions_of_their_own(
    home: PostgresHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_BATCH", 1)
    steps: list[str] = []
    with home.writing() as writer:
        write(writer, steps.append)
    assert steps == ["begun", "file", "file", "file", "manifest", "switched", "collected"]


def test_keeping_a_document_that_is_not_there_is_refused(home: PostgresHome) -> None:
    with pytest.raises(ValueError, match="tredje"):
        built(home, documents_of(NEW), kept=frozenset({"tredje"}))


def test_full_disk_is_told_and_what_served_serves(
    home: PostgresHome, postgres: Server, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = built(home, documents_of(OLD))
    full = psycopg.errors.DiskFull("no space left on device")

    def no_space(*_: object) -> None:
        raise full

    monkeypatch.setattr(copying, "_copy_rows", no_space)
    with pytest.raises(IndexUnusable, match="ikke plads"):
        built(home, documents_of(NEW))
    assert home.current_name() == old.name


# --- what does not fit ------------------------------------------------------------------------------


def test_missing_index_is_told_with_the_command_that_builds_it(home: PostgresHome) -> None:
    assert home.current_name() is None
    with pytest.raises(IndexMissing, match="python -m assistant build"):
        home.read(model=EMBEDDER.fingerprint)
    with holding(home._servers):
        pass
    assert home.current_name() is None
    with pytest.raises(IndexMissing):
        home.read(model=EMBEDDER.fingerprint)


def test_index_of_another_model_is_refused_and_replaced(home: PostgresHome) -> None:
    built(home, documents_of(OLD))
    with pytest.raises(IndexMismatch, match="sprogmodellen"):
        home.read(model="en anden")
    with home.writing() as writer:
        assert writer.current("en anden") is None


def test_schema_of_a_newer_release_is_refused(home: PostgresHome, postgres: Server, schema: str) -> None:
    built(home, documents_of(OLD))
    postgres.run(f"UPDATE {schema}.alembic_version SET version_num = '9999'")
    with pytest.raises(IndexMismatch, match="nyere udgave"):
        home.read(model=EMBEDDER.fingerprint)
    with pytest.raises(IndexMismatch, match="nyere udgave"), home.writing():
        pass


def test_index_of_an_older_release_is_to_be_built_again_and_can_be(
    home: PostgresHome, postgres: Server, schema: str, large: None
) -> None:
    with home._servers.connected() as connection:
        migrating.upgrade(connection, schema, to="0001")
    postgres.run(
        f"INSERT INTO {schema}.revisions (revision, name, manifest, documents, passages, dimension, lengths, "
        "whitening) VALUES (7, 'gammel', '{}', '[]', 0, 3, '{0,0,0,0}', 7)"
    )
    postgres.run(f"INSERT INTO {schema}.serving (revision, oldest) VALUES (7, 7)")

    with pytest.raises(IndexMismatch, match=r"ældre udgave.*Byg det igen med »"):
        home.read(model=EMBEDDER.fingerprint)

    assert "Kultur er styring" in found(built(home, documents_of(OLD)), "kultur")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda url: url.replace(PASSWORD, "forkert-kode"), "afviste brugernavn eller adgangskode"),
        (lambda url: url.rsplit("/", 1)[0] + "/findes_ikke", "findes ikke under det navn"),
        (lambda url: url.replace("127.0.0.1:", "127.0.0.1:1"), "er ikke en adresse|svarer ikke"),
    ],
)
def test_server_that_cannot_be_used_is_told_without_its_password(
    postgres: Server, change: Callable[[str], str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    home = PostgresHome(Servers(change(postgres.url)))
    with pytest.raises(IndexUnusable, match=told) as raised:
        home.read(model=EMBEDDER.fingerprint)
    assert home.current_name() is None
    for text in (str(raised.value), caplog.text, repr(raised.value)):
        assert PASSWORD not in text
        assert "forkert-kode" not in text


def on(server: Server, database: str, user: str = "postgres", password: str = PASSWORD) -> str:
    return f"postgresql://{user}:{password}@127.0.0.1:{server.port}/{database}"


def test_who_has_no_driver_is_told_what_to_install() -> None:
    script = (
        "import sys; sys.modules.update(psycopg=None, pgvector=None)\n"
        "from assistant.errors import MissingExtra\n"
        "from assistant.indexes.postgres.home import postgres_home\n"
        "try: postgres_home('postgresql://et-sted/assistent', (), 'assistant')\n"
        "except MissingExtra as error: print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert 'pip install "dokumentassistent[postgres]"' in said.stdout


@pytest.mark.parametrize("size", ["few", "many"])
def test_server_that_was_started_again_is_read_at_once(
    home: PostgresHome, postgres: Server, size: str, request: pytest.FixtureRequest
) -> None:
    """Its clients' connections are all dead; none of them is told."""
    if size == "many":
        request.getfixturevalue("large")
    generation = built(home, documents_of(OLD))
    before = found(generation, "vi")
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dokumentassistent'"
    )
    assert found(generation, "vi") == before
    until(lambda: home.current_name() == generation.name)
    assert generation.index.passages_of("andet")
