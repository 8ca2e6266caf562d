"""PDFs made from the text of slides, as an export from a presentation would set them."""

from __future__ import annotations

import atexit
import io
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, NameObject, NumberObject

MARGIN = 15.0
"""Millimetres."""


CHARACTERS = (*range(0x20, 0x250), *range(0x2000, 0x20D0), *range(0x2190, 0x2800), *range(0xFB00, 0xFB07))
"""Letters of Latin, punctuation, symbols and ligatures."""


@cache
def font_file(bold: bool = False) -> Path:
    """A font with Danish letters and bullets that comes with the test set-up (matplotlib's).

    Only :data:`CHARACTERS` of it: all of it would take most of the time that a small PDF takes.
    """
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    options = subset.Options(layout_features=[], hinting=False, drop_tables=["FFTM"])
    font = subset.load_font(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name, options)
    part = subset.Subsetter(options)
    part.populate(unicodes=CHARACTERS)
    part.subset(font)
    folder = Path(tempfile.mkdtemp(prefix="dokumentassistent-"))
    atexit.register(shutil.rmtree, folder)
    subset.save_font(font, folder / name, options)
    font.close()
    return folder / name


@dataclass(frozen=True)
class Look:
    """How slides are set: sizes in points, distances in multiples of the size."""

    size: float = 11
    heading_size: float = 11
    leading: float = 1.2
    blank: float = 1.0
    """Height of a blank line, in lines."""


PLAIN = Look()
LARGE_HEADINGS = Look(size=10, heading_size=20, leading=1.15, blank=0.7)


def slides_pdf(pages: Sequence[str], look: Look = PLAIN) -> bytes:
    """Set each text as one landscape page: a line of text as a line, a blank line as a gap."""
    pdf = _document()
    for page in pages:
        pdf.add_page(orientation="landscape")
        y, heading = MARGIN, True
        for line in page.rstrip("\n").split("\n"):
            size = look.heading_size if heading else look.size
            height = size * look.leading * 25.4 / 72
            if line.strip():
                pdf.set_font("Slide", size=size)
                pdf.text(MARGIN, y + height, line)
                y += height
            else:
                # Only a blank line after text ends the heading.
                heading = heading and y == MARGIN
                y += height * look.blank
    return bytes(pdf.output())


def hyphenated(page: str) -> str:
    """Break the last long word of every wrapped line, as a word processor does."""
    lines = page.split("\n")
    for i in range(len(lines) - 1):
        line, following = lines[i], lines[i + 1]
        match = re.match(r"([a-zæøå]{4})([a-zæøå]{4,})\b", following)
        if match and line.strip() and not line.rstrip().endswith("-"):
            lines[i] = f"{line.rstrip()} {match[1]}-"
            lines[i + 1] = following[len(match[1]) :]
    return "\n".join(lines)


def scanned_pdf() -> bytes:
    """A page with a picture of text and no text."""
    pdf = FPDF()
    pdf.add_page()
    picture = io.BytesIO()
    Image.new("L", (200, 100), 128).save(picture, "PNG")
    pdf.image(picture, x=10, y=10)
    return bytes(pdf.output())


def password_pdf(user_password: str) -> bytes:
    """A page encrypted with RC4; an empty password means that only changing it is restricted."""
    pdf = _document()
    pdf.add_page()
    pdf.set_font("Slide", size=11)
    pdf.text(MARGIN, MARGIN, "Teksten er beskyttet mod ændringer")
    pdf.set_encryption(owner_password="ejer", user_password=user_password)
    return bytes(pdf.output())


def aes_pdf() -> bytes:
    """A file that says it is encrypted with AES-256, which pypdf reads only with another package."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(slides_pdf(["Hemmeligt"]))))
    data = io.BytesIO()
    writer.write(data)
    text = data.getvalue()
    name = NameObject
    crypt = DictionaryObject(
        {
            name("/CFM"): name("/AESV3"),
            name("/AuthEvent"): name("/DocOpen"),
            name("/Length"): NumberObject(32),
        }
    )
    encrypt = DictionaryObject(
        {
            name("/Filter"): name("/Standard"),
            name("/V"): NumberObject(5),
            name("/R"): NumberObject(6),
            name("/Length"): NumberObject(256),
            name("/P"): NumberObject(-4),
            name("/O"): ByteStringObject(bytes(range(48))),
            name("/U"): ByteStringObject(bytes(range(48))),
            name("/OE"): ByteStringObject(bytes(range(32))),
            name("/UE"): ByteStringObject(bytes(range(32))),
            name("/Perms"): ByteStringObject(bytes(range(16))),
            name("/CF"): DictionaryObject({name("/StdCF"): crypt}),
            name("/StmF"): name("/StdCF"),
            name("/StrF"): name("/StdCF"),
        }
    )
    out = io.BytesIO()
    encrypt.write_to_stream(out)
    identity = io.BytesIO()
    ArrayObject([ByteStringObject(bytes(16)), ByteStringObject(bytes(16))]).write_to_stream(identity)
    trailer = b"trailer\n<<"
    assert text.count(trailer) == 1
    return text.replace(trailer, trailer + b" /Encrypt " + out.getvalue() + b" /ID " + identity.getvalue())


def _document() -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.add_font("Slide", fname=font_file())
    return pdf
