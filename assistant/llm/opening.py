"""From plain values to a model that can be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.llm.base import Deadline, LanguageModel, Location, Message
from assistant.llm.endpoints import endpoint
from assistant.llm.faults import FaultObserver
from assistant.llm.gguf import GgufModel
from assistant.llm.server import ServerModel
from assistant.llm.steady import SteadyModel


def open_model(
    *,
    base_url: str = "",
    model: str = "",
    api_key: str = "",
    model_path: str = "",
    window: int = 8192,
    outside: bool = True,
    own_hosts: Collection[str] = (),
    fault: FaultObserver | None = None,
) -> SteadyModel | None:
    """Return the model of these values, or ``None`` where they name none; a file goes before a server.

    Nothing is imported, loaded or connected before it is asked. ``fault`` is told of each call that failed.

    Raises:
        SettingsError: a value cannot be used.
    """
    opened: LanguageModel
    if model_path.strip():
        opened = GgufModel(Path(model_path.strip()).expanduser(), window=window)
    elif base_url.strip():
        server = endpoint(base_url, own_hosts)
        opened = ServerModel(server, model, api_key=api_key, window=window, outside=outside)
    else:
        return None
    return SteadyModel(opened, fault=fault)


class UnusableModel:
    """Stands for a model whose settings cannot be used: whatever is asked of it says so."""

    location: Location = "this machine"
    server = ""

    def __init__(self, name: str, error: AssistantError) -> None:
        """Raise ``error`` whenever asked."""
        self.name = name
        self.error = error

    def prepare(self, deadline: Deadline) -> None:
        """Raise."""
        raise self.error

    def window(self, deadline: Deadline) -> int:
        """Raise."""
        raise self.error

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        """Raise."""
        raise self.error

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        """Raise."""
        raise self.error
