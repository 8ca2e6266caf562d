"""Files made to break a reader: each is read or refused by name, and the good one beside it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crafted_office import odd_office, refused_office
from crafted_pdf import crafted_pdfs
from crafted_text import NAMES, crafted_texts, good_pdf
from support.corpora import write

from assistant.errors import DocumentError
from assistant.loading.isolated import IsolatedReader, ReadLimits
from assistant.loading.names import shown_name
from assistant.loading.reader import Problem, corpus_files, read_folder
from assistant.records import Document
from assistant.text.passages import cut_document

LIMITS = ReadLimits(seconds=30, memory_megabytes=512, pages=500, unpacked_megabytes=50, text_megabytes=2)
REFUSED = refused_office()
CRAFTED: dict[str, Callable[[], bytes]] = {
    **crafted_pdfs(),
    **crafted_texts(),
    **odd_office(),
    **{name: make for name, (make, _) in REFUSED.items()},
}

HEAVY = (
    "figurer-to-i-fyrretyvende.pdf",
    "sidetrae-to-i-tredivte.pdf",
    "stor.txt",
    "mange-sider.txt",
    "mange-linjer.txt",
    "mange-raekker.md",
    "mange-stjerner.md",
    "mange-henvisninger.md",
    "mange-klammer.md",
    "mange-attributter.html",
    "en-million-afsnit.docx",
)
"""What takes seconds; only with `make soak`."""

LIGHT = [name for name in CRAFTED if name not in HEAVY]

MUST_FAIL = {
    "flate-bombe.pdf": "",
    "flate-bombe-i-to-lag.pdf": "",
    "sidetrae-to-i-tredivte.pdf": "",
    "sidetrae-halv-million.pdf": "",
    "mange-sider.txt": "sider",
    "stor.txt": "MB tekst",
    **{name: says for name, (_, says) in REFUSED.items()},
}
"""What can only be read by taking more than is allowed, and what the reason says."""


@pytest.fixture(scope="module")
def reader() -> Iterator[IsolatedReader]:
    with IsolatedReader(LIMITS) as isolated:
        yield isolated


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("god"), [("god.pdf", good_pdf())]) / "god.pdf"


def refusal(reader: IsolatedReader, path: Path) -> str | None:
    """Why a file is not read, or nothing if it was read within the limits."""
    try:
        document = reader.read(path)
    except DocumentError as error:
        return str(error)
    assert (document.id, document.source) == (path.stem, path.name)
    assert 0 < len(document.pages) <= LIMITS.pages
    assert len("".join(page.text for page in document.pages).encode()) <= LIMITS.text_megabytes * 2**20
    return None


def test_there_are_as_many_as_promised() -> None:
    assert len(CRAFTED) + len(NAMES) >= 40


@pytest.mark.parametrize("name", [*LIGHT, *(pytest.param(name, marks=pytest.mark.soak) for name in HEAVY)])
def test_a_crafted_file_is_read_or_refused_by_name_and_the_next_is_read(
    tmp_path: Path, reader: IsolatedReader, good: Path, name: str
) -> None:
    message = refusal(reader, write(tmp_path, [(name, CRAFTED[name]())]) / name)

    if message is None:
        assert name not in MUST_FAIL
    else:
        assert message.startswith(f"{name}: ")
        assert MUST_FAIL.get(name, "") in message
        assert "\n" not in message
        assert len(message) < 800
    assert "Vi skaber sammenhæng." in reader.read(good).pages[0].text


def test_nothing_outside_a_document_is_read_into_it(tmp_path: Path, reader: IsolatedReader) -> None:
    secret = write(tmp_path, [("hemmeligt.txt", "KRONJUVEL")]) / "hemmeligt.txt"
    page = f'<!DOCTYPE html [<!ENTITY e SYSTEM "{secret.as_uri()}">]><p>tekst &e;</p><iframe src="{secret.as_uri()}">'
    path = write(tmp_path, [("side.html", page)]) / "side.html"

    assert "KRONJUVEL" not in reader.read(path).pages[0].text


def test_a_folder_of_them_gives_the_good_ones_and_a_reason_for_each_other(tmp_path: Path) -> None:
    """The whole way of a build: every file is a document or a problem, and none is missed."""
    write(tmp_path, [(name, CRAFTED[name]()) for name in LIGHT[::8]])
    write(tmp_path, [("aaa-god.pdf", good_pdf()), ("midt-god.pdf", good_pdf()), ("zzz-god.pdf", good_pdf())])

    items = [
        item
        for item in read_folder(tmp_path, LIMITS)
        if not (isinstance(item, Problem) and item.kind == "partly")
    ]

    documents = {item.source for item in items if isinstance(item, Document)}
    problems = {item.source for item in items if isinstance(item, Problem)}
    assert {"aaa-god.pdf", "midt-god.pdf", "zzz-god.pdf"} <= documents
    assert documents | problems == {path.name for path in corpus_files(tmp_path)}
    assert not documents & problems
    for item in items:
        if isinstance(item, Document):
            cut_document(item)  # what the build does next, in the process that must live


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_of_the_corpus_is_used_as_it_stands_or_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, [(name, good_pdf()), ("god.txt", "Vi skaber sammenhæng.")])

    items = {item.source: item for item in read_folder(tmp_path, LIMITS)}

    assert isinstance(items.pop("god.txt"), Document)
    ((source, item),) = items.items()
    if isinstance(item, Problem):
        assert "usynlige tegn" in item.message
        assert shown_name(source) == source
    else:
        assert (source, item.id) == (name, Path(name).stem)
    assert source.encode()
