"""What stands on a page of a PDF and where, as pypdfium2 finds it: pieces of text, ruled lines, pictures.

Coordinates are points from the upper left corner of the page as it is shown, turned as it is shown.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from assistant.loading.view import PageView

_WORD_GAP = 1.2
"""A gap of this many sizes is no gap between words: what follows is a piece of its own."""

_STYLE_GAP = 0.7
"""The same where the text before it is bold and the text behind it not, or the other way about."""

_SHIFT = 0.45
"""A baseline that moves by more sizes than this is another line's; a raised digit moves by less."""

_THIN = 2.5
"""Points. A path that is no thicker is a ruled line."""

_DRAWING = 100
"""Paths from which a page without text is a picture: text that was turned into outlines has many."""

_MOST_PATHS = 20_000
"""A page with more is a drawing or a map; its lines rule no table."""


@dataclass(slots=True)
class Piece:
    """Text that stands together on one line.

    ``order`` is its place in the file, ``lefts`` the left edge of each character, ``size`` in points.
    """

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool = False
    order: int = 0
    lefts: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """Half the height of its small letters, above the baseline."""
        return self.base - 0.3 * self.size


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line, horizontal where ``y0 == y1`` and vertical where ``x0 == x1``.

    ``edge`` is true of the edge of a box without an outline, which is no more than a shade behind a row.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    edge: bool = False


@dataclass(slots=True)
class PageGlyphs:
    """One page.

    ``turned`` is text that runs up or down the page, in its own upright coordinates; ``dots`` are specks
    as large as a drawn bullet, ``outside`` counts characters that stand off the visible page.
    """

    width: float
    height: float
    pieces: list[Piece]
    turned: list[Piece]
    rules: list[Rule]
    dots: list[tuple[float, float]]
    pictures: int
    outside: int


def page_glyphs(page: Any) -> PageGlyphs:
    """Return what stands on the visible part of a ``pypdfium2.PdfPage``."""
    view = PageView(page)
    facing: dict[int, list[Piece]] = {0: [], 90: [], 180: [], 270: []}
    outside = 0
    for direction, piece in _pieces(page, view):
        width, height = view.size(direction)
        if -1 <= piece.middle <= height + 1 and -1 <= (piece.x0 + piece.x1) / 2 <= width + 1:
            facing[direction].append(piece)
        else:
            outside += len(piece.text)
    main = max(facing, key=lambda direction: sum(len(p.text) for p in facing[direction]))
    if main != 0:  # the whole page lies on its side, without the file saying so
        width, height = view.size(main)
        others = [p for direction in facing if direction != main for p in facing[direction]]
        return PageGlyphs(width, height, facing[main], others, [], [], 0, outside)
    upright = facing[0]
    turned = [p for direction in (90, 180, 270) for p in facing[direction]]
    rules, dots, pictures = _drawn(page, view)
    return PageGlyphs(view.width, view.height, upright, turned, rules, dots, pictures, outside)


# --- text -----------------------------------------------------------------------------------------

_BOLD = re.compile(r"bold|black|heavy|semibd|demi|(?<![a-z])bd(?![a-z])", re.IGNORECASE)
_LIGHT = re.compile(r"regular|light|roman|book|italic", re.IGNORECASE)
_HYPHEN = 0x02
"""What pdfium makes of a hyphen at the end of a line, glueing what follows to it."""

_FOUND = ""
"""A space that pdfium found between two letters."""

