"""One answer read from a server, in a thread of its own: whoever waits for it never waits past the deadline."""

from __future__ import annotations

import json
import logging
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from assistant.llm.base import Deadline
from assistant.llm.faults import ModelFault

if TYPE_CHECKING:
    import httpx2
    import openai

_CHARACTERS_A_TOKEN = 24
"""More than the tokens of running text have; a server that ignores the limit is stopped by it."""

_LONGEST_WAIT = 3600.0
_NEXT_TO_NOTHING = 0.01
_CONNECT_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Reading:
    """One call. ``begun`` tells whether text has come, ``rejected`` which setting a server refused."""

    def __init__(
        self, client: openai.OpenAI, body: dict[str, Any], max_tokens: int, server: str, deadline: Deadline
    ) -> None:
        """Prepare the call of ``body``; nothing is sent before :meth:`texts`."""
        self._client = client
        self._body = body
        self._max_tokens = max_tokens
        self._server = server
        self._deadline = deadline
        self._parts: queue.SimpleQueue[str | ModelFault | None] = queue.SimpleQueue()
        self._response: httpx2.Response | None = None
        self._left = threading.Event()
        self.begun = False
        self.rejected = ""

    def texts(self) -> Iterator[str]:
        """Yield the text as it comes; raises :class:`ModelFault`."""
        if self._deadline.first_left() <= 0:
            raise self._timed_out()
        threading.Thread(target=self._read, name="language model", daemon=True).start()
        try:
            while (part := self._next()) is not None:
                if isinstance(part, ModelFault):
                    raise part
                self.begun = self.begun or bool(part.strip())
                yield part
            if not self.begun:
                raise ModelFault("empty")
        finally:
            self._leave()

    def _next(self) -> str | ModelFault | None:
        left = self._deadline.left()
        if left <= 0:
            raise self._timed_out()  # however much there is still to read
        wait = min(left, self._deadline.first_text_seconds) if self.begun else self._deadline.first_left()
        try:
            return self._parts.get(timeout=wait)
        except queue.Empty:
            raise self._timed_out() from None

    def _timed_out(self) -> ModelFault:
        if self._deadline.left() <= _NEXT_TO_NOTHING:
            return ModelFault("late", seconds=round(self._deadline.answer_seconds))
        if self.begun:
            return ModelFault("stalled")
        return ModelFault("slow", seconds=round(self._deadline.first_text_seconds))

    def _leave(self) -> None:
        """Stop reading, so that the server stops writing."""
        self._left.set()
        stream = self._response.extensions.get("network_stream") if self._response is not None else None
        connection = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(connection, socket.socket):
            try:
                # Closing would not wake the reader, and could let it read from somebody else's connection.
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                _log.debug("Forbindelsen var allerede lukket")

    # --- in the thread ----------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            finished = self._received()
        except ModelFault as fault:
            self._parts.put(fault)
        except Exception as error:
            self._parts.put(self._fault(error))
        else:
            self._parts.put(self._fault_of_end(finished))
        finally:
            if self._response is not None:
                self._response.close()

    def _received(self) -> object:
        """Put the text of the answer; return why the model ended it."""
        import httpx2

        wait = self._deadline.first_text_seconds
        timeout = httpx2.Timeout(wait, connect=min(wait, _CONNECT_SECONDS))
        stream = self._client.chat.completions.create(**self._body, stream=True, timeout=timeout)
        self._response = stream.response
        if self._left.is_set():
            return "stop"
        if "text/event-stream" not in stream.response.headers.get("content-type", "text/event-stream"):
            return self._whole(json.loads(stream.response.read()))
        finished: object = None
        written = 0
        for chunk in stream:
            for choice in _choices(chunk):
                text = _text(getattr(choice, "delta", None))
                written += len(text)
                if written > self._max_tokens * _CHARACTERS_A_TOKEN:
                    return "length"
                if text:
                    self._parts.put(text)
                finished = getattr(choice, "finish_reason", None) or finished
            if self._left.is_set():
                return "stop"
        return finished

    def _whole(self, found: Any) -> object:
        """Take an answer that came in one piece, from a server that does not stream."""
        if isinstance(found, dict) and found.get("error"):
            raise ModelFault("failed", server=self._server, status=500)
        choice = found["choices"][0]
        text = choice["message"]["content"] or ""
        if not isinstance(text, str):
            raise TypeError("content")
        self._parts.put(text)
        return choice.get("finish_reason")

    def _fault_of_end(self, finished: object) -> ModelFault | None:
        if finished == "length":
            return ModelFault("too_long", tokens=self._max_tokens)
        if finished == "content_filter":
            return ModelFault("filtered")
        # Without a reason to end, the connection ended and not the answer.
        return None if finished else ModelFault("cut", server=self._server)

    def _fault(self, error: Exception) -> ModelFault:
        """Translate; the words of the server are not repeated, they may quote the key."""
        import httpx2
        import openai

        cause = error.__cause__
        if isinstance(error, openai.APITimeoutError):
            connecting = isinstance(cause, httpx2.ConnectTimeout)
            return unreachable(error, self._server) if connecting else self._timed_out()
        if isinstance(error, openai.APIConnectionError):
            connecting = isinstance(cause, httpx2.ConnectError)
            return unreachable(error, self._server) if connecting else ModelFault("cut", server=self._server)
        if isinstance(error, openai.APIStatusError):
            return self._fault_of_status(error)
        if isinstance(error, httpx2.TimeoutException):
            return self._timed_out()
        if isinstance(error, httpx2.TransportError):
            return ModelFault("cut", server=self._server)
        if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
            return ModelFault("failed", server=self._server, status=500)
        _log.warning("Ulæseligt svar fra sprogmodellens server: %s", type(error).__name__)
        return ModelFault("garbled", server=self._server)

    def _fault_of_status(self, error: openai.APIStatusError) -> ModelFault:
        status = error.status_code
        facts = {"server": self._server, "status": status, "model": self._body["model"]}
        said = str(error.body).lower()
        if status in (400, 413) and "context" in said and ("exceed" in said or "length" in said):
            return ModelFault("prompt_too_long")
        if status in (401, 403):
            return ModelFault("unauthorised", **facts)
        if status == 404:
            return ModelFault("unknown_model", **facts)
        if status == 429:
            return ModelFault("busy", wait=_retry_after(error.response), **facts)
        if 300 <= status < 400:
            return ModelFault("redirected", **facts)
        if status >= 500:
            return ModelFault("failed", wait=_retry_after(error.response), **facts)
        self.rejected = next((name for name in ("max_tokens", "temperature") if name in said), "")
        return ModelFault("rejected", **facts)


