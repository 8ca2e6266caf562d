"""PDF: read by pypdf and pypdfium2, each the check of the other, and set in reading order.

pypdfium2 says where everything stands, which decides columns, tables, headings and running heads. A page
is pypdf's where that reader finds the same words there. Where it reads the page badly (spaces lost, letters
missing or glyphs without a letter, rows and columns mixed) the words are pypdfium2's, and where pypdfium2
finds far less they are pypdf's as they come. ``Page.reader`` says which.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from typing import Any

from assistant.errors import DocumentError
from assistant.loading.glyphs import PageGlyphs, Piece, page_glyphs
from assistant.loading.layout import Region, arranged, lines_of
from assistant.loading.mending import mended
from assistant.loading.prose import body_size, largest, measured, page_text
from assistant.loading.running import without_running
from assistant.loading.tables import Table
from assistant.loading.texts import PageText, ReadText
from assistant.text.folding import clean

_log = logging.getLogger(__name__)

_LEAST_SPACE = 0.08
"""Share of white space below which a reader lost spaces; ordinary Danish has 13-17 %."""

_SAME_LINES = 0.9
"""Share of its lines that pypdf must have as pypdfium2 has them for its reading of a page to be good."""

_COMPARED_PAGES = 80
"""pypdf takes many times as long as pypdfium2: of a longer document it reads no page."""

_UNREAD_LETTERS = 20
"""A page with a picture and fewer letters than that is a scan or a map."""


def read_pdf(name: str, data: bytes) -> ReadText:
    """Return the text of each page of a PDF; a page that is only a picture is marked as unread.

    Raises:
        DocumentError: the file is encrypted, broken or has no pages.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    reader, words = _opened(name, data)
    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        if "assword" in str(error):
            raise DocumentError(_locked(name)) from error
        raise DocumentError(_damaged(name)) from error
    try:
        return _read(name, document, words, reader)
    except PdfiumError as error:
        raise DocumentError(_damaged(name)) from error
    finally:
        document.close()


def _opened(name: str, data: bytes) -> tuple[Any, list[str]]:
    """Return pypdf's reader, and its text of each page where it is asked for it."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(_locked(name))
        count = len(reader.pages)
        words = [page.extract_text() for page in reader.pages] if count <= _COMPARED_PAGES else []
    except DocumentError:
        raise
    except DependencyError:
        return None, []  # a cipher that only pypdfium2 reads
    except Exception as error:  # pypdf lets errors of every kind through where a file is broken
        raise DocumentError(_damaged(name)) from error
    if not count:
        raise DocumentError(f"{name}: PDF-filen har ingen sider.")
    return reader, words


def _read(name: str, document: Any, words: Sequence[str], reader: Any) -> ReadText:
    pages: list[PageGlyphs] = []
    for page in document:
        pages.append(page_glyphs(page))
        page.close()
    if not pages:
        raise DocumentError(f"{name}: PDF-filen har ingen sider.")
    body = body_size((p.size, len(p.text)) for page in pages for p in page.pieces)
    kept, labels = without_running([p.pieces for p in pages], [p.height for p in pages], body)
    parts = [_arranged(page, pieces) for page, pieces in zip(pages, kept, strict=True)]
    _carry_names(parts)
    readers = [_reader(own, words[i] if words else "") for i, own in enumerate(kept)]
    look = measured(parts)
    texts = []
    for i, page in enumerate(pages):
        if words and _lacks(page, words[i]):
            readers[i] = "pypdf"
            texts.append("\n".join(line.strip() for line in words[i].splitlines()))
        else:
            # On slides a line is often a heading by its place alone.
            texts.append(page_text(parts[i], look, complete=bool(look.styles) and page.width <= page.height))
    texts = mended(texts)
    labels = _labels(reader, labels)
    title = next((clean(largest(own, look)) for own in parts if own), "")
    read = []
    for text, used, label, page in zip(texts, readers, labels, pages, strict=True):
        unread = page.pictures and sum(c.isalpha() for c in text) < _UNREAD_LETTERS
        read.append(PageText(text, "" if unread else used, label, unread=bool(unread)))
    return ReadText(tuple(read), mended([title])[0])


def _arranged(page: PageGlyphs, pieces: Sequence[Piece]) -> list[Region | Table]:
    """Return the parts of a page in reading order; line by line where it is set in a way that was not foreseen."""
    try:
        return arranged(page, pieces)
    except (LookupError, ValueError, ArithmeticError) as error:
        _log.warning("en side kan ikke sættes i læserækkefølge (%s: %s)", type(error).__name__, error)
        lines = lines_of(pieces)
        return [Region(lines, min(p.x0 for p in pieces), max(p.x1 for p in pieces))] if lines else []


def _carry_names(pages: Sequence[Sequence[Region | Table]]) -> None:
    """Give a table that goes on at the top of a page the names of its columns."""
    before: Table | None = None
    for parts in pages:
        if parts and isinstance(parts[0], Table) and before is not None:
            table = parts[0]
            same = len(table.edges) == len(before.edges) and all(
                abs(a - b) <= 3 for a, b in zip(table.edges, before.edges, strict=True)
            )
            if same and not table.heads():
                table.names, table.head = list(before.names), 0
        for part in parts:
            if isinstance(part, Table):
                part.name_columns()
        before = parts[-1] if parts and isinstance(parts[-1], Table) else None


# --- which reader ---------------------------------------------------------------------------------


def _reader(pieces: Sequence[Piece], words: str) -> str:
    """Return "pypdf" where it read the page as well as pypdfium2, whose pieces these are."""
    if "\x00" in words or not words.strip():
        return "pypdfium2"
    if sum(c.isspace() for c in words) < _LEAST_SPACE * len(words):
        return "pypdfium2"
    whole = " ".join(words.split())
    agreed = sum(len(p.text) for p in pieces if " ".join(p.text.split()) in whole)
    total = sum(len(p.text) for p in pieces)
    return "pypdf" if agreed >= _SAME_LINES * total else "pypdfium2"


def _lacks(page: PageGlyphs, words: str) -> bool:
    """Whether pypdfium2 found far less on a page than pypdf, as where it cannot load a font."""
    found = sum(len(p.text.replace(" ", "")) for p in (*page.pieces, *page.turned))
    return found + page.outside < 0.5 * sum(not c.isspace() for c in words)


def _labels(reader: Any, printed: Sequence[str | None]) -> list[str | None]:
    """Return what is printed on each page, else what the file says its pages are called."""
    if any(printed) or reader is None:
        return list(printed)
    try:
        if "/PageLabels" not in reader.trailer["/Root"]:
            return list(printed)
        named = list(reader.page_labels)
    except Exception:  # a broken tree of labels costs only the labels
        return list(printed)
    return [*named, *printed][: len(printed)] if len(named) == len(printed) else list(printed)


# --- messages -------------------------------------------------------------------------------------


def _locked(name: str) -> str:
    return f"{name}: PDF-filen er beskyttet med adgangskode. Gem en kopi uden adgangskode, og prøv igen."


def _damaged(name: str) -> str:
    return f"{name}: PDF-filen er beskadiget og kan ikke læses. Åbn og gem den igen, eller hent en ny kopi."
