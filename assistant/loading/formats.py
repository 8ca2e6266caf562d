"""Which format a file has: told by its content, with the ending of its name as a hint."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Literal

from assistant.errors import DocumentError
from assistant.loading.texts import ReadText

Format = Literal["text", "markdown", "html", "pdf", "docx", "pptx"]

SUFFIXES = (".txt", ".md", ".html", ".htm", ".pdf", ".docx", ".pptx")
"""Endings of the files that belong to the documents. A PDF does, whatever its name."""

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*%PDF-")
_HEADER_WITHIN = 1024
"""Readers accept the header of a PDF within the first kilobyte (ISO 32000-1, annex H.3.4.1)."""

_OBJECT = re.compile(rb"\d+ \d+ obj\b")
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENT = re.compile(rb"</?(?:p|div|h[1-6]|ul|ol|table|body|html|span|br|a)\b[^>]*>", re.IGNORECASE)
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_format(name: str, data: bytes) -> ReadText:
    """Read the bytes of a file with the reader of its format.

    Raises:
        DocumentError: they are of a format that cannot be read, or broken.
    """
    # Each format's library is imported only where it is needed: a text is read without any of them.
    match format_of(name, data):
        case "pdf":
            from assistant.loading.pdf import read_pdf

            return read_pdf(name, data)
        case "docx":
            from assistant.loading.docx import read_docx

            return read_docx(name, data)
        case "pptx":
            from assistant.loading.pptx import read_pptx

            return read_pptx(name, data)
        case "html":
            from assistant.loading.html import read_html

            return read_html(name, data)
        case "markdown":
            from assistant.loading.html import read_markdown

            return read_markdown(name, data)
    from assistant.loading.plain import read_plain

    return read_plain(name, data)


def format_of(name: str, data: bytes) -> Format:
    """Return the format of a file by its bytes, and by its name where these leave a choice.

    Raises:
        DocumentError: it is none that can be read.
    """
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    # What is called a PDF and begins as one is one, however little of it is left.
    if is_pdf(data) or (suffix == ".pdf" and _HEADER.match(data[:64])):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")) or suffix in (".docx", ".pptx"):
        return _office(name, data)
    if data.startswith(b"{\\rtf"):
        raise DocumentError(f"{name}: filen er i RTF-format. Gem den som DOCX eller PDF, og prøv igen.")
    if suffix == ".pdf" and b"\x00" in data[:4096]:
        raise DocumentError(f"{name}: filen hedder .pdf, men er ikke en PDF. Hent en ny kopi.")
    if _MARKUP.match(data[:4096]) or (suffix in (".html", ".htm") and _ELEMENT.search(data)):
        return "html"
    return "markdown" if suffix == ".md" else "text"


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF, whole or broken; a text that mentions its header is none."""
    if _HEADER.match(data[:64]):
        return _OBJECT.search(data) is not None or not _is_text(data)
    return b"%PDF-" in data[:_HEADER_WITHIN] and (b"startxref" in data or not _is_text(data))


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in data


def _office(name: str, data: bytes) -> Format:
    if data.startswith(_OLD_OFFICE):
        raise DocumentError(
            f"{name}: filen er beskyttet med adgangskode eller gemt i et gammelt Office-format. "
            "Gem den uden adgangskode som DOCX, PPTX eller PDF, og prøv igen."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(
            f"{name}: filen er beskadiget og kan ikke pakkes ud. Åbn og gem den igen, eller hent en ny kopi."
        ) from error
    if "word/document.xml" in members:
        return "docx"
    if "ppt/presentation.xml" in members:
        return "pptx"
    # A document part may have any name; the library that opens it knows where to look.
    if "[Content_Types].xml" in members and name.lower().endswith((".docx", ".pptx")):
        return "docx" if name.lower().endswith(".docx") else "pptx"
    raise DocumentError(
        f"{name}: filen er et arkiv eller et Office-dokument, som ikke kan læses. "
        "Gem den som DOCX, PPTX eller PDF, og prøv igen."
    )
