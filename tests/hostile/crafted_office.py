"""DOCX and PPTX made to break a reader: bombs, path tricks, entities, and XML that never ends."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from functools import cache

MEGABYTE = 2**20
TITLE = "Vi skaber sammenhæng"
XML = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]>"
)


@cache
def good_docx() -> bytes:
    """A document with a heading, a paragraph and a table."""
    import docx  # here, because collecting the tests need not wait for it

    document = docx.Document()
    document.add_heading(TITLE, 1)
    document.add_paragraph("Ledelse er at skabe retning sammen med andre.")
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(1, 0).text = "Mål", "Tillid"
    out = io.BytesIO()
    document.save(out)
    return with_parts(out.getvalue(), {})


@cache
def good_pptx() -> bytes:
    """A slide with a title and a box of text."""
    import pptx
    from pptx.util import Inches

    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = TITLE
    box = slide.shapes.add_textbox(Inches(1), Inches(2), Inches(6), Inches(2))
    box.text_frame.text = "Ledelse er at skabe retning sammen med andre."
    out = io.BytesIO()
    presentation.save(out)
    return with_parts(out.getvalue(), {})


def with_parts(archive: bytes, parts: dict[str, bytes], compress_type: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive with parts replaced or added, the same bytes at any time of the day."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        kept = {member.filename: old.read(member) for member in old.infolist()}
        for name, data in {**kept, **parts}.items():
            new.writestr(zipfile.ZipInfo(name), data, compress_type)
    return out.getvalue()


def part(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return old.read(name)


def declared(archive: bytes, name: str, declaration: bytes, entity: bytes) -> bytes:
    """An archive where the part declares entities and uses one."""
    xml = part(archive, name)
    body = xml[xml.index(b"?>") + 2 :].replace(TITLE.encode(), entity)
    return with_parts(archive, {name: XML + declaration + body})


def _bomb(archive: bytes, name: str, megabytes: int) -> bytes:
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as new, new.open(name, "w") as big:
        for _ in range(megabytes):
            big.write(bytes(MEGABYTE))
    return out.getvalue()


def _odd_member(archive: bytes, name: str, mode: int = 0, data: bytes = b"x") -> bytes:
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a") as new:
        info = zipfile.ZipInfo("placeholder")
        info.filename, info.external_attr = name, mode << 16
        new.writestr(info, data)
    return out.getvalue()


def _many(archive: bytes) -> bytes:
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a") as new:
        for number in range(10_001):
            new.writestr(f"word/media/{number}.bin", b"")
    return out.getvalue()


def _twice(archive: bytes, name: str) -> bytes:
    """A second member under another spelling of the same name."""
    return _odd_member(archive, name.upper(), data=part(archive, name))


def _overlapping(archive: bytes) -> bytes:
    """Every entry of the directory points at the same bytes."""
    out = bytearray(archive)
    first = out.index(b"PK\x01\x02")
    place = out.index(b"PK\x01\x02", first + 4)
    while place >= 0:
        out[place + 20 : place + 28] = out[first + 20 : first + 28]
        out[place + 42 : place + 46] = out[first + 42 : first + 46]
        place = out.find(b"PK\x01\x02", place + 4)
    return bytes(out)


def _lying(archive: bytes) -> bytes:
    """The directory says that a megabyte is one byte."""
    made = _bomb(archive, "word/media/a.bin", 1)
    return made.replace((MEGABYTE).to_bytes(4, "little"), (1).to_bytes(4, "little"))


def _marked_encrypted(archive: bytes) -> bytes:
    out = bytearray(archive)
    place = out.find(b"PK\x01\x02")
    while place >= 0:
        out[place + 8] |= 1
        place = out.find(b"PK\x01\x02", place + 4)
    return bytes(out)


BODY, SLIDE = "word/document.xml", "ppt/slides/slide1.xml"
PARAGRAPH = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"


def _body() -> bytes:
    return part(good_docx(), BODY)


def _slide() -> bytes:
    return part(good_pptx(), SLIDE)


def _wide() -> bytes:
    """The part in UTF-16, where a search for ASCII finds nothing."""
    xml = _body()
    return (
        ((XML + LAUGHS).replace(b"UTF-8", b"UTF-16") + xml[xml.index(b"?>") + 2 :]).decode().encode("utf-16")
    )


def _nested(depth: int) -> bytes:
    """Tables within the cells of tables."""
    tables = b"<w:tbl><w:tr><w:tc>" * depth + PARAGRAPH + b"</w:tc></w:tr></w:tbl>" * depth
    return _body().replace(b"<w:sectPr", tables + b"<w:sectPr", 1)


def refused_office() -> dict[str, tuple[Callable[[], bytes], str]]:
    """Archives that must be refused before a library opens them, with what the reason says."""
    file_entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    web_entity = b'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x.dtd"> %e;]>'
    return {
        "bombe.docx": (lambda: _bomb(good_docx(), "word/media/a.xml", 70), "pakkes ud"),
        "bombe-under-graensen.docx": (lambda: _bomb(good_docx(), "word/media/a.bin", 45), "pakket over"),
        "bombe.pptx": (lambda: _bomb(good_pptx(), "ppt/media/a.bin", 70), "pakkes ud"),
        "mange-dele.docx": (lambda: _many(good_docx()), "dele"),
        "overlap.docx": (lambda: _overlapping(good_docx()), "overlapper"),
        "overlap.pptx": (lambda: _overlapping(good_pptx()), "overlapper"),
        "op-af-stien.docx": (lambda: _odd_member(good_docx(), "../../evil.txt"), "peger ud"),
        "op-af-stien.pptx": (lambda: _odd_member(good_pptx(), "ppt/../../evil.txt"), "peger ud"),
        "fra-roden.docx": (lambda: _odd_member(good_docx(), "/etc/evil"), "peger ud"),
        "drev.docx": (lambda: _odd_member(good_docx(), "C:evil.txt"), "peger ud"),
        "omvendt-streg.pptx": (lambda: _odd_member(good_pptx(), "ppt\\..\\evil.txt"), "peger ud"),
        "henvisning.docx": (
            lambda: _odd_member(good_docx(), "word/link", stat.S_IFLNK | 0o777, b"/etc/passwd"),
            "peger ud",
        ),
        "samme-navn.docx": (lambda: _twice(good_docx(), BODY), "samme navn"),
        "anden-pakning.docx": (
            lambda: with_parts(good_docx(), {}, compress_type=zipfile.ZIP_BZIP2),
            "pakket",
        ),
        "anden-pakning.pptx": (lambda: with_parts(good_pptx(), {}, compress_type=zipfile.ZIP_LZMA), "pakket"),
        "laast.docx": (lambda: _marked_encrypted(good_docx()), "adgangskode"),
        "latter.docx": (lambda: declared(good_docx(), BODY, LAUGHS, b"&j;"), "DTD"),
        "latter.pptx": (lambda: declared(good_pptx(), SLIDE, LAUGHS, b"&j;"), "DTD"),
        "latter-utf16.docx": (lambda: with_parts(good_docx(), {BODY: _wide()}), "DTD"),
        "latter-i-billede.docx": (
            lambda: with_parts(good_docx(), {"word/media/a.png": XML + LAUGHS + b"<x/>"}),
            "DTD",
        ),
        "fremmed-fil.docx": (lambda: declared(good_docx(), BODY, file_entity, b"&e;"), "DTD"),
        "fremmed-fil.pptx": (lambda: declared(good_pptx(), SLIDE, file_entity, b"&e;"), "DTD"),
        "fremmed-adresse.docx": (lambda: declared(good_docx(), BODY, web_entity, b"x"), "DTD"),
        "tegnsaet.docx": (
            lambda: with_parts(good_docx(), {BODY: _body().replace(b"UTF-8", b"UTF-7", 1)}),
            "tegnsæt",
        ),
        "afkortet.docx": (lambda: good_docx()[:15_000], ""),
        "afkortet.pptx": (lambda: good_pptx()[:15_000], ""),
        "kun-pk.docx": (lambda: b"PK\x03\x04" + bytes(40), ""),
        "tom.docx": (lambda: b"", "tom"),
        "uden-dele.pptx": (lambda: b"PK\x05\x06" + bytes(18), ""),
    }


def odd_office() -> dict[str, Callable[[], bytes]]:
    """Archives that may be read or refused, within the limits."""
    group = (b"<p:grpSp><p:nvGrpSpPr/><p:grpSpPr/>", b"</p:grpSp>")
    relations = "word/_rels/document.xml.rels"
    outside = (
        b'<Relationship Id="rX" TargetMode="External" Target="http://127.0.0.1:9/x" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/>'
        b'<Relationship Id="rY" Target="../../../../etc/passwd" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/></Relationships>'
    )
    return {
        "intet-dokument.docx": lambda: with_parts(good_docx(), {"[Content_Types].xml": b"<Types/>"}),
        "bombe-i-bombe.docx": lambda: with_parts(
            good_docx(), {"word/embeddings/a.zip": _bomb(good_docx(), "a.bin", 100)}
        ),
        "paastaar-lidt.docx": lambda: _lying(good_docx()),
        "tabeller-i-tabeller.docx": lambda: with_parts(good_docx(), {BODY: _nested(60)}),
        "tabeller-meget-dybt.docx": lambda: with_parts(good_docx(), {BODY: _nested(20_000)}),
        "en-million-afsnit.docx": lambda: with_parts(
            good_docx(), {BODY: _body().replace(b"<w:sectPr", PARAGRAPH * 300_000 + b"<w:sectPr", 1)}
        ),
        "tabel-meget-bred.docx": lambda: with_parts(
            good_docx(),
            {
                BODY: _body().replace(
                    b"<w:sectPr",
                    b'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2000000000"/></w:tcPr>'
                    + PARAGRAPH
                    + b"</w:tc></w:tr></w:tbl><w:sectPr",
                    1,
                )
            },
        ),
        "henviser-ud.docx": lambda: with_parts(
            good_docx(), {relations: part(good_docx(), relations).replace(b"</Relationships>", outside)}
        ),
        "halv-xml.docx": lambda: with_parts(good_docx(), {BODY: _body()[:700]}),
        "halv-xml.pptx": lambda: with_parts(good_pptx(), {SLIDE: _slide()[:700]}),
        "grupper-meget-dybt.pptx": lambda: with_parts(
            good_pptx(),
            {SLIDE: _slide().replace(b"</p:spTree>", group[0] * 200 + group[1] * 200 + b"</p:spTree>")},
        ),
        "fylder-alt.pptx": lambda: with_parts(
            good_pptx(), {SLIDE: _slide().replace(TITLE.encode(), "æ".encode() * (8 * MEGABYTE))}
        ),
        "word-som-pptx.pptx": good_docx,
        "slides-som-docx.docx": good_pptx,
    }
