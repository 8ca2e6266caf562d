"""A model behind any server that speaks the OpenAI protocol, local or hosted, through the ``openai`` client."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError
from assistant.llm.base import Deadline, Location, Message
from assistant.llm.counting import upper_bound
from assistant.llm.endpoints import Endpoint
from assistant.llm.faults import ModelFault
from assistant.llm.reading import Reading, unreachable, within
from assistant.masking import mask

if TYPE_CHECKING:
    import httpx2
    import openai

_HEADERS = frozenset(
    "host accept connection content-type content-length authorization user-agent transfer-encoding".split()
)
"""What a call may say about this machine: the client would add its version and platform, and headers that
environment variables name."""

_MOST_BYTES = 8_000_000
"""A longer response is cut off; the longest answer that is allowed is far shorter."""

_ASIDE_SECONDS = 3.0
"""For a question beside the answer, such as a count of tokens."""


class ServerModel:
    """Asks a server. Nothing is imported or connected before the first call."""

    def __init__(
        self, endpoint: Endpoint, model: str, *, api_key: str = "", window: int = 8192, outside: bool = True
    ) -> None:
        """Ask ``model`` at ``endpoint``.

        Args:
            endpoint: the server.
            model: its name for the model.
            api_key: empty where the server wants none. It is sent as a header and shown nowhere.
            window: tokens that prompt and answer may have; less where the server says less.
            outside: whether calls may leave this machine.

        Raises:
            SettingsError: the key cannot be sent, or the model has no name.
        """
        key = api_key.strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise SettingsError("ASSISTANT_LLM__API_KEY indeholder tegn, der ikke kan stå i en nøgle.")
        if not model.strip():
            raise SettingsError("»llm.model« mangler: navnet på den model, som serveren skal bruge.")
        self._endpoint = endpoint
        self._model = model.strip()
        self._key = key
        self._window = window
        self._outside = outside
        self._lock = threading.Lock()
        self._client: openai.OpenAI | None = None
        self._told: int | None = None
        self._tokenizes = endpoint.location != "outside"
        self._renamed: dict[str, str] = {}

    def __del__(self) -> None:
        # A model that was replaced goes when the last answer that it writes is done, and its connections too.
        client = getattr(self, "_client", None)
        if client is not None:
            client.close()

    def __repr__(self) -> str:
        return f"ServerModel({self._model!r} at {self._endpoint.server})"

    @property
    def name(self) -> str:
        """The server's name for the model."""
        return self._model

    @property
    def location(self) -> Location:
        """Where the server stands."""
        return self._endpoint.location

    @property
    def server(self) -> str:
        """Host and port."""
        return self._endpoint.server

    def prepare(self, deadline: Deadline) -> None:
        """Import the client, which takes about a second the first time."""
        self._permit()
        self._opened()

    def window(self, deadline: Deadline) -> int:
        """Return the configured window, or the server's own where that is smaller."""
        self._permit()
        if self._told is None and self.location != "outside":
            self._told = self._ask_window(deadline)
        return min(self._window, self._told or self._window)

    def count_tokens(self, text: str, deadline: Deadline) -> int:
        """Count with the server's tokenizer where it offers one (llama.cpp, vLLM), else bound from above."""
        self._permit()
        text = self._outgoing(text)
        if self._tokenizes:
            body = {"model": self._model, "content": text, "prompt": text}
            found = self._aside("POST", f"{self._endpoint.root}/tokenize", deadline, json=body)
            count = _counted(found)
            if count is not None:
                return count
            self._tokenizes = False
        return upper_bound(text)

    def stream(self, messages: Sequence[Message], *, max_tokens: int, deadline: Deadline) -> Iterator[str]:
        """Yield the answer as it comes; see :class:`~assistant.llm.base.LanguageModel`.

        CPR numbers, e-mail addresses and telephone numbers are masked in all that leaves this machine.
        """
        self._permit()
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": m.role, "content": self._outgoing(m.content)} for m in messages],
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        client = self._opened()
        for _ in range(len(_ADAPTABLE) + 1):
            adapted = self._adapted(body)
            reading = Reading(client, adapted, max_tokens, self._endpoint.server, deadline)
            try:
                yield from reading.texts()
                return
            except ModelFault as fault:
                # Some hosted models take these settings by another name, or not at all.
                name = next((p for p in _ADAPTABLE if p in adapted and p == reading.rejected), None)
                if fault.kind != "rejected" or name is None or reading.begun:
                    raise
                self._renamed[name] = _ADAPTABLE[name]

    def _adapted(self, body: dict[str, Any]) -> dict[str, Any]:
        renamed = {self._renamed.get(name, name): value for name, value in body.items()}
        renamed.pop("", None)
        return renamed

    def _permit(self) -> None:
        if self.location != "this machine" and not self._outside:
            raise ModelFault("forbidden", server=self.server)

    def _outgoing(self, text: str) -> str:
        return text if self.location == "this machine" else mask(text).text

    def _opened(self) -> openai.OpenAI:
        with self._lock:
            if self._client is None:
                self._client = _client(self._endpoint, self._key)
            return self._client

    def _ask_window(self, deadline: Deadline) -> int | None:
        """Ask for the model's window where vLLM and LM Studio tell it, then where llama.cpp does."""
        found = self._aside("GET", f"{self._endpoint.url}/models", deadline)
        for entry in _entries(found):
            if entry.get("id") != self._model and len(_entries(found)) > 1:
                continue
            for key in ("max_model_len", "loaded_context_length", "context_length", "max_context_length"):
                if _is_count(entry.get(key)):
                    return int(entry[key])
        found = self._aside("GET", f"{self._endpoint.root}/props", deadline)
        generation = found.get("default_generation_settings") if isinstance(found, dict) else None
        size = generation.get("n_ctx") if isinstance(generation, dict) else None
        return size if _is_count(size) else self._window

    def _aside(self, method: str, url: str, deadline: Deadline, *, json: object = None) -> Any:
        """Return what a server says beside the protocol as JSON, or ``None`` where it does not say it."""
        client = self._opened()
        seconds = max(min(_ASIDE_SECONDS, deadline.first_left()), 0.01)
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}

        def ask() -> Any:
            response = client._client.request(method, url, json=json, headers=headers, timeout=seconds)
            return response.json() if response.is_success else None

        import httpx2

        try:
            return within(seconds, ask)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise unreachable(error, self.server) from None
        except (httpx2.HTTPError, ValueError):
            return None


