"""How an exported Word document looks: A4, one typeface, quotations set off, Danish as the language."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

NOTE_TEXT = "footnote text"
NOTE_REFERENCE = "footnote reference"
UNVERIFIED_STYLE = "Ikke verificeret"
REMARK_STYLE = "Bemærkning"

_FONT = "Calibri"
"""Word has it; LibreOffice sets Carlito, which has the same widths, in its place."""

_INK, _MUTED, _WARN = RGBColor(0x1B, 0x24, 0x29), RGBColor(0x56, 0x64, 0x6B), RGBColor(0x9B, 0x1C, 0x1C)
_ACCENT = RGBColor(0x0B, 0x52, 0x66)


def style(document: WordDocument) -> None:
    """Turn python-docx's own template into ours: nothing of it but the names of its styles is seen."""
    _language(document)
    _paper(document)
    _text(document, "Normal", 11, after=6, line=1.15)
    _text(document, "Body Text", 11, after=6)
    _text(document, "Title", 24, colour=_ACCENT, bold=True, before=0, after=2)
    _text(document, "Subtitle", 11, colour=_MUTED, after=18)
    _text(document, "Heading 1", 15, colour=_ACCENT, bold=True, before=20, after=6)
    _text(document, "Heading 2", 12, colour=_INK, bold=True, before=12, after=4)
    _text(document, "Heading 3", 11, colour=_INK, bold=True, before=8, after=2)
    _text(document, "List Bullet", 11, after=3)
    _text(document, "List", 11, after=3, left=0.63, hanging=0.63)
    _text(document, "Quote", 11, after=6, left=0.8)
    _bar(document.styles["Quote"])
    _text(document, "Footer", 9, colour=_MUTED)
    for name in ("Title", "Subtitle"):
        _without(document.styles[name], "w:pBdr", "w:numPr", "w:kern")
    styles = document.styles
    remark = styles.add_style(REMARK_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    remark.base_style = styles["Body Text"]
    _text(document, REMARK_STYLE, 10, colour=_MUTED, after=6)
    note = styles.add_style(NOTE_TEXT, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    note.base_style = styles["Normal"]
    _text(document, NOTE_TEXT, 9, after=2, line=1.0)
    reference = styles.add_style(NOTE_REFERENCE, WD_STYLE_TYPE.CHARACTER, builtin=True)
    reference.font.superscript = True
    unverified = styles.add_style(UNVERIFIED_STYLE, WD_STYLE_TYPE.CHARACTER)
    unverified.font.bold = True
    unverified.font.color.rgb = _WARN


def style_id(document: WordDocument, name: str) -> str:
    """Return the id that XML written by hand refers to a style by."""
    return str(document.styles[name].style_id)


def number_pages(document: WordDocument) -> None:
    """Put "Side 1 af 4" into the footer."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run("Side ")
    _field(paragraph, "PAGE")
    paragraph.add_run(" af ")
    _field(paragraph, "NUMPAGES")


def _field(paragraph: Paragraph, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    field.append(parse_xml(f"<w:r {nsdecls('w')}><w:t>1</w:t></w:r>"))
    paragraph._p.append(field)


def _language(document: WordDocument) -> None:
    for lang in document.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:val"), "da-DK")
    for lang in document.settings.element.iter(qn("w:themeFontLang")):
        lang.set(qn("w:val"), "da-DK")
    for symbol, sign in (("w:decimalSymbol", ","), ("w:listSeparator", ";")):
        for element in document.settings.element.iter(qn(symbol)):
            element.set(qn("w:val"), sign)


def _paper(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)


def _text(  # noqa: PLR0913 - a style has that many sides
    document: WordDocument,
    name: str,
    size: float,
    *,
    colour: RGBColor | None = None,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
    line: float | None = None,
    left: float | None = None,
    hanging: float | None = None,
) -> None:
    found: Any = document.styles[name]
    font = found.font
    font.size, font.bold, font.italic = Pt(size), bold, False
    if colour is not None:
        font.color.rgb = colour
    fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    layout = found.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    if line is not None:
        layout.line_spacing = line
    if left is not None:
        layout.left_indent = Cm(left)
    if hanging is not None:
        layout.first_line_indent = -Cm(hanging)
    layout.widow_control = True


def _bar(quote: Any) -> None:
    """A line beside quotations, as on the page."""
    properties = quote.element.get_or_add_pPr()
    bar = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="12" w:space="10" w:color="CDD5D8"/></w:pBdr>'
    )
    # The schema wants borders before spacing and indents.
    later = [qn(f"w:{name}") for name in ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc")]
    place = next((child for child in properties if child.tag in later), None)
    if place is None:
        properties.append(bar)
    else:
        place.addprevious(bar)


def _without(found: Any, *names: str) -> None:
    for properties in (found.element.pPr, found.element.rPr):
        for name in names if properties is not None else ():
            for child in properties.findall(qn(name)):
                properties.remove(child)
