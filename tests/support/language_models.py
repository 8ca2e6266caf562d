"""Language models that say what a test told them to, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.errors import AssistantError
from assistant.llm.base import Deadline, Location, Message
from assistant.llm.counting import upper_bound

Line = str | AssistantError
Script = Sequence[Line] | Callable[[Sequence[Message]], Sequence[Line]]


class ScriptedModel:
    """Gives its scripts one call after the other, the last again and again: texts, or an error to raise."""

    def __init__(
        self,
        *scripts: Script,
        location: Location = "this machine",
        window: int = 8192,
        count: Callable[[str], int] = upper_bound,
    ) -> None:
        self.name = "skuespiller"
        self.server = "127.0.0.1:8080"
        self.location = location
        self.asked = 0
        self.prompts: list[tuple[Message, ...]] = []
        """The messages of every call."""
        self.counted: list[str] = []
        self._scripts = list(scripts) or [[]]
        self._window = window
        self._count = count

    @property
    def prompt(self) -> str:
        """All that was said in the last call."""
        return "\n".join(message.content for message in self.prompts[-1])

    def prepare(self, deadline: Deadline) -> None:
        pass

    def window(self, deadline: Deadline) -> int:
        return self._window

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        self.counted.append(text)
        return self._count(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        script = self._scripts[min(self.asked, len(self._scripts) - 1)]
        self.asked += 1
        self.prompts.append(tuple(messages))
        for line in script(messages) if callable(script) else script:
            if isinstance(line, AssistantError):
                raise line
            yield line
