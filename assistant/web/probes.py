"""The addresses that watch over the page: ``/livez`` answers, ``/healthz`` tells the parts apart.

They name states and nothing else: no file, host, version or message, since anybody may ask.
"""

from __future__ import annotations

import functools
import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from assistant import health
from assistant.errors import AssistantError
from assistant.settings import load_settings
from assistant.web.database import shared_store

_log = logging.getLogger(__name__)


def livez(request: Request) -> Response:
    """Return 200: the process answers."""
    return PlainTextResponse("ok", headers=_FRESH)


def healthz(request: Request) -> Response:
    """Return the state of each part: 200 while questions can be answered, 503 while they cannot.

    ``status`` is "ok", "degraded" where only the database or the language model fails, or "failed".
    """
    parts = _watch().parts()
    failed = [part for part in parts if part.state == "failed"]
    serving = health.serving(parts)
    return JSONResponse(
        {
            "status": "ok" if not failed else "degraded" if serving else "failed",
            "parts": {part.name: part.state for part in parts},
        },
        status_code=200 if serving else 503,
        headers=_FRESH,
    )


# Plain functions, so that Starlette runs them beside the loop that serves the page.
ROUTES: Final[tuple[BaseRoute, ...]] = (Route("/livez", livez), Route("/healthz", healthz))

_FRESH = {"cache-control": "no-store"}


@functools.cache
def _watch() -> health.Watch:
    return health.Watch(_check)


def _check() -> tuple[health.Part, ...]:
    try:
        parts = health.quick_check(load_settings(), shared_store)
    except AssistantError as error:  # settings that cannot be read: nothing can be answered
        parts = tuple(health.Part(name, "failed", str(error)) for name in health.NEEDED)
    for part in parts:
        if part.state == "failed":
            _log.warning("%s: %s", part.label, part.message)
    return parts