def within(seconds: float, ask: Callable[[], Any]) -> Any:
    """Return what ``ask`` returns or raise what it raises; ``None`` if that takes longer than ``seconds``.

    The client's own limits hold for each piece that it waits for, and looking up a name has none.
    """
    found: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            found.put((ask(), None))
        except Exception as error:
            found.put((None, error))

    threading.Thread(target=run, name="language model, aside", daemon=True).start()
    try:
        answer, error = found.get(timeout=seconds)
    except queue.Empty:
        return None
    if error is not None:
        raise error
    return answer


def unreachable(error: BaseException, server: str) -> ModelFault:
    """Return the fault of a connection that was not made: nobody there, or somebody who is not trusted."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return ModelFault("untrusted", server=server)
        cause = cause.__cause__ or cause.__context__
    return ModelFault("unreachable", server=server)


def _choices(chunk: object) -> list[Any]:
    choices = getattr(chunk, "choices", None)
    if choices is None or not isinstance(choices, list):
        raise TypeError("choices")
    return choices


def _text(delta: object) -> str:
    text = getattr(delta, "content", None)
    if text is not None and not isinstance(text, str):
        raise TypeError("content")
    return text or ""


def _retry_after(response: httpx2.Response) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3: seconds or a date), if there is one."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said), _LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(said)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return min(max((then - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT)
