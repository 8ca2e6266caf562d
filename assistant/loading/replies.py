"""What a child process answers, checked like any other foreign input, and what is said when it fails."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from assistant.errors import DocumentError, DocumentUnfinished
from assistant.loading.limits import ReadLimits
from assistant.loading.metadata import Metadata, described, document_id
from assistant.loading.names import shown_name
from assistant.loading.texts import READING
from assistant.records import Document, Page, Span

_log = logging.getLogger(__name__)


def document_of(reply: Any, path: Path, limits: ReadLimits) -> Document:
    """Return the document that a reply holds, as it is without metadata.

    Args:
        reply: the parsed line of the child.
        path: the file it was asked for.
        limits: what it was to keep within.

    Raises:
        DocumentError: the child refused the file. DocumentUnfinished: it lacked memory.
        ValueError, TypeError, KeyError: the reply is none.
    """
    match reply:
        case {"error": str(message)}:
            raise DocumentError(_one_line(message, path))
        case {"limit": "memory"}:
            raise too_large(path, limits)
        case {"limit": "pages", "pages": int(pages)}:
            raise DocumentError(
                f"{shown_name(path.name)}: filen har {pages} sider, men der læses højst {limits.pages}. "
                "Del den i flere filer."
            )
        case {"limit": "text"}:
            raise too_much_text(path, limits)
        case {"unexpected": str(what)}:
            _log.warning("%s: uventet fejl i læseren: %s", shown_name(path.name), what[:300])
            raise DocumentError(
                f"{shown_name(path.name)}: filen er beskadiget og kan ikke læses. Åbn og gem den igen, "
                "eller hent en ny kopi."
            )
        case {"document": dict(fields)}:
            return _document(fields, path, limits)
    raise ValueError("neither a document nor an error")


def readable(value: Any) -> str:
    """Return a text that can be written as UTF-8; half a surrogate pair cannot.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(value, str):
        raise TypeError("no text")
    return value.encode("utf-8", "replace").decode()


def reply_bytes(limits: ReadLimits) -> int:
    """Return how long a reply may be."""
    return limits.text_megabytes * 2**20


# --- what is said ---------------------------------------------------------------------------------


def too_slow(path: Path, limits: ReadLimits) -> DocumentUnfinished:
    """Return what is said of a file that took too long."""
    return DocumentUnfinished(
        f"{shown_name(path.name)}: filen tog over {limits.seconds} sekunder at læse og er sprunget over. "
        "Åbn og gem den igen, eller del den i mindre filer."
    )


def too_large(path: Path, limits: ReadLimits) -> DocumentUnfinished:
    """Return what is said of a file that needs more memory than it may have."""
    return DocumentUnfinished(
        f"{shown_name(path.name)}: filen kræver over {limits.memory_megabytes} MB hukommelse at læse og er "
        "sprunget over. Åbn og gem den igen, eller del den i mindre filer."
    )


def too_much_text(path: Path, limits: ReadLimits) -> DocumentError:
    """Return what is said of a file with more text than is taken."""
    return DocumentError(
        f"{shown_name(path.name)}: filen har over {limits.text_megabytes} MB tekst og er sprunget over. "
        "Del den i mindre filer."
    )


def crashed(path: Path) -> DocumentUnfinished:
    """Return what is said of a file that the child did not survive."""
    return DocumentUnfinished(
        f"{shown_name(path.name)}: filen fik læseprogrammet til at gå ned og er sprunget over. "
        "Åbn og gem den igen, eller hent en ny kopi."
    )


# --- helpers --------------------------------------------------------------------------------------


def _document(fields: dict[str, Any], path: Path, limits: ReadLimits) -> Document:
    pages = tuple(_page(number, page) for number, page in enumerate(fields["pages"], 1))
    if not 0 < len(pages) <= limits.pages:
        raise ValueError(f"{len(pages)} pages")
    noun, sha256, title = fields["page_noun"], _text(fields["sha256"]), _text(fields["title"])
    if noun not in ("side", "slide"):
        raise ValueError("page_noun")
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("sha256")
    # What the parent knows itself is not taken from the child.
    document = Document(
        id=document_id(path),
        title=title,
        organisation="",
        kind="",
        language="",
        sha256=sha256,
        pages=pages,
        page_noun=noun,
        source=path.name,
        own_title=title,
        own_noun=noun,
        reading=READING,
    )
    return described(document, Metadata())


def _page(number: int, page: dict[str, Any]) -> Page:
    text, label, span = readable(page["text"]), page["label"], page["label_span"]
    if page["number"] != number or not (label is None or isinstance(label, str)):
        raise ValueError("page")
    if span is None:
        return Page(number, text, label, None, _text(page["reader"]))
    start, end = span["start"], span["end"]
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= len(text)):
        raise ValueError("span")
    return Page(number, text, label, Span(start, end), _text(page["reader"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("no text, or too long")
    return readable(value)


def _one_line(message: str, path: Path) -> str:
    shown = shown_name(path.name)
    message = " ".join(message.replace(path.name, shown).encode("utf-8", "replace").decode().split())
    return message[:600] if shown in message else f"{shown}: {message[:500]}"