_UNKNOWN = (0, 0xFFFE, 0xFFFF)
_SPACES = (9, 10, 13, 32, 160)
_NARROW = 0.15
"""Sizes. A space that is not in the file, but was found by pdfium, is none where the gap is narrower."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NOTED = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)»”\"])[⁰¹²³⁴-⁹]{0,2}$")
"""What a small raised digit behind it refers to a note of; behind "m" or "10" it is a power."""


def _pieces(page: Any, view: PageView) -> Iterator[tuple[int, Piece]]:
    import pypdfium2.raw as pdfium

    textpage = page.get_textpage()
    try:
        yield from _split(textpage.raw, view, pdfium)
    finally:
        textpage.close()


def _split(text: Any, view: PageView, pdfium: Any) -> Iterator[tuple[int, Piece]]:
    current: Piece | None = None
    letters: list[str] = []
    direction, space, found, order = 0, False, False, 0
    for i, letter, faces, x0, x1, base, size in _letters(text, view, pdfium):
        if letter == " ":
            space = True
            continue
        if letter == _FOUND:
            found = True
            continue
        if current is not None and direction == faces:
            gap, largest = x0 - current.x1, max(size, current.size)
            # The letters of a ligature all stand where its glyph does.
            onwards = gap > -0.5 * largest or x0 >= current.lefts[-1] - 0.1 * largest
            near = onwards and gap < _WORD_GAP * largest
            # A wide gap from bold to plain or back parts a name from its value.
            near = near and (gap < _STYLE_GAP * largest or _is_bold(text, i, pdfium) == current.bold)
            if near and abs(base - current.base) <= _SHIFT * largest:
                if space or (found and gap >= _NARROW * largest):
                    letters.append(" ")
                    current.lefts.append(current.x1)
                if letter.isalnum() and not any(map(str.isalnum, letters)):
                    # A bullet is often of another size and font than the text behind it.
                    current.size, current.base, current.bold = size, base, _is_bold(text, i, pdfium)
                raised = size < 0.8 * current.size and base < current.base - 0.15 * current.size
                if raised and letter.isdecimal() and _NOTED.search("".join(letters[-4:])):
                    letter = letter.translate(_RAISED)
                letters.append(letter)
                current.lefts.append(x0)
                current.x1 = max(x1, current.x1)
                space = found = False
                continue
        if current is not None:
            current.text = "".join(letters)
            yield direction, current
        order += 1
        current = Piece("", x0, x1, base, size, _is_bold(text, i, pdfium), order, [x0])
        letters, direction, space, found = [letter], faces, False, False
    if current is not None:
        current.text = "".join(letters)
        yield direction, current


def _letters(
    text: Any, view: PageView, pdfium: Any
) -> Iterator[tuple[int, str, int, float, float, float, float]]:
    """Yield index, letter, direction, left, right, baseline and size of each character."""
    rect, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    for i in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, i)
        if code in _SPACES:
            yield i, _FOUND if pdfium.FPDFText_IsGenerated(text, i) == 1 else " ", 0, 0, 0, 0, 0
            continue
        pdfium.FPDFText_GetLooseCharBox(text, i, rect)
        pdfium.FPDFText_GetCharOrigin(text, i, x, y)
        pdfium.FPDFText_GetMatrix(text, i, matrix)
        size = pdfium.FPDFText_GetFontSize(text, i) * math.hypot(matrix.c, matrix.d)
        if size <= 0:
            continue
        letter = "\x00" if code in _UNKNOWN else "-" if code == _HYPHEN else _char(code)
        if view.rotation == 0 and matrix.b == 0 < matrix.a:  # nearly always, and this loop is long
            left, right = rect.left - view.left, rect.right - view.left
            yield i, letter, 0, left, right, view.top - y.value, size
            continue
        faces = view.direction(matrix.a, matrix.b)
        one = view.turned(faces, *view.point(rect.left, rect.top))
        two = view.turned(faces, *view.point(rect.right, rect.bottom))
        base = view.turned(faces, *view.point(x.value, y.value))[1]
        yield i, letter, faces, min(one[0], two[0]), max(one[0], two[0]), base, size


def _char(code: int) -> str:
    # Half a surrogate pair is no character, and cannot be written.
    return "�" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _is_bold(text: Any, index: int, pdfium: Any) -> bool:
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, 128, flags)
    known = name.value.decode("latin-1")
    # The weight is guessed from the width of the stems, so a name that denies it counts for more.
    heavy = pdfium.FPDFText_GetFontWeight(text, index) >= 700 and not _LIGHT.search(known)
    return heavy or bool(_BOLD.search(known))


# --- lines and pictures ---------------------------------------------------------------------------


def _drawn(page: Any, view: PageView) -> tuple[list[Rule], list[tuple[float, float]], int]:
    import pypdfium2.raw as pdfium

    rules: list[Rule] = []
    dots: list[tuple[float, float]] = []
    pictures = 0
    count = 0
    for item in page.get_objects(max_depth=1):
        count += item.type == pdfium.FPDF_PAGEOBJ_PATH
        if count > _MOST_PATHS:
            return [], [], pictures + 1
        if item.type == pdfium.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = item.get_bounds()
            (xa, ya), (xb, yb) = view.point(left, bottom), view.point(right, top)
            x0, x1, y0, y1 = min(xa, xb), max(xa, xb), min(ya, yb), max(ya, yb)
            filling, stroked = ctypes.c_int(), ctypes.c_int()
            pdfium.FPDFPath_GetDrawMode(item.raw, filling, stroked)
            rules.extend(_edges(x0, y0, x1, y1, view, edge=not stroked.value))
            if 1.5 <= x1 - x0 <= 8 and abs((x1 - x0) - (y1 - y0)) <= 0.5:
                dots.append(((x0 + x1) / 2, (y0 + y1) / 2))
        elif item.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING, pdfium.FPDF_PAGEOBJ_FORM):
            pictures += 1
    return rules, dots, pictures + (count > _DRAWING)


def _edges(x0: float, y0: float, x1: float, y1: float, view: PageView, *, edge: bool) -> Iterator[Rule]:
    """A thin path is a line; of a box the four edges, unless it is the page or a speck."""
    across, down = x1 - x0, y1 - y0
    if across <= _THIN and down <= _THIN:
        return
    if down <= _THIN:
        yield Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    elif across <= _THIN:
        yield Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
    elif across > 8 and down > 6 and not (across > 0.95 * view.width and down > 0.5 * view.height):
        yield Rule(x0, y0, x1, y0, edge=edge)
        yield Rule(x0, y1, x1, y1, edge=edge)
        yield Rule(x0, y0, x0, y1, edge=edge)
        yield Rule(x1, y0, x1, y1, edge=edge)
