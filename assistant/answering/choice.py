"""Who writes answers: one choice for all assistants of a process, which may change while it runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.answering.base import Answerer, WritingLimits
from assistant.llm.base import LanguageModel

AnswererName = Literal["extractive", "llm"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model writes (``None``: none is configured), who answers by default, and how long it may take."""

    model: LanguageModel | None = None
    answerer: str = "extractive"
    limits: WritingLimits = field(default_factory=WritingLimits)


class Writing:
    """Holds the :class:`Choice`. Safe for many threads.

    An answer keeps the choice that it began with; the next one takes the new. To switch to a model and
    back, with ``assistant.factory``::

        model = open_language_model(settings.llm)        # SettingsError: a value cannot be used
        model.check(Deadline(20, 60))                    # AssistantError: what is wrong, in Danish
        assistant.writing.use(Choice(model, "llm", writing_limits(settings.llm)))
        assistant.writing.answer_with("extractive")
    """

    def __init__(self, choice: Choice | None = None) -> None:
        """Begin with ``choice``; without one, nothing but extracts."""
        self._choice = choice or Choice()
        self._lock = threading.Lock()

    @property
    def choice(self) -> Choice:
        """What holds for the next question."""
        return self._choice

    def use(self, choice: Choice) -> None:
        """Let ``choice`` hold from the next question on."""
        with self._lock:
            self._choice = choice

    def answer_with(self, answerer: AnswererName) -> None:
        """Let ``answerer`` answer by default, with the model that there is."""
        with self._lock:
            self._choice = replace(self._choice, answerer=answerer)

    def writer(self, extractive: Answerer) -> Answerer | None:
        """Return what writes one answer, or ``None`` where no model is configured."""
        # Verification comes with it, which nobody needs to load who only wants extracts.
        from assistant.answering.written import LlmAnswerer

        choice = self._choice
        return None if choice.model is None else LlmAnswerer(choice.model, extractive, choice.limits)
