"""Themes to start a comparison from, drawn from the documents themselves."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from assistant.answering.frames import sentence_case
from assistant.comparing.comparison import compare
from assistant.comparing.shared import BEFORE_VERBS, SAYS_LITTLE, bag
from assistant.pipeline import Assistant
from assistant.records import Passage
from assistant.retrieval.wordlists import DANISH_FUNCTION_WORDS
from assistant.text.danish import stem, terms, vocabulary, words

TRIED = 60
"""Candidates for themes that are tried at most."""


def themes(assistant: Assistant, documents: Sequence[str], *, at_most: int = 8) -> tuple[str, ...]:
    """Return themes that the documents themselves speak of; each gives a comparison that is not empty.

    First those that several documents share, then some that only one has, whose comparison shows the
    silence of the others.
    """
    chosen = tuple(dict.fromkeys(documents))
    if len(chosen) < 2:
        return ()
    passages = [p for document_id in chosen for p in assistant.passages(document_id)]
    shared, alone = _nouns(passages)
    speakers = assistant.searcher.speakers
    shared, alone = ([word for word in each if not speakers.mentions([word])] for each in (shared, alone))
    several = _spoken_of(assistant, [*shared, *alone], chosen, 2)
    found = list(itertools.islice(several, at_most - at_most // 4))
    single = _spoken_of(assistant, [*_headings(passages), *alone], chosen, 1)
    found += itertools.islice((theme for theme in single if theme not in found), at_most - len(found))
    return tuple(found)


def _spoken_of(
    assistant: Assistant, candidates: Iterable[str], documents: Sequence[str], by: int
) -> Iterator[str]:
    """Yield the candidates whose comparison shows so many documents speaking: exactly one, or two and more."""
    for theme in itertools.islice(candidates, TRIED):
        columns = compare(assistant, theme, documents).columns
        speaking = sum(not column.silent for column in columns)
        if speaking == by or speaking > by > 1:
            yield theme


def _headings(passages: Sequence[Passage]) -> list[str]:
    """Headings over several passages that name something: "Den kompetente forvaltning"."""
    counts = Counter(passage.heading for passage in passages if passage.heading)
    named = (sentence_case(heading) for heading, n in counts.most_common() if n > 2)
    return [name for name in dict.fromkeys(named) if _PHRASE.fullmatch(name) and bag(name, frozenset())]


def _nouns(passages: Sequence[Passage]) -> tuple[list[str], list[str]]:
    """Return nouns of several documents and nouns of one, the most telling first, as they are written.

    There is no tagger; a word counts as a noun where it ends like one, or stands behind a preposition or an
    article and before no other content word, more often than behind what comes before a verb.
    """
    forms: dict[str, Counter[str]] = {}
    holding: dict[str, Counter[str]] = {}
    evidence: Counter[str] = Counter()
    known = vocabulary(passage.text for passage in passages)
    for passage in passages:
        tokens = ["", *words(passage.text), ""]
        for before, word, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
            if len(word) < 3 or word in _NO_THEMES or not word.isalpha() or _ADJECTIVE.search(word):
                continue
            key = stem(word)
            forms.setdefault(key, Counter())[word] += 1
            evidence[key] += before in _BEFORE_NOUNS and (after in DANISH_FUNCTION_WORDS or not after)
            evidence[key] += bool(_NOUN_ENDING.search(word))
            evidence[key] -= 2 * (before in BEFORE_VERBS)
        for key in set(terms(passage.text, known)):
            holding.setdefault(key, Counter())[passage.document_id] += 1
    most = max(len(passages) / 4, 8)  # what everything is about tells nothing apart
    nouns = [key for key in forms if evidence[key] > 0 and holding[key].total() <= most]
    above = {stem(word) for heading in {p.heading for p in passages} for word in words(heading)}
    nouns.sort(key=lambda k: (k not in above, -min(holding[k].values()), -holding[k].total(), k))
    shared = [_form(forms[key]) for key in nouns if len(holding[key]) > 1]
    return shared, [_form(forms[key]) for key in nouns if len(holding[key]) == 1]


def _form(forms: Counter[str]) -> str:
    """The form to show: the usual one, but neither definite nor genitive where another was seen."""
    plain = [form for form in forms if not _DEFINITE.search(form)] or list(forms)
    return max(plain, key=lambda form: (forms[form], -len(form)))


_PHRASE = re.compile(r"(?:[^\W\d_]+[ -]){1,4}[^\W\d_]+")
_NOUN_ENDING = re.compile(r"(?:ing|else|hed|tion|skab|itet|ment|isme|dom|ninger|elser|heder|tioner)$")
_DEFINITE = re.compile(r"(?:erne|erens|erens|elsen|ingen|heden|tionen|et|en|ens|ets|ernes|s)$")
_BEFORE_NOUNS = frozenset(
    "af på til om med mod for i mellem uden gennem ved den det de en et og vores flere mange øget god gode mere".split()
)
_ADJECTIVE = re.compile(r"(?:ende|isk|iske|lig|lige|ig|ige|al|ale)$")
_NO_THEMES = SAYS_LITTLE | frozenset(
    "fokus arbejde arbejdet resultat resultater afsnit kapitel indhold".split()
)
