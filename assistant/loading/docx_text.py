"""The text of a paragraph of a DOCX with what hangs on it: notes, text boxes, page breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.loading.docx_styles import qualified


class ParagraphText:
    """The text of one paragraph, and what hangs on it."""

    def __init__(self) -> None:
        self.text = ""
        self.notes: list[str] = []
        self.boxes: list[Any] = []
        self.break_at: int | None = None
        self._bold = self._letters = 0

    @property
    def bold(self) -> bool:
        """Whether nearly all letters are bold."""
        return self._letters > 0 and self._bold > 0.9 * self._letters

    def read(self, element: Any, *, bold: bool = False, depth: int = 0) -> None:
        """Add what ``element`` holds."""
        if depth > 50:
            return
        for child in element:
            match local_name(child):
                case "t":
                    words = child.text or ""
                    self.text += words
                    self._letters += len(words.strip())
                    self._bold += len(words.strip()) if bold else 0
                case "tab" | "ptab":
                    self.text += " "
                case "cr":
                    self.text += "\n"
                case "br":
                    self._break(child)
                case "lastRenderedPageBreak":
                    self._page_break()
                case "noBreakHyphen":
                    self.text += "-"
                case "footnoteReference" | "endnoteReference":
                    self.notes.append(f"{local_name(child)[0]}{child.get(qualified('w:id'))}")
                case "r":
                    self.read(child, bold=_is_bold(child), depth=depth + 1)
                case "AlternateContent":
                    choice = next((c for c in child if local_name(c) == "Choice"), None)
                    if choice is not None:
                        self.read(choice, bold=bold, depth=depth + 1)
                case "drawing" | "pict" | "object":
                    self.boxes.extend(_boxes(child))
                case (
                    "hyperlink"
                    | "ins"
                    | "moveTo"
                    | "smartTag"
                    | "sdt"
                    | "sdtContent"
                    | "fldSimple"
                    | "dir"
                    | "bdo"
                ):
                    self.read(child, bold=bold, depth=depth + 1)
                case "oMath" | "oMathPara":
                    self.text += "".join(t.text or "" for t in child.iter() if local_name(t) == "t")

    def _break(self, element: Any) -> None:
        if element.get(qualified("w:type")) == "page":
            self._page_break()
        elif element.get(qualified("w:type")) != "column":
            self.text += "\n"

    def _page_break(self) -> None:
        if self.break_at is None or not self.text.strip():
            self.break_at = 0 if not self.text.strip() else len(self.text)


def footnotes(document: Any) -> dict[str, str]:
    """Return the texts of footnotes and endnotes by the letter of their kind and their id."""
    from docx.oxml import parse_xml

    notes: dict[str, str] = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind not in ("footnotes", "endnotes") or relation.is_external:
            continue
        root = parse_xml(relation.target_part.blob)
        count = 0
        for note in root:
            if note.get(qualified("w:type")) in ("separator", "continuationSeparator", "continuationNotice"):
                continue
            text = ParagraphText()
            for paragraph in note.iter(qualified("w:p")):
                text.read(paragraph)
                text.text += " "
            count += 1
            label = "Fodnote" if kind == "footnotes" else "Slutnote"
            key = f"{kind[0]}{note.get(qualified('w:id'))}"
            notes[key] = f"{label} {count}: {' '.join(text.text.split())}"
    return notes


def _boxes(element: Any) -> Iterator[Any]:
    """Yield the contents of text boxes, without those within another."""
    for box in element.iter(qualified("w:txbxContent")):
        above = box.getparent()
        while above is not element and local_name(above) != "txbxContent":
            above = above.getparent()
        if above is element:
            yield box


def _is_bold(run: Any) -> bool:
    bold = run.find(qualified("w:rPr/w:b"))
    return bold is not None and bold.get(qualified("w:val")) not in ("0", "false", "off")


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace, empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
