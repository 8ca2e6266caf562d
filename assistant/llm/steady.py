"""A model that is asked with care: once more after a passing fault, and not at all for a while after many."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.errors import AssistantError
from assistant.llm.base import Deadline, LanguageModel, Location, Message
from assistant.llm.faults import FaultObserver, ModelFault

BreakerState = Literal["closed", "open", "half_open"]
"""``open``: no call is let through; ``half_open``: the next one decides, or is deciding."""

_LONGEST_RETRY_WAIT = 2.0


class CircuitBreaker:
    """Stops calls after ``failures`` faults in a row, for a time that doubles while they go on.

    When the time is over one call is let through; others wait for how it goes. Nygard, *Release It!*
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        seconds: float = 30.0,
        longest: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin closed: calls are let through."""
        self._failures = failures
        self._seconds = seconds
        self._longest = longest
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._until = 0.0
        self._trying = False
        self._last = ""

    @property
    def state(self) -> BreakerState:
        """Whether calls are let through now."""
        with self._lock:
            if self._until > self._clock():
                return "open"
            return "half_open" if self._trying or self._in_a_row >= self._failures else "closed"

    def enter(self) -> None:
        """Let a call through, or raise a ``ModelFault`` that says when the next one is."""
        with self._lock:
            left = self._until - self._clock()
            if left > 0 or self._trying:
                raise ModelFault("paused", seconds=max(math.ceil(left), 1), last=self._last)
            self._trying = self._in_a_row >= self._failures

    def succeeded(self) -> None:
        """Note that a call went well."""
        with self._lock:
            self._in_a_row, self._until, self._trying = 0, 0.0, False

    def failed(self, fault: ModelFault) -> None:
        """Note that a call failed; the server's own wish for a rest is respected."""
        with self._lock:
            self._trying = False
            if not fault.of_server:
                return
            self._in_a_row += 1
            self._last = str(fault)
            rounds = self._in_a_row - self._failures
            pause = min(self._seconds * 2**rounds, self._longest) if rounds >= 0 else 0.0
            self._until = self._clock() + max(pause, fault.wait or 0.0)

    def abandoned(self) -> None:
        """Note that nobody waited for how a call went."""
        with self._lock:
            self._trying = False


@dataclass(frozen=True, slots=True)
class Check:
    """How a model answered when it was tried: what it wrote, and the seconds until then."""

    text: str
    seconds: float


class SteadyModel:
    """A :class:`LanguageModel` around another; keeps count of faults over all answers."""

    def __init__(
        self,
        model: LanguageModel,
        breaker: CircuitBreaker | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        fault: FaultObserver | None = None,
    ) -> None:
        """Ask ``model``; ``fault`` is told of each call that failed, also of one that is tried again."""
        self._model = model
        self._breaker = breaker or CircuitBreaker()
        self._sleep = sleep
        self._fault = fault

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def location(self) -> Location:
        """Where it stands."""
        return self._model.location

    @property
    def server(self) -> str:
        """Host and port, or file."""
        return self._model.server

    @property
    def breaker_state(self) -> BreakerState:
        """Whether the model is asked at all now."""
        return self._breaker.state

    def prepare(self, deadline: Deadline) -> None:
        """Make the model ready."""
        self._model.prepare(deadline)

    def window(self, deadline: Deadline) -> int:
        """Return the model's window."""
        return self._guarded(lambda: self._model.window(deadline))

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        """Count, as the model does."""
        return self._guarded(lambda: self._model.count_tokens(text, deadline))

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        """Yield the answer; a passing fault is tried once more, but never once text has been given out."""
        self._enter()
        shown = tried = settled = False
        try:
            while True:
                try:
                    for text in self._model.stream(messages, max_tokens=max_tokens, deadline=deadline):
                        shown = shown or bool(text.strip())
                        yield text
                except ModelFault as fault:
                    self._tell(fault)
                    wait = 0.2 if fault.wait is None else fault.wait
                    in_time = wait <= _LONGEST_RETRY_WAIT and wait < deadline.first_left() / 2
                    if shown or tried or not fault.passing or not in_time:
                        if not (deadline.hurried and fault.kind in ("slow", "late", "stalled")):
                            settled = True
                            self._breaker.failed(fault)
                        raise
                    tried = True
                    self._sleep(wait)
                else:
                    settled = True
                    self._breaker.succeeded()
                    return
        finally:
            if not settled:
                self._breaker.abandoned()

    def check(self, deadline: Deadline) -> Check:
        """Try the model with a tiny call, also while it is paused; success ends the pause.

        For a button "Prøv forbindelsen". Raises the ``AssistantError`` that says what is wrong.
        """
        started = time.monotonic()
        self._model.prepare(deadline)
        deadline.wait_anew()
        text = ""
        try:
            asked = (Message("user", "Svar kun med ordet »ja«."),)
            for piece in self._model.stream(asked, max_tokens=16, deadline=deadline):
                text += piece
        except ModelFault as fault:
            # That it talks on is no fault here.
            if fault.kind != "too_long":
                self._tell(fault)
                self._breaker.failed(fault)
                raise
        self._breaker.succeeded()
        return Check(" ".join(text.split()), time.monotonic() - started)

    def _enter(self) -> None:
        try:
            self._breaker.enter()
        except ModelFault as paused:
            self._tell(paused)
            raise

    def _tell(self, fault: ModelFault) -> None:
        if self._fault:
            self._fault(fault.kind)

    def _guarded(self, ask: Callable[[], int]) -> int:
        self._enter()
        try:
            answer = ask()
        except ModelFault as fault:
            self._tell(fault)
            self._breaker.failed(fault)
            raise
        except AssistantError:
            self._breaker.abandoned()
            raise
        self._breaker.abandoned()
        return answer
