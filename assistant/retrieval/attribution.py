"""Whom a question asks: the speaker whose words it wants, told from organisations that it only names.

"Hvad siger staten om kommunerne?" names two and asks one of them; "Hvad mener regionerne?" asks somebody
who has no document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.retrieval.speakers import Mention, Speakers, spoken_words

_SAYING = frozenset(
    """siger sagde mener skriver skrev synes foreslår anbefaler ønsker vil ser peger fremhæver lægger kræver
    tænker beskriver kalder nævner understreger efterlyser advarer forholder argumenterer opfordrer svarer
    say says said think thinks write writes want wants propose proposes suggest suggests see sees mention
    mentions recommend recommends""".split()
)
_BETWEEN = frozenset("så også egentlig nu da de den det the selv helt konkret".split())
_OWN_WORDS = frozenset(
    """oplæg debatoplæg papir præsentation slides holdning syn side bud forslag svar tilgang fokus vurdering
    budskab anbefalinger paper position view focus proposal proposals""".split()
)
ABOUT = frozenset("om af mod about of".split())
_JOINED = frozenset("og eller samt and or".split())

_ACTORS = re.compile(
    r"\b(?:(?:stat|kommun|region)\w* (?:og )?){2,}(?:stat|kommun|region)\w*|\bpå tværs af stat\w*|"
    r"\b(?:mellem|across) (?:the )?stat\w* (?:og|and) (?:the )?(?:kommun|municipal)\w*"
)

# Whoever could be asked and is no document: "oplægget" and "de" are the documents themselves.
_ASKED = re.compile(
    r"\bhvad\s+(?:siger|mener|synes|skriver|foreslår|anbefaler|tænker|svarer|sagde|mente)\s+(?P<who>\w+)|"
    r"\bifølge\s+(?P<source>(?-i:[A-ZÆØÅ])\w+)|"
    r"\b(?P<whose>\w{3,}s)\s+(?:holdning|syn|mening|vurdering|svar|kommentar\w*)\s+(?:til|på|om|af)\b",
    re.IGNORECASE,
)
_NO_STRANGER = re.compile(
    r"(?:de|den|det|der|disse|dette|denne|man|vi|i|jeg|du|han|hun|om|så|begge|hver|part\w*|forfatter\w*|afsender\w*|kilde\w*|"
    r"\w*oplæg\w*|\w*papir\w*|dokument\w*|tekst\w*|slide\w*|materiale\w*|præsentation\w*|side\w*|punkt\w*|pejlemærke\w*)$",
    re.IGNORECASE,
)


def asked_of(tokens: Sequence[str], speakers: Speakers) -> list[Mention]:
    """Return the mentions in ``tokens`` (lower-case words) of those whose words are asked for.

    Those that are only spoken of are left out, where somebody is asked; none where nobody is.
    """
    return _asked_among(speakers.mentions(tokens), tokens)


def speaking(tokens: Sequence[str], speakers: Speakers) -> list[Mention]:
    """Return the mentions that say who speaks: those who are asked, or where nobody is, all but actors."""
    mentions = speakers.mentions(tokens)
    papers = papers_named(tokens, speakers)
    asked = _asked_among(sorted([*mentions, *papers], key=lambda m: m.start), tokens)
    named = [m for m in asked if m not in papers]
    if named or (asked and only_spoken_of(tokens, mentions)):
        return named
    acting = actors_in(tokens)
    return [m for m in mentions if m.start not in acting]


def papers_named(tokens: Sequence[str], speakers: Speakers) -> list[Mention]:
    """Return the words that call somebody's paper by its kind: "debatoplægget"."""
    whose = ((i, speakers.called_by_kind(token)) for i, token in enumerate(tokens))
    return [Mention(name, speakers.documents_of(name), i, i + 1) for i, name in whose if name is not None]


def actors_in(tokens: Sequence[str]) -> range:
    """Return where ``tokens`` list state, municipalities and regions as those who act, not as speakers."""
    text = " ".join(tokens)
    match = _ACTORS.search(text)
    if match is None:
        return range(0)
    start = text.count(" ", 0, match.start())
    return range(start, start + match.group().count(" ") + 1)


def only_spoken_of(tokens: Sequence[str], mentions: Sequence[Mention]) -> bool:
    """Whether each of ``mentions`` stands behind a word such as "om", so that nothing is asked of them."""
    return all(_behind(tokens, m, ABOUT) and "forhold" not in tokens[: m.start] for m in mentions)


def asks_a_stranger(text: str, speakers: Speakers) -> bool:
    """Whether a Danish question wants the words of somebody who has no document among these."""
    for match in _ASKED.finditer(text):
        name = match.lastgroup or "who"
        if not _NO_STRANGER.match(match[name]):
            return not speakers.mentions(spoken_words(text[match.start(name) :])[:3])
    return False


# --- helpers --------------------------------------------------------------------------------------


def _asked_among(mentions: Sequence[Mention], tokens: Sequence[str]) -> list[Mention]:
    asked: list[Mention] = []
    for i, mention in enumerate(mentions):
        joined = bool(asked) and asked[-1] is mentions[i - 1] and _joined(tokens, asked[-1], mention)
        if joined or _is_asked(tokens, mention):
            asked.append(mention)
    return asked


def _is_asked(tokens: Sequence[str], mention: Mention) -> bool:
    # "KOMDIR's holdning": the apostrophe parts the word.
    following = [t for t in tokens[mention.end : mention.end + 2] if t != "s"][:1]
    if following and (following[0] in _SAYING or following[0] in _OWN_WORDS):
        return True
    if _behind(tokens, mention, _SAYING | {"ifølge"}):
        return True
    before = tokens[max(0, mention.start - 3) : mention.start]
    return list(before[-2:]) in (["according", "to"], ["hvad", "med"]) or list(before[-3:]) == [
        "what",
        "about",
        "the",
    ]


def _behind(tokens: Sequence[str], mention: Mention, words_before: frozenset[str]) -> bool:
    position = mention.start - 1
    while position >= 0 and tokens[position] in _BETWEEN:
        position -= 1
    return position >= 0 and tokens[position] in words_before


def _joined(tokens: Sequence[str], first: Mention, second: Mention) -> bool:
    between = [t for t in tokens[first.end : second.start] if t not in _BETWEEN]
    return len(between) == 1 and between[0] in _JOINED
