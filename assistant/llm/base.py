"""The contract of a language model, and the time that a call of it may take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Location = Literal["this machine", "own organisation", "outside"]
"""Where a model is computed. Only on "this machine" does nothing leave it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Deadline:
    """Two clocks of one answer, in seconds: one for its first text and one for the whole."""

    def __init__(
        self,
        first_text: float,
        answer: float,
        *,
        hurried: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start both clocks now; ``hurried`` where it says nothing of the model that it needs longer."""
        self.hurried = hurried
        self.first_text_seconds = first_text
        self.answer_seconds = answer
        self._clock = clock
        self._started = self._waiting = clock()

    def left(self) -> float:
        """Return how much is left for the whole answer; never below zero."""
        return max(self._started + self.answer_seconds - self._clock(), 0.0)

    def first_left(self) -> float:
        """Return how much is left for the first text; never more than for the whole answer."""
        return max(min(self._waiting + self.first_text_seconds - self._clock(), self.left()), 0.0)

    def wait_anew(self) -> None:
        """Start the clock of the first text again, once a model that had to be loaded is there."""
        self._waiting = self._clock()


class LanguageModel(Protocol):
    """Writes text. Safe for many threads at once.

    Every method that asks for something raises :class:`~assistant.llm.faults.ModelFault`, or another
    ``AssistantError`` where the model cannot be used as it is configured.
    """

    @property
    def name(self) -> str:
        """What the model is called where it is served."""
        ...

    @property
    def location(self) -> Location:
        """Where it stands."""
        ...

    @property
    def server(self) -> str:
        """The server's host and port, or the file of a model in this process; never a key."""
        ...

    def prepare(self, deadline: Deadline) -> None:
        """Make ready what takes time only once, such as loading; at most until ``deadline``."""
        ...

    def window(self, deadline: Deadline) -> int:
        """Return how many tokens prompt and answer may have together."""
        ...

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        """Return how many tokens ``text`` has, or a number that it cannot exceed."""
        ...

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        """Yield the answer as it is written; ends only where the model says that it is done.

        Args:
            messages: the chat so far.
            max_tokens: an answer that is longer is a fault.
            deadline: when the first text and the whole answer must be there.
        """
        ...
