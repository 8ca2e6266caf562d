"""Editing the text of ``corpus.toml``: one section at a time, everything else as it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import tomlkit

from assistant.loading.metadata import Metadata


def with_section(text: str, document_id: str, metadata: Metadata) -> str:
    """Return ``text`` with a section that says what ``metadata`` says; comments and order are kept.

    A field that has its default value is written only where it stood before.
    """
    parsed = tomllib.loads(text)
    before = parsed.get(document_id, {})
    default = _values(Metadata())
    said = {
        name: value for name, value in _values(metadata).items() if value != default[name] or name in before
    }
    if not said or said == before:
        return text
    if document_id not in parsed:
        above = f"{text.rstrip()}\n\n" if text.strip() else ""
        return _like(text, above + tomlkit.dumps({document_id: said}))
    content = tomlkit.parse(text)
    section: Any = content[document_id]
    for name in said.keys() & before.keys():
        if said[name] != before[name]:
            section[name] = said[name]
    new = {name: value for name, value in said.items() if name not in before}
    wanted = {**parsed, document_id: {**before, **said}}

    def insert(lines: list[str], _: int, end: int) -> list[str]:
        return [*lines[:end], *tomlkit.dumps(new).splitlines(keepends=True), *lines[end:]]

    edited = _edited(tomlkit.dumps(content), document_id, insert, wanted)
    if edited is None:  # tomlkit puts new keys below comments that belong to the next section
        section.update(new)
        edited = tomlkit.dumps(content)
    return _like(text, edited)


def without_section(text: str, document_id: str) -> str:
    """Return ``text`` without a section; comments above and below it are kept."""
    wanted = {name: table for name, table in tomllib.loads(text).items() if name != document_id}

    def remove(lines: list[str], head: int, end: int) -> list[str]:
        if head == 0 or not lines[head - 1].strip():
            while end < len(lines) and not lines[end].strip():
                end += 1
        return [*lines[:head], *lines[end:]]

    edited = _edited(text, document_id, remove, wanted)
    if edited is None:
        content = tomlkit.parse(text)
        content.pop(document_id, None)
        edited = tomlkit.dumps(content)
    return edited


def _values(metadata: Metadata) -> dict[str, Any]:
    """Return the fields as TOML has them."""
    values = {field.name: getattr(metadata, field.name) for field in fields(Metadata)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _edited(
    text: str,
    document_id: str,
    edit: Callable[[list[str], int, int], list[str]],
    wanted: dict[str, Any],
) -> str | None:
    """Return ``text`` with the lines of one section edited, if it then says what is ``wanted``.

    ``edit`` is given all lines and where the section begins and ends; what stands right above the next
    section belongs to that one. Lines may deceive, in a text of several lines for one, hence the check.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    heads = [number for number, line in enumerate(lines) if _head(line) is not None]
    for head, following in zip(heads, [*heads[1:], len(lines)], strict=True):
        if _head(lines[head]) != document_id:
            continue
        end = following
        while end > head + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1
        edited = "".join(edit(lines, head, end))
        if _parsed(edited) == wanted:
            return edited
    return None


def _head(line: str) -> str | None:
    """Return the name in a line like ``["årsrapport 2024"]  # a comment``, else ``None``."""
    parsed = _parsed(line) if line.lstrip().startswith("[") else None
    if not parsed:
        return None
    name, table = next(iter(parsed.items()))
    return name if table == {} else None


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _like(text: str, edited: str) -> str:
    """Give ``edited`` the line ends of ``text``."""
    edited = edited.replace("\r\n", "\n")
    return edited.replace("\n", "\r\n") if "\r\n" in text else edited
