"""A server on loopback that speaks the OpenAI protocol and fails in every way that a server can."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Call:
    """One request as it arrived; names of headers in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """How one chat request is answered.

    ``pieces`` are streamed one a chunk, or sent joined as one JSON object with ``whole``. A piece that is
    ``bytes`` goes onto the wire as it stands. ``before`` and ``between`` are seconds to wait; ``cut``
    breaks the connection where the answer would end.
    """

    pieces: Sequence[str | bytes] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    finish: str | None = "stop"
    whole: bool = False
    before: float = 0.0
    between: float = 0.0
    cut: bool = False
    content_type: str = ""


def words(text: str) -> tuple[str, ...]:
    """A text in the pieces that a model would write it in."""
    parts = text.split(" ")
    return (*(f"{part} " for part in parts[:-1]), parts[-1])


class ModelServer:
    """Answers chats in the order of ``replies``, the last one again and again; remembers every call."""

    def __init__(
        self,
        *replies: Reply | Callable[[Call], Reply],
        beside: Mapping[str, Any] | None = None,
        certificate: Path | None = None,
    ) -> None:
        """Answer with ``replies``, and ``beside`` by path what is asked beside the chat.

        ``certificate`` is a PEM file with key and certificate; with one, TLS is spoken.
        """
        self.replies = list(replies)
        self.beside = dict(beside or {})
        self.calls: list[Call] = []
        self.broken = threading.Event()
        """Set once a client has closed its connection while it was being answered."""
        self._closing = threading.Event()
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server._answer(self)

            def do_POST(self) -> None:
                server._answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._scheme = "https" if certificate else "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._http.server_port}/v1"

    @property
    def chats(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith("/chat/completions")]

    def prompt(self, number: int = -1) -> str:
        """All that a chat request said."""
        return "\n".join(message["content"] for message in self.chats[number].body["messages"])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = Call(
            handler.command,
            handler.path,
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(raw) if raw else None,
        )
        with self._lock:
            self.calls.append(call)
            chat = call.path.endswith("/chat/completions")
            reply = (self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]) if chat else None
        try:
            if reply is None:
                self._say_beside(handler, call)
            else:
                self._say(handler, call, reply(call) if callable(reply) else reply)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.broken.set()
            handler.close_connection = True

    def _say_beside(self, handler: BaseHTTPRequestHandler, call: Call) -> None:
        found = self.beside.get(call.path)
        found = found(call) if callable(found) else found
        if isinstance(found, Reply):
            self._stream(handler, found)
            return
        status = 404 if found is None else 200
        self._head(handler, status, {"Content-Type": "application/json"}, json.dumps(found or {}).encode())

    def _say(self, handler: BaseHTTPRequestHandler, call: Call, reply: Reply) -> None:
        self._closing.wait(reply.before)
        if reply.status != 200:
            body = json.dumps({"error": {"message": reply.error, "type": "error"}}).encode()
            self._head(handler, reply.status, {"Content-Type": "application/json", **reply.headers}, body)
        elif reply.whole or not call.body.get("stream"):
            text = "".join(p for p in reply.pieces if isinstance(p, str))
            message = {"role": "assistant", "content": text}
            answer = {"choices": [{"index": 0, "message": message, "finish_reason": reply.finish}]}
            body = b"".join(p for p in reply.pieces if isinstance(p, bytes)) or json.dumps(answer).encode()
            kind = reply.content_type or "application/json"
            self._head(handler, 200, {"Content-Type": kind, **reply.headers}, body, cut=reply.cut)
        else:
            self._stream(handler, reply)

    def _head(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        cut: bool = False,
    ) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2] if cut else body)
        handler.close_connection = handler.close_connection or cut

    def _stream(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", reply.content_type or "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in reply.pieces:
            self._chunk(handler, piece if isinstance(piece, bytes) else event({"content": piece}))
            if self._closing.wait(reply.between):
                return
        if reply.cut:
            handler.close_connection = True
            return
        if reply.finish is not None:
            self._chunk(handler, event({}, reply.finish))
        self._chunk(handler, b"data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")

    def _chunk(self, handler: BaseHTTPRequestHandler, data: bytes) -> None:
        handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        handler.wfile.flush()


def event(delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    """One chunk of a streamed answer as it goes over the wire."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return (
        b"data: "
        + json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}).encode()
        + b"\n\n"
    )


@contextmanager
def serving(
    *replies: Reply | Callable[[Call], Reply],
    beside: Mapping[str, Any] | None = None,
    certificate: Path | None = None,
) -> Iterator[ModelServer]:
    """A server that answers with ``replies`` until the block ends."""
    server = ModelServer(*(replies or (Reply(),)), beside=beside, certificate=certificate)
    server.start()
    try:
        yield server
    finally:
        server.stop()
