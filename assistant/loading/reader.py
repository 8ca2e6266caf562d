"""One file, or a folder of them, read into documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.errors import CorpusError, DocumentError
from assistant.loading.formats import SUFFIXES, is_pdf, read_format
from assistant.loading.isolated import IsolatedReader, ReadLimits, is_simple
from assistant.loading.metadata import FILE_NAME, Metadata, document_id, read_metadata
from assistant.loading.names import check_name, shown_name
from assistant.loading.texts import SCANNED, UNREAD, PageText, unread_pages
from assistant.records import Document, Page
from assistant.text.blocks import parse_page

__all__ = ["SUFFIXES", "Problem", "ProblemKind", "corpus_files", "read_document", "read_folder"]

ProblemKind = Literal["unread", "partly", "notice"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong with a document, and what to do about it (Danish, for the user).

    ``kind`` is "unread" for a document that could not be read, "partly" for one that was read but for
    some pages, "notice" for what concerns no document.
    """

    source: str
    message: str
    kind: ProblemKind = "unread"


_LONGEST_TITLE = 150


def corpus_files(folder: Path) -> list[Path]:
    """Return the documents of ``folder``, sorted by name.

    Raises:
        CorpusError: there is no such folder, it cannot be listed, or it has no documents.
    """
    try:
        files = sorted(p for p in folder.iterdir() if _is_file(p) and not p.name.startswith((".", "~")))
    except FileNotFoundError as error:
        raise CorpusError(
            f"Mappen med dokumenter findes ikke: {folder}. Opret den, eller ret indstillingen corpus.path."
        ) from error
    except OSError as error:
        raise CorpusError(f"Mappen {folder} kan ikke læses ({error.strerror}). Ret rettighederne.") from error
    files = [p for p in files if p.suffix.lower() in SUFFIXES or _looks_like_pdf(p)]
    if not files:
        raise CorpusError(
            f"Der er ingen dokumenter i {folder}. Læg mindst én fil der ({', '.join(SUFFIXES)}), og prøv igen."
        )
    return files


def read_folder(folder: Path, limits: ReadLimits | None = None) -> Iterator[Document | Problem]:
    """Read every document of ``folder`` within ``limits``, each apart from this process.

    One that cannot be read becomes a :class:`Problem`.

    Raises:
        CorpusError: the folder or its ``corpus.toml`` cannot be used at all.
    """
    files = corpus_files(folder)
    metadata = read_metadata(folder)
    seen: dict[str, str] = {}
    with IsolatedReader(limits) as isolated:
        for path in files:
            name = shown_name(path.name)
            identity = document_id(path)
            if identity in seen:
                yield Problem(
                    name,
                    f"{name}: der er allerede et dokument med samme navn ({seen[identity]}). Omdøb det ene.",
                )
                continue
            read = read_document if is_simple(path) else isolated.read
            try:
                check_name(path.name)
                document = read(path, metadata.get(identity, Metadata()))
            except DocumentError as error:
                yield Problem(name, str(error))
                continue
            seen[identity] = path.name
            yield document
            if unread := unread_pages(document):
                yield Problem(name, f"{name}: {unread}", "partly")
    for name in sorted(metadata.keys() - {document_id(path) for path in files}):
        yield Problem(
            FILE_NAME, f"{FILE_NAME}: afsnittet [{name}] hører ikke til noget dokument i {folder}.", "notice"
        )


def read_document(path: Path, metadata: Metadata | None = None, *, scanned: bool = False) -> Document:
    """Read one file, its format chosen by its content.

    Args:
        path: the file.
        metadata: what is known of the document beside its text.
        scanned: return a document whose pages are all pictures too, for text recognition; else it is an
            error.

    Raises:
        DocumentError: the file cannot be read; the message names it and says what to do.
    """
    metadata = metadata or Metadata()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{path.name}: filen kan ikke åbnes ({error.strerror}). Ret rettighederne."
        ) from error
    if not data.strip():
        raise DocumentError(f"{path.name}: filen er tom.")
    read = read_format(path.name, data)
    pages = tuple(_page(number, page) for number, page in enumerate(read.pages, 1))
    if not any(page.text.strip() for page in pages):
        if not any(page.unread for page in read.pages):
            raise DocumentError(f"{path.name}: filen er tom.")
        if not scanned:
            raise DocumentError(f"{path.name}: {SCANNED}")
    return Document(
        id=document_id(path),
        title=metadata.title or read.title[:_LONGEST_TITLE] or _title(pages) or path.stem,
        organisation=metadata.organisation or path.stem,
        kind=metadata.kind,
        language=metadata.language,
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        page_noun=metadata.page_noun or read.page_noun,
        aliases=metadata.aliases,
        source=path.name,
    )


def _page(number: int, read: PageText) -> Page:
    reader = UNREAD if read.unread else read.reader
    layout = parse_page(read.text)
    if read.label is not None:
        return Page(number, read.text, read.label, None, reader)
    return Page(number, read.text, layout.label, layout.label_span, reader)


def _title(pages: tuple[Page, ...]) -> str:
    """The first heading, or the first line, of the first page that has text."""
    for page in pages:
        blocks = parse_page(page.text).blocks
        if blocks:
            return blocks[0].text[:_LONGEST_TITLE]
    return ""


def _is_file(path: Path) -> bool:
    # A link that leads nowhere is a document that cannot be read, not one that is not there.
    return path.is_file() or (path.is_symlink() and not path.exists())


def _looks_like_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(1024)
            return b"%PDF-" in head and is_pdf(head + file.read())
    except OSError:
        return False
