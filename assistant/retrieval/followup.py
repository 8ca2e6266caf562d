"""A question that leans on the conversation, completed so that it can be searched alone.

Three ways, tried in this order: put another speaker into the earlier question ("Og staten?"), put
another thing of the same kind into it ("Og hvad med den kulturbærende?"), or ask the new question
with the earlier one behind it ("Er der et dilemma i det?").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.retrieval.language import language_of
from assistant.retrieval.speakers import Mention, Speakers, spoken_words
from assistant.retrieval.wordlists import (
    COMPARING_WORDS,
    DANISH_FRAME_WORDS,
    DANISH_FUNCTION_WORDS,
    ENGLISH_FUNCTION_WORDS,
    PAPERS,
)
from assistant.text.danish import words

MAX_HISTORY = 6
"""So many earlier questions are read; a topic older than that has been left."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Completed:
    """A question made whole.

    ``text`` is searched. ``asked`` is what speakers and comparisons are read from.
    ``understood_as`` is shown to the user, ``None`` where the question stood on its own. ``addition`` is
    what a question with an earlier one behind it asks anew, empty where it only asks for more;
    ``goes_on`` is true for both.
    """

    text: str
    asked: str
    understood_as: str | None = None
    addition: str = ""
    goes_on: bool = False


def complete(question: str, history: Sequence[str], speakers: Speakers) -> Completed:
    """Complete ``question`` from the earlier questions, oldest first, where it needs them."""
    earlier: Completed | None = None
    for past in history[-MAX_HISTORY:]:
        earlier = _complete_one(past, earlier, speakers)
    return _complete_one(question, earlier, speakers)


def _complete_one(question: str, earlier: Completed | None, speakers: Speakers) -> Completed:
    question = " ".join(question.split())
    alone = Completed(question, question)
    if earlier is None or not _leans(question, speakers):
        return alone
    swapped = _other_speaker(question, earlier.asked, speakers) or _other_thing(
        question, earlier.asked, speakers
    )
    if swapped is not None:
        return Completed(swapped, swapped, swapped)
    return _behind(question, earlier, speakers)


def compares_only(question: str, speakers: Speakers) -> bool:
    """Whether a question asks for a comparison and names no matter: "Hvad er forskellen?", "Sammenlign de to oplæg"."""
    tokens = spoken_words(question)
    named = _positions(speakers.mentions(tokens))
    rest = [t for i, t in enumerate(tokens) if i not in named and t not in _DROP]
    return any(_COMPARED.match(t) for t in rest) and all(
        t in COMPARING_WORDS or t in PAPERS or t in _PARTIES or _COMPARED.match(t) for t in rest
    )


_PARTIES = frozenset(
    "dem part sider siderne papirer papirerne paper papers document documents sides between them".split()
)
_COMPARED = re.compile(
    r"(?:sammenlign\w*|forskel\w*|lighed\w*|u?enige?|fælles|begge|kontra|versus|compare\w*|comparison|differences?|agree|disagree)$"
)


# --- does it lean? --------------------------------------------------------------------------------

