"""A GGUF file computed in this process by llama.cpp, through ``xllamacpp``."""

from __future__ import annotations

import importlib.util
import secrets
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.errors import MissingExtra
from assistant.llm.base import Deadline, Location, Message
from assistant.llm.endpoints import Endpoint
from assistant.llm.faults import ModelFault
from assistant.llm.server import ServerModel

INSTALL = 'pip install -e ".[gguf]"'
_MAGIC = b"GGUF"


class GgufModel:
    """Loads the file with the first call, and keeps it.

    ``xllamacpp`` computes in this process, but only behind llama.cpp's own HTTP interface can a prompt be
    counted, and a call be given up while the prompt is still being read; so that is how it is asked, on
    a free port of the loopback interface and with a key that is made up for it and known to nobody else.
    One answer is written at a time: two at once on one processor would both be late.
    """

    def __init__(self, path: Path, *, window: int = 8192) -> None:
        """Compute ``path`` with a context of ``window`` tokens."""
        self._path = path
        self._window = window
        self._lock = threading.Lock()
        self._native: Any = None
        self._inner: ServerModel | None = None

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._path.stem

    @property
    def location(self) -> Location:
        """This machine."""
        return "this machine"

    @property
    def server(self) -> str:
        """The file's name."""
        return self._path.name

    def prepare(self, deadline: Deadline) -> None:
        """Load the file; the whole process waits meanwhile, since ``xllamacpp`` lets no other thread run.

        Raises:
            MissingExtra: ``xllamacpp`` is not installed.
            ModelFault: the file cannot be used, or another thread is still loading it at the deadline.
        """
        if self._inner is None:
            self._loaded(deadline)

    def window(self, deadline: Deadline) -> int:
        """Return the context that the file was loaded with."""
        return self._loaded(deadline).window(deadline)

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        """Count with the file's own tokenizer."""
        return self._loaded(deadline).count_tokens(text, deadline)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        """Yield the answer as it is written."""
        yield from self._loaded(deadline).stream(messages, max_tokens=max_tokens, deadline=deadline)

    def _loaded(self, deadline: Deadline) -> ServerModel:
        if not self._lock.acquire(timeout=deadline.left()):
            raise ModelFault("loading")
        try:
            if self._inner is None:
                self._inner = self._load()
            return self._inner
        finally:
            self._lock.release()

    def _load(self) -> ServerModel:
        if importlib.util.find_spec("xllamacpp") is None:
            raise MissingExtra(
                "GGUF-filer kræver pakken xllamacpp, som ikke er installeret. Installér den i programmets mappe "
                f"med »{INSTALL}«, og start igen."
            )
        # What is no GGUF file at all is told before llama.cpp sees it.
        try:
            with self._path.open("rb") as file:
                magic = file.read(len(_MAGIC))
        except OSError:
            magic = b""
        if magic != _MAGIC:
            raise ModelFault("unusable_file", server=self._path)
        import xllamacpp  # type: ignore[import-untyped]

        key = secrets.token_urlsafe(24)
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self._path)
        parameters.n_ctx = self._window
        parameters.n_parallel = 1
        parameters.api_keys = [key]
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        parameters.verbosity = 0  # its log would hold the questions
        parameters.warmup = False
        parameters.ui = False
        parameters.endpoint_slots = False
        try:
            self._native = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelFault("unusable_file", server=self._path) from error
        endpoint = Endpoint(f"{self._native.listening_address}/v1", self._path.name, "this machine")
        return ServerModel(endpoint, self.name, api_key=key, window=self._window)
