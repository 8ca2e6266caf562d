"""What the database acknowledged is there, whatever happens; what was deleted is not, not even in the file."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from support.answers import answer

from assistant.errors import StorageError
from assistant.storage import engine as engine_module
from assistant.storage.base import BasketItem, UnknownConversation, new_id
from assistant.storage.sql import SqlStore, open_store

CHILD = Path(__file__).with_name("database_child.py")
THREADS, WRITES = 20, 50
SEED = 20260
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "samtaler.sqlite3"


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{file}", Path("/"))
    yield opened
    opened.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for others are short, where a test is about what happens when they do not let go."""
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.2)


def begun(store: SqlStore, owner: str = "anna", turns: int = 1) -> str:
    conversation = new_id()
    for turn in range(turns):
        store.append(owner, conversation, turn, answer(f"Spørgsmål {turn}?"))
    return conversation


# --- many writers -----------------------------------------------------------------------------------


def written_by_threads(store: SqlStore, owner: str, threads: int, writes: int) -> list[BaseException]:
    """Let each thread keep a conversation of its own, reading between; return what went wrong."""
    wrong: list[BaseException] = []
    together = threading.Barrier(threads)

    def write(number: int) -> None:
        together.wait()
        try:
            for turn in range(writes):
                store.append(owner, f"{owner}-{number}", turn, answer(f"Spørgsmål {turn}?"))
                if turn % 10 == 0:
                    store.conversations(owner, "spørgsmål")
        except BaseException as error:
            wrong.append(error)

    running = [threading.Thread(target=write, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return wrong


def test_twenty_threads_of_fifty_writes_lose_nothing(store: SqlStore, tried: Callable[[int], None]) -> None:
    tried(THREADS * WRITES)
    assert written_by_threads(store, "anna", THREADS, WRITES) == []
    kept = {info.id: info.turns for info in store.conversations("anna")}
    assert kept == {f"anna-{number}": WRITES for number in range(THREADS)}
    for conversation in kept:
        questions = [given.question for given in store.load("anna", conversation)]
        assert questions == [f"Spørgsmål {turn}?" for turn in range(WRITES)]


WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {here!r}]
from test_database import written_by_threads
from assistant.storage.sql import open_store
wrong = written_by_threads(open_store({url!r}, Path("/")), sys.argv[1], 5, 40)
sys.exit(repr(wrong) if wrong else 0)
"""


def test_two_processes_that_begin_at_once_on_a_new_file_lose_nothing(
    file: Path, tried: Callable[[int], None]
) -> None:
    tried(2 * 5 * 40)
    here = Path(__file__).parent
    code = WRITER.format(tests=str(here.parent), here=str(here), url=f"sqlite:///{file}")
    writers = [
        subprocess.Popen([sys.executable, "-c", code, owner], stderr=subprocess.PIPE, text=True)
        for owner in ("anna", "bo")
    ]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == ["", ""]
    with closing(open_store(f"sqlite:///{file}", Path("/"))) as store:
        for owner in ("anna", "bo"):
            kept = {info.id: info.turns for info in store.conversations(owner)}
            assert kept == {f"{owner}-{number}": 40 for number in range(5)}


# --- killed -----------------------------------------------------------------------------------------


def killed(file: Path, chance: random.Random, writer: str = "honest") -> tuple[str, int]:
    """Kill a process somewhere in its writing; return its conversation and how many turns it acknowledged."""
    conversation = new_id()
    command = [sys.executable, str(CHILD), f"sqlite:///{file}", "anna", conversation, writer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [child.stdout.readline() for _ in range(chance.randint(1, 25))]
        time.sleep(chance.random() * 0.01)
        child.send_signal(signal.SIGKILL)
        acknowledged += child.stdout.readlines()
    # The kill may cut the last line short.
    return conversation, sum(line.endswith("\n") for line in acknowledged)


def lost(file: Path, conversation: str, acknowledged: int) -> int:
    """Open the database anew and return how many acknowledged turns are not there, whole."""
    with closing(open_store(f"sqlite:///{file}", Path("/"))) as store:
        store.check()
        try:
            kept = store.load("anna", conversation)
        except StorageError:
            kept = ()
    whole = [given == answer(f"Spørgsmål {turn}?") for turn, given in enumerate(kept)]
    assert all(whole)
    return max(0, acknowledged - len(kept))


@pytest.mark.parametrize("times", [6, pytest.param(100, marks=pytest.mark.soak)])
def test_what_was_acknowledged_survives_a_kill(file: Path, times: int, tried: Callable[[int], None]) -> None:
    tried(times)
    chance = random.Random(SEED)
    for _ in range(times):
        conversation, acknowledged = killed(file, chance)
        assert acknowledged > 0
        assert lost(file, conversation, acknowledged) == 0


@pytest.mark.parametrize("times", [6, pytest.param(20, marks=pytest.mark.soak)])
def test_a_writer_that_acknowledges_too_early_is_caught(file: Path, times: int) -> None:
    chance = random.Random(SEED)
    assert any(lost(file, *killed(file, chance, "naive")) for _ in range(times))


# --- locked, full, read-only, missing, damaged ------------------------------------------------------


def test_a_locked_database_is_told_of_and_works_again(impatient: None, file: Path) -> None:
    with closing(open_store(f"sqlite:///{file}", Path("/"))) as store:
        conversation = begun(store)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="optaget"):
                store.append("anna", conversation, 1, answer())
            assert len(store.load("anna", conversation)) == 1
            other.execute("ROLLBACK")
        store.append("anna", conversation, 1, answer())
        assert len(store.load("anna", conversation)) == 2


def test_who_watches_is_told_of_faults_of_the_database_and_of_nothing_else(
    impatient: None, file: Path
) -> None:
    faults: list[str] = []
    with closing(open_store(f"sqlite:///{file}", Path("/"), lambda: faults.append("fault"))) as store:
        conversation = begun(store)
        with pytest.raises(UnknownConversation):
            store.load("en-anden", conversation)
        assert faults == []
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="optaget"):
                store.append("anna", conversation, 1, answer())
        assert faults == ["fault"]


@contextmanager
def pragma(store: SqlStore, statement: str) -> Iterator[None]:
    """Set something on every connection of a store from now on."""
    made = store._database._engine

    def connect(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA {statement}")

    made.dispose()
    event.listen(made, "connect", connect)
    yield
    event.remove(made, "connect", connect)
    made.dispose()


def test_a_full_disk_keeps_what_was_acknowledged_and_takes_more_once_there_is_room(store: SqlStore) -> None:
    conversation = begun(store)
    kept = 1

    def fill() -> None:
        nonlocal kept
        while kept < 1000:
            store.append("anna", conversation, kept, answer(f"Spørgsmål {kept}?"))
            kept += 1

    with pragma(store, "max_page_count=60"):
        with pytest.raises(StorageError, match="ikke plads"):
            fill()
        assert kept > 1
        assert len(store.load("anna", conversation)) == kept
    store.append("anna", conversation, kept, answer(f"Spørgsmål {kept}?"))
    assert len(store.load("anna", conversation)) == kept + 1
    store.check()


def test_a_read_only_database_still_shows_earlier_conversations(store: SqlStore) -> None:
    conversation = begun(store)
    with pragma(store, "query_only=ON"):
        acts: list[Callable[[], object]] = [
            lambda: store.append("anna", conversation, 1, answer()),
            lambda: store.rename("anna", conversation, "x"),
            lambda: store.delete("anna", conversation),
            lambda: store.save_basket("anna", [BasketItem(new_id(), "note", "x", START)]),
            store.check,
        ]
        for act in acts:
            with pytest.raises(StorageError, match="kan kun læses"):
                act()
        assert len(store.load("anna", conversation)) == 1
        assert len(store.conversations("anna")) == 1


def test_a_database_that_disappears_is_missed_and_never_silently_replaced(
    store: SqlStore, file: Path, tmp_path: Path
) -> None:
    conversation = begun(store)
    store.delete("anna", begun(store))  # empties the write-ahead log, so that the file alone is a copy
    saved = shutil.copy(file, tmp_path / "kopi")
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()

    with pytest.raises(StorageError, match="findes ikke længere"):
        store.append("anna", conversation, 1, answer())
    with pytest.raises(StorageError, match="findes ikke længere"):
        store.conversations("anna")
    assert not file.exists()

    shutil.copy(saved, file)
    store.append("anna", conversation, 1, answer())
    assert len(store.load("anna", conversation)) == 2


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no database at all": lambda data: b"hej med dig" * 1000,
    "cut in half": lambda data: data[: len(data) // 2],
    "nothing but zeros behind the first page": lambda data: data[:4096] + bytes(len(data) - 4096),
    "its schema overwritten": lambda data: data[:100] + b"\xff" * 3996 + data[4096:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_told_of_and_left_as_it_is(store: SqlStore, file: Path, damage: str) -> None:
    begun(store, turns=30)
    store.delete("anna", begun(store))
    store.close()
    file.write_bytes(DAMAGES[damage](file.read_bytes()))
    damaged = file.read_bytes()

    with pytest.raises(StorageError, match="beskadiget"):
        open_store(f"sqlite:///{file}", Path("/")).check()
    assert file.read_bytes() == damaged


def test_one_damaged_answer_costs_its_conversation_only(store: SqlStore, file: Path) -> None:
    bad, good = begun(store), begun(store)
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE turns SET answer = substr(answer, 1, 100) WHERE conversation_id = ?", (bad,))
    with pytest.raises(StorageError, match="beskadiget"):
        store.load("anna", bad)
    assert len(store.load("anna", good)) == 1
    assert len(store.conversations("anna")) == 2


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "fil"),
        ("sqlite:///:memory:", "fil"),
        ("ingen adresse", "adresse"),
        ("ukendt://x/y", "adresse"),
        ("sqlite:////proc/1/ingen/x.sqlite3", "kan ikke åbnes"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, message: str) -> None:
    with pytest.raises(StorageError, match=message):
        open_store(url, Path("/"))


def test_a_password_is_in_no_message(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as refused:
        open_store("ukendt://bruger:hemmeligt@server/x", tmp_path)
    assert "hemmeligt" not in str(refused.value)


def test_only_whoever_runs_the_program_can_read_the_file(store: SqlStore, file: Path) -> None:
    begun(store)
    modes = {each.name: each.stat().st_mode & 0o077 for each in file.parent.glob(f"{file.name}*")}
    assert set(modes.values()) == {0}


# --- gone from the file too -------------------------------------------------------------------------


def found_in_files(file: Path, text: str) -> list[str]:
    wanted = text.encode()
    return [each.name for each in file.parent.glob(f"{file.name}*") if wanted in each.read_bytes()]


def filled(store: SqlStore, chance: random.Random) -> tuple[list[str], list[str]]:
    """Keep conversations of all sizes; return the ids of those to keep and of those to go."""
    stays, goes = [], []
    for number in range(60):
        conversation = new_id()
        word = "GEMMES" if number % 2 else "SLETTES"
        for turn in range(chance.randint(1, 4)):
            question = f"{word} {'ord ' * chance.randint(0, 400)}?"
            store.append("anna", conversation, turn, answer(question, word * chance.randint(1, 300)))
        store.set_feedback("anna", conversation, 0, "down", f"{word} {'kommentar ' * chance.randint(0, 50)}")
        (stays if number % 2 else goes).append(conversation)
    chance.shuffle(goes)
    return stays, goes


@pytest.mark.parametrize(
    "seed", [SEED, *(pytest.param(SEED + n, marks=pytest.mark.soak) for n in range(1, 20))]
)
def test_a_deleted_conversation_is_gone_from_the_files(store: SqlStore, file: Path, seed: int) -> None:
    stays, goes = filled(store, random.Random(seed))
    assert found_in_files(file, "SLETTES")
    for conversation in goes:
        store.delete("anna", conversation)

    assert found_in_files(file, "SLETTES") == []
    assert {info.id for info in store.conversations("anna")} == set(stays)
    assert all(store.load("anna", each) for each in stays)


def test_without_erasing_the_same_test_would_find_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module.Database, "erase", lambda _, **__: None)
    with closing(open_store(f"sqlite:///{file}", Path("/"))) as store:
        _, goes = filled(store, random.Random(SEED))
        for conversation in goes:
            store.delete("anna", conversation)
        assert found_in_files(file, "SLETTES")


def test_what_is_past_retention_is_gone_from_the_files(store: SqlStore, file: Path) -> None:
    filled(store, random.Random(SEED))
    store.save_basket("anna", [BasketItem(new_id(), "note", "SLETTES", START)])
    store.add_draft("SLETTES?", "fakta", comment="SLETTES")
    size = file.stat().st_size
    store.purge(datetime.now(UTC) + timedelta(seconds=1))

    assert found_in_files(file, "SLETTES") == []
    assert found_in_files(file, "GEMMES") == []
    assert file.stat().st_size < size


def test_what_was_taken_out_of_the_basket_or_written_over_is_gone_from_the_files(
    store: SqlStore, file: Path
) -> None:
    note = BasketItem(new_id(), "note", "HEMMELIGT UDKAST", START)
    store.save_basket("anna", [note])
    assert found_in_files(file, "HEMMELIGT UDKAST")
    store.save_basket("anna", [BasketItem(note.id, "note", "Endeligt", START)])
    assert found_in_files(file, "HEMMELIGT UDKAST") == []


def test_everything_of_an_owner_is_gone_from_the_files(store: SqlStore, file: Path) -> None:
    filled(store, random.Random(SEED))
    store.save_basket("anna", [BasketItem(new_id(), "note", "SLETTES", START)])
    kept = begun(store, "bo")
    store.delete_all("anna")

    assert found_in_files(file, "SLETTES") == []
    assert len(store.load("bo", kept)) == 1


def test_a_reader_that_holds_on_delays_the_erasing_to_the_next_write(impatient: None, file: Path) -> None:
    with closing(open_store(f"sqlite:///{file}", Path("/"))) as store:
        conversation = new_id()
        store.append("anna", conversation, 0, answer("SLETTES?"))
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM turns").fetchone()
            store.delete("anna", conversation)
            assert store.conversations("anna") == ()
            assert found_in_files(file, "SLETTES")
            reader.execute("ROLLBACK")
        begun(store)
        assert found_in_files(file, "SLETTES") == []


def test_personal_numbers_reach_no_file(store: SqlStore, file: Path) -> None:
    conversation = new_id()
    for turn in range(3):
        store.append("anna", conversation, turn, answer(f"Hvad med 010190-123{turn}?"))
    store.set_feedback("anna", conversation, 0, "down", "010190-1239 ringede fra 20 30 40 50")
    store.save_basket("anna", [BasketItem(new_id(), "note", "Skriv til a.b@example.dk", START)])
    for personal in ("010190-123", "20 30 40 50", "a.b@example.dk"):
        assert found_in_files(file, personal) == []
