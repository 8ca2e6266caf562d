"""Structured logs: what happened, when and for how long, as one JSON object a line on stderr.

Texts of questions are not among it unless that is asked for, and then masked. Whatever a message or a
traceback says is masked too: it may quote what a user wrote.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

from assistant.errors import AssistantError
from assistant.records import Answer, Block, Delta, Query

Part = TypeVar("Part", bound=Query | Block | Delta | Answer)

_ROOT: Final = "assistant"
_FIELDS: Final = "fields"
"""The attribute of a log record that holds the named values of an event."""

_LONGEST = 4000
_log = logging.getLogger(__name__)


def configure(level: str = "INFO", *, json_lines: bool, questions: bool = False) -> None:
    """Send the product's log to stderr; a second call replaces the first.

    Args:
        level: the least that is logged, "DEBUG" to "ERROR".
        json_lines: one JSON object a line, for a server; otherwise a line to read, for a terminal.
        questions: log the texts of questions too, masked.
    """
    handler = _Handler()
    handler.setFormatter(_JsonLines(questions=questions) if json_lines else _Lines())
    logger = logging.getLogger(_ROOT)
    for old in [each for each in logger.handlers if isinstance(each, _Handler)]:
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(level)


def event(name: str, *, level: int = logging.INFO, **values: object) -> None:
    """Log that something happened, with named values."""
    _log.log(level, name, extra={_FIELDS: values})


def unexpected(what: str, error: BaseException) -> str:
    """Log what nobody foresaw with its traceback.

    Returns:
        A short id that stands in the log, for the page to show.
    """
    name = secrets.token_hex(3)
    _log.error("%s", what, exc_info=error, extra={_FIELDS: {"id": name}})
    return name


def trace(error: BaseException) -> str:
    """Return the traceback of ``error``, masked: it may quote what a user wrote."""
    return _clean("".join(traceback.format_exception(error))[-_LONGEST:])


def answered(parts: Iterable[Part], *, clock: Callable[[], float] = time.perf_counter) -> Generator[Part]:
    """Yield the parts of an answer as they come, and log how it went once it ends, is refused or left."""
    started = clock()
    stages: dict[str, float] = {}

    def passed(stage: str) -> None:
        stages.setdefault(stage, round((clock() - started) * 1000, 1))

    answer: Answer | None = None
    query: Query | None = None
    outcome, level = "stopped", logging.INFO
    try:
        for part in parts:
            match part:
                case Query():
                    query = part
                    passed("search_ms")
                case Block() | Delta():
                    passed("first_text_ms")
                case Answer():
                    answer, outcome = part, "answered"
            yield part
    except AssistantError as error:
        outcome, level = type(error).__name__, logging.WARNING
        raise
    except Exception:
        outcome, level = "failed", logging.ERROR
        raise
    finally:
        if isinstance(parts, Generator):
            parts.close()  # a model that is still writing is told to stop
        passed("total_ms")
        facts = {} if answer is None else _facts(answer)
        understood = {} if query is None else {"question": query.question, "intent": query.intent}
        event("question", level=level, outcome=outcome, **stages, **understood, **facts)


def _facts(answer: Answer) -> dict[str, object]:
    """What is said of an answer without its words."""
    states = [block.state for block in answer.blocks]
    return {
        "mode": answer.mode,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "hits": len(answer.hits),
        "citations": len(answer.citations),
        "quotes_verified": sum(citation.verified for citation in answer.citations),
        "sentences_verified": states.count("verified"),
        "sentences_unverified": states.count("unverified"),
        "notices": len(answer.notices),
        "language": answer.query.language,
        "index": answer.stamp.index,
    }


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever stderr is at the time."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a stderr that is closed costs nobody an answer."""
        self.stream = sys.stderr
        with contextlib.suppress(OSError, ValueError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Let a log that cannot be written be lost."""


class _JsonLines(logging.Formatter):
    def __init__(self, *, questions: bool) -> None:
        super().__init__()
        self._questions = questions

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON."""
        values = dict(getattr(record, _FIELDS, {}))
        if not self._questions:
            values.pop("question", None)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _clean(record.getMessage()),
            **{name: _clean(value) if isinstance(value, str) else value for name, value in values.items()},
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return a line for a terminal, with the traceback of what nobody foresaw."""
        values = {name: value for name, value in getattr(record, _FIELDS, {}).items() if name != "question"}
        words = [record.getMessage(), *(f"{name}={value}" for name, value in values.items())]
        line = " ".join(_clean(" ".join(words)).split())
        if record.exc_info and record.exc_info[0] is not None:
            line += "\n" + _clean(self.formatException(record.exc_info))
        return line


def _clean(text: str) -> str:
    """Masked, and without control characters that could forge a line or steer a terminal."""
    from assistant.masking import mask  # its expressions take longer to compile than all else here

    masked = mask(text[: 4 * _LONGEST]).text[:_LONGEST]
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in masked)
