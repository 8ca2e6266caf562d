"""One file, or a folder of them, read into documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import CorpusError, DocumentError
from assistant.loading.isolated import IsolatedReader, ReadLimits, is_simple
from assistant.loading.metadata import FILE_NAME, Metadata, read_metadata
from assistant.loading.names import check_name, shown_name
from assistant.loading.pdf import read_pdf
from assistant.loading.plain import read_plain
from assistant.records import Document, Page
from assistant.text.blocks import parse_page

SUFFIXES = (".txt", ".pdf")


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that could not be read, and what to do about it (Danish, for the user)."""

    source: str
    message: str


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
            if path.stem in seen:
                yield Problem(
                    name,
                    f"{name}: der er allerede et dokument med samme navn ({seen[path.stem]}). Omdøb det ene.",
                )
                continue
            read = read_document if is_simple(path) else isolated.read
            try:
                check_name(path.name)
                document = read(path, metadata.get(path.stem, Metadata()))
            except DocumentError as error:
                yield Problem(name, str(error))
                continue
            seen[path.stem] = path.name
            yield document
    for name in sorted(metadata.keys() - {path.stem for path in files}):
        yield Problem(FILE_NAME, f"{FILE_NAME}: afsnittet [{name}] hører ikke til noget dokument i {folder}.")


def read_document(path: Path, metadata: Metadata | None = None) -> Document:
    """Read one file, its format chosen by its content.

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
    is_pdf = _pdf_at(data) >= 0
    if not is_pdf and path.suffix.lower() == ".pdf" and b"\x00" in data[:4096]:
        raise DocumentError(f"{path.name}: filen hedder .pdf, men er ikke en PDF. Hent en ny kopi.")
    texts = read_pdf(path.name, data) if is_pdf else read_plain(path.name, data)
    if not any(text.strip() for text in texts):
        raise DocumentError(f"{path.name}: filen er tom.")
    pages = tuple(_page(number, text) for number, text in enumerate(texts, 1))
    return Document(
        id=path.stem,
        title=metadata.title or _title(pages) or path.stem,
        organisation=metadata.organisation or path.stem,
        kind=metadata.kind,
        language=metadata.language,
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        page_noun=metadata.page_noun,
        aliases=metadata.aliases,
        source=path.name,
    )


def _page(number: int, text: str) -> Page:
    layout = parse_page(text)
    return replace(Page(number, text), label=layout.label, label_span=layout.label_span)


def _title(pages: tuple[Page, ...]) -> str:
    """The first heading, or the first line, of the first page that has text."""
    for page in pages:
        blocks = parse_page(page.text).blocks
        if blocks:
            return blocks[0].text[:120]
    return ""


def _is_file(path: Path) -> bool:
    # A link that leads nowhere is a document that cannot be read, not one that is not there.
    return path.is_file() or (path.is_symlink() and not path.exists())


def _pdf_at(data: bytes) -> int:
    # Readers accept a header within the first kilobyte (ISO 32000-1, annex H.3.4.1).
    return data[:1024].find(b"%PDF-")


def _looks_like_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _pdf_at(file.read(1024)) >= 0
    except OSError:
        return False
