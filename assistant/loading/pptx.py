"""PPTX: one slide a page, its shapes in the order in which a person reads them, with tables and notes."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import DocumentError
from assistant.loading.pptx_shapes import DRAWING, SMALL_PRINT, paragraph_text, placeholder, write_shape
from assistant.loading.texts import PageText, PageWriter, ReadText

_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

_LONGEST_TITLE = 120
"""Characters of a line at the top of a slide that stands in for a title."""


def read_pptx(name: str, data: bytes) -> ReadText:
    """Return each slide as a page.

    Raises:
        DocumentError: the file is broken or has no slides.
    """
    import pptx

    try:
        presentation = pptx.Presentation(io.BytesIO(data))
        size = (presentation.slide_width or 0, presentation.slide_height or 0)
        running = _running(presentation.slides, size)
        slides = [_slide(slide, size, running) for slide in presentation.slides]
    except Exception as error:  # what is in the archive can break the library in any way
        raise DocumentError(
            f"{name}: PowerPoint-filen er beskadiget og kan ikke læses. Åbn og gem den igen, eller hent en ny kopi."
        ) from error
    if not slides:
        raise DocumentError(f"{name}: PowerPoint-filen har ingen slides.")
    title = next((title for _, title in slides if title), "")
    return ReadText(tuple(page for page, _ in slides), title, page_noun="slide")


@dataclass(slots=True)
class _Box:
    """One shape and where it stands on the slide, in its units (EMU)."""

    shape: Any
    left: float
    top: float
    right: float
    bottom: float


def _slide(slide: Any, size: tuple[int, int], running: frozenset[str]) -> tuple[PageText, str]:
    writer = PageWriter()
    boxes = [b for b in _boxes(slide.shapes, _same) if _on_slide(b, size) and _small(b, size) not in running]
    ordered = list(_reading_order(boxes))
    title = _title_box(slide, ordered)
    hidden = slide.element.get("show") in ("0", "false")
    name = ""
    if title is not None:
        name = " ".join(title.shape.text_frame.text.split())
        writer.heading(1, name)
    if hidden:
        writer.paragraph("(Skjult slide: vises ikke, når præsentationen køres.)")
    boxes = [box for box in ordered if box is not title]
    for box in boxes:
        write_shape(writer, box.shape, slide, last=box is boxes[-1] and not slide.has_notes_slide)
    for element in slide.shapes._spTree.iter(f"{_COMPATIBLE}Choice"):  # python-pptx skips these
        for paragraph in element.iter(f"{DRAWING}p"):
            writer.paragraph(paragraph_text(paragraph))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = [p.text for p in slide.notes_slide.notes_text_frame.paragraphs if p.text.strip()]
        for index, note in enumerate(notes):
            writer.paragraph(f"Noter: {note}" if index == 0 else note)
    pictures = any(getattr(b.shape, "shape_type", None) == 13 for b in boxes)
    text = writer.text()
    return PageText(text, "pptx", unread=pictures and not text), name


# --- shapes ---------------------------------------------------------------------------------------


def _same(x: float, y: float) -> tuple[float, float]:
    return x, y


def _boxes(shapes: Any, place: Any, depth: int = 0) -> Iterator[_Box]:
    """Yield all shapes that may hold text, those of groups too, with their places on the slide."""
    for shape in shapes:
        if depth < 20 and hasattr(shape, "shapes"):
            yield from _boxes(shape.shapes, _within(shape, place), depth + 1)
            continue
        left, top = shape.left or 0, shape.top or 0
        x0, y0 = place(left, top)
        x1, y1 = place(left + (shape.width or 0), top + (shape.height or 0))
        yield _Box(shape, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _within(group: Any, place: Any) -> Any:
    """Return how the coordinates within a group become those of the slide."""
    form = group.element.find(f".//{DRAWING}xfrm")
    offset = form.find(f"{DRAWING}chOff") if form is not None else None
    extent = form.find(f"{DRAWING}chExt") if form is not None else None
    if offset is None or extent is None:
        return place
    x, y = int(offset.get("x")), int(offset.get("y"))
    across = (group.width or 0) / max(1, int(extent.get("cx")))
    down = (group.height or 0) / max(1, int(extent.get("cy")))
    left, top = group.left or 0, group.top or 0
    return lambda a, b: place(left + (a - x) * across, top + (b - y) * down)


def _on_slide(box: _Box, size: tuple[int, int]) -> bool:
    """Whether the middle of a shape is on the slide; what stands beside it is a reminder to the author."""
    if not all(size):
        return True
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return 0 <= x <= size[0] and 0 <= y <= size[1]


_AT_THE_EDGE = 0.12
"""Share of the slide's height at its top and bottom where running heads and footers stand."""

