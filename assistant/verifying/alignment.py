"""Which words of a claim stand in its evidence, where, and how nearly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.retrieval.expansion import danish_synonyms, english_glossary, english_stem
from assistant.text.danish import compound_parts
from assistant.verifying import wording
from assistant.verifying.numbers import MONTHS
from assistant.verifying.reading import Reading, Token

EXACT, ROOT, TRANSLATED, COMPOUND, SYNONYM = 1.0, 0.9, 0.9, 0.85, 0.6
"""How much a word counts that stands there itself, in another form, in Danish, in a compound, as a synonym."""

_ENDINGS = (
    "elserne", "ninger", "elsen", "elser", "ingen", "heder", "heden", "ering", "ation", "else", "ning",
    "ende", "erne", "ing", "hed", "ere", "tion", "lig", "isk", "ede", "er", "et", "en", "te", "es", "e", "t", "s", "r",
)  # fmt: skip
_SHORTEST_ROOT = 4
_IRREGULAR = {
    "brudt": "bryde", "brød": "bryde", "sat": "sætte", "skrevet": "skrive", "fundet": "finde", "valgt": "vælge",
    "bragt": "bringe", "truffet": "træffe", "lagt": "lægge", "drevet": "drive", "hjulpet": "hjælpe",
    "trukket": "trække", "vundet": "vinde", "tvunget": "tvinge", "fulgt": "følge", "spurgt": "spørge",
    "solgt": "sælge", "taget": "tage", "givet": "give", "båret": "bære", "skåret": "skære", "bundet": "binde",
    "afgjort": "afgøre", "holdt": "holde",
}  # fmt: skip
"""Strong verbs whose participles share no stem with the rest of them, also behind a prefix: "nedbrudt"."""


@dataclass(frozen=True, slots=True)
class Match:
    """A word of the claim with the place of its counterpart, -1 for none or where it stands above the text."""

    token: Token
    place: int
    quality: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is held against: a text that was read, and the words above it (headings, speaker)."""

    reading: Reading
    context: Reading


def align(claim: Reading, evidence: Evidence, *, english: bool = False) -> tuple[Match, ...]:
    """Return a match for every token of the claim that carries a subject, and for pivots ("frem for").

    Where a word stands in several places, the sentence that has most of the claim is meant, and in it
    the place nearest to where the word before it was found.
    """
    tokens = evidence.reading.tokens
    stems = frozenset(token.stem for token in tokens)
    above = evidence.context.tokens
    above_stems = frozenset(token.stem for token in above)
    found: list[tuple[Token, list[tuple[int, float]]]] = []
    for token in claim.tokens:
        if not (token.content or token.lower in wording.PIVOTS):
            continue
        found.append((token, _places(token, tokens, stems, english=english)))
    weight: dict[int, float] = {}
    for _, places in found:
        for sentence in {tokens[place].sentence for place, _ in places}:
            weight[sentence] = weight.get(sentence, 0.0) + 1
    matches: list[Match] = []
    last = -1
    for token, places in found:
        around = max((q for _, q in _places(token, above, above_stems, english=english)), default=0.0)
        best = max((q for _, q in places), default=0.0)
        # "Kommunaldirektørerne" is the speaker, though "kommunen" is a part of the word.
        if places and not around > best:
            near = [(place, q) for place, q in places if q >= best - 0.1]
            place, quality = max(
                near,
                key=lambda pair: (
                    weight[tokens[pair[0]].sentence],
                    tokens[pair[0]].denied == token.denied,
                    -abs(pair[0] - last - 1) if last >= 0 else 0,
                ),
            )
            last = place
            matches.append(Match(token, place, quality))
            continue
        matches.append(Match(token, -1, around))
    return tuple(matches)


def _places(
    token: Token, tokens: Sequence[Token], stems: frozenset[str], *, english: bool
) -> list[tuple[int, float]]:
    if token.lower in wording.PIVOTS:
        return [(other.place, EXACT) for other in tokens if other.lower in wording.PIVOTS]
    return [
        (other.place, quality)
        for other in tokens
        if (quality := similarity(token, other, stems, english=english)) > 0
    ]


def by_clause(found: Sequence[Match]) -> Iterator[list[Match]]:
    """Yield the matches of each clause of the claim."""
    for clause in dict.fromkeys(m.token.clause for m in found):
        yield [m for m in found if m.token.clause == clause]


