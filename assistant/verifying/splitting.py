"""A model's text cut into sentences, also while it is still being written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.text.sentences import sentence_ends
from assistant.verifying.markers import before_stop
from assistant.verifying.plain import BULLET, NUMBERED

_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
# A model that never ends its sentence must not be held back for ever.
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as the model wrote it, markers and all; ``opens`` where it begins a paragraph or item."""

    text: str
    opens: bool


@dataclass(slots=True)
class Splitter:
    """Takes text as it comes and gives whole sentences, each with the markers that belong to it."""

    _buffer: str = ""
    _opens: bool = field(default=True)

    @property
    def rest(self) -> str:
        """What was fed and is no whole sentence yet."""
        return self._buffer

    def feed(self, text: str) -> Iterator[Sentence]:
        """Yield the sentences that are whole once ``text`` is added."""
        self._buffer += text
        while end := _LINE_END.search(self._buffer):
            if end.group() == "\r" and end.end() == len(self._buffer):
                break  # its line feed may be on the way
            line, self._buffer = self._buffer[: end.start()], self._buffer[end.end() :]
            yield from self._whole(line)
            self._opens = True
        line = before_stop(self._buffer)
        ends = sentence_ends(line)
        if len(ends) > 1:
            yield from self._whole(line[: ends[-2]])
            self._buffer = line[ends[-2] :]
        elif len(self._buffer) > _LONGEST:
            yield from self._whole(self._buffer)
            self._buffer = ""

    def finish(self) -> Iterator[Sentence]:
        """Yield what is left."""
        line, self._buffer = self._buffer, ""
        yield from self._whole(line)
        self._opens = True

    def _whole(self, line: str) -> Iterator[Sentence]:
        line = before_stop(line)
        start = 0
        for end in sentence_ends(line):
            text, start = line[start:end].strip(), end
            if text:
                opens = self._opens or bool(BULLET.match(text) or NUMBERED.match(text))
                self._opens = False
                yield Sentence(text, opens)


def sentences(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a whole text."""
    splitter = Splitter()
    return (*splitter.feed(text), *splitter.finish())
