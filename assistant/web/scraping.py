"""``/metrics``: the numbers of :mod:`assistant.web.metrics`, and who may read them.

They say how much a page is used and how it fares, so they are for this machine only, unless the settings
name a token or open them to everyone. Streamlit's own numbers are under the same lock, and its way in for
programs is closed: nothing of the page uses it, and it would go round what a browser must pass.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.errors import SettingsError
from assistant.settings import MetricsSettings, load_settings
from assistant.web.metrics import shared
from assistant.web.safety import is_local


def metrics(request: Request) -> Response:
    """Return the numbers in the format that the scrape accepts."""
    page, content_type = shared.page(request.headers.get("accept", ""))
    return Response(page, headers={"content-type": content_type, "cache-control": "no-store"})


# A plain function, so that Starlette runs it beside the loop that serves the page.
ROUTES: Final[tuple[BaseRoute, ...]] = (Route("/metrics", metrics),)


class Guard:
    """Middleware that lets nobody else at the numbers, and counts who is connected."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "websocket":
            shared.connected(1)
            try:
                await self.app(scope, receive, send)
            finally:
                shared.connected(-1)
            return
        refused = _refusal(scope) if scope["type"] == "http" else None
        await (refused or self.app)(scope, receive, send)


def refused(settings: MetricsSettings, client: str, headers: Headers) -> int:
    """Return the HTTP status that a scrape is refused with, 0 for none.

    Args:
        settings: who may read the numbers.
        client: the address that asks.
        headers: what it sends along.
    """
    if settings.token:
        sent = headers.get("authorization", "").encode()
        return 0 if hmac.compare_digest(sent, f"Bearer {settings.token}".encode()) else 401
    if settings.open:
        return 0
    # A page elsewhere can have its name point here, and a proxy here can ask for somebody elsewhere.
    asked = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    passed_on = any(name in headers for name in _FORWARDED)
    return 0 if is_local(client) and is_local(asked) and not passed_on else 403


_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_REFUSED = {
    401: "Der skal sendes en nøgle: Authorization: Bearer … (metrics.token).",
    403: "Målingerne kan kun læses på den maskine, siden kører på. Sæt metrics.token eller metrics.open.",
    503: "Indstillingerne kan ikke læses.",
}


def _refusal(scope: Scope) -> Response | None:
    path: str = scope["path"].rstrip("/")
    if "/_stcore/agent" in path:
        return PlainTextResponse("Det findes ikke her.\n", status_code=404)
    if path != "/metrics" and not path.endswith("/_stcore/metrics"):
        return None
    try:
        status = refused(load_settings().metrics, (scope.get("client") or ("",))[0], Headers(scope=scope))
    except SettingsError:
        status = 503
    if not status:
        return None
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    return PlainTextResponse(f"{_REFUSED[status]}\n", status_code=status, headers=headers)
