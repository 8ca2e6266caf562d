"""DOCX: headings, lists, tables, boxes and notes in the order in which they are read, page by page."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from assistant.errors import DocumentError
from assistant.loading.docx import read_docx
from assistant.text.blocks import parse_page


def pages(document: Any) -> list[list[tuple[str, int, str]]]:
    out = io.BytesIO()
    document.save(out)
    read = read_docx("a.docx", out.getvalue())
    return [[(b.role, b.level, b.text) for b in parse_page(page.text).blocks] for page in read.pages]


def texts(document: Any) -> list[str]:
    return [text for page in pages(document) for _, _, text in page]


def rendered_break(paragraph: Any) -> None:
    paragraph.runs[0]._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))


def test_headings_come_from_styles() -> None:
    document = docx.Document()
    document.add_heading("Rapporten", 0)
    document.add_heading("Formål", 1)
    document.add_paragraph("Kort linje")
    document.add_heading("Baggrund", 2)
    document.add_paragraph("Tekst.")
    assert pages(document)[0] == [
        ("heading", 1, "Rapporten"),
        ("heading", 1, "Formål"),
        ("paragraph", 0, "Kort linje"),
        ("heading", 2, "Baggrund"),
        ("paragraph", 0, "Tekst."),
    ]


def test_lists_have_bullets_and_numbers() -> None:
    document = docx.Document()
    for style in ("List Bullet", "List Bullet", "List Number", "List Number"):
        document.add_paragraph("Punkt", style=style)
    assert texts(document) == ["Punkt", "Punkt", "1. Punkt", "2. Punkt"]


def test_short_bold_line_is_a_heading_where_no_style_says_so() -> None:
    document = docx.Document()
    document.add_paragraph().add_run("Formål").bold = True
    document.add_paragraph("Tekst under overskriften.")
    assert pages(document)[0][0] == ("heading", 2, "Formål")


def test_paragraph_without_a_style_is_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Uden typografi")
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:pStyle {nsdecls("w")} w:val="FindesIkke"/>'))
    assert texts(document) == ["Uden typografi"]


def test_table_stands_where_it_stands_and_keeps_its_names() -> None:
    document = docx.Document()
    document.add_paragraph("Før")
    table = document.add_table(2, 2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["Navn", "Frist", "Plan", "1. maj"], strict=True
    ):
        cell.paragraphs[0].add_run(text).bold = text in ("Navn", "Frist")
    document.add_paragraph("Efter")
    assert texts(document) == ["Før", "Navn: Plan; Frist: 1. maj", "Efter"]


def test_nested_table_and_merged_cells_are_read() -> None:
    document = docx.Document()
    table = document.add_table(3, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Område", "Tiltag"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "Skole"
    table.cell(1, 1).text = "Bøger"
    inner = table.cell(2, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Mad", "Gratis"
    read = " ".join(texts(document))
    assert "Skole: Bøger" in read
    assert "Skole: Mad: Gratis" in read


def test_box_of_one_cell_is_running_text() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "Boks med tekst."
    assert texts(document) == ["Boks med tekst."]


def test_heads_and_footers_are_left_out() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Hoved"
    document.sections[0].footer.paragraphs[0].text = "Fod"
    document.add_paragraph("Tekst")
    assert texts(document) == ["Tekst"]


def test_pages_are_those_that_word_last_set() -> None:
    document = docx.Document()
    document.add_paragraph("Første side")
    rendered_break(document.add_paragraph("Anden side"))
    document.add_paragraph("Mere")
    assert [[text for *_, text in page] for page in pages(document)] == [
        ["Første side"],
        ["Anden side", "Mere"],
    ]


def test_break_of_the_author_counts_once() -> None:
    document = docx.Document()
    document.add_paragraph("Første side").add_run().add_break(WD_BREAK.PAGE)
    rendered_break(document.add_paragraph("Anden side"))
    assert len(pages(document)) == 2


def test_paragraph_over_a_page_break_stays_whole_where_it_begins() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Begynder her ")
    run = paragraph.add_run("og slutter der.")
    run._r.insert(0, OxmlElement("w:lastRenderedPageBreak"))
    document.add_paragraph("Næste.")
    assert [[t for *_, t in page] for page in pages(document)] == [
        ["Begynder her og slutter der."],
        ["Næste."],
    ]


def test_long_file_without_breaks_is_cut_at_its_headings() -> None:
    document = docx.Document()
    for n in range(6):
        document.add_heading(f"Kapitel {n}", 1)
        for _ in range(4):
            document.add_paragraph("En sætning, der fylder en del. " * 14)
    assert len(pages(document)) == 6


def test_text_boxes_and_content_controls_are_read_once() -> None:
    document = docx.Document()
    words = "<w:txbxContent><w:p><w:r><w:t>I boksen</w:t></w:r></w:p></w:txbxContent>"
    drawing = f"<w:drawing>{words}</w:drawing>"
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    run = document.add_paragraph("Før boksen").add_run()
    run._r.append(
        parse_xml(
            f'<mc:AlternateContent {nsdecls("w")} {space}><mc:Choice Requires="wps">{drawing}</mc:Choice>'
            f"<mc:Fallback><w:pict>{words}</w:pict></mc:Fallback></mc:AlternateContent>"
        )
    )
    control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>I feltet</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    document.element.body.insert(1, parse_xml(control))
    assert texts(document) == ["Før boksen", "I boksen", "I feltet"]


def test_deleted_text_is_left_out_and_inserted_text_is_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("Vi ")
    for tag, text_tag, text in (("ins", "t", "går"), ("del", "delText", "løber")):
        paragraph._p.append(
            parse_xml(
                f'<w:{tag} {nsdecls("w")} w:id="1"><w:r><w:{text_tag}>{text}</w:{text_tag}></w:r></w:{tag}>'
            )
        )
    assert texts(document) == ["Vi går"]


def test_file_that_is_broken_inside_is_named() -> None:
    out = io.BytesIO()
    document = docx.Document()
    body = document.element.body
    body.getparent().remove(body)
    document.save(out)
    with pytest.raises(DocumentError, match=r"^a\.docx: Word-filen er beskadiget"):
        read_docx("a.docx", out.getvalue())


def test_numbered_headings_keep_their_numbers() -> None:
    document = docx.Document()
    document.add_heading("Formål", 1)
    heading = document.add_heading("Baggrund", 1)
    for paragraph in document.paragraphs:
        paragraph._p.get_or_add_pPr().append(
            parse_xml(
                f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{_decimal(document)}"/></w:numPr>'
            )
        )
    assert heading.style is not None
    assert texts(document) == ["1. Formål", "2. Baggrund"]


def _decimal(document: Any) -> str:
    """The list that the style "List Number" of the default template uses."""
    return document.styles["List Number"].element.find(f".//{qn('w:numId')}").get(qn("w:val"))


# --- files that the library does not open -------------------------------------------------------------


def without(data: bytes, part: str) -> bytes:
    """The same file without one of its parts, which others still name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("part", ["docProps/core.xml", "word/styles.xml", "word/settings.xml", "_rels/.rels"])
