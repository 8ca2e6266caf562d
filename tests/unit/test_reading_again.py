"""A folder read once more: only what could have become something else is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.corpora import write
from support.pdfs import scanned_pdf

from assistant.errors import CorpusError
from assistant.indexes import reading
from assistant.indexes.reading import read_documents
from assistant.loading import files
from assistant.loading.files import read_bytes, read_files
from assistant.loading.limits import ReadLimits
from assistant.loading.problems import Problem
from assistant.loading.recognizing import TESSERACT
from assistant.loading.texts import READING, RECOGNIZING, UNREAD
from assistant.progress import Progress
from assistant.records import Document, Page

LIMITS = ReadLimits()


class Reads:
    """A way of reading that notes what it read."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(
        self, paths: Sequence[Path], limits: ReadLimits
    ) -> Iterator[tuple[Path, Document | Problem]]:
        self.names += [path.name for path in paths]
        return read_files(paths, limits)


def read(
    folder: Path,
    before: tuple[list[Document], list[Problem]] = ([], []),
    limits: ReadLimits = LIMITS,
) -> tuple[list[Document], list[Problem], list[str]]:
    """Documents, problems and the names of the files that were read."""
    reads = Reads()
    known = {document.id: document for document in before[0]}
    documents, problems = read_documents(folder, limits, known, problems=before[1], read=reads)
    return documents, problems, reads.names


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, [(f"{name}.txt", f"Teksten i {name}") for name in "abc"])


def able(monkeypatch: pytest.MonkeyPatch, *, to_recognise: bool) -> None:
    monkeypatch.setattr(files, "is_available", lambda: to_recognise)


# --- documents ------------------------------------------------------------------------------------


def test_an_unchanged_folder_is_not_read_again(folder: Path) -> None:
    documents, problems, names = read(folder)
    assert names == ["a.txt", "b.txt", "c.txt"]
    assert read(folder, (documents, problems)) == (documents, [], [])


def test_one_new_file_is_the_only_one_that_is_read(folder: Path) -> None:
    before = read(folder)
    write(folder, [("aa.txt", "Ny")])
    documents, _, names = read(folder, before[:2])
    assert names == ["aa.txt"]
    assert [d.id for d in documents] == ["a", "aa", "b", "c"]


def test_a_changed_file_is_read_and_the_others_keep_their_pages(folder: Path) -> None:
    before = read(folder)
    write(folder, [("b.txt", "Ændret")])
    documents, _, names = read(folder, before[:2])
    assert names == ["b.txt"]
    assert documents[1].pages[0].text == "Ændret"
    assert documents[0].pages is before[0][0].pages


def test_a_removed_file_is_gone(folder: Path) -> None:
    before = read(folder)
    (folder / "b.txt").unlink()
    assert [d.id for d in read(folder, before[:2])[0]] == ["a", "c"]


def test_metadata_are_applied_anew_without_reading(folder: Path) -> None:
    write(folder, [("corpus.toml", '[a]\ntitle = "Titel"\nkind = "notat"\npage_noun = "slide"')])
    first = read(folder)
    assert (first[0][0].title, first[0][0].page_noun) == ("Titel", "slide")
    (folder / "corpus.toml").unlink()
    second = read(folder, first[:2])
    assert second[2] == []
    assert (second[0][0].title, second[0][0].kind) == ("Teksten i a", "dokument")
    assert (second[0][0].page_noun, second[0]) == ("side", read(folder)[0])


def test_a_file_of_another_kind_under_the_same_name_is_read(folder: Path) -> None:
    before = read(folder)
    (folder / "b.txt").rename(folder / "b.md")
    documents, _, names = read(folder, before[:2])
    assert (names, documents[1].source) == (["b.md"], "b.md")


def test_what_another_version_read_is_read_again(folder: Path) -> None:
    documents, problems, _ = read(folder)
    old = [replace(documents[0], reading="reading-0"), *documents[1:]]
    assert read(folder, (old, problems)) == (documents, [], ["a.txt"])


@pytest.mark.parametrize(
    ("reader", "made", "limits", "is_able", "again"),
    [
        (UNREAD, READING, ReadLimits(ocr=True), True, True),
        (UNREAD, READING, ReadLimits(ocr=True), False, False),
        (UNREAD, READING, ReadLimits(ocr=False), True, False),
        (UNREAD, READING + RECOGNIZING, ReadLimits(ocr=True), True, False),
        (TESSERACT, READING + RECOGNIZING, ReadLimits(ocr=True), True, False),
        (TESSERACT, READING + RECOGNIZING, ReadLimits(ocr=False), True, True),
        ("pypdf", READING, ReadLimits(ocr=True), True, False),
    ],
)
def test_pictures_are_read_again_where_recognition_came_or_went(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    reader: str,
    made: str,
    limits: ReadLimits,
    is_able: bool,
    again: bool,
) -> None:
    able(monkeypatch, to_recognise=is_able)
    documents = read(folder)[0]
    pages = (*documents[0].pages, Page(2, "", reader=reader))
    before = [replace(documents[0], pages=pages, reading=made), *documents[1:]]
    assert read(folder, (before, []), limits)[2] == (["a.txt"] if again else [])


