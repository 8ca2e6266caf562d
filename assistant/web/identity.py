"""Whom the browser session belongs to: who is signed in, or else the browser itself.

A browser is known by a random value in a cookie that scripts cannot read and other sites cannot send with a
request of theirs. The store never sees that value, only its digest: whoever reads the database cannot put
on somebody's cookie.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import AccessDenied

COOKIE: Final = "dokumentassistent"
COOKIE_DAYS: Final = 365


def owner() -> str:
    """Return the opaque name that the store keeps this user's things under.

    It stands for who is signed in, or else for this browser. A browser that takes no cookies is another
    one each time the page is opened.

    Raises:
        AccessDenied: sign-in is configured, and nobody is signed in.
    """
    user = signed_in()
    if user is None:
        return _digest("browser", _browser())
    if not user.get("is_logged_in"):
        raise AccessDenied("Log ind først.")
    # A subject is unique at its issuer only; an e-mail address can pass to somebody else.
    return _digest("user", json.dumps([user.get("iss"), user.get("sub") or user.get("email")]))


def signed_in() -> Mapping[str, Any] | None:
    """Return what is known of the user where sign-in is configured, ``None`` where it is not.

    ``is_logged_in`` is in it, and once that is true, the claims of the provider.
    """
    user = dict(st.user)
    return user if "is_logged_in" in user else None


class BrowserCookie:
    """Middleware that gives every browser a random value of its own with the page."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                message["headers"] = [*message["headers"], (b"set-cookie", _cookie(scope))]
            await send(message)

        await self.app(scope, receive, with_cookie)


_VALUE = re.compile(r"[\w-]{43}", re.ASCII)
_KEY = "browser"


def _browser() -> str:
    value = st.context.cookies.get(COOKIE, "")
    if _VALUE.fullmatch(value):
        return value
    if _KEY not in st.session_state:
        st.session_state[_KEY] = secrets.token_urlsafe(32)
    found: str = st.session_state[_KEY]
    return found


def _digest(kind: str, value: str) -> str:
    return f"{kind}-{hashlib.sha256(value.encode()).hexdigest()[:48]}"


def _is_page(start: Message) -> bool:
    kind: bytes = dict(start["headers"]).get(b"content-type", b"")
    return kind.startswith(b"text/html")


def _cookie(scope: Scope) -> bytes:
    """Return the cookie that the browser has, to live on, or a new one."""
    headers = dict(scope["headers"])
    value = ""
    try:
        morsel = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1")).get(COOKIE)
        value = morsel.value if morsel else ""
    except CookieError:
        pass
    if not _VALUE.fullmatch(value):
        value = secrets.token_urlsafe(32)
    secure = scope["scheme"] == "https" or headers.get(b"x-forwarded-proto") == b"https"
    seconds = COOKIE_DAYS * 24 * 60 * 60
    parts = [f"{COOKIE}={value}", "Path=/", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, *(["Secure"] if secure else [])]).encode()