_ADAPTABLE = {"max_tokens": "max_completion_tokens", "temperature": ""}
"""Settings that some models refuse, and what they are called there; empty where they are left out."""


def _client(endpoint: Endpoint, key: str) -> openai.OpenAI:
    import httpx2
    import openai

    def sent(request: httpx2.Request) -> None:
        for header in [h for h in request.headers if h.lower() not in _HEADERS]:
            del request.headers[header]
        request.headers["User-Agent"] = "dokumentassistent"
        if not key:
            request.headers.pop("Authorization", None)

    class Bounded(httpx2.SyncByteStream):
        """A response that cannot fill the memory."""

        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self._stream = stream

        def __iter__(self) -> Iterator[bytes]:
            read = 0
            for piece in self._stream:
                read += len(piece)
                if read > _MOST_BYTES:
                    raise httpx2.ReadError("response too long")
                yield piece

        def close(self) -> None:
            self._stream.close()

    def received(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = Bounded(response.stream)

    # Proxies and certificates of the environment are not taken, and no server may send a question on. Whom the
    # machine itself trusts is trusted, such as an organisation's own authority.
    http = httpx2.Client(
        verify=httpx2.create_ssl_context(trust_env=False),
        trust_env=False,
        follow_redirects=False,
        # No connection outlives its answer: beside what a model takes to write, a new one costs nothing.
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [sent], "response": [received]},
    )
    return openai.OpenAI(
        api_key=key or "none",
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        base_url=endpoint.url,
        max_retries=0,
        http_client=http,
    )


def _entries(found: object) -> list[dict[str, Any]]:
    data = found.get("data") if isinstance(found, dict) else None
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []


def _counted(found: object) -> int | None:
    if not isinstance(found, dict):
        return None
    if _is_count(found.get("count")):
        return int(found["count"])
    return len(found["tokens"]) if isinstance(found.get("tokens"), list) else None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
