"""Text recognition of scanned pages with Tesseract, where it is installed with Danish."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from itertools import groupby

from assistant.text.blocks import MARK

LANGUAGE = "dan"

_DOTS_PER_INCH = 300
"""What Tesseract is trained on (its own documentation, "ImproveQuality")."""

_MOST_PIXELS = 25_000_000
"""A page of a larger format is drawn smaller, so that a poster does not fill the memory."""

_SECONDS = 25
_LEAST_CONFIDENCE = 60.0
"""Mean confidence, of 100, of the words of a page; what is found in maps and photographs is below it."""

_LEAST_WORD = 30.0
_LEAST_LETTERS = 20


def is_available() -> bool:
    """Whether Tesseract is installed and knows Danish."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    try:
        listed = subprocess.run(  # noqa: S603 - a fixed program and fixed arguments
            [program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return LANGUAGE in listed.stdout.decode("utf-8", "replace").split()


def recognized(data: bytes, number: int) -> str:
    """Return the text of a page of a PDF as Tesseract reads it; empty where it is not sure of any.

    Args:
        data: the PDF.
        number: the page, from 1.
    """
    program = shutil.which("tesseract")
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and fixed arguments
            [program, "stdin", "stdout", "-l", LANGUAGE, "--psm", "3", "--dpi", str(_DOTS_PER_INCH), "tsv"],
            input=_picture(data, number),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return _text(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else ""


def _picture(data: bytes, number: int) -> bytes:
    """Draw a page in grey, as a bitmap (PGM)."""
    from pypdfium2 import PdfDocument

    document = PdfDocument(data)
    try:
        page = document[number - 1]
        scale = _DOTS_PER_INCH / 72
        width, height = page.get_size()
        pixels = width * height * scale * scale
        if pixels > _MOST_PIXELS:
            scale *= (_MOST_PIXELS / pixels) ** 0.5
        image = page.render(scale=scale, grayscale=True).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    image.save(out, "PPM")
    return out.getvalue()


def _text(table: str) -> str:
    words = list(_words(table))
    letters = sum(sum(c.isalpha() for c in text) for _, _, text in words)
    if not words or letters < _LEAST_LETTERS:
        return ""
    if sum(sure for _, sure, _ in words) < _LEAST_CONFIDENCE * len(words):
        return ""
    paragraphs: list[str] = []
    for _, lines in groupby(words, key=lambda word: word[0][:2]):
        by_line = groupby(lines, key=lambda word: word[0])
        paragraph = "\n".join(" ".join(text for _, _, text in line) for _, line in by_line)
        # Tesseract takes widely set lines for paragraphs; a sentence that is not at its end goes on.
        if paragraphs and paragraph[0].islower() and paragraphs[-1][-1] not in ".!?:;":
            paragraphs[-1] += f"\n{paragraph}"
        else:
            paragraphs.append(paragraph)
    return "\n\n".join(paragraphs) + f"\n{MARK}"


def _words(table: str) -> Iterator[tuple[tuple[str, str, str], float, str]]:
    """Yield block, paragraph and line of each word, how sure it is, and the word."""
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        try:
            sure = float(row.get("conf") or -1)
        except ValueError:
            continue
        if text and sure >= _LEAST_WORD:
            yield (row["block_num"], row["par_num"], row["line_num"]), sure, text
