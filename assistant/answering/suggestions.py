"""Questions that the documents answer, made from their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from assistant.answering.frames import sentence_case
from assistant.records import Answer, Document, Passage
from assistant.retrieval.standing import is_fragment

Section = tuple[str, str]
"""A document's id and a heading path in it."""

_PHRASE = re.compile(r"^(?:den|det|de)\s+\w+", re.IGNORECASE)


def suggest(documents: Sequence[Document], passages: Iterable[Passage], at_most: int = 12) -> list[str]:
    """Return questions in Danish, the documents taking turns.

    A heading that is a question stands as it is; "2. DEN KOMPETENTE FORVALTNING" becomes "Hvad indebærer
    den kompetente forvaltning?"; other headings become "Hvad skriver KOMDIR om »...«?".
    """
    sizes: dict[str, dict[str, int]] = {}
    for passage in passages:
        if passage.heading and not is_fragment(passage):
            held = sizes.setdefault(passage.document_id, {})
            held[passage.heading] = held.get(passage.heading, 0) + 1
    queues = [
        sorted(
            (
                q
                for heading, n in sizes.get(d.id, {}).items()
                if n > 1 and (q := heading_question(d, heading))
            ),
            key=_rank,
        )
        for d in documents
    ]
    mixed: list[str] = []
    for turn in range(max((len(q) for q in queues), default=0)):
        mixed.extend(q[turn] for q in queues if turn < len(q))
    return list(dict.fromkeys(mixed))[:at_most]


def follow_ups(
    documents: Mapping[str, Document], passages: Iterable[Passage], answer: Answer, at_most: int = 9
) -> list[tuple[str, Section]]:
    """Return questions that lead on from an answer, each with the section that it asks about.

    First what others say nearby (the best hit in a document that is not cited), then the section that
    follows the last one cited, then the other sections that were found for the question. Only sections
    with several points, and only of the documents that the question was asked to.
    """
    cited = [(c.passage.document_id, c.passage.heading) for c in answer.citations]
    speakers = {document_id for document_id, _ in cited}
    sections = _sections(passages)
    found = [(hit.passage.document_id, hit.passage.heading) for hit in answer.hits]
    elsewhere = [section for section in found if section[0] not in speakers][:1]
    candidates = [*elsewhere, *_after(list(sections), cited), *found]
    asked: dict[str, Section] = {}
    for section in candidates:
        document = documents.get(section[0])
        outside = answer.query.documents and section[0] not in answer.query.documents
        if document is None or outside or section in cited or sections.get(section, 0) < 2:
            continue
        if question := heading_question(document, section[1]):
            asked.setdefault(question, section)
    return list(asked.items())[:at_most]


def _sections(passages: Iterable[Passage]) -> dict[Section, int]:
    """The number of points of each section, in reading order."""
    sizes: dict[Section, int] = {}
    for passage in passages:
        if passage.heading and not is_fragment(passage):
            section = (passage.document_id, passage.heading)
            sizes[section] = sizes.get(section, 0) + 1
    return sizes


def _after(sections: Sequence[Section], cited: Sequence[Section]) -> list[Section]:
    """The section after the last one cited of the document that is cited first, and the one before."""
    places = [at for at, section in enumerate(sections) if section in cited and section[0] == cited[0][0]]
    if not places:
        return []
    beside = (max(places) + 1, min(places) - 1)
    return [sections[at] for at in beside if 0 <= at < len(sections) and sections[at][0] == cited[0][0]]


def heading_question(document: Document, heading: str) -> str:
    """Return the question that a section of ``document`` answers, or "" where its heading makes none."""
    text = _TREND.sub("", sentence_case(heading))
    if not 8 <= len(text) <= 110 or re.search(r"[.…]{2,}|[<>$`|*_\[\]{}]", heading):
        return ""
    if text.endswith("?"):
        return text if _ASKS.match(text) else ""
    if counted := _COUNTED.fullmatch(text):
        return f"Hvad er de {_NUMBER_WORDS.get(counted.group(1), counted.group(1))} {counted.group(2)}?"
    if _PHRASE.match(text):
        return f"Hvad indebærer {text[0].lower()}{text[1:]}?"
    who = document.organisation if document.organisation != document.id else "dokumentet"
    who = who if who.isupper() else who[0].lower() + who[1:]
    return f"Hvad skriver {who} om »{text}«?"


# "Men også åbne spørgsmål?" ends like a question, and asks nothing when it stands alone.
_ASKS = re.compile(r"(?:hv\w+|er|har|kan|skal|bør|må|vil|findes)\b", re.IGNORECASE)
_COUNTED = re.compile(r"(\d{1,2})\s+([^\W\d_]{4,})")
_TREND = re.compile(r"\s+[-–]\s+\w+$")
_NUMBER_WORDS = dict(zip("23456789", "to tre fire fem seks syv otte ni".split(), strict=True))


def _rank(question: str) -> int:
    """The order in which questions are offered: those that read best first."""
    if question.startswith("Hvad skriver"):
        return 2
    return 0 if question.startswith("Hvad er de ") else 1
