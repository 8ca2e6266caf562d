"""Styles and list numbers of a DOCX: which paragraphs are headings, and what stands in front of an item."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HEADING = re.compile(r"(?:heading|overskrift)\s*(\d)", re.IGNORECASE)
_TITLE = re.compile(r"title|titel", re.IGNORECASE)
_CONTENTS = re.compile(r"toc |indholdsfortegnelse|table of", re.IGNORECASE)


def qualified(path: str) -> str:
    """Return a path of ``w:`` names in the form that lxml takes."""
    return "/".join(f"{{{_W}}}{part.removeprefix('w:')}" for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says: the level of a heading (``None`` for text), its list, a page break before it.

    ``contents`` is true of the lines of a table of contents.
    """

    level: int | None = None
    title: bool = False
    number: tuple[str, int] | None = None
    break_before: bool = False
    contents: bool = False


class Styles:
    """The paragraph styles of a document, each with what it takes from those it is based on."""

    def __init__(self, document: Any) -> None:
        """Read the styles of ``document``; it need not have any."""
        self._elements: dict[str, Any] = {}
        self._default = ""
        try:
            root = document.part._styles_part.element  # `styles` would add a part where there is none
        except (AttributeError, KeyError):
            root = ()
        for element in root:
            if element.tag == qualified("w:style"):
                name = element.get(qualified("w:styleId")) or ""
                self._elements[name] = element
                if (
                    element.get(qualified("w:default")) == "1"
                    and element.get(qualified("w:type")) == "paragraph"
                ):
                    self._default = name
        self._known: dict[str, Style] = {}

    def of(self, paragraph: Any) -> Style:
        """Return what holds for a paragraph, by its style and its own properties."""
        properties = paragraph.find(qualified("w:pPr"))
        if properties is None:
            return self._style(self._default)
        reference = properties.find(qualified("w:pStyle"))
        name = reference.get(qualified("w:val")) if reference is not None else self._default
        style = self._style(name or "")
        own = _own(properties, "")
        level = own.level if own.level is not None else style.level
        return Style(
            level,
            style.title,
            own.number or style.number,
            own.break_before or style.break_before,
            style.contents,
        )

    def has_headings(self, body: Any) -> bool:
        """Whether any paragraph has the style of a heading."""
        return any(
            (style := self.of(p)).level is not None and not style.title for p in body.iter(qualified("w:p"))
        )

    def _style(self, name: str, depth: int = 0) -> Style:
        if name in self._known:
            return self._known[name]
        element = self._elements.get(name)
        if element is None or depth > 20:
            return Style()
        label = element.find(qualified("w:name"))
        shown = (label.get(qualified("w:val")) if label is not None else "") or name
        based = element.find(qualified("w:basedOn"))
        parent = self._style(based.get(qualified("w:val")) or "", depth + 1) if based is not None else Style()
        properties = element.find(qualified("w:pPr"))
        own = _own(properties, shown) if properties is not None else _own((), shown)
        level = own.level if own.level is not None else parent.level
        contents = bool(_CONTENTS.match(shown)) and not shown.lower().endswith("heading")
        number = own.number or parent.number
        if own.number and not own.number[0] and parent.number:
            number = (parent.number[0], own.number[1])
        breaks = own.break_before or parent.break_before
        style = Style(None if contents else level, own.title, number, breaks, contents)
        self._known[name] = style
        return style


def _own(properties: Any, name: str) -> Style:
    level: int | None = None
    number: tuple[str, int] | None = None
    breaks = False
    for child in properties:
        if child.tag == qualified("w:outlineLvl"):
            value = int(child.get(qualified("w:val")) or 9)
            level = value + 1 if value < 9 else None
        elif child.tag == qualified("w:numPr"):
            identity, depth = child.find(qualified("w:numId")), child.find(qualified("w:ilvl"))
            number = (
                (identity.get(qualified("w:val")) or "") if identity is not None else "",
                int(depth.get(qualified("w:val")) or 0) if depth is not None else 0,
            )
        elif child.tag == qualified("w:pageBreakBefore"):
            breaks = child.get(qualified("w:val")) not in ("0", "false", "off")
    if level is None and (match := _HEADING.match(name)):
        level = int(match[1])
    title = bool(_TITLE.fullmatch(name))
    return Style(1 if title else level, title, number, breaks)


class Lists:
    """Counts the items of the lists of a document as they come."""

    def __init__(self, document: Any) -> None:
        """Read the numbering of ``document``; it need not have any."""
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._abstract: dict[str, str] = {}
        part = next(
            (r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None
        )
        root = getattr(part, "element", None)
        if root is None:
            return
        for element in root.iter(qualified("w:abstractNum")):
            self._levels[element.get(qualified("w:abstractNumId")) or ""] = {
                int(level.get(qualified("w:ilvl")) or 0): (
                    _value(level, "w:numFmt", "decimal"),
                    _value(level, "w:lvlText", ""),
                    int(_value(level, "w:start", "1")),
                )
                for level in element.iter(qualified("w:lvl"))
            }
        for element in root.iter(qualified("w:num")):
            self._abstract[element.get(qualified("w:numId")) or ""] = _value(element, "w:abstractNumId", "")

    def mark(self, _paragraph: Any, style: Style) -> str:
        """Return the bullet or number of a paragraph and count it; empty where it is no item."""
        if style.number is None or style.number[0] in ("", "0"):
            return ""
        abstract = self._abstract.get(style.number[0], "")
        levels, depth = self._levels.get(abstract, {}), style.number[1]
        if depth not in levels:
            return "•"
        form, pattern, start = levels[depth]
        if form == "none":
            return ""
        if form == "bullet" or not pattern:
            return "•"
        counts = self._counts[abstract]
        counts[depth] = counts.get(depth, start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]

        def number(match: re.Match[str]) -> str:
            level = int(match[1]) - 1
            kind, _, first = levels.get(level, ("decimal", "", 1))
            return _numeral(counts.get(level, first), kind)

        return re.sub(r"%(\d)", number, pattern).strip()


def _value(element: Any, name: str, default: str) -> str:
    found = element.find(qualified(name))
    return (found.get(qualified("w:val")) or default) if found is not None else default


def _numeral(number: int, form: str) -> str:
    match form:
        case "lowerLetter" | "upperLetter":
            letter = chr(ord("a") + (number - 1) % 26)
            return letter if form == "lowerLetter" else letter.upper()
        case "lowerRoman" | "upperRoman":
            text, rest = "", min(number, 3999)
            for value, sign in _ROMAN:
                text += sign * (rest // value)
                rest %= value
            return text if form == "lowerRoman" else text.upper()
    return str(number)


_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
