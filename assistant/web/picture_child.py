"""A process of its own that draws one page of a PDF: what a broken file does stays in here.

Reads one request as JSON from stdin and writes an answer as JSON on the first line of stdout, followed
by the picture. Started by :mod:`assistant.web.pictures`; imports nothing else of the page.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import sys
from typing import Any

from assistant.web.quote_boxes import Box, Wanted, find, lines

_MOST_CHARACTERS = 200_000
_LARGEST_PNG = 1_500_000
"""Bytes; a larger picture is a photograph and is sent as JPEG."""


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    _limit(int(request["memory"]), int(request["seconds"]))
    header, picture = _draw(request)
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + picture)


def _limit(memory: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses a limit on memory
            resource.setrlimit(kind, (most, most))


def _draw(request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    import pypdfium2

    document = pypdfium2.PdfDocument(request["path"])
    page = document[request["page"] - 1]
    across, down = page.get_size()
    scale = min(request["width"] / across, math.sqrt(request["pixels"] / (across * down)))
    picture, kind = b"", ""
    if request["draw"]:
        # Forms too: what was filled in is part of the page as the reader knows it.
        document.init_forms()
        page = document[request["page"] - 1]
        picture, kind = _encoded(page.render(scale=scale).to_pil())
    boxes = [
        [(box.left, box.top, box.right, box.bottom) for box in found]
        for found in _marks(page, request["quotes"])
    ]
    return {"across": across, "down": down, "kind": kind, "boxes": boxes}, picture


def _encoded(image: Any) -> tuple[bytes, str]:
    out = io.BytesIO()
    image.convert("RGB").save(out, "PNG", compress_level=6)
    if out.tell() <= _LARGEST_PNG:
        return out.getvalue(), "image/png"
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue(), "image/jpeg"


def _marks(page: Any, quotes: list[list[Any]]) -> list[tuple[Box, ...]]:
    import pypdfium2.raw as pdfium

    if not quotes:
        return []
    characters = page.get_textpage()
    count = min(characters.count_chars(), _MOST_CHARACTERS)
    # Character by character, because a text taken in one piece has other offsets than the boxes.
    text = "".join(chr(pdfium.FPDFText_GetUnicode(characters, index) or 0x20) for index in range(count))
    found = (dict.fromkeys(find(text, Wanted(quote, nth))) for quote, nth in quotes)
    # Joined to lines as they are written, before the page is turned to be shown.
    written = ([_box(characters, index) for index in places] for places in found)
    return [tuple(_shown(page, box) for box in lines(boxes)) for boxes in written]


def _box(characters: Any, index: int) -> Box:
    left, bottom, right, top = characters.get_charbox(index, loose=True)
    return Box(left, -top, right, -bottom)


_FINE = 100_000
"""Steps across the page that a position is rounded to."""


def _shown(page: Any, box: Box) -> Box:
    import pypdfium2.raw as pdfium

    corners = []
    for x, y in ((box.left, -box.top), (box.right, -box.bottom)):
        across, down = ctypes.c_int(), ctypes.c_int()
        # The file's own units may be turned, and need not begin at the corner that is shown.
        pdfium.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, across, down)
        corners.append((across.value / _FINE, down.value / _FINE))
    (x0, y0), (x1, y1) = corners
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


if __name__ == "__main__":
    main()