_RUNS = 3
"""Slides on which the same stands at the same place."""


def _running(slides: Any, size: tuple[int, int]) -> frozenset[str]:
    """Return what stands at the edge of several slides at the same place: footers that are plain boxes."""
    seen: Counter[str] = Counter()
    for slide in slides:
        title = slide.shapes.title
        seen.update(
            {
                _small(box, size)
                for box in _boxes(slide.shapes, _same)
                if title is None or box.shape.shape_id != title.shape_id
            }
        )
    return frozenset(text for text, count in seen.items() if text and count >= _RUNS)


def _small(box: _Box, size: tuple[int, int]) -> str:
    """Return what stands where in a low box at the edge of a slide, its numbers masked; empty for others."""
    if not all(size) or not getattr(box.shape, "has_text_frame", False):
        return ""
    text = " ".join(box.shape.text_frame.text.split())
    edge = box.top > (1 - _AT_THE_EDGE) * size[1] or box.bottom < _AT_THE_EDGE * size[1]
    if not text or not edge or len(text) > _LONGEST_TITLE:
        return ""
    place = round(20 * box.left / size[0]), round(20 * box.top / size[1])
    return f"{place} {re.sub(r'[0-9]+', '#', text)}"


def _reading_order(boxes: Sequence[_Box], depth: int = 0) -> Iterator[_Box]:
    """Yield boxes by columns where a gap runs down between them, else from the top down."""
    if len(boxes) <= 1 or depth > 30:
        yield from sorted(boxes, key=lambda b: (b.top, b.left))
        return
    parts = _parted(boxes, "left", "right")
    if len(parts) == 1:
        parts = _with_columns(_parted(boxes, "top", "bottom"))
    if len(parts) > 1:
        for part in parts:
            yield from _reading_order(part, depth + 1)
        return
    yield from sorted(boxes, key=lambda b: (b.top, b.left))


def _with_columns(bands: Sequence[list[_Box]]) -> list[list[_Box]]:
    """Join bands that the same gap parts into columns: each column is read down through all of them."""
    joined: list[list[_Box]] = []
    for band in bands:
        if joined and len(_parted(joined[-1], "left", "right")) > 1:
            union = [*joined[-1], *band]
            if len(_parted(union, "left", "right")) > 1:
                joined[-1] = union
                continue
        joined.append(band)
    return joined


def _parted(boxes: Sequence[_Box], start: str, end: str) -> list[list[_Box]]:
    """Group boxes that overlap from ``start`` to ``end``; a small overlap counts as none."""
    parts: list[list[_Box]] = []
    reach = 0.0
    for box in sorted(boxes, key=lambda b: (getattr(b, start), getattr(b, end))):
        slack = 0.1 * (getattr(box, end) - getattr(box, start))
        if parts and getattr(box, start) < reach - slack:
            parts[-1].append(box)
        else:
            parts.append([box])
        reach = max(reach, getattr(box, end))
    return parts


def _title_box(slide: Any, ordered: Sequence[_Box]) -> _Box | None:
    """Return the title, or a single short line at the top that stands in for one."""
    title = slide.shapes.title
    if title is not None and title.has_text_frame and title.text_frame.text.strip():
        return next((b for b in ordered if b.shape.shape_id == title.shape_id), None)
    written = [b for b in ordered if b.shape.has_text_frame and b.shape.text_frame.text.strip()]
    if len(written) < 2 or placeholder(written[0].shape) in SMALL_PRINT:
        return None
    first = min(written, key=lambda b: b.top)
    text = first.shape.text_frame.text.strip()
    one = (
        "\n" not in text
        and len(text) <= _LONGEST_TITLE
        and (text.endswith("...") or not text.endswith((".", ":", ",", ";")))
    )
    above = all(first.top <= b.top for b in written)
    return first if one and above else None
