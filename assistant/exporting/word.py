"""A paper as a Word document: real styles, real footnotes, Danish throughout, nothing that runs or links."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.text.paragraph import Paragraph

from assistant import __version__
from assistant.exporting.footnotes import FootnotesPart
from assistant.exporting.paper import Paper, Piece, Run, danish_date
from assistant.exporting.printing import printable
from assistant.exporting.styling import REMARK_STYLE, UNVERIFIED_STYLE, number_pages, style

_STYLES = {
    "quote": "Quote",
    "bullet": "List Bullet",
    "numbered": "List",
    "frame": "Body Text",
    "text": "Body Text",
    "note": "Body Text",
    "remark": REMARK_STYLE,
}
_INTRODUCED = ("quote", "bullet", "numbered")


def word(paper: Paper) -> bytes:
    """Return ``paper`` as the bytes of a .docx file."""
    document = docx.Document()
    style(document)
    _describe(document, paper)
    notes = FootnotesPart.add_to(document, [printable(note) for note in paper.notes])
    document.add_paragraph(_line(paper.title), style="Title")
    document.add_paragraph(danish_date(paper.written), style="Subtitle")
    for number, piece in enumerate(paper.pieces):
        following = paper.pieces[number + 1] if number + 1 < len(paper.pieces) else None
        _add(document, notes, piece, following)
    if paper.sources:
        document.add_paragraph("Kilder", style="Heading 1")
        for source in paper.sources:
            document.add_paragraph(_line(source), style="List Bullet")
    document.add_paragraph("Om denne udskrift", style="Heading 1")
    for line in paper.made:
        document.add_paragraph(_line(line), style="Body Text")
    number_pages(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add(document: WordDocument, notes: FootnotesPart, piece: Piece, following: Piece | None) -> None:
    if piece.kind == "heading":
        # A heading holds no note: it would be in the table of contents too.
        document.add_paragraph(_text(piece.runs), style=f"Heading {piece.level}")
        return
    paragraph = document.add_paragraph(style=_STYLES[piece.kind])
    # What introduces a quote or a list stays on its page.
    introduces = piece.kind == "frame" and following is not None and following.kind in _INTRODUCED
    paragraph.paragraph_format.keep_with_next = introduces or None
    for number, run in enumerate(piece.runs):
        _write(paragraph, notes, run, first=number == 0)


def _write(paragraph: Paragraph, notes: FootnotesPart, run: Run, *, first: bool) -> None:
    paragraph.add_run(("" if first else " ") + printable(run.text))
    for note in run.notes:
        notes.refer(paragraph, note)
    if run.mark:
        paragraph.add_run(f" [{printable(run.mark)}]", style=UNVERIFIED_STYLE)


def _describe(document: WordDocument, paper: Paper) -> None:
    about = document.core_properties
    # Word allows 255 characters in a property.
    about.title = _line(paper.title)[:255]
    about.author = about.last_modified_by = "Dokumentassistent"
    about.subject = "Uddrag af dokumenter, med henvisninger"
    about.comments = f"Skrevet af Dokumentassistent {__version__}"
    about.keywords = about.category = ""
    about.language = "da-DK"
    about.created = about.modified = paper.written.astimezone(UTC).replace(tzinfo=None)
    about.revision = 1
    # The template comes with a picture of itself.
    relations = document.part.package.rels
    for key in [
        key for key, relation in relations.items() if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL
    ]:
        del relations[key]


def _text(runs: Sequence[Run]) -> str:
    return " ".join(_line(run.text) for run in runs)


def _line(text: str) -> str:
    return " ".join(printable(text).split())
