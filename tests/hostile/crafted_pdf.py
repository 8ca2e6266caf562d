"""PDFs made to break a reader: the classes of faults that pypdf and others are known to have had."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from support.pdfs import aes_pdf, password_pdf, slides_pdf

MEGABYTE = 2**20
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources 5 0 R >>"
FONT = b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
WORDS = b"BT /F 12 Tf 50 700 Td (Vi skaber sammenhaeng) Tj ET"


def stream(data: bytes, extra: bytes = b"", length: bytes | None = None) -> bytes:
    size = str(len(data)).encode() if length is None else length
    return b"<< /Length " + size + b" " + extra + b" >>\nstream\n" + data + b"\nendstream"


def pdf(changed: dict[int, bytes], trailer: bytes = b"", start: int | None = None) -> bytes:
    """One page of text, with some of its objects replaced."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: PAGE,
        4: stream(WORDS),
        5: FONT,
        **changed,
    }
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n"
    for number, place in [(0, 0), *places.items()]:
        out += b"%d 1\n%010d %05d %s \n" % (number, place, 0 if number else 65535, b"n" if number else b"f")
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (max(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % (table if start is None else start))


def flate(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def zeros(megabytes: int) -> bytes:
    """That many megabytes of spaces, packed a thousand times: the same packed block over and over."""
    packer = zlib.compressobj(9)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * megabytes + packer.flush()


def _good() -> bytes:
    return slides_pdf(["Titel\n\nVi skaber sammenhæng."])


def _page(**entries: bytes) -> bytes:
    extra = b" ".join(b"/" + key.encode() + b" " + value for key, value in entries.items())
    return PAGE[:-2] + extra + b" >>"


def _forms(body: bytes, count: int) -> dict[int, bytes]:
    """Forms 10, 11, ...: each draws the next by ``body``; the last one draws the first."""
    made = {
        number: stream(
            body,
            b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>"
            % (number + 1 if number < 9 + count else 10),
        )
        for number in range(10, 10 + count)
    }
    return {4: stream(b"/X Do"), 5: b"<< /XObject << /X 10 0 R >> >>", **made}


def _page_tree(fan: bytes, levels: int) -> dict[int, bytes]:
    made = {
        number: b"<< /Type /Pages /Count 1 /Kids [" + fan.replace(b"N", b"%d 0 R" % (number + 1)) + b"] >>"
        for number in range(10, 10 + levels)
    }
    made[10 + levels] = PAGE
    return {2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>", **made}


def _packed(data: bytes, filters: bytes, parameters: bytes = b"") -> dict[int, bytes]:
    return {4: stream(data, b"/Filter " + filters + parameters)}


def _xref_stream(extra: bytes) -> bytes:
    body = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    place = len(body)
    return body + (
        b"9 0 obj\n" + stream(bytes(40), b"/Type /XRef /Root 1 0 R " + extra) + b"\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % place
    )


def crafted_pdfs() -> dict[str, Callable[[], bytes]]:
    """Every one of them by name, made when it is needed."""
    outline = b"<< /Type /Catalog /Pages 2 0 R /Outlines 10 0 R >>"
    item = b"<< /Title (A) /Parent 10 0 R /First 11 0 R /Next 11 0 R /Dest [3 0 R /Fit] >>"
    return {
        "sidetrae-i-ring.pdf": lambda: pdf({2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
        "sidetrae-to-i-ring.pdf": lambda: pdf(
            {2: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>", 6: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}
        ),
        "sidetrae-to-i-tredivte.pdf": lambda: pdf(_page_tree(b"N N", 30)),
        "sidetrae-meget-dybt.pdf": lambda: pdf(_page_tree(b"N", 5000)),
        "sidetrae-paastaar-mange.pdf": lambda: pdf(
            {2: b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>"}
        ),
        "sidetrae-negativt-antal.pdf": lambda: pdf({2: b"<< /Type /Pages /Kids [3 0 R] /Count -5 >>"}),
        "sidetrae-halv-million.pdf": lambda: pdf(
            {2: b"<< /Type /Pages /Count 500000 /Kids [" + b"3 0 R " * 500_000 + b"] >>"}
        ),
        "side-uden-typer.pdf": lambda: pdf({3: b"[ null null ]"}),
        "indholdsfortegnelse-i-ring.pdf": lambda: pdf(
            {1: outline, 10: b"<< /First 11 0 R /Last 11 0 R >>", 11: item}
        ),
        "formular-i-ring.pdf": lambda: pdf(
            {
                1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] >> >>",
                10: b"<< /T (a) /Kids [10 0 R] /Parent 10 0 R >>",
            }
        ),
        "figur-i-ring.pdf": lambda: pdf(_forms(b"/X Do", 1)),
        "figurer-i-ring.pdf": lambda: pdf(_forms(b"/X Do", 40)),
        "figurer-to-i-fyrretyvende.pdf": lambda: pdf(_forms(b"/X Do /X Do", 40)),
        "ressourcer-i-ring.pdf": lambda: pdf({3: _page(), 5: b"5 0 R"}),
        "laengde-enorm.pdf": lambda: pdf({4: stream(WORDS, length=b"999999999999")}),
        "laengde-negativ.pdf": lambda: pdf({4: stream(WORDS, length=b"-1")}),
        "laengde-sig-selv.pdf": lambda: pdf({4: stream(WORDS, length=b"4 0 R")}),
        "laengde-uden-for-tal.pdf": lambda: pdf({4: stream(WORDS, length=b"9" * 5000)}),
        "flate-bombe.pdf": lambda: pdf(_packed(zeros(600), b"/FlateDecode")),
        "flate-bombe-i-to-lag.pdf": lambda: pdf(_packed(flate(zeros(4000)), b"[/FlateDecode /FlateDecode]")),
        "filtre-i-tusinde-led.pdf": lambda: pdf(_packed(flate(WORDS), b"[" + b"/FlateDecode " * 1000 + b"]")),
        "filtre-hex-i-tusinde-led.pdf": lambda: pdf(
            _packed(b"41" * 100_000 + b">", b"[" + b"/ASCIIHexDecode " * 1000 + b"]")
        ),
        "filter-ukendt.pdf": lambda: pdf(_packed(WORDS, b"/Hemmelig")),
        "runlength-bombe.pdf": lambda: pdf(_packed(b"\x81 " * 3_000_000 + b"\x80", b"/RunLengthDecode")),
        "lzw-bombe.pdf": lambda: pdf(_packed(bytes(range(256)) * 20_000, b"/LZWDecode")),
        "praediktor-enorm.pdf": lambda: pdf(
            _packed(flate(WORDS), b"/FlateDecode", b" /DecodeParms << /Predictor 12 /Columns 2000000000 >>")
        ),
        "dybe-lister.pdf": lambda: pdf({3: _page(Dyb=b"[" * 100_000 + b"]" * 100_000)}),
        "dybe-opslag.pdf": lambda: pdf({3: _page(Dyb=b"<< /A " * 50_000 + b"1" + b" >>" * 50_000)}),
        "dybt-indhold.pdf": lambda: pdf({4: stream(b"q " * 100_000 + WORDS)}),
        "indhold-dybe-lister.pdf": lambda: pdf({4: stream(b"[" * 100_000 + WORDS)}),
        "billede-uden-slut.pdf": lambda: pdf({4: stream(b"BI /W 9 /H 9 ID " + b"EI" * 500_000)}),
        "tekst-uden-slut.pdf": lambda: pdf({4: stream(b"BT (" + b"\\(" * 500_000)}),
        "navn-paa-en-megabyte.pdf": lambda: pdf({3: _page(**{"A" * MEGABYTE: b"1"})}),
        "skrift-med-alle-tegn.pdf": lambda: pdf(
            {
                5: b"<< /Font << /F << /Type /Font /Subtype /Type0 /BaseFont /A /ToUnicode 6 0 R >> >> >>",
                6: stream(b"begincmap 1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange endcmap"),
            }
        ),
        "xref-forkert-sted.pdf": lambda: pdf({}, start=7),
        "xref-uden-for-filen.pdf": lambda: pdf({}, start=999_999_999),
        "xref-i-ring.pdf": lambda: pdf({}).replace(b"/Root", b"/Prev %d /Root" % pdf({}).index(b"xref\n")),
        "xref-borte.pdf": lambda: pdf({}).replace(b"xref", b"yref"),
        "xref-en-milliard.pdf": lambda: pdf({}).replace(b"xref\n0 1\n", b"xref\n0 999999999\n"),
        "xref-straem-enorm.pdf": lambda: _xref_stream(
            b"/W [1 999999999 1] /Index [0 1000000000] /Size 1000000000"
        ),
        "xref-straem-nul.pdf": lambda: _xref_stream(b"/W [0 0 0] /Index [0 1000000000] /Size 1000000000"),
        "objekter-i-sig-selv.pdf": lambda: pdf(
            {4: b"<< /Type /ObjStm /N 1000000000 /First 2000000000 /Extends 4 0 R >>\nstream\n4 \nendstream"}
        ),
        "rod-borte.pdf": lambda: pdf({}).replace(b"/Root 1 0 R", b"/Root 99 0 R"),
        "kun-begyndelse.pdf": lambda: b"%PDF-1.7\n",
        "kun-slutning.pdf": lambda: b"%PDF-1.7\nstartxref\n0\n%%EOF\n",
        "afkortet.pdf": lambda: _good()[:3000],
        "hale-borte.pdf": lambda: _good()[:-60],
        "mange-slutninger.pdf": lambda: _good() + b"startxref\n1\n%%EOF\n" * 100_000,
        "adgangskode.pdf": lambda: password_pdf("hemmelig"),
        "krypteret-aes.pdf": aes_pdf,
    }
