"""A sentence held against the sources that it cites: each alone, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.retrieval.language import language_of
from assistant.verifying.alignment import Evidence
from assistant.verifying.measure import NOT_COVERED, Judgement, judge, particulars, stands_in
from assistant.verifying.reading import Reading, joined, read
from assistant.verifying.sources import Source

OTHER_SPEAKER = "Kilden er ikke fra {who}."


@dataclass(frozen=True, slots=True)
class Held:
    """What came of it: ``numbers`` are the sources that support the sentence, ``against`` why it is not."""

    supported: bool
    numbers: tuple[int, ...]
    against: tuple[str, ...]


class Holder:
    """Reads each source once and holds sentences against them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Hold against ``sources``."""
        self._sources = {source.number: source for source in sources}
        self._passages: dict[int, Reading] = {}
        self._contexts: dict[int, Reading] = {}
        self._pages: tuple[Reading, ...] | None = None

    def hold(self, text: str, numbers: Sequence[int], quoted: Mapping[int, str]) -> Held:
        """Hold a sentence against the sources ``numbers``; ``quoted`` is page text that it quotes besides."""
        if not numbers:
            return Held(False, (), ())
        claim = read(text)
        english = language_of(text) == "en"
        evidence = {number: self._evidence(number, quoted.get(number, "")) for number in numbers}
        alone = {number: self._judged(claim, [number], evidence, english=english) for number in numbers}
        able = tuple(number for number, judgement in alone.items() if judgement.supported)
        if able:
            return Held(True, able, ())
        together = alone[numbers[0]]
        if len(numbers) > 1:
            together = self._judged(claim, numbers, evidence, english=english)
        return Held(together.supported, tuple(numbers) if together.supported else (), together.against)

    def nowhere(self, claim: Reading) -> tuple[str, ...]:
        """Return the numbers, dates and names of a sentence that stand in no source, as it writes them."""
        asked = particulars(claim)
        if not asked:
            return ()
        near = [self._passage(n) for n in self._sources] + [self._context(n) for n in self._sources]
        missing = [token for token in asked if not stands_in(token, near)]
        if missing:
            if self._pages is None:
                texts = dict.fromkeys(source.page_text for source in self._sources.values())
                self._pages = tuple(read(text) for text in texts)
            missing = [token for token in missing if not stands_in(token, self._pages)]
        return tuple(dict.fromkeys(token.text for token in missing))

    def _judged(
        self, claim: Reading, numbers: Sequence[int], evidence: Mapping[int, Evidence], *, english: bool
    ) -> Judgement:
        together = Evidence(
            joined([evidence[n].reading for n in numbers]), joined([evidence[n].context for n in numbers])
        )
        judgement = judge(claim, together, english=english)
        other = self._other_speaker(claim, numbers)
        if other:
            told = OTHER_SPEAKER.format(who=other)
            kept = tuple(reason for reason in judgement.against if reason != NOT_COVERED)
            return Judgement(False, judgement.probability, (told, *kept))
        return judgement

    def _other_speaker(self, claim: Reading, numbers: Sequence[int]) -> str:
        """Return who is said to say it, where that is the speaker of another source than those cited."""
        documents = {self._sources[n].document.id for n in numbers}
        cited = {name for n in numbers for name in self._speaker(n)}
        others = {
            name: source.document.organisation
            for number, source in self._sources.items()
            if source.document.id not in documents
            for name in self._speaker(number)
        }
        first = next((token for token in claim.content), None)
        if first is None or first.lower in cited or first.stem in cited:
            return ""
        who = others.get(first.lower) or others.get(first.stem) or ""
        spoken_of = any(first.stem == token.stem for n in numbers for token in self._passage(n).tokens)
        return "" if spoken_of else who

    def _speaker(self, number: int) -> set[str]:
        document = self._sources[number].document
        return {name.lower() for name in (document.organisation, *document.aliases) if name}

    def _evidence(self, number: int, quoted: str) -> Evidence:
        passage = self._passage(number)
        return Evidence(joined([passage, read(quoted)]) if quoted else passage, self._context(number))

    def _passage(self, number: int) -> Reading:
        if number not in self._passages:
            self._passages[number] = read(self._sources[number].passage.text)
        return self._passages[number]

    def _context(self, number: int) -> Reading:
        if number not in self._contexts:
            self._contexts[number] = _around(self._sources[number])
        return self._contexts[number]


def evidence_of(source: Source) -> Evidence:
    """Return a source read as evidence."""
    return Evidence(read(source.passage.text), _around(source))


def _around(source: Source) -> Reading:
    """What stands above a passage and who speaks: a sentence may use those words too."""
    document = source.document
    parts = (
        source.passage.heading,
        source.passage.lead,
        document.organisation,
        document.title,
        document.kind,
        *document.aliases,
    )
    return joined([read(part) for part in parts if part] or [read("")])
