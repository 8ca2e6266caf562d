"""Pages of PDF files as pictures: drawn in processes of their own, kept for a while, served by address.

A picture's address holds 192 random bits and is known only to pages that the picture was shown on. Drawing
is held to a time and to an amount of memory; what does not keep to them ends with its process.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assistant.errors import AssistantError, LimitReached
from assistant.web.quote_boxes import Box, Wanted

ADDRESS: Final = "sidebilleder"

_WIDTH = 1500
_PIXELS = 6_000_000
_AT_ONCE = 2
_WAITING = 24
_SECONDS = 15
_MEMORY = 1 << 30
_KEPT_BYTES = 48 << 20
_KEPT_MARKS = 2000
_KINDS = ("image/png", "image/jpeg")
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
"""What the drawing process sees of the environment: no keys and no addresses."""

_log = logging.getLogger(__name__)


class NoPicture(AssistantError):
    """A page cannot be drawn; its text is still there."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a picture. ``across`` and ``down`` are its size in points; ``boxes`` are what is marked.

    ``all_found`` is false where a quote is on the page but not among the letters of the picture.
    """

    address: str
    across: float
    down: float
    boxes: tuple[Box, ...]
    all_found: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    token: str
    kind: str
    content: bytes
    across: float
    down: float


_Marks = tuple[tuple[Box, ...], ...]


@dataclass(frozen=True, slots=True)
class _Header:
    kind: str
    across: float
    down: float
    marks: _Marks


class Pictures:
    """The pictures of one server, shared by all its browser sessions."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES, seconds: float = _SECONDS) -> None:
        """Keep at most ``kept_bytes`` of pictures; give up drawing one after ``seconds``."""
        self._kept_bytes = kept_bytes
        self._seconds = seconds
        self._drawn: OrderedDict[tuple[str, int], _Drawn] = OrderedDict()
        self._by_token: dict[str, _Drawn] = {}
        self._marks: OrderedDict[tuple[Any, ...], _Marks] = OrderedDict()
        self._waiting = 0
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="sidebillede")

    def picture(self, path: Path, sha256: str, page: int, quotes: Sequence[Wanted] = ()) -> Future[Picture]:
        """Begin to draw page ``page`` (from 1) of the PDF at ``path``, or find it among those kept.

        The future raises :class:`NoPicture` where the page cannot be drawn.

        Raises:
            LimitReached: too many pages are waiting to be drawn.
        """
        with self._lock:
            if self._waiting >= _WAITING:
                raise LimitReached("Der vises mange sider lige nu. Læs teksten her, eller prøv igen om lidt.")
            self._waiting += 1
        future = self._workers.submit(self._picture, path, sha256, page, tuple(quotes))
        future.add_done_callback(self._one_less)
        return future

    def content(self, token: str) -> tuple[bytes, str] | None:
        """Return the picture at an address and its media type, or ``None`` if it is not kept."""
        with self._lock:
            drawn = self._by_token.get(token)
        return None if drawn is None else (drawn.content, drawn.kind)

    def _one_less(self, _future: Future[Picture]) -> None:
        with self._lock:
            self._waiting -= 1

    def _picture(self, path: Path, sha256: str, page: int, quotes: tuple[Wanted, ...]) -> Picture:
        key, marks_key = (sha256, page), (sha256, page, quotes)
        with self._lock:
            drawn = self._drawn.get(key)
            marks = self._marks.get(marks_key) if quotes else ()
            if drawn is not None:
                self._drawn.move_to_end(key)
        if drawn is None or marks is None:
            header, content = self._ask(path, page, quotes, draw=drawn is None)
            marks = header.marks
            if drawn is None:
                token = secrets.token_urlsafe(24)
                drawn = _Drawn(token, header.kind, content, header.across, header.down)
            self._keep(key, drawn, marks_key, marks)
        return Picture(
            f"./{ADDRESS}/{drawn.token}",
            drawn.across,
            drawn.down,
            tuple(box for boxes in marks for box in boxes),
            all(marks),
        )

    def _keep(self, key: tuple[str, int], drawn: _Drawn, marks_key: tuple[Any, ...], marks: _Marks) -> None:
        with self._lock:
            self._drawn[key] = self._by_token[drawn.token] = drawn
            self._marks[marks_key] = marks
            while len(self._marks) > _KEPT_MARKS:
                self._marks.popitem(last=False)
            while len(self._drawn) > 1 and self._size() > self._kept_bytes:
                _, oldest = self._drawn.popitem(last=False)
                del self._by_token[oldest.token]

    def _size(self) -> int:
        return sum(len(drawn.content) for drawn in self._drawn.values())

    def _ask(self, path: Path, page: int, quotes: Sequence[Wanted], *, draw: bool) -> tuple[_Header, bytes]:
        request = {
            "path": str(path),
            "page": page,
            "quotes": [(quote.text, quote.occurrence) for quote in quotes],
            "draw": draw,
            "width": _WIDTH,
            "pixels": _PIXELS,
            "memory": _MEMORY,
            "seconds": _SECONDS,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "assistant.web.picture_child"],
                input=json.dumps(request).encode(),
                capture_output=True,
                timeout=self._seconds,
                env=_environment(),
                check=True,
            )
            head, _, content = done.stdout.partition(b"\n")
            return _checked(json.loads(head)), content
        except subprocess.TimeoutExpired as error:
            raise NoPicture("Siden var for længe om at blive tegnet.") from error
        except (OSError, ValueError, TypeError, KeyError, subprocess.CalledProcessError) as error:
            _log.warning("Side %d af %s kan ikke tegnes (%s)", page, path.name, type(error).__name__)
            raise NoPicture("Siden kan ikke vises som billede.") from error


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PYTHONUTF8": "1"}


def _checked(reply: dict[str, Any]) -> _Header:
    """What the process says is foreign: a file may have taken it over. It raises what JSON can be wrong in."""
    marks = tuple(
        tuple(Box(*(min(max(float(edge), 0.0), 1.0) for edge in box)) for box in boxes)
        for boxes in reply["boxes"]
    )
    across, down, kind = float(reply["across"]), float(reply["down"]), reply["kind"]
    if kind not in ("", *_KINDS) or not (across > 0 and down > 0):
        raise ValueError("not a picture of a page")
    return _Header(kind, across, down, marks)


pictures: Final = Pictures()
"""The pictures of this server."""


def _serve(request: Request) -> Response:
    found = pictures.content(request.path_params["token"])
    if found is None:
        return Response(status_code=404)
    content, kind = found
    headers = {
        "cache-control": "private, max-age=86400, immutable",
        "content-security-policy": "default-src 'none'",
    }
    return Response(content, media_type=kind, headers=headers)


ROUTE: Final = Route(f"/{ADDRESS}/{{token}}", _serve)
