"""The addresses that watch over the page: ``/livez`` answers, ``/healthz`` tells the parts apart.

They name states and nothing else: no file, host, version or message, since anybody may ask.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from assistant import health
from assistant.errors import AssistantError
from assistant.settings import load_settings
from assistant.web import metrics, stopping
from assistant.web.database import shared_store

_log = logging.getLogger(__name__)


def livez(request: Request) -> Response:
    """Return 200: the process answers."""
    return PlainTextResponse("ok", headers=_FRESH)


def healthz(request: Request) -> Response:
    """Return the state of each part: 200 while questions can be answered, 503 while they cannot.

    ``status`` is "ok", "degraded" where something is wrong that leaves questions to be answered, "failed", or
    "closing" where the page is about to stop and another should be asked.
    """
    parts = _watch().parts()
    troubled = [part for part in parts if part.state in ("failed", "degraded")]
    serving = health.serving(parts) and not stopping.shared.closing
    status = "ok" if not troubled else "degraded" if serving else "failed"
    return JSONResponse(
        {
            "status": "closing" if stopping.shared.closing else status,
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
    if metrics.shared.serving:
        # The index is gone from where it was, and still there in memory: questions are answered from it.
        parts = tuple(_degraded(part) if part.name == "index" else part for part in parts)
    for part in parts:
        if part.state in ("failed", "degraded"):
            _log.warning("%s: %s", part.label, part.message)
    return parts


def _degraded(part: health.Part) -> health.Part:
    return replace(part, state="degraded") if part.state == "failed" else part


def _failed_parts() -> dict[str, bool]:
    return {part.name: part.state == "failed" for part in _watch().parts()}


def _underway() -> dict[str, int]:
    return {kind: number for kind, number in stopping.shared.count().items() if kind != "page"}


metrics.shared.watch(underway=_underway, failed_parts=_failed_parts)
