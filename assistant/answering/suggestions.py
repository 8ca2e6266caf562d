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
        [
            question
            for heading, count in sizes.get(d.id, {}).items()
            if count > 1 and (question := _question(d, heading))
        ]
        for d in documents
    ]
    mixed: list[str] = []
    for turn in range(max((len(q) for q in queues), default=0)):
        mixed.extend(q[turn] for q in queues if turn < len(q))
    return list(dict.fromkeys(mixed))[:at_most]


def _question(document: Document, heading: str) -> str:
    text = sentence_case(heading)
    if not 8 <= len(text) <= 110 or re.search(r"[.…]{2,}|[<>$`|*_\[\]{}]", heading):
        return ""
    if text.endswith("?"):
        return text
    if _PHRASE.match(text):
        return f"Hvad indebærer {text[0].lower()}{text[1:]}?"
    who = document.organisation if document.organisation != document.id else "dokumentet"
    who = who if who.isupper() else who[0].lower() + who[1:]
    return f"Hvad skriver {who} om »{text}«?"
