"""Real footnotes for python-docx, which has none: the part that holds them, and the references to it.

After ECMA-376 part 1, 17.11: a document with footnotes has a footnotes part that begins with the separator
and the continuation separator, which the settings name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

from assistant.exporting.styling import NOTE_REFERENCE, NOTE_TEXT, style_id

_SEPARATORS = ((-1, "separator"), (0, "continuationSeparator"))


class FootnotesPart(XmlPart):
    """The footnotes of one document, numbered from 1."""

    @classmethod
    def add_to(cls, document: WordDocument, notes: Sequence[str]) -> FootnotesPart:
        """Give ``document`` a part with ``notes``; references come with :meth:`refer`."""
        root = parse_xml(f"<w:footnotes {nsdecls('w', 'r')}/>")
        part = cls(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, root, document.part.package)
        for number, kind in _SEPARATORS:
            root.append(_separator(number, kind))
        for number, note in enumerate(notes, 1):
            root.append(
                _note(number, note, style_id(document, NOTE_TEXT), style_id(document, NOTE_REFERENCE))
            )
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        _name_separators(document)
        return part

    def refer(self, paragraph: Paragraph, number: int) -> None:
        """Put a reference to note ``number`` at the end of ``paragraph``."""
        run = paragraph.add_run(style=NOTE_REFERENCE)
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(number))
        run._r.append(reference)


def _separator(number: int, kind: str) -> Any:
    return parse_xml(
        f'<w:footnote {nsdecls("w")} w:type="{kind}" w:id="{number}"><w:p><w:pPr>'
        '<w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr>'
        f"<w:r><w:{kind}/></w:r></w:p></w:footnote>"
    )


def _note(number: int, text: str, paragraph_style: str, run_style: str) -> Any:
    note = parse_xml(
        f'<w:footnote {nsdecls("w")} w:id="{number}"><w:p><w:pPr><w:pStyle w:val="{paragraph_style}"/></w:pPr>'
        f'<w:r><w:rPr><w:rStyle w:val="{run_style}"/></w:rPr><w:footnoteRef/></w:r>'
        '<w:r><w:t xml:space="preserve"> </w:t></w:r><w:r><w:t xml:space="preserve"/></w:r></w:p></w:footnote>'
    )
    # Set as text, so that nothing in it is read as XML.
    note[-1][-1][-1].text = " ".join(text.split())
    return note


def _name_separators(document: WordDocument) -> None:
    settings = document.settings.element
    names = OxmlElement("w:footnotePr")
    for number, _ in _SEPARATORS:
        name = OxmlElement("w:footnote")
        name.set(qn("w:id"), str(number))
        names.append(name)
    # The schema fixes the order of settings; these come before what follows them in every template.
    later = [qn(f"w:{name}") for name in ("endnotePr", "compat", "docVars", "rsids", "themeFontLang")]
    place = next((child for child in settings if child.tag in later), None)
    if place is None:
        settings.append(names)
    else:
        place.addprevious(names)
