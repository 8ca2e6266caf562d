"""What a question asks for: its language, whom it names, whether it compares, what it is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from assistant.records import Intent, Query
from assistant.retrieval.attribution import ABOUT, actors_in, asked_of, only_spoken_of, papers_named, speaking
from assistant.retrieval.followup import compares_only, complete
from assistant.retrieval.language import language_of
from assistant.retrieval.speakers import Mention, Speakers, spoken_words
from assistant.retrieval.wordlists import (
    DANISH_FRAME_WORDS,
    DANISH_FUNCTION_WORDS,
    ENGLISH_FUNCTION_WORDS,
    PAPERS,
)
from assistant.text.danish import words

MAX_SIDES = 4
"""A comparison shows at most this many documents."""


def understand(
    question: str,
    *,
    history: Sequence[str],
    documents: Sequence[str],
    speakers: Speakers,
    all_documents: Sequence[str],
) -> Query:
    """Read a question in its conversation.

    Args:
        question: as asked.
        history: earlier questions of the conversation, oldest first.
        documents: ids that the search is restricted to; empty for all.
        speakers: the organisations of the corpus.
        all_documents: ids of all documents.
    """
    completed = complete(bare(question), [bare(past) for past in history], speakers)
    language = language_of(question, completed.text)
    within = tuple(documents) or tuple(all_documents)
    tokens = spoken_words(completed.asked)
    mentions = _with_papers(tokens, _meant(tokens, speakers), speakers)
    named = _named(mentions, within)
    intent: Intent = "fact"
    sides: tuple[str, ...] = ()
    if _compares(completed.asked, mentions, named, speakers) and len(within) > 1:
        compared = named if len({m.organisation for m in mentions}) > 1 else within
        if len(compared) > 1:
            intent, sides = "comparison", tuple(compared[:MAX_SIDES])
    elif len({m.organisation for m in mentions}) == 1:
        sides = named
    return Query(
        question=question,
        text=completed.text,
        intent=intent,
        language=language,
        understood_as=completed.understood_as,
        documents=tuple(documents),
        sides=sides,
        history=tuple(history),
        addition=completed.addition,
        goes_on=completed.goes_on,
    )


def bare(question: str) -> str:
    """Return ``question`` without the politeness before what is asked: "Kan du fortælle mig, hvad ..."."""
    return _REQUEST.sub("", question, count=1) or question


def focus_words(text: str, speakers: Speakers | None = None) -> list[str]:
    """Return the words that say what a question is about: no function words, frames or speakers."""
    mentions = speaking(spoken_words(text), speakers) if speakers is not None else ()
    return list(_focus_words(text, frozenset(i for m in mentions for i in range(m.start, m.end))))


@lru_cache(maxsize=256)
def _focus_words(text: str, named: frozenset[int]) -> tuple[str, ...]:
    """Several rooms ask what the same question is about, one after the other."""
    tokens = words(text)
    danish = language_of(text) == "da"
    drop = DANISH_FUNCTION_WORDS if danish else ENGLISH_FUNCTION_WORDS
    content = [w for i, w in enumerate(tokens) if i not in named and w not in drop and len(w) > 1]
    about = [w for w in content if not danish or w not in DANISH_FRAME_WORDS]
    # "Hvad handler debatoplægget om?" is about the paper after all.
    return tuple(about or [w for w in content if w in PAPERS] or content)


_TELL = (
    r"(?:sige|fortælle|forklare|opsummere|uddybe|beskrive|svare\s+på|vise|finde\s+ud\s+af|oplyse|"
    r"hjælpe\s+(?:mig\s+)?med)"
)
_REQUEST = re.compile(
    r"^(?:(?:hej|goddag|hello|hi)\b[,.!]?\s+)?(?:"
    rf"(?:kan|kunne|vil|ville|gider)\s+(?:du|i|man)\s+(?:(?:ikke|lige|venligst|kort|hurtigt)\s+)*{_TELL}(?:\s+(?:mig|os))?|"
    r"jeg\s+(?:vil(?:le)?\s+(?:(?:gerne|godt)\s+)+(?:vide|høre|have\s+at\s+vide|spørge)|undrer\s+mig\s+over|er\s+i\s+tvivl\s+om)|"
    r"(?:fortæl|forklar|sig|oplys)(?:\s+(?:mig|os))?(?:\s+(?:lige|kort|venligst))*|ved\s+du|"
    r"(?:can|could|would)\s+you\s+(?:please\s+)?(?:tell|explain\s+to|show)\s+(?:me|us)|(?:please\s+)?tell\s+me|"
    r"i\s+(?:would|['’]d)\s+like\s+to\s+know"
    r")\s*[,:]?\s+(?=(?:(?:i|på|til|for|med|om|af|fra)\s+)?(?:hv(?:ad|em|or|ordan|orfor|ornår|ilke[nt]?|is)\b|what|who|which|how|why|when|where)\b)",
    re.IGNORECASE,
)

_TWO_SOURCES = re.compile(
    r"\b(?:de|disse|begge)\s+(?:to\s+)?(?:debat)?(?:oplæg|dokument(?:er|erne)|parter(?:nes|ne|s)?|papirer|tekster|kilder|sider)\b|"
    r"\b(?:de|disse)\s+to\s*(?:$|[?,]|(?:om|enige|uenige|hver|siger|mener|skriver|ser|har|vil)\b)|"
    r"\bde\s+(?:helt\s+)?u?enige\b|\bde\s+hver\s+især\b|\bhvem\s+siger\s+hvad\b|\b(?:the\s+two|both)\s+(?:papers|documents|sides|parties|sources)\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"\b(?:sammenlign\w*|sammenhold\w*|forskel(?:len|le|lene)?(?:\s+(?:på|mellem|ml)|(?=\s*\?))|forskelle|ligheder|begge(?!\s+(?:veje|dele|køn|hænder|ender))|"
    r"hver\s+især|henholdsvis|kontra|versus|på\s+den\s+ene\s+side|compare\w*|comparison|differences?\s+between|both)\b",
    re.IGNORECASE,
)


def _compares(text: str, mentions: Sequence[Mention], named: Sequence[str], speakers: Speakers) -> bool:
    if _TWO_SOURCES.search(text) or (not mentions and compares_only(text, speakers)):
        return True
    if len({m.organisation for m in mentions}) > 1 and len(named) > 1:
        return bool(_COMPARING.search(text)) or not actors_in(words(text))
    return not mentions and bool(_COMPARING.search(text))


def _meant(tokens: Sequence[str], speakers: Speakers) -> list[Mention]:
    """Return whom the question is about: the one who is asked, where the others are only spoken of."""
    mentions = speakers.mentions(tokens)
    if _COMPARING.search(" ".join(tokens)):
        return mentions
    asked = asked_of(tokens, speakers)
    if not asked:
        return speaking(tokens, speakers)
    if len({m.organisation for m in asked}) > 1:
        return mentions
    others = [m for m in mentions if m not in asked and m.organisation != asked[0].organisation]
    return asked if actors_in(tokens) or only_spoken_of(tokens, others) else mentions


def _with_papers(tokens: Sequence[str], mentions: list[Mention], speakers: Speakers) -> list[Mention]:
    """Add whose paper is called by its kind beside another's name: "Hvad siger debatoplægget og staten ...".

    Where it is asked what the paper says of the other, it alone is meant: "Hvad vil debatoplægget have af staten?"
    """
    if not mentions and speakers.mentions(tokens):  # who is named is only spoken of
        return papers_named(tokens, speakers)[:1]
    if len({m.organisation for m in mentions}) != 1:
        return mentions
    for paper in papers_named(tokens, speakers):
        told_of = paper.start > 0 and tokens[paper.start - 1] in ABOUT
        if told_of or paper.organisation == mentions[0].organisation:
            continue
        first, last = sorted((paper, mentions[0]), key=lambda m: m.start)
        between = tokens[first.end : last.start]
        if _JOINED.intersection(between) or _COMPARING.search(" ".join(tokens)):
            return [*mentions, paper]
        return [paper] if first is paper else mentions
    return mentions


_JOINED = frozenset("og samt vs kontra versus and".split())


def _named(mentions: Sequence[Mention], within: Sequence[str]) -> tuple[str, ...]:
    inside = frozenset(within) if mentions else ()
    ids = [d for mention in mentions for d in mention.documents if d in inside]
    return tuple(dict.fromkeys(ids))
