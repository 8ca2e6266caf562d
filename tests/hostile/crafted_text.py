"""Texts, pages and names made to break a reader, and files that are not what they are called."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from crafted_office import LAUGHS, good_docx
from PIL import Image
from support.pdfs import slides_pdf

MEGABYTE = 2**20


def crafted_texts() -> dict[str, Callable[[], bytes]]:
    """Every one of them by name, made when it is needed."""
    deep = 50_000
    return {
        "dybe-afsnit.html": lambda: b"<div>" * deep + b"tekst" + b"</div>" * deep,
        "dybe-tabeller.html": lambda: b"<table><tr><td>" * 5000 + b"tekst",
        "dybe-lister.html": lambda: b"<ul><li>" * 20_000 + b"tekst",
        "latter.html": lambda: b"<?xml version='1.0'?>" + LAUGHS + b"<html><body>&j;</body></html>",
        "fremmed-fil.html": lambda: (
            b'<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e; tekst</p>'
        ),
        "uden-slut.html": lambda: b"<a href='" + b"x" * MEGABYTE,
        "kun-tegn.html": lambda: b"<" * MEGABYTE,
        "mange-attributter.html": lambda: (
            b"<p " + b" ".join(b"a%d=1" % i for i in range(100_000)) + b">tekst</p>"
        ),
        "mange-entiteter.html": lambda: b"<p>" + b"&amp;" * 300_000,
        "bredt-spaend.html": lambda: (
            b"<table><tr><td colspan=2000000000 rowspan=2000000000>tekst</td></tr></table>"
        ),
        "kommentar.html": lambda: b"<p>tekst</p>" + b"<!--" * 300_000,
        "tegnsaet.html": lambda: b"<meta charset='utf-7'><p>+ADw-script+AD4-</p>",
        "dybe-citater.md": lambda: b"> " * deep + b"tekst",
        "dybe-lister.md": lambda: b"\n".join(b" " * i + b"- x" for i in range(2000)),
        "mange-klammer.md": lambda: b"[" * deep,
        "mange-henvisninger.md": lambda: b"[a](" * deep,
        "mange-stjerner.md": lambda: b"*a **b " * deep,
        "mange-graves.md": lambda: b"".join(b"`" * i + b" " for i in range(1, 1000)),
        "bred-tabel.md": lambda: b"|" * deep + b"\n" + b"|-" * deep + b"|\n",
        "mange-raekker.md": lambda: b"| a | b |\n|---|---|\n" + b"| 1 | 2 |\n" * 10_000,
        "uden-linjer.txt": lambda: b"a" * 200_000,
        "mange-mellemrum.txt": lambda: b"a" + b" " * 200_000 + b"b",
        "mange-punkter.txt": lambda: b"- " * 100_000,
        "mange-punkter-med-tekst.txt": lambda: "• a ".encode() * 10_000,
        "mange-tal.txt": lambda: b"1) " * 60_000,
        "mange-linjer.txt": lambda: b"a\n" * 30_000,
        "mange-sider.txt": lambda: b"a\f" * 50_000,
        "mange-saetninger.txt": lambda: b"A. " * 60_000,
        "mange-tegn.txt": lambda: b".!?:;)" * 40_000,
        "kun-nul.txt": lambda: bytes(100_000),
        "stoej.txt": lambda: random.Random(6).randbytes(200_000),
        "stoej.pdf": lambda: random.Random(6).randbytes(200_000),
        "stoej.docx": lambda: random.Random(6).randbytes(200_000),
        "stoej.html": lambda: random.Random(6).randbytes(200_000),
        "tom.txt": lambda: b"",
        "tom.pdf": lambda: b"",
        "kun-mellemrum.md": lambda: b" \n" * 1000,
        "kun-bom.txt": lambda: b"\xef\xbb\xbf",
        "halv-utf16.txt": lambda: b"\xff\xfea",
        "stor.txt": lambda: b"Vi skaber sammenh\xc3\xa6ng. " * 150_000,
        # Not what they are called.
        "billede.pdf": _picture,
        "billede.docx": _picture,
        "program.pdf": lambda: b"MZ" + bytes(5000),
        "rapport.pdf.txt": good_pdf,
        "rapport.txt.pdf": lambda: b"Vi skaber sammenh\xc3\xa6ng.",
        "rapport.docx.pdf": good_docx,
        "rapport.html.docx": lambda: b"<p>Vi skaber sammenh\xc3\xa6ng.</p>",
        "rapport": good_pdf,
        "pdf-og-zip.pdf": lambda: good_pdf() + good_docx(),
    }


def good_pdf() -> bytes:
    return slides_pdf(["Titel\n\nVi skaber sammenhæng."])


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("L", (50, 50), 128).save(out, "PNG")
    return out.getvalue()


NAMES = (
    "rapport\u202efdp.txt",
    "rapport\u200f.pdf",
    "linje\nskift.pdf",
    "a" * 250 + ".pdf",
    "bagud\\..\\streg.pdf",
    "rapport\udcff.pdf",
    " .pdf",
    "<b>fed<b>.pdf",
    "con.pdf",
    "$(touch x).pdf",
)
"""Names that a file system takes and that look like others, or like something else."""
