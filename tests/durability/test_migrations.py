"""A database of every released version opens with all that is in it; one of a newer version is left alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from support.answers import answer, written

from assistant.errors import StorageError
from assistant.storage import migrating
from assistant.storage.base import BasketItem
from assistant.storage.sql import SqlStore, open_store

HERE = Path(__file__).parent
DUMPS = sorted(HERE.glob("schema_*.sql"))
HEAD = migrating.REVISIONS[-1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "samtaler.sqlite3"


def opened(file: Path) -> SqlStore:
    return open_store(f"sqlite:///{file}", Path("/"))


def restored(dump: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.executescript(dump.read_text(encoding="utf-8"))


def version(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        found: str = database.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def contents(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return "\n".join(database.iterdump())


def test_the_code_knows_exactly_the_migrations_that_there_are() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrating.__file__).with_name("migrations")))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == migrating.REVISIONS


def test_every_version_before_this_one_has_a_dump_to_try() -> None:
    assert tuple(dump.stem.removeprefix("schema_") for dump in DUMPS) == migrating.REVISIONS[:-1]


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_an_older_database_opens_with_everything_in_it(dump: Path, file: Path) -> None:
    restored(dump, file)
    with closing(opened(file)) as store:
        assert version(file) == HEAD
        assert [(each.title, each.turns) for each in store.conversations("anna", "og så")] == [
            ("Første samtale", 2),
            ("Omdøbt", 2),
        ]
        kept = store.load("anna", "samtale-0")
        assert kept == (answer("Hvad bygger det på?"), written("Og så?", "En sætning."))
        note = BasketItem(
            "note-1", "note", "Husk æøå", datetime(2026, 3, 1, 8, tzinfo=UTC), "Til direktionen"
        )
        assert store.basket("anna") == (note,)
        store.set_feedback("anna", "samtale-0", 1, "up")
        store.append("anna", "samtale-0", 2, answer("Ny?"))
        store.set_basket_title("anna", "Til direktionen")
        store.check()


def test_what_was_said_of_answers_goes_along(file: Path) -> None:
    restored(HERE / "schema_0002.sql", file)
    with closing(opened(file)) as store:
        (given,) = store.feedback("anna", "samtale-0").values()
        assert (given.thumb, given.comment) == ("down", "For kort")
        assert [draft.question for draft in store.drafts()] == ["Hvad mangler?"]


def test_a_database_of_this_version_is_not_touched(file: Path) -> None:
    opened(file).close()
    before = contents(file)
    opened(file).close()
    assert contents(file) == before


def test_a_database_of_a_newer_release_is_refused_and_left_as_it_is(file: Path) -> None:
    opened(file).close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0099'")
    before = contents(file)
    with pytest.raises(StorageError, match="nyere udgave af Dokumentassistenten"):
        opened(file)
    assert contents(file) == before


def test_a_database_of_another_program_is_refused_and_left_as_it_is(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE conversations (x)")
    before = contents(file)
    with pytest.raises(StorageError, match="andet program"):
        opened(file)
    assert contents(file) == before


KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from alembic import op
from assistant.storage.sql import open_store
made = op.create_table
def create_table(name, *rest, **more):
    made(name, *rest, **more)
    if name in ("feedback", "basket_titles"):
        os.kill(os.getpid(), signal.SIGKILL)
op.create_table = create_table
open_store(sys.argv[1], Path("/"))
"""


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_migration_that_is_killed_halfway_has_not_happened(dump: Path, file: Path) -> None:
    restored(dump, file)
    before = contents(file)
    ended = subprocess.run([sys.executable, "-c", KILLED_HALFWAY, f"sqlite:///{file}"], check=False)
    assert ended.returncode == -9
    assert contents(file) == before
    with closing(opened(file)) as store:
        assert len(store.conversations("anna")) == 2
    assert version(file) == HEAD


def test_ten_that_open_an_older_database_at_once_migrate_it_once(file: Path) -> None:
    restored(DUMPS[0], file)
    with ThreadPoolExecutor(10) as pool:
        stores = list(pool.map(lambda _: opened(file), range(10)))
    for store in stores:
        assert len(store.conversations("anna")) == 2
        store.close()
    assert version(file) == HEAD
