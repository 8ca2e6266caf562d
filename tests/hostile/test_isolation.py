"""What a reader may do to the process that asked it to read: nothing, and it is told so by name."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.errors import DocumentError
from assistant.loading import isolated
from assistant.loading.files import is_simple
from assistant.loading.isolated import IsolatedReader, ReadLimits
from assistant.loading.reader import read_folder
from assistant.records import Document

LIMITS = ReadLimits(seconds=25, memory_megabytes=300, pages=1000, unpacked_megabytes=50, text_megabytes=2)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")


IMPATIENT = replace(LIMITS, seconds=3)
"""For files that hang; the others have time to fail in their own way, however busy the machine is."""


@pytest.fixture
def impatient() -> Iterator[IsolatedReader]:
    with IsolatedReader(IMPATIENT, module="tests.hostile.misbehaving") as found:
        yield found


@pytest.fixture
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(LIMITS, module="tests.hostile.misbehaving") as found:
        yield found


def path(folder: Path, action: str, content: str = "indhold") -> Path:
    file = folder / f"{action}.pdf"
    file.write_text(content)
    return file


def refusal(reader: IsolatedReader, file: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        reader.read(file)
    message = str(caught.value)
    assert message.startswith(f"{file.name}: ")
    assert "\n" not in message
    return message


def may_leave_the_network() -> bool:
    script = "import ctypes, sys; f = ctypes.CDLL(None).unshare; sys.exit(f(0x40000000) and f(0x50000000))"
    return subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def ended(pid: int) -> bool:
    """Whether a process is gone, or dead and waiting for its parent."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


# --- a file that fails fails alone ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("falder", "gå ned"),
        ("slutter", "gå ned"),
        ("aeder", "over 300 MB hukommelse"),
        ("aeder-stille", "over 300 MB hukommelse"),
        ("dybt", "beskadiget"),
        ("mange-sider", "har 1999 sider, men der læses højst 1000"),
        ("fylder", "over 2 MB tekst"),
    ],
)
def test_a_reader_that_fails_costs_its_file_alone(
    tmp_path: Path, reader: IsolatedReader, action: str, says: str
) -> None:
    assert says in refusal(reader, path(tmp_path, action))
    assert reader.read(path(tmp_path, "god")).pages[0].text == "Side 1"


@pytest.mark.parametrize("action", ["haenger", "arbejder"])
def test_a_reader_that_hangs_costs_its_file_alone(
    tmp_path: Path, impatient: IsolatedReader, action: str
) -> None:
    assert "tog over 3 sekunder" in refusal(impatient, path(tmp_path, action))
    assert impatient.read(path(tmp_path, "god")).pages[0].text == "Side 1"


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("lange-svar", "over 2 MB tekst"),
        ("pickle", "gå ned"),
        ("ikke-json", "gå ned"),
        ("andet-json", "gå ned"),
        ("tomt", "gå ned"),
        ("dybt-json", "gå ned"),
        ("felter", "gå ned"),
        ("taler-vildt", "gå ned"),
        ("spand", "gå ned"),
        ("sum", "gå ned"),
        ("lang-titel", "gå ned"),
    ],
)
def test_an_answer_that_is_no_document_fails_the_file(
    tmp_path: Path, reader: IsolatedReader, action: str, says: str
) -> None:
    assert says in refusal(reader, path(tmp_path, action))


def test_a_reader_broken_by_one_file_does_not_fail_the_next(tmp_path: Path, reader: IsolatedReader) -> None:
    assert reader.read(path(tmp_path, "ødelægger")).source == "ødelægger.pdf"
    assert reader.read(path(tmp_path, "god")).source == "god.pdf"


def test_what_a_library_prints_is_no_answer(tmp_path: Path, reader: IsolatedReader) -> None:
    assert reader.read(path(tmp_path, "stoejer")).title == "Titel"


def test_the_reader_does_not_choose_which_document_it_is(tmp_path: Path, reader: IsolatedReader) -> None:
    read = reader.read(path(tmp_path, "god"))

    assert (read.id, read.source, read.organisation) == ("god", "god.pdf", "god")


def test_half_a_character_becomes_one_that_can_be_written(tmp_path: Path, reader: IsolatedReader) -> None:
    assert reader.read(path(tmp_path, "halve-tegn")).pages[0].text == "a?b"


# --- what the child may not -------------------------------------------------------------------------