def main_sentence(evidence: Reading, found: Sequence[Match]) -> int:
    """Return the sentence of the evidence that has most of the matches, -1 where there is none."""
    counted = Counter(evidence.tokens[m.place].sentence for m in found if m.token.content)
    return counted.most_common(1)[0][0] if counted else -1


def clause_tokens(evidence: Reading, found: Sequence[Match]) -> list[Token]:
    """Return the tokens of those clauses of the evidence that hold the matches."""
    clauses = {evidence.tokens[m.place].clause for m in found if m.token.content}
    return [token for token in evidence.tokens if token.clause in clauses]


def similarity(token: Token, other: Token, stems: frozenset[str], *, english: bool = False) -> float:
    """Return how nearly two words are the same, 0 to 1; numbers, dates and names must be exact.

    ``stems`` are those of the whole text that ``other`` is from: compounds are split by them.
    """
    if token.numbers or other.numbers:
        return EXACT if token.numbers & other.numbers else 0.0
    if token.lower == other.lower or token.stem == other.stem:
        return EXACT
    if token.lower in MONTHS or other.lower in MONTHS:
        return EXACT if english and token.lower[:3] == other.lower[:3] else 0.0
    if token.name:
        return EXACT if _same_name(token.lower, other.lower) else 0.0
    if opposite(token, other):
        return 0.0
    return _near(token, other, stems, english=english)


def _near(token: Token, other: Token, stems: frozenset[str], *, english: bool) -> float:
    if root(token.lower) == root(other.lower) or _passive(token.lower, other.lower):
        return ROOT
    parts = _parts_in(token.lower, stems)
    if (len(parts) == 2 and other.stem in parts) or token.stem in _parts_of(other.lower, token.stem):
        return COMPOUND
    if english and other.stem in _translations(token.lower):
        return TRANSLATED
    if _suspended(token.lower, other.lower):
        return COMPOUND
    return SYNONYM if other.stem in _synonyms(token.stem) or token.stem in _synonyms(other.stem) else 0.0


def opposite(token: Token, other: Token) -> bool:
    """Whether two words are opposites: "flere" and "færre", "synlig" and "usynlig"."""
    for pair, side in sides(token):
        if (pair, 1 - side) in sides(other) and (pair, side) not in sides(other):
            return True
    a, b = token.stem, other.stem
    return len(min(a, b, key=len)) >= 4 and ("u" + a == b or "u" + b == a)


def sides(token: Token) -> frozenset[tuple[int, int]]:
    """Return the pairs of opposites that a word belongs to, each with its side."""
    own = wording.OPPOSITES.get(token.lower)
    return own if own is not None else wording.OPPOSITES.get(token.stem, frozenset())


@lru_cache(maxsize=32_768)
def root(word: str) -> str:
    """Return what verbs and the nouns made of them share: "udvikl" for "udvikling" and "udvikle"."""
    for form, base in _IRREGULAR.items():
        if word.endswith(form):
            return root(word[: -len(form)] + base)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_ROOT:
            return root(word[: -len(ending)])
    return word


def _passive(word: str, other: str) -> bool:
    """Whether one is the other with the -s of the passive: "ses" and "se"."""
    return word + "s" == other or other + "s" == word


def _suspended(word: str, other: str) -> bool:
    """Whether one is the other cut short: "indstemplings- og udstemplingstid"."""
    short, long = sorted((word, other), key=len)
    return len(short) >= _SHORTEST_SUSPENDED and long.startswith(short) and len(short) >= 0.7 * len(long)


_SHORTEST_SUSPENDED = 6


def _same_name(name: str, other: str) -> bool:
    return name == other or name.rstrip("s") == other.rstrip("s")


@lru_cache(maxsize=4_096)
def _parts_in(compound: str, stems: frozenset[str]) -> tuple[str, ...]:
    return compound_parts(compound, stems)


@lru_cache(maxsize=32_768)
def _parts_of(compound: str, part: str) -> tuple[str, ...]:
    return compound_parts(compound, {part})


@lru_cache(maxsize=8_192)
def _synonyms(stem: str) -> frozenset[str]:
    return frozenset(danish_synonyms().entries.get((stem,), ()))


@lru_cache(maxsize=8_192)
def _translations(word: str) -> frozenset[str]:
    return frozenset(english_glossary().entries.get((english_stem(word),), ()))
