"""Sentence by sentence: what a model wrote becomes blocks that say what they rest on, and whether they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.citing import cite
from assistant.embedding.base import Vectors
from assistant.records import Block, Citation
from assistant.verifying.markers import read_markers
from assistant.verifying.plain import plain
from assistant.verifying.sources import Source
from assistant.verifying.splitting import sentences

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors of shape (len(texts), dimension)."""


@dataclass(frozen=True, slots=True)
class Verified:
    """An answer as it may be shown.

    ``blocks`` are of kind "text", a sentence each, and ``citations`` what they rest on; ``supported`` is
    false where nothing was verified, and the answer should give way to another.
    """

    blocks: tuple[Block, ...]
    citations: tuple[Citation, ...]
    notices: tuple[str, ...]
    supported: bool


class Verifier:
    """Verifies one answer as it is written. Not for several threads."""

    def __init__(self, sources: Sequence[Source], embed: Embed | None = None) -> None:
        """Hold sentences against ``sources``; ``embed`` is used where words alone do not tell."""
        self._sources = {source.number: source for source in sources}
        self._embed = embed
        self._blocks: list[Block] = []
        self._citations: list[Citation] = []

    def sentence(self, text: str, opens: bool = False) -> Block:
        """Verify one sentence as the model wrote it, markers and all, and return its block."""
        marked = read_markers(plain(text), self._sources)
        cites = tuple(self._cite(self._sources[number]) for number in marked.numbers)
        block = Block("text", marked.text, cites=cites, state="unverified", opens=opens)
        self._blocks.append(block)
        return block

    def finish(self) -> Verified:
        """Return the whole answer."""
        supported = any(block.state == "verified" for block in self._blocks)
        return Verified(tuple(self._blocks), tuple(self._citations), (), supported)

    def _cite(self, source: Source) -> int:
        citation = cite(source.document, source.passage, source.number)
        if citation not in self._citations:
            self._citations.append(citation)
        return self._citations.index(citation)


def verify(text: str, sources: Sequence[Source], *, embed: Embed | None = None) -> Verified:
    """Verify a whole answer: split into sentences, each held against what it cites."""
    verifier = Verifier(sources, embed)
    for sentence in sentences(text):
        verifier.sentence(sentence.text, sentence.opens)
    return verifier.finish()