def test_the_child_knows_no_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: IsolatedReader
) -> None:
    monkeypatch.setenv("ASSISTANT_LLM__API_KEY", "hemmelig")
    monkeypatch.setenv("DATABASE_PASSWORD", "hemmelig")

    names = refusal(reader, path(tmp_path, "omgivelser")).split()[1:]

    assert "PATH" in names
    assert not [name for name in names if "ASSISTANT" in name or "PASSWORD" in name]


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces of Linux")
@pytest.mark.parametrize(("action", "says"), [("ringer", "beskadiget"), ("ringer-selv", "refused")])
def test_the_child_reaches_no_network(tmp_path: Path, reader: IsolatedReader, action: str, says: str) -> None:
    if action == "ringer-selv" and not may_leave_the_network():
        pytest.skip("the system lets no program leave its network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        assert says in refusal(reader, path(tmp_path, action, str(server.getsockname()[1])))
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_what_a_child_started_ends_with_it(tmp_path: Path, impatient: IsolatedReader) -> None:
    file = path(tmp_path, "yngler")

    assert "sekunder" in refusal(impatient, file)
    assert ended(int(file.with_suffix(".pid").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_closed_reader_leaves_no_process(tmp_path: Path) -> None:
    with IsolatedReader(LIMITS, module="tests.hostile.misbehaving") as one:
        one.read(path(tmp_path, "god"))
        assert one.child_id is not None
        pid = one.child_id
    assert ended(pid)
    assert one.child_id is None


def test_one_child_reads_file_after_file(tmp_path: Path, reader: IsolatedReader) -> None:
    reader.read(path(tmp_path, "god"))
    first = reader.child_id
    reader.read(path(tmp_path, "anden"))
    assert reader.child_id == first


def test_many_threads_read_each_with_its_own_child(tmp_path: Path) -> None:
    read: list[Document] = []

    def work(name: str) -> None:
        with IsolatedReader(LIMITS, module="tests.hostile.misbehaving") as one:
            with contextlib.suppress(DocumentError):
                one.read(path(tmp_path, "falder" if name == "0" else "god"))
            read.append(one.read(path(tmp_path, name)))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(document.id for document in read) == ["0", "1", "2", "3"]


@pytest.mark.soak
def test_recognising_scanned_pages_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_RECOGNIZING", 2)
    asked = tmp_path / "asked.log"
    limits = replace(IMPATIENT, ocr=True)
    with IsolatedReader(limits, module="tests.hostile.misbehaving") as one:
        read = one.read(path(tmp_path, "scannet", str(asked)))

    assert [page.text for page in read.pages[:3]] == ["Titel", "Genkendt tekst", ""]
    assert len(read.pages) == 11
    assert 2 <= len(asked.read_text().split()) <= 4


def test_an_error_that_nobody_foresaw_is_logged_with_its_kind(
    tmp_path: Path, reader: IsolatedReader, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        refusal(reader, path(tmp_path, "dybt"))
    assert "RecursionError" in caplog.text


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_child_outlives_its_killed_parent_only_for_its_time(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assistant.loading.isolated import *\n"
        "r = IsolatedReader(ReadLimits(seconds=2), module='tests.hostile.misbehaving')\n"
        "r.read(Path(sys.argv[1])); print(r.child_id, flush=True); r.read(Path(sys.argv[2]))"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(path(tmp_path, "god")), str(path(tmp_path, "haenger"))],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.5)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert any(ended(pid) for _ in range(3))


# --- what is read without a child -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "simple"),
    [
        ("a.txt", "Vi går forrest.\fSide to".encode(), True),
        ("a.TXT", b"\xef\xbb\xbfVi g\xc3\xa5r forrest.", True),
        ("a.md", b"Vi", False),
        ("a.pdf", b"Vi", False),
        ("a.txt", b"", True),
        ("a.txt", "Vi går".encode("latin-1"), False),
        ("a.txt", "Vi går".encode("utf-16"), False),
        ("a.txt", b"  <!doctype html><p>Vi", False),
        ("a.txt", b"\xef\xbb\xbf<html>", False),
        ("a.txt", b"{\\rtf1 Vi}", False),
        ("a.txt", b"PK\x03\x04", False),
        ("a.txt", b" %PDF-1.7", False),
        ("a.txt", b"Vi\x00", False),
        ("a.txt", b"Vi" * 2**18, False),
        ("a.txt", b"Vi\f" * 1000, False),
    ],
)
def test_only_small_plain_texts_are_read_without_a_child(
    tmp_path: Path, name: str, data: bytes, simple: bool
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    assert is_simple(file) is simple


def test_a_corpus_of_texts_starts_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Vi går forrest.", encoding="utf-8")
    monkeypatch.setattr(isolated, "_start", lambda *_: pytest.fail("a child was started"))
    assert [item.source for item in read_folder(tmp_path, LIMITS)] == ["a.txt"]