def test_a_file_that_lacks_a_part_is_read_by_its_paragraphs_and_tables(part: str) -> None:
    made = docx.Document()
    made.add_heading("Plan for havnen", 1)
    made.add_paragraph("Vi bygger en ny mole.")
    table = made.add_table(2, 3)
    for row, texts_ in enumerate((("Post", "Beløb", "Ansvar"), ("Mole", "8,4", "Havnen"))):
        for column, text_ in enumerate(texts_):
            table.cell(row, column).text = text_
    out = io.BytesIO()
    made.save(out)
    (page,) = read_docx("a.docx", without(out.getvalue(), part)).pages
    found = [(block.level, block.text) for block in parse_page(page.text).blocks]
    assert found[:2] == [(1, "Plan for havnen"), (0, "Vi bygger en ny mole.")]
    assert "Mole" in page.text


def test_a_file_without_its_document_is_refused() -> None:
    out = io.BytesIO()
    docx.Document().save(out)
    with pytest.raises(DocumentError, match=r"^a\.docx: Word-filen er beskadiget"):
        read_docx("a.docx", without(out.getvalue(), "word/document.xml"))


def test_properties_that_are_none_give_no_title() -> None:
    made = docx.Document()
    made.add_paragraph("Vi bygger en ny mole.")
    out = io.BytesIO()
    made.save(out)
    types = zipfile.ZipFile(io.BytesIO(out.getvalue())).read("[Content_Types].xml")
    other = types.replace(b"core-properties+xml", b"andre-egenskaber+xml")
    assert other != types
    changed = without(out.getvalue(), "[Content_Types].xml")
    with zipfile.ZipFile(both := io.BytesIO(changed), "a") as archive:
        archive.writestr("[Content_Types].xml", other)
    assert "mole" in read_docx("a.docx", both.getvalue()).pages[0].text
