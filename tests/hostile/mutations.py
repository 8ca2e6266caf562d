"""Good files, and ways of spoiling them that can be repeated from their seed."""

from __future__ import annotations

import copy
import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import cache

from crafted_office import good_docx, good_pptx, with_parts
from lxml import etree
from support.pdfs import LARGE_HEADINGS, slides_pdf

PAGES = (
    "Den kompetente forvaltning\n\nVi udviser ordentlighed, saglighed og kompetence.\nVi går forrest.",
    "Reformer\n\n• Bedre og mere langsigtet forberedelse\n• Færre og tydeligere mål\n\n2",
)
HTML = (
    "<!doctype html><html lang='da'><head><meta charset='utf-8'><title>Notat</title></head><body><h1>Ledelse</h1>"
    "<p>Vi skaber <b>sammenhæng</b> &amp; retning.</p><ul><li>Tillid<li>Dialog</ul>"
    "<table><tr><th>Mål<th>År</tr><tr><td>Færre<td>2024</tr></table></body></html>"
)
MARKDOWN = (
    "# Ledelse\n\nVi skaber *sammenhæng* og [retning](https://example.dk).\n\n- Tillid\n- Dialog\n\n"
    "| Mål | År |\n|---|---|\n| Færre | 2024 |\n\n> Citat\n\n```\nkode\n```\n"
)


@cache
def _good_pdf() -> bytes:
    """Without the hour when it was made, so that a seed gives the same bytes tomorrow."""
    made = slides_pdf(PAGES, LARGE_HEADINGS)
    made = re.sub(rb"D:\d{14}", b"D:20260101000000", made)
    return re.sub(rb"(?<=/ID \[)<\w+><\w+>", lambda found: b"<" + b"0" * (len(found[0]) - 2) + b">", made)


GOOD: dict[str, Callable[[], bytes]] = {
    "pdf": _good_pdf,
    "docx": good_docx,
    "pptx": good_pptx,
    "html": HTML.encode,
    "md": MARKDOWN.encode,
    "txt": "\f".join(PAGES).encode,
}

_ODD = (
    b"\x00",
    b"\xff",
    b"0",
    b"-1",
    b"999999999999",
    b"<",
    b">",
    b"<<",
    b"[",
    b"(",
    b"\f",
    b"\xed\xa0\x80",
    b"&#0;",
)


def mutation(seed: int) -> tuple[str, bytes]:
    """The name and the bytes of mutation ``seed``: one to eight changes of one of the good files."""
    chance = random.Random(seed)
    kind = list(GOOD)[seed % len(GOOD)]
    data = GOOD[kind]()
    inside = chance.random() < 0.85  # or else little of what is packed would ever be reached
    if kind in ("docx", "pptx") and inside:
        data = _spoilt_archive(chance, data)
    elif kind == "pdf" and inside:
        data = _spoilt_streams(chance, data)
    else:
        data = _spoilt(chance, data)
    return f"{seed:04}.{kind}", data


def _spoilt(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.choice((1, 4, 30, 400)))
        match chance.randrange(8):
            case 0:
                out[at:end] = chance.randbytes(end - at)
            case 1:
                del out[at:end]
            case 2:
                out[at:at] = out[at:end] * chance.choice((1, 2, 500))
            case 3:
                out[at:at] = chance.choice(_ODD) * chance.choice((1, 3, 3000))
            case 4 if chance.random() < 0.3:
                del out[at:]
            case 5 if at < len(out):
                out[at] ^= 1 << chance.randrange(8)
            case 6:
                numbers = list(re.finditer(rb"\d+", out))
                if numbers:
                    found = chance.choice(numbers)
                    out[found.start() : found.end()] = chance.choice((b"0", b"-1", b"2147483647", b"9" * 30))
            case _:
                other = chance.randrange(len(out) + 1)
                out[at:end], out[other:other] = b"", bytes(out[at:end])
    return bytes(out)


def _spoilt_archive(chance: random.Random, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    chosen = {next(name for name in parts if name.endswith(("document.xml", "slide1.xml")))}
    if chance.random() < 0.3:
        chosen = {chance.choice(list(parts)), *chosen}
    spoil = _spoilt_tree if chance.random() < 0.8 else _spoilt
    return with_parts(data, {name: spoil(chance, parts[name]) for name in sorted(chosen)})


def _spoilt_tree(chance: random.Random, data: bytes) -> bytes:
    """Spoil XML so that it stays well-formed: what a parser lets through to those who read its tree."""
    root = etree.fromstring(data)
    for _ in range(chance.randint(1, 6)):
        elements = [each for each in root.iter() if isinstance(each.tag, str) and each is not root]
        if not elements:
            break
        element = chance.choice(elements)
        above = element.getparent()
        match chance.randrange(6):
            case 0:
                above.remove(element)
            case 1:
                above.extend(copy.deepcopy(element) for _ in range(chance.choice((1, 3, 200))))
            case 2:
                element.text = chance.choice(("", "-1", "9" * 40, "æ\u202e", "x" * 50_000))
            case 3 if element.attrib:
                name = chance.choice(list(element.attrib))
                element.set(
                    name, chance.choice(("", "-1", "2147483648", "rId999", "../x", "true", "é" * 500))
                )
            case 4:
                element.tag = chance.choice(elements).tag
            case _:
                other = chance.choice(elements)
                if element not in other.iterancestors() and other is not element:
                    other.append(element)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _spoilt_streams(chance: random.Random, data: bytes) -> bytes:
    """Spoil what is packed within a PDF, and pack it again."""

    def again(match: re.Match[bytes]) -> bytes:
        try:
            inner = zlib.decompress(match[1])
        except zlib.error:
            return match[0]
        return (
            b"stream\n"
            + zlib.compress(_spoilt(chance, inner) if chance.random() < 0.5 else inner)
            + b"\nendstream"
        )

    return re.sub(rb"stream\n(.*?)\nendstream", again, data, flags=re.DOTALL)
