"""Questions that the documents answer, made from their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.answering.frames import sentence_case
from assistant.records import Document, Passage
from assistant.retrieval.fusion import is_fragment

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
            (q for heading, n in sizes.get(d.id, {}).items() if n > 1 and (q := _question(d, heading))),
            key=_rank,
        )
        for d in documents
    ]
    mixed: list[str] = []
    for turn in range(max((len(q) for q in queues), default=0)):
        mixed.extend(q[turn] for q in queues if turn < len(q))
    return list(dict.fromkeys(mixed))[:at_most]


def _question(document: Document, heading: str) -> str:
    text = _TREND.sub("", sentence_case(heading))
    if not 8 <= len(text) <= 110 or re.search(r"[.…]{2,}|[<>$`|*_\[\]{}]", heading):
        return ""
    if text.endswith("?"):
        return text
    if counted := _COUNTED.fullmatch(text):
        return f"Hvad er de {_NUMBER_WORDS.get(counted.group(1), counted.group(1))} {counted.group(2)}?"
    if _PHRASE.match(text):
        return f"Hvad indebærer {text[0].lower()}{text[1:]}?"
    who = document.organisation if document.organisation != document.id else "dokumentet"
    who = who if who.isupper() else who[0].lower() + who[1:]
    return f"Hvad skriver {who} om »{text}«?"


_COUNTED = re.compile(r"(\d{1,2})\s+([^\W\d_]{4,})")
_TREND = re.compile(r"\s+[-–]\s+\w+$")
_NUMBER_WORDS = dict(zip("23456789", "to tre fire fem seks syv otte ni".split(), strict=True))


def _rank(question: str) -> int:
    """The order in which questions are offered: those that read best first."""
    if question.startswith("Hvad skriver"):
        return 2
    return 0 if question.startswith("Hvad er de ") else 1
