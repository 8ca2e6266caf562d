"""What a shape of a slide says: text, a table, a chart or a SmartArt drawing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from assistant.loading.tables import Cell, Table
from assistant.loading.texts import PageWriter

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

_LONGEST_NAME = 60
"""Characters of a line that names the items below it."""

SMALL_PRINT = ("SLIDE_NUMBER", "DATE", "FOOTER", "HEADER")


def write_shape(writer: PageWriter, shape: Any, slide: Any, *, last: bool) -> None:
    """Write what ``shape`` says; dates, footers and slide numbers say nothing.

    Only in the ``last`` one can a line become a heading, for whatever comes later would stand under it.
    """
    if placeholder(shape) in SMALL_PRINT:
        return
    if getattr(shape, "has_table", False):
        _write_table(writer, shape.table)
    elif getattr(shape, "has_chart", False):
        _write_chart(writer, shape.chart)
    elif shape.has_text_frame:
        _write_text(writer, shape, last=last)
    else:
        for line in _smart_art(shape, slide):
            writer.item(line)


def _write_text(writer: PageWriter, shape: Any, *, last: bool) -> None:
    paragraphs = [p for p in shape.text_frame.paragraphs if p.text.strip()]
    groups = last and _groups(paragraphs)
    body = placeholder(shape) in ("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT")
    number = 0
    for paragraph in paragraphs:
        text = paragraph.text.replace("\v", "\n")
        properties = paragraph._p.pPr  # the library has no name for bullets
        kinds = {child.tag.rpartition("}")[2] for child in properties} if properties is not None else set()
        number = number + 1 if "buAutoNum" in kinds else 0
        if groups and paragraph.level == paragraphs[0].level:
            writer.heading(2, text)
            continue
        listed = body and "buNone" not in kinds and len(paragraphs) > 1
        if number:
            writer.item(text, f"{number}.")
        elif listed or kinds & {"buChar", "buBlip"} or paragraph.level > 0:
            writer.item(text)
        else:
            writer.paragraph(text)


def _groups(paragraphs: Sequence[Any]) -> bool:
    """Whether a list is one of groups, each a short line with items below it: what such a line names, they are of.

    Where only some lines have items below them, the others would come to stand under the wrong one.
    """
    highest = [i for i, paragraph in enumerate(paragraphs) if paragraph.level == paragraphs[0].level]
    return (
        len(highest) > 1
        and min(p.level for p in paragraphs) == paragraphs[0].level
        and all(later - i > 1 for i, later in pairwise([*highest, len(paragraphs)]))
        and all(_names(paragraphs[i].text) for i in highest)
    )


def _names(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and not text.rstrip().endswith((".", ",", ";", "!"))


def _write_table(writer: PageWriter, table: Any) -> None:
    rows: list[list[Cell]] = []
    for row in table.rows:
        cells: list[Cell] = []
        for column, entry in enumerate(row.cells):
            if entry.is_spanned:
                above = next((c for c in rows[-1] if c.start == column), None) if rows else None
                if above is not None and not (cells and cells[-1].start + cells[-1].span > column):
                    cells.append(Cell(above.lines, column, above.span, below=True))
                continue
            lines = [" ".join(p.text.split()) for p in entry.text_frame.paragraphs if p.text.strip()]
            bold = bool(lines) and all(
                run.font.bold for p in entry.text_frame.paragraphs for run in p.runs if run.text.strip()
            )
            cells.append(Cell(lines, column, entry.span_width if entry.is_merge_origin else 1, bold=bold))
        rows.append(cells)
    head = 1 if table.first_row and len(rows) > 1 else None
    writer.table(Table(rows, len(table.columns), head=head))


def _write_chart(writer: PageWriter, chart: Any) -> None:
    """Write the title of a chart, and of each series its name and values."""
    try:
        if chart.has_title and chart.chart_title.has_text_frame:
            writer.paragraph(chart.chart_title.text_frame.text)
        for plot in chart.plots:
            categories = [str(c) for c in plot.categories]
            for series in plot.series:
                pairs = zip(categories, series.values, strict=False)
                values = "; ".join(f"{c}: {_number(v)}" for c, v in pairs if v is not None)
                if values:
                    writer.paragraph(f"{series.name}: {values}" if series.name else values)
    except (AttributeError, KeyError, TypeError, ValueError, NotImplementedError):
        return  # a kind of chart that the library does not know; its picture says the same


def _number(value: object) -> str:
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)


def _smart_art(shape: Any, slide: Any) -> list[str]:
    """Return the texts of a SmartArt drawing, whose data are a part of their own."""
    from pptx.oxml import parse_xml

    reference = next(iter(shape.element.iter(f"{_DIAGRAM}relIds")), None)
    if reference is None:
        return []
    try:
        part = slide.part.related_part(reference.get(f"{_RELATION}dm"))
    except KeyError:
        return []
    root = parse_xml(part.blob)
    texts: dict[str, str] = {}
    for point in root.iter(f"{_DIAGRAM}pt"):
        paragraphs = [paragraph_text(p) for p in point.iter(f"{DRAWING}p")]
        if text := " ".join(" ".join(paragraphs).split()):
            texts[point.get("modelId", "")] = text
    below: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(f"{_DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = link.get("srcOrd", "0")
            below.setdefault(link.get("srcId", ""), []).append(
                (int(order) if order.isdecimal() else 0, link.get("destId", ""))
            )
    ordered: list[str] = []
    seen: set[str] = set()

    def visit(point: str) -> None:
        for _, child in sorted(below.get(point, [])):
            if child not in seen and len(seen) < 5000:
                seen.add(child)
                if child in texts:
                    ordered.append(texts[child])
                visit(child)

    targets = {child for children in below.values() for _, child in children}
    for root_point in [p for p in below if p not in targets]:
        visit(root_point)
    return ordered + [text for point, text in texts.items() if point not in seen]


def paragraph_text(paragraph: Any) -> str:
    """Return the text of a paragraph element (``a:p``)."""
    return "".join(t.text or "" for t in paragraph.iter(f"{DRAWING}t"))


def placeholder(shape: Any) -> str:
    """Return the kind of a placeholder, empty for other shapes."""
    return (
        str(shape.placeholder_format.type.name)
        if shape.is_placeholder and shape.placeholder_format.type
        else ""
    )