# --- files that could not be read -----------------------------------------------------------------


@pytest.fixture
def failed(folder: Path) -> tuple[list[Document], list[Problem]]:
    write(folder, [("d.pdf", scanned_pdf())])
    return read(folder)[:2]


def test_a_file_that_failed_is_told_of_again_without_reading(
    folder: Path, failed: tuple[list[Document], list[Problem]]
) -> None:
    assert [problem.source for problem in failed[1]] == ["d.pdf"]
    assert read(folder, failed) == (*failed, [])


def test_a_file_that_failed_is_read_when_it_changed(
    folder: Path, failed: tuple[list[Document], list[Problem]]
) -> None:
    write(folder, [("d.pdf", "Nu med tekst")])
    documents, problems, names = read(folder, failed)
    assert (len(documents), problems, names) == (4, [], ["d.pdf"])


def test_a_file_that_failed_is_tried_under_other_limits(
    folder: Path, failed: tuple[list[Document], list[Problem]]
) -> None:
    assert read(folder, failed, replace(LIMITS, seconds=60))[2] == ["d.pdf"]


def test_a_scan_that_failed_is_tried_when_text_can_be_recognised(
    folder: Path, failed: tuple[list[Document], list[Problem]], monkeypatch: pytest.MonkeyPatch
) -> None:
    able(monkeypatch, to_recognise=True)
    limits = replace(LIMITS, ocr=True)
    assert reading._still_known(folder, limits, {}, failed[1]) == {}
    assert list(reading._still_known(folder, LIMITS, {}, failed[1])) == [folder / "d.pdf"]


def test_a_file_that_was_given_up_is_tried_three_times(folder: Path) -> None:
    def give_up(paths: Sequence[Path], limits: ReadLimits) -> Iterator[tuple[Path, Document | Problem]]:
        asked.append([path.name for path in paths])
        for path in paths:
            yield (
                path,
                Problem(
                    path.name,
                    f"{path.name}: for langsom",
                    sha256=files.sha256_of(path),
                    reading=files.failed_within(limits),
                    unfinished=True,
                ),
            )

    documents, problems = read(folder)[:2]
    write(folder, [("d.pdf", scanned_pdf())])
    asked: list[list[str]] = []
    known = {document.id: document for document in documents}
    for _ in range(5):
        documents, problems = read_documents(folder, LIMITS, known, problems=problems, read=give_up)
    assert asked == [["d.pdf"]] * 3
    assert [(p.source, p.tries) for p in problems] == [("d.pdf", 3)]


def test_a_second_file_of_a_name_is_not_read_and_is_told_of_each_time(folder: Path) -> None:
    write(folder, [("a.md", "Anden")])
    documents, problems, names = read(folder)
    assert "a.txt" not in names
    assert (read(folder, (documents, problems))) == (documents, problems, [])


def test_a_folder_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, [("a.pdf", scanned_pdf())])
    with pytest.raises(CorpusError, match=r"Ingen af dokumenterne .* kan læses\. a\.pdf: "):
        read(tmp_path)


# --- how they are read ----------------------------------------------------------------------------


def test_progress_counts_files_and_begins_with_those_that_are_known(folder: Path) -> None:
    documents = read(folder)[0]
    write(folder, [("d.txt", "Ny"), ("e.txt", "Ny")])
    told: list[Progress] = []
    read_documents(folder, LIMITS, {d.id: d for d in documents}, told.append)
    assert [(p.done, p.total) for p in told] == [(0, 1), (3, 5), (4, 5), (5, 5), (5, 5)]


def test_many_files_are_read_by_several_children_in_the_order_of_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_cores", lambda: 3)
    names = [f"{number}.md" for number in range(9)]
    write(tmp_path, [(name, f"# Overskrift\n\nTeksten i {name}") for name in names])
    readers: set[int] = set()
    plain = files.read_file

    def noted(path: Path, limits: ReadLimits, reader: files.IsolatedReader) -> Document | Problem:
        result = plain(path, limits, reader)
        readers.add(reader.child_id or 0)
        return result

    monkeypatch.setattr(files, "read_file", noted)
    documents = read_documents(tmp_path, LIMITS)[0]
    assert [document.source for document in documents] == names
    assert len(readers) == 3


def test_a_file_is_read_from_its_bytes_alone(folder: Path) -> None:
    (document,) = [d for d in read(folder)[0] if d.id == "a"]
    assert read_bytes("a.txt", (folder / "a.txt").read_bytes(), LIMITS) == document


def test_bytes_that_are_no_document_are_a_problem_of_that_name() -> None:
    found = read_bytes("d.pdf", scanned_pdf(), LIMITS)
    assert isinstance(found, Problem)
    assert found.message.startswith("d.pdf: ")
    refused = read_bytes("a\x00.pdf", b"Tekst", LIMITS)
    assert isinstance(refused, Problem)
    assert "\x00" not in refused.message
