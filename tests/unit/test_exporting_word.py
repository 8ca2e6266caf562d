"""The Word file, read again with python-docx and as the XML that Word reads."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree

from assistant.exporting.paper import basket_paper
from assistant.exporting.word import word
from assistant.storage.base import BasketItem
from tests.support.collected import DIKE, QUOTED, STAMP, WRITTEN, WRITTEN_BY_MODEL, collected, item, lookup

EVIL = "Hegn <b>fed</b> \x00\x01\ud800 & \u202e http://fremmed.invalid [x](y) ]]> {{DOCVARIABLE}}"


def made(*items: BasketItem, title: str = "Mit oplæg") -> bytes:
    return word(basket_paper(items, title, lookup, WRITTEN, STAMP))


def read(*items: BasketItem, title: str = "Mit oplæg") -> Any:
    return docx.Document(io.BytesIO(made(*items, title=title)))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def written() -> bytes:
    return made(item("note", "Til mødet.", heading="Formål"), collected(QUOTED), collected(WRITTEN_BY_MODEL))


def test_it_says_the_right_things_in_order_in_real_styles(written: bytes) -> None:
    document = docx.Document(io.BytesIO(written))

    assert [(p.style.name, p.text) for p in document.paragraphs] == [
        ("Title", "Mit oplæg"),
        ("Subtitle", "21. november 2026"),
        ("Heading 1", "Formål"),
        ("Body Text", "Til mødet."),
        ("Heading 1", "Hvor højt er diget?"),
        ("Body Text", "Kystrådet skriver i debatoplægget:"),
        ("Quote", "»Diget er tre meter højt«"),
        ("Heading 1", "Hvordan passes kysten?"),
        (
            "Body Text",
            "Diget er tre meter. Det koster 17 kroner. [ikke verificeret; 17 står ikke i kilden]",
        ),
        ("Body Text", "Stranden renses."),
        ("Heading 1", "Kilder"),
        ("List Bullet", "Kystrådet, Kystens fremtid (debatoplæg)."),
        ("Heading 1", "Om denne udskrift"),
        ("Body Text", "Skrevet ud den 21. november 2026 kl. 23.05."),
        *[("Body Text", p.text) for p in document.paragraphs[-3:]],
    ]
    assert "indeks-1" in document.paragraphs[-1].text


def test_the_unverified_mark_is_a_style_of_its_own(written: bytes) -> None:
    document = docx.Document(io.BytesIO(written))
    marked = [r.text for p in document.paragraphs for r in p.runs if r.style.name == "Ikke verificeret"]

    assert marked == [" [ikke verificeret; 17 står ikke i kilden]"]


def test_every_reference_has_its_footnote_and_every_footnote_its_reference(written: bytes) -> None:
    files = parts(written)
    body, notes = (etree.fromstring(files[f"word/{name}.xml"]) for name in ("document", "footnotes"))
    referred = [e.get(qn("w:id")) for e in body.iter(qn("w:footnoteReference"))]
    held = {e.get(qn("w:id")): e for e in notes.iter(qn("w:footnote"))}

    assert referred == ["1", "2", "3", "4"]
    assert list(held) == ["-1", "0", *referred]
    assert "".join(held["1"].itertext()).strip() == "Kystrådet, Kystens fremtid, s. 1."
    assert [held[n].get(qn("w:type")) for n in ("-1", "0")] == ["separator", "continuationSeparator"]


def test_the_footnotes_part_is_declared_related_and_named_in_the_settings_in_order(written: bytes) -> None:
    files = parts(written)

    assert b'PartName="/word/footnotes.xml"' in files["[Content_Types].xml"]
    assert b'Target="footnotes.xml"' in files["word/_rels/document.xml.rels"]
    tags = [etree.QName(child).localname for child in etree.fromstring(files["word/settings.xml"])]
    assert tags.index("characterSpacingControl") < tags.index("footnotePr") < tags.index("compat")


def test_styles_that_hand_written_xml_names_exist(written: bytes) -> None:
    files = parts(written)
    styles = {e.get(qn("w:styleId")) for e in etree.fromstring(files["word/styles.xml"]).iter(qn("w:style"))}
    used = {
        e.get(qn("w:val"))
        for name in ("word/document.xml", "word/footnotes.xml")
        for tag in ("w:pStyle", "w:rStyle")
        for e in etree.fromstring(files[name]).iter(qn(tag))
    }

    assert used
    assert used <= styles


def test_properties_of_a_style_stand_in_the_order_of_the_schema(written: bytes) -> None:
    order = (
        "keepNext keepLines widowControl numPr pBdr tabs spacing ind contextualSpacing jc outlineLvl".split()
    )
    styles = etree.fromstring(parts(written)["word/styles.xml"])

    for properties in styles.iter(qn("w:pPr")):
        known = [order.index(name) for c in properties if (name := etree.QName(c).localname) in order]
        assert known == sorted(known)


def test_everything_is_danish(written: bytes) -> None:
    files = parts(written)
    styles = etree.fromstring(files["word/styles.xml"])

    assert {e.get(qn("w:val")) for e in styles.iter(qn("w:lang"))} == {"da-DK"}
    about = docx.Document(io.BytesIO(written)).core_properties
    assert (about.language, about.title, about.author) == ("da-DK", "Mit oplæg", "Dokumentassistent")
    assert about.created.isoformat() == "2026-11-21T22:05:00+00:00"


def test_nothing_links_out_and_nothing_runs(written: bytes) -> None:
    files = parts(made(item("note", EVIL, heading=EVIL), collected(QUOTED), title=EVIL))

    for name, content in files.items():
        assert b'TargetMode="External"' not in content, name
        assert b"<w:hyperlink" not in content, name
        assert "vba" not in name.lower()
        assert "thumbnail" not in name, "a picture of python-docx's template"
    instructions = [
        e.get(qn("w:instr"))
        for name, content in files.items()
        if name.startswith("word/") and name.endswith(".xml")
        for e in etree.fromstring(content).iter(qn("w:fldSimple"))
    ]
    assert sorted(instructions) == ["NUMPAGES", "PAGE"]


def test_foreign_text_stands_as_it_is_and_what_xml_cannot_hold_is_replaced() -> None:
    document = read(item("note", EVIL, heading=EVIL), title=EVIL)
    shown = "Hegn <b>fed</b> \ufffd\ufffd\ufffd & \ufffd http://fremmed.invalid [x](y) ]]> {{DOCVARIABLE}}"

    assert [document.paragraphs[n].text for n in (0, 2, 3)] == [shown] * 3
    assert document.core_properties.title == shown


def test_line_breaks_of_a_note_are_line_breaks() -> None:
    assert read(item("note", "Et.\nTo.")).paragraphs[2].text == "Et.\nTo."


def test_an_oplaeg_without_citations_has_a_valid_empty_footnotes_part() -> None:
    files = parts(made(item("note", "Kun en note.")))

    assert len(etree.fromstring(files["word/footnotes.xml"])) == 2


def test_the_page_is_a4() -> None:
    section = read(item("quote", DIKE.quote, citations=(DIKE,))).sections[0]

    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
