"""Files with one JSON object a line, read so that every error names the file and the line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.text.folding import fold
from eval.errors import because


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line (from 1) of a file, 0: with all of it; ``message`` is Danish."""

    source: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.source}:{self.line}" if self.line else self.source
        return f"{where}: {self.message}"


class LinesError(AssistantError):
    """A file of lines cannot be used; ``problems`` holds every line that is wrong."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        suffix = f" (og {more} fejl mere i filen)" if more else ""
        super().__init__(f"{self.problems[0]}{suffix}")


class WrongLineError(Exception):
    """What is wrong with a line, in Danish; whoever reads the file adds where it stands."""


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; raises ``LinesError`` if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"filen kan ikke læses ({because(error)})"
        raise LinesError([LineProblem(str(path), 0, message)]) from error


def numbered_lines(data: bytes, source: str) -> Iterator[tuple[int, str]]:
    """Return the lines that are not blank, numbered from 1; raises ``LinesError`` if not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        message = "linjen er ikke UTF-8. Gem filen som UTF-8"
        raise LinesError([LineProblem(source, number, message)]) from error
    # Not splitlines: a JSON string may hold U+2028 and its like.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.removesuffix("\r")


def json_object(line: str) -> Mapping[str, object]:
    """Return the object that a line holds; raises ``WrongLineError``."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        where = f" (ved tegn {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise WrongLineError(f"linjen er ikke gyldig JSON{where}") from error
    if not isinstance(entry, dict):
        raise WrongLineError('linjen er ikke et JSON-objekt. Skriv {"id": ..., ...}')
    return entry


def string_field(entry: Mapping[str, object], key: str) -> str:
    """Return a field that must be text and not blank; raises ``WrongLineError``."""
    if key not in entry:
        raise WrongLineError(f"feltet {key} mangler")
    return checked_text(entry[key], key)


def list_field(entry: Mapping[str, object], key: str, *, required: bool = True) -> Sequence[object]:
    """Return a field that must be a list, empty where it may be missing; raises ``WrongLineError``."""
    if key not in entry and required:
        raise WrongLineError(f"feltet {key} mangler")
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise WrongLineError(f"feltet {key} skal være en liste, ikke {shown(value)}")
    return value


def checked_text(value: object, key: str) -> str:
    """Return a value that must be text, not blank; raises ``WrongLineError`` naming the field."""
    if not isinstance(value, str):
        raise WrongLineError(f"feltet {key} skal være tekst, ikke {shown(value)}")
    if not value.strip():
        raise WrongLineError(f"feltet {key} er tomt")
    # A lone surrogate is legal in JSON and cannot be written to a file.
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise WrongLineError(f"feltet {key} er ikke gyldig Unicode")
    return value


def shown(value: object) -> str:
    """Return a value as it can stand in a one-line message, whatever it holds."""
    text = f"»{fold(value)}«" if isinstance(value, str) else json.dumps(value)
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return printable if len(printable) <= 80 else f"{printable[:76]}...{printable[-1]}"
