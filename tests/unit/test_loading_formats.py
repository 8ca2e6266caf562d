"""The format of a file is told by its content; its name is a hint."""

from __future__ import annotations

import io
import zipfile

import docx
import pptx
import pytest
from support.pdfs import slides_pdf

from assistant.errors import DocumentError
from assistant.loading.formats import format_of


def word() -> bytes:
    out = io.BytesIO()
    docx.Document().save(out)
    return out.getvalue()


def powerpoint() -> bytes:
    out = io.BytesIO()
    pptx.Presentation().save(out)
    return out.getvalue()


def archive(member: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(member, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.txt", b"Almindelig tekst", "text"),
        ("a.pdf", b"Almindelig tekst", "text"),
        ("a.md", b"# Titel", "markdown"),
        ("a.txt", b"# Titel", "text"),
        ("a.html", b"<p>Tekst</p>", "html"),
        ("a.html", b"Ingen elementer, kun tekst: 3 < 4", "text"),
        ("a.txt", b"<!DOCTYPE html><html><body>Tekst", "html"),
        ("a.txt", slides_pdf(["Tekst"]), "pdf"),
        ("a.pdf", b"\n" + slides_pdf(["Tekst"]), "pdf"),
        ("a.txt", b"En PDF begynder med %PDF- og en version.", "text"),
        ("a.txt", b"%PDF- er de tegn, som en PDF begynder med.", "text"),
        ("a.txt", "%PDF-1.7 står øverst i hvert objekt.".encode(), "text"),
        ("a.pptx", word(), "docx"),
        ("a.docx", powerpoint(), "pptx"),
        ("a.bin", word(), "docx"),
    ],
)
def test_format_is_told_by_content(name: str, data: bytes, expected: str) -> None:
    assert format_of(name, data) == expected


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.docx", archive("mimetype"), "Gem den som DOCX"),
        ("a.zip", archive("fil.txt"), "arkiv"),
        ("a.docx", b"PK\x03\x04 og ikke mere", "beskadiget"),
        ("a.docx", b"Almindelig tekst", "beskadiget"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "adgangskode"),
        ("a.txt", b"{\\rtf1 Tekst}", "RTF"),
        ("a.pdf", b"\x00\x01\x02" * 30, "ikke en PDF"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(name: str, data: bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=rf"^{name}: .*{says}"):
        format_of(name, data)