_OPENING = re.compile(
    r"^(?:og\b|men\b|hvad\s+(?:så\s+)?med\b|hvad\s+så\b|hvorfor(?:\s+(?:det|dog|så))?\s*\?*$|hvordan(?:\s+det|\s+så)?\s*\?*$|"
    r"på\s+hvilken\s+måde\s*\?*$|hvornår\s*\?*$|hvem\s*\?*$|uddyb|kan\s+du\s+uddybe|fortæl\s+mere|mere\s+om\s+det|"
    r"and\b|what\s+about\b|how\s+about\b|why(?:\s+(?:so|not|is\s+that))?\s*\?*$|how\s+so\b|can\s+you\s+elaborate|tell\s+me\s+more)",
    re.IGNORECASE,
)
_POINTING = frozenset(
    "det den de dem dette denne disse der deres dets dens samme sidstnævnte førstnævnte heri herom derom dertil deri "
    "heraf deraf derved derhen derimod hertil dertil".split()
)
_POINTING_ENGLISH = frozenset("it they them their this that these those same".split())
# "de andre aktører", "det andet pejlemærke", "de to oplæg": the article of a phrase, not a pronoun.
_WITHIN_PHRASE = frozenset(
    "andre anden andet to tre fire fem enkelte første anden tredje fjerde nye store små mindste største øverste bedste "
    "samlede hver ene other two three four first second third".split()
)
_ADDING = frozenset(
    "også ellers stedet så alternativet alternativ modsætningen derudover desuden yderligere flere andet else instead "
    "alternative".split()
)
_FORWARD = re.compile(
    r"\b(?:det|den|de|dem)\s*,\s*(?:der|som|de|vi|man|hvad)\b|\bnår\s+det\s+(?:gælder|handler|kommer)\b|\bgår?\s+det\s+an\b|"
    r"\bhvad\s+er\s+det\s+(?:nu\s+)?(?:lige\s*)?,",
    re.IGNORECASE,
)
_ASKS_BY_PREPOSITION = re.compile(
    r"^(?:med|til|for|på|af|hos|fra|i|om|under|ved|over\s+for|i\s+modsætning\s+til|sammen\s+med)\s+(?:hvilke[nt]?|hvad|hvem)\b|"
    r"^hvilke[nt]?\s+(?:\w+\s+)?\w+\s*\?*$",
    re.IGNORECASE,
)
_ABOUT_THAT = re.compile(
    r"^hv(?:orfor|ordan|ornår|em|ad)\s+\w+\s+(?:det|den|de)\b(?!\s+(?:to|tre|fire|andre|første|nye|enkelte|hver)\b)",
    re.IGNORECASE,
)
# The subject of a question, not the article of what follows: "Er de bindende?", "Hvordan kunne det foregå?"
_SUBJECT = re.compile(
    r"^(?:(?:er|var|bliver|har|havde|får|gør|gælder|hjælper|virker|skal|skulle|kan|kunne|vil|ville|bør|burde|må|måtte|is|are|does|do|has|have|can|"
    r"will|should)\s+(?:den|det|de|it|they|that)\s+(?!\w+\s+\w+\s+\w+)|"
    r".*\b(?:skal|skulle|kan|kunne|vil|ville|bør|burde|må|måtte|can|could|will|would|should)\s+(?:den|det|de|it|they)\s+(?!\w+(?:e|er)ne\b)\w+)",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(
    r"\b(?:er|bliver|var|gælder|kan|vil|is|was)\s+(?:det|der|there|it)\b.*\b(?:at|om|når|hvis|to|that)\b",
    re.IGNORECASE,
)
_DROP = DANISH_FUNCTION_WORDS | DANISH_FRAME_WORDS | ENGLISH_FUNCTION_WORDS


def _leans(question: str, speakers: Speakers) -> bool:
    if compares_only(question, speakers):
        named = _organisations(question, speakers)
        if len(named) != 1:  # "Er staten enig?" is asked of one
            return not named
    # A pronoun before a comma points forward: "det, der hører under pejlemærket".
    tokens = spoken_words(_FORWARD.sub(" ", question))
    content = _content(tokens, speakers)
    if _OPENING.match(question):
        return len(content) <= 4
    if _ASKS_BY_PREPOSITION.match(question):
        return len(content) <= 2
    if (not content and len(tokens) > 1) or (_ABOUT_THAT.match(question) and len(content) <= 1):
        return True
    if _EXPLETIVE.search(question) and len(content) >= 3:
        return False
    if _SUBJECT.match(question) or _only_counts(question, content):
        return len(content) <= 2
    pronouns = _POINTING | _POINTING_ENGLISH if language_of(question) == "en" else _POINTING
    if any(_points(tokens, i, pronouns) for i in range(len(tokens))):
        return len(content) <= 2
    return len(content) <= 2 and any(token in _ADDING for token in tokens)


def _only_counts(question: str, content: Sequence[str]) -> bool:
    """Whether a question names a number and nothing that is counted: "Hvad er nummer to?"."""
    ordinal = ordinal_in(question)
    if ordinal is None:
        return False
    counting = words(question[ordinal[1] : ordinal[2]])
    return not [word for word in content if word not in counting]


def _points(tokens: Sequence[str], i: int, pronouns: Collection[str]) -> bool:
    """Whether the pronoun at ``i`` stands for something said before, not before a word of its own."""
    token = tokens[i]
    if token not in pronouns:
        return False
    following = tokens[i + 1] if i + 1 < len(tokens) else ""
    if token in ("der", "that") and i < len(tokens) - 1:
        return False  # "er der ...", "som der ...": formal subject
    if token in ("samme", "same", "deres", "their", "dets", "dens"):
        return True
    return not following or (following in _DROP and following not in _WITHIN_PHRASE)


def _content(tokens: Sequence[str], speakers: Speakers) -> list[str]:
    named = _positions(speakers.mentions(tokens))
    drop = _DROP | _ADDING | _AGREEING
    return [t for i, t in enumerate(tokens) if i not in named and t not in drop]


def _positions(mentions: Sequence[Mention]) -> set[int]:
    return {i for mention in mentions for i in range(mention.start, mention.end)}


# --- three ways to complete -----------------------------------------------------------------------


def _other_speaker(question: str, earlier: str, speakers: Speakers) -> str | None:
    """Turn "Og staten?" after "Hvad siger KOMDIR om X?" into that question about the state."""
    tokens = spoken_words(question)
    mentions = speakers.mentions(tokens)
    organisations = {m.organisation for m in mentions}
    if len(organisations) != 1 or _content(tokens, speakers):
        return None
    pieces = list(_WORD.finditer(earlier))
    replaced = speakers.mentions(spoken_words(earlier))
    name = mentions[0].organisation
    if len({m.organisation for m in replaced}) != 1:
        if replaced:
            return None
        return f"{_opening_clause(earlier)} – ifølge {_in_text(name)}?"
    out = earlier
    for mention in reversed(replaced):
        start, end = pieces[mention.start].start(), pieces[mention.end - 1].end()
        genitive = out[start:end].lower().endswith("s") and not name.lower().endswith("s")
        tail = re.match(r"['’]s\b", out[end:])
        end += tail.end() if tail else 0
        shown = _in_text(name) if start else name
        out = out[:start] + shown + ("s" if genitive or tail else "") + out[end:]
    return out


_AGREEING = frozenset("enig enige uenig uenige agree agrees samme tilsvarende lignende".split())


def _opening_clause(text: str) -> str:
    return text.rstrip(" ?.!")


def _in_text(name: str) -> str:
    return name if name.isupper() else name[:1].lower() + name[1:]


NUMBER_WORDS = {
    **dict.fromkeys(("en", "et", "ét", "første", "1", "one", "first"), 1),
    **dict.fromkeys(("to", "anden", "andet", "2", "two", "second"), 2),
    **dict.fromkeys(("tre", "tredje", "3", "three", "third"), 3),
    **dict.fromkeys(("fire", "fjerde", "4", "four", "fourth"), 4),
    **dict.fromkeys(("fem", "femte", "5", "five", "fifth"), 5),
    **dict.fromkeys(("seks", "sjette", "6", "six", "sixth"), 6),
    **dict.fromkeys(("syv", "syvende", "7", "seven", "seventh"), 7),
    **dict.fromkeys(("otte", "ottende", "8", "eight", "eighth"), 8),
    **dict.fromkeys(("ni", "niende", "9", "nine", "ninth"), 9),
    **dict.fromkeys(("ti", "tiende", "10", "ten", "tenth"), 10),
}
ORDINALS = dict(enumerate("første anden tredje fjerde femte sjette syvende ottende niende tiende".split(), 1))
ENGLISH_ORDINALS = dict(
    enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
)
LAST = -1
"""The number of "det sidste": how many there are is for the documents to say."""
_LAST = re.compile(
    r"\b(?:(?:det|den)\s+(?:aller)?sidste|the\s+last)\b"
    r"(?=\s*(?:[?.!]?\s*$|(?:om|ud|på|af|of|about)\b|(?:punkt|pejlemærke|princip|afsnit|kapitel|mål|værdi|point|principle|chapter|section|guidepost)\b))",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\b(?P<article>det|den|the)\s+(?:næste|next)\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(?:(?:det|den|the)\s+(?P<before>[^\W\d_]+|\d+\.?)|(?:nummer|nr\.?|number|no\.?)\s+(?P<after>[^\W\d_]+|\d+)|"
    r"(?:punkt|pejlemærke|princip|afsnit|kapitel|pkt\.|\w*mål|værdi|point|principle|chapter|section|guidepost)\s+(?P<counted>\d{1,2}))\b",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(
    r"\b(?P<article>den|det|de|the)\s+(?P<adjective>[^\W\d_]{4,})\s*\??\s*$", re.IGNORECASE
)
_NOUN_PHRASE = re.compile(
    r"\b(?P<article>den|det|de|the)\s+(?P<adjectives>(?:[^\W\d_]+\s+){1,2}?)(?P<noun>[^\W\d_]{4,})",
    re.IGNORECASE,
)


def ordinal_in(text: str) -> tuple[int, int, int] | None:
    """Return number, start and end of the first "nummer tre" or "det tredje" of ``text``, or of "det sidste", if any.

    The number of "det sidste" is :data:`LAST`.
    """
    for match in _ORDINAL.finditer(text):
        word = (match.group("before") or match.group("after") or match.group("counted")).lower().rstrip(".")
        cardinal = match.group("before") is not None and word in (
            "en",
            "et",
            "to",
            "tre",
            "fire",
            "fem",
            "one",
            "two",
        )
        if word in NUMBER_WORDS and not cardinal:
            return NUMBER_WORDS[word], match.start(), match.end()
    last = _LAST.search(text)
    return (LAST, last.start(), last.end()) if last else None


def counted_out(text: str, last: int) -> str:
    """Return ``text`` with "det fjerde" for "det sidste" where there are four; ``last`` is at most ten."""
    ordinal = ordinal_in(text)
    if ordinal is None or ordinal[0] != LAST:
        return text
    _, start, end = ordinal
    article = text[start:end].split(maxsplit=1)[0]
    return f"{text[:start]}{article} {_ordinal(last, article.lower())}{text[end:]}"


def _other_thing(question: str, earlier: str, speakers: Speakers) -> str | None:
    """Put "den kulturbærende" of "Og hvad med den kulturbærende?" in the place of its like."""
    if not _OPENING.match(question):
        return None
    there = ordinal_in(earlier)
    if there:
        question = _next_after(there[0], question)
    here = ordinal_in(question)
    if here and there:
        # "nummer tre" cannot stand before a noun, "det tredje" can.
        shown = question[here[1] : here[2]]
        article = re.match(r"(?:det|den|the)\b", earlier[there[1] :], re.IGNORECASE)
        if article and not re.match(r"(?:det|den|the)\b", shown, re.IGNORECASE):
            shown = f"{article.group()} {_ordinal(here[0], article.group().lower())}"
        return earlier[: there[1]] + shown + earlier[there[2] :]
    adjective = _ADJECTIVE.search(question)
    if adjective is None or len(_content(words(question), speakers)) != 1:
        return None
    phrase = _NOUN_PHRASE.search(earlier)
    if phrase is None or phrase.group("article").lower() != adjective.group("article").lower():
        return None
    start, end = phrase.span("adjectives")
    return f"{earlier[:start]}{adjective.group('adjective')} {earlier[end:]}"


def _next_after(number: int, question: str) -> str:
    """Return ``question`` with "det tredje" for "det næste" where ``number`` is 2."""
    following = _NEXT.search(question)
    if following is None or number + 1 not in ORDINALS or number == LAST:
        return question
    article = following["article"]
    shown = f"{article} {_ordinal(number + 1, article.lower())}"
    return question[: following.start()] + shown + question[following.end() :]


def _organisations(text: str, speakers: Speakers) -> set[str]:
    return {mention.organisation for mention in speakers.mentions(spoken_words(text))}


def _ordinal(number: int, article: str) -> str:
    if number == LAST:
        return "last" if article == "the" else "sidste"
    if article == "the":
        return ENGLISH_ORDINALS[number]
    return "andet" if number == 2 and article == "det" else ORDINALS[number]


def _behind(question: str, earlier: Completed, speakers: Speakers) -> Completed:
    """The new question with the earlier one behind it, without the speakers that it replaces."""
    names = spoken_words(question)
    compares = compares_only(question, speakers)
    asked_of_all = compares and len(_organisations(earlier.asked, speakers)) < 2
    own = speakers.mentions(names) or names != words(question) or asked_of_all
    pieces = list(_WORD.finditer(earlier.asked))
    topic = earlier.asked
    if own:
        for mention in reversed(speakers.mentions(spoken_words(earlier.asked))):
            topic = topic[: pieces[mention.start].start()] + topic[pieces[mention.end - 1].end() :]
        topic = " ".join(topic.split())
    text = f"{question} {topic}"
    shown = f"{question} (i forlængelse af: »{earlier.asked}«)"
    addition = question if _content(words(question), speakers) and not compares else ""
    return Completed(text, text, shown, addition, goes_on=True)
