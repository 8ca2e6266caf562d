"""Reading a file in a process of its own, so that a hang, a crash or a bomb costs that file alone.

The parent starts one child (:mod:`assistant.loading.child`) and lets it read one file after another:
starting it costs more than reading most files. It is a fresh interpreter, never a fork of a server with
threads. The two exchange one line of JSON a file, and what comes back is checked like any other foreign
input. A child that failed is ended with everything it started, and the next file gets a new one.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from assistant.errors import DocumentError
from assistant.loading.metadata import Metadata, document_id
from assistant.loading.names import shown_name
from assistant.loading.recognizing import check_text, with_recognized
from assistant.records import Document, Page, Span

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one file may take: seconds, megabytes of memory, pages, megabytes unpacked and of text.

    With ``ocr`` the text of scanned pages is recognised; each such page may take as long as a file, and all
    of a file's together 60 times that.
    """

    seconds: int = 30
    memory_megabytes: int = 1024
    pages: int = 5000
    unpacked_megabytes: int = 500
    text_megabytes: int = 20
    ocr: bool = False


_RECOGNIZING = 60

SIMPLE_BYTES = 2**18
"""What a plain text may fill and still be read without a child."""

SIMPLE_PAGES = 1000


def is_simple(path: Path) -> bool:
    """Whether a file is a small plain text, which is read where it is.

    Nothing but decoding stands between its bytes and its text, so a child would guard nothing; it would
    add its start, some tenths of a second, to a corpus of texts.
    """
    if path.suffix.lower() != ".txt":
        return False
    try:
        if path.stat().st_size > SIMPLE_BYTES:
            return False
        data = path.read_bytes()
        data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    begins = data.removeprefix(codecs.BOM_UTF8).lstrip()[:2]
    # What begins so may be markup, rich text or an archive under a wrong name, and is parsed.
    foreign = begins[:1] in (b"<", b"{") or begins == b"PK" or b"%PDF-" in data[:1024] or b"\x00" in data
    return not foreign and data.count(b"\f") < SIMPLE_PAGES


class IsolatedReader:
    """Reads files in a child process. A context manager, for one thread at a time."""

    def __init__(self, limits: ReadLimits | None = None, *, module: str = "assistant.loading.child") -> None:
        """Read within ``limits``; the child runs ``module`` and starts with the first file."""
        self._limits = limits or ReadLimits()
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self.close()

    @property
    def child_id(self) -> int | None:
        """The process that reads now, if any."""
        return None if self._child is None else self._child.pid

    def read(self, path: Path, metadata: Metadata | None = None) -> Document:
        """Read one file.

        Raises:
            DocumentError: the file cannot be read, or not within the limits; the message names it.
        """
        metadata = metadata or Metadata()
        document = self._twice(path, metadata)
        if self._limits.ocr:
            ends = time.monotonic() + _RECOGNIZING * self._limits.seconds
            document = with_recognized(
                document,
                metadata,
                lambda number: self._recognize(path, number) if time.monotonic() < ends else None,
            )
        return check_text(document)

    def _recognize(self, path: Path, number: int) -> str | None:
        """Return the text that is recognised on a page, ``None`` where none can be."""
        if self._child is None:
            self._child = _start(self._module, self._limits)
        try:
            line = self._exchange(self._child, {"path": str(path.absolute()), "page": number}, path)
            match json.loads(line):
                case {"recognized": str(text)} if len(line) <= _reply_bytes(self._limits):
                    return _long_text(text)
                case {"recognized": None}:
                    return None
        except (_Failed, ValueError, TypeError, RecursionError) as failure:
            _log.warning("%s: side %s kan ikke genkendes (%s)", shown_name(path.name), number, failure)
        self.close()
        return ""

    def _twice(self, path: Path, metadata: Metadata) -> Document:
        fresh = self._child is None
        try:
            return self._read(path, metadata)
        except _Failed as failure:
            self.close()
            if fresh or failure.final:
                raise failure.error from failure
        # The file before may have left the child in a bad state: the blame is clear only in a new one.
        try:
            return self._read(path, metadata)
        except _Failed as failure:
            self.close()
            raise failure.error from failure

    def close(self) -> None:
        """End the child and whatever it started. It has nothing to save, so it is not asked."""
        child, self._child = self._child, None
        if child is None:
            return
        _kill(child)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self, path: Path, metadata: Metadata) -> Document:
        if self._child is None:
            self._child = _start(self._module, self._limits)
        request = {"path": str(path.absolute()), "metadata": asdict(metadata)}
        line = self._exchange(self._child, request, path)
        if not line:
            raise _Failed(self._ended(self._child, path))
        if len(line) > _reply_bytes(self._limits):
            raise _Failed(_too_much_text(path, self._limits), final=True)
        try:
            return _document(json.loads(line), path, metadata, self._limits)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            _log.warning("%s: svaret fra læseprogrammet er ugyldigt (%s)", shown_name(path.name), error)
            raise _Failed(_crashed(path)) from error

    def _exchange(self, child: subprocess.Popen[bytes], request: dict[str, Any], path: Path) -> bytes:
        """Return the line that the child answers with, empty if it has ended."""
        received: list[bytes] = []
        stdin, stdout = child.stdin, child.stdout
        if stdin is None or stdout is None:
            raise _Failed(_crashed(path))

        def receive() -> None:
            with contextlib.suppress(OSError, ValueError):
                received.append(stdout.readline(_reply_bytes(self._limits) + 1))

        # A thread, because a pipe cannot be waited for with a deadline on every system.
        thread = threading.Thread(target=receive, name="isolated-reader", daemon=True)
        thread.start()
        with contextlib.suppress(OSError):  # it has ended; what it answered says so
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        thread.join(self._limits.seconds)
        if thread.is_alive():
            _kill(child)
            thread.join()
            raise _Failed(_too_slow(path, self._limits), final=True)
        return received[0] if received else b""

    def _ended(self, child: subprocess.Popen[bytes], path: Path) -> DocumentError:
        try:
            status = child.wait(2)
        except subprocess.TimeoutExpired:
            return _crashed(path)
        name = signal.Signals(-status).name if status < 0 else str(status)
        _log.warning("%s: læseprogrammet endte med %s", shown_name(path.name), name)
        if name in ("SIGXCPU", "SIGALRM"):
            return _too_slow(path, self._limits)
        if name == "SIGKILL":  # by the system, which was short of memory
            return _too_large(path, self._limits)
        return _crashed(path)


