"""The frame that Streamlit's page is served in: Danish, with our style, and closed to the outside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import logs
from assistant.errors import AssistantError
from assistant.settings import LogSettings, load_settings
from assistant.web import pictures, probes, scraping
from assistant.web.identity import BrowserCookie
from assistant.web.safety import OwnMachineOnly

SCRIPT: Final = Path(__file__).with_name("page.py")

UNEXPECTED: Final = (
    "Der skete en fejl, som vi ikke havde forudset. Prøv igen. Sker det stadig, så sig det til den, "
    "der driver siden; fejlen står i loggen."
)


def script_error(error: Exception) -> bool:
    """Log what nobody foresaw and tell the user in Danish; never a traceback in the page."""
    st.error(unexpected("Uventet fejl på siden", error))
    return True


def unexpected(what: str, error: BaseException) -> str:
    """Log what nobody foresaw; returns what the user is told, with the number that the log has too."""
    return f"{UNEXPECTED} Fejlens nummer er {logs.unexpected(what, error)}."


def start_logging() -> None:
    """Send the log to stderr as the settings say; settings that cannot be read are told by the page."""
    try:
        wanted = load_settings().log
    except AssistantError:
        wanted = LogSettings()
    logs.configure(wanted.level, json_lines=True, questions=wanted.questions)


class DanishFrame:
    """Middleware that gives every HTML response its language, our style and a content policy.

    The policy lets the browser fetch from this server only. It is the second lock: the first is that
    foreign text never becomes markup.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = bytearray()

        async def framed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
                if not _is_html(message):
                    await send(message)
                    return
                start = message
            elif start is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    await _send_page(send, start, bytes(body))

        await self.app(_uncompressed(scope), receive, framed)


MIDDLEWARE: Final[Sequence[Middleware]] = (
    Middleware(OwnMachineOnly),
    Middleware(scraping.Guard),
    Middleware(DanishFrame),
    Middleware(BrowserCookie),
)
ROUTES: Final[Sequence[BaseRoute]] = (
    pictures.ROUTE,
    *probes.ROUTES,
    *scraping.ROUTES,
    Mount("/assets", StaticFiles(directory=Path(__file__).with_name("assets")), name="assets"),
)

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_ICON = b'<link rel="shortcut icon" href="./assets/icon.svg" />'
_HEAD = (
    b'<link rel="stylesheet" href="./assets/page.css"><script src="./assets/clicks.js" defer></script>'
    b'<script src="./assets/page.js" defer></script></head>'
)
_FAVICON = re.compile(rb'<link rel="shortcut icon"[^>]*>')
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _is_html(start: Message) -> bool:
    headers = dict(start["headers"])
    kind: bytes = headers.get(b"content-type", b"")
    return kind.startswith(b"text/html") and b"content-encoding" not in headers


def _uncompressed(scope: Scope) -> Scope:
    """Ask for pages as they are, since a compressed one cannot be framed; static files stay compressed."""
    if scope["path"].startswith("/static/"):
        return scope
    kept = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": kept}


async def _send_page(send: Send, start: Message, body: bytes) -> None:
    page = body.replace(b'<html lang="en">', b'<html lang="da">', 1)
    page = page.replace(b"<title>Streamlit</title>", b"<title>Dokumentassistent</title>", 1)
    page = _FAVICON.sub(_ICON, page, 1)
    page = page.replace(b"</head>", _HEAD, 1)
    replaced = (b"content-length", b"etag", b"last-modified")
    start["headers"] = [
        *((name, value) for name, value in start["headers"] if name not in replaced),
        (b"content-length", str(len(page)).encode()),
        (b"content-security-policy", _policy(page)),
    ]
    await send(start)
    await send({"type": "http.response.body", "body": page})


def _policy(page: bytes) -> bytes:
    scripts = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page)
    )
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ).encode()