# --- the child as a process -----------------------------------------------------------------------

_ENVIRONMENT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "TESSDATA_PREFIX",
)
"""What the child may know of its surroundings: no keys, no addresses, no settings."""


def _start(module: str, limits: ReadLimits) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    environment["PYTHONUTF8"] = "1"
    environment["OMP_THREAD_LIMIT"] = "1"
    return subprocess.Popen(  # noqa: S603 - our own module in our own interpreter
        [sys.executable, "-P", "-m", module, json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )


def _kill(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


# --- what comes back ------------------------------------------------------------------------------


class _Failed(Exception):
    """The child failed on a file; ``final`` where a new one would fare no better."""

    def __init__(self, error: DocumentError, *, final: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.final = final


def _document(reply: Any, path: Path, metadata: Metadata, limits: ReadLimits) -> Document:
    """Turn a reply into a document; everything that does not look like one is an error of some kind."""
    match reply:
        case {"error": str(message)}:
            raise DocumentError(_one_line(message, path))
        case {"limit": "memory"}:
            raise _Failed(_too_large(path, limits))
        case {"limit": "pages", "pages": int(pages)}:
            raise DocumentError(
                f"{shown_name(path.name)}: filen har {pages} sider, men der læses højst {limits.pages}. "
                "Del den i flere filer."
            )
        case {"limit": "text"}:
            raise _too_much_text(path, limits)
        case {"unexpected": str(what)}:
            _log.warning("%s: uventet fejl i læseren: %s", shown_name(path.name), what[:300])
            raise DocumentError(
                f"{shown_name(path.name)}: filen er beskadiget og kan ikke læses. Åbn og gem den igen, "
                "eller hent en ny kopi."
            )
        case {"document": dict(fields)}:
            return _checked(fields, path, metadata, limits)
    raise ValueError("neither a document nor an error")


def _checked(fields: dict[str, Any], path: Path, metadata: Metadata, limits: ReadLimits) -> Document:
    pages = tuple(_page(number, page) for number, page in enumerate(fields.pop("pages"), 1))
    if not 0 < len(pages) <= limits.pages:
        raise ValueError(f"{len(pages)} pages")
    aliases = tuple(_text(alias) for alias in fields.pop("aliases"))
    page_noun = fields.pop("page_noun")
    if page_noun not in ("side", "slide"):
        raise ValueError("page_noun")
    texts = {name: _text(value) for name, value in fields.items()}
    # What the parent knows itself is not taken from the child.
    texts |= {"id": document_id(path), "source": path.name}
    for name in ("title", "organisation"):
        texts[name] = getattr(metadata, name) or texts[name]
    if len(texts["sha256"]) != 64 or not set(texts["sha256"]) <= set("0123456789abcdef"):
        raise ValueError("sha256")
    return Document(pages=pages, aliases=aliases, page_noun=page_noun, **texts)


def _page(number: int, page: dict[str, Any]) -> Page:
    text, label, span = _long_text(page["text"]), page["label"], page["label_span"]
    if page["number"] != number or not (label is None or isinstance(label, str)):
        raise ValueError("page")
    if span is None:
        return Page(number, text, label, None, _text(page["reader"]))
    start, end = span["start"], span["end"]
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= len(text)):
        raise ValueError("span")
    return Page(number, text, label, Span(start, end), _text(page["reader"]))


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("no text, or too long")
    return _long_text(value)


def _long_text(value: Any) -> str:
    """A text that can be written as UTF-8; half a surrogate pair cannot."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value.encode("utf-8", "replace").decode()


def _one_line(message: str, path: Path) -> str:
    shown = shown_name(path.name)
    message = " ".join(message.replace(path.name, shown).encode("utf-8", "replace").decode().split())
    return message[:600] if shown in message else f"{shown}: {message[:500]}"


def _reply_bytes(limits: ReadLimits) -> int:
    return limits.text_megabytes * 2**20


def _too_slow(path: Path, limits: ReadLimits) -> DocumentError:
    return DocumentError(
        f"{shown_name(path.name)}: filen tog over {limits.seconds} sekunder at læse og er sprunget over. "
        "Åbn og gem den igen, eller del den i mindre filer."
    )


def _too_large(path: Path, limits: ReadLimits) -> DocumentError:
    return DocumentError(
        f"{shown_name(path.name)}: filen kræver over {limits.memory_megabytes} MB hukommelse at læse og er "
        "sprunget over. Åbn og gem den igen, eller del den i mindre filer."
    )


def _too_much_text(path: Path, limits: ReadLimits) -> DocumentError:
    return DocumentError(
        f"{shown_name(path.name)}: filen har over {limits.text_megabytes} MB tekst og er sprunget over. "
        "Del den i mindre filer."
    )


def _crashed(path: Path) -> DocumentError:
    return DocumentError(
        f"{shown_name(path.name)}: filen fik læseprogrammet til at gå ned og er sprunget over. "
        "Åbn og gem den igen, eller hent en ny kopi."
    )
