"""Records as JSON and back, by their own annotations.

Kept answers outlive the release that wrote them. What a record has gained since is read as its default,
and what it has lost is left out; a field without a default that is missing is damage.
"""

from __future__ import annotations

import functools
import json
import re
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from assistant.errors import StorageError

T = TypeVar("T")

DAMAGED = "En gemt samtale kan ikke læses, fordi dens indhold er beskadiget i databasen. De andre kan åbnes."


def to_json(record: object) -> str:
    """Return a record, or tuples of them, as JSON that any database can keep.

    A lone surrogate is written as an escape: as it stands it is in no encoding.
    """
    written = json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"))
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def from_json(kind: type[T], text: str) -> T:
    """Return the record of type ``kind`` that ``to_json`` wrote; raises ``StorageError`` if it is damaged."""
    try:
        value: T = _record(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StorageError(DAMAGED) from error
    return value


_SURROGATE = re.compile("[\ud800-\udfff]")


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no part of a record")


def _record(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _dataclass(kind, data)
    if origin is tuple:
        return _tuple(get_args(kind), data)
    if origin in (Union, types.UnionType):
        return None if data is None else _record(next(k for k in get_args(kind) if k is not _NONE), data)
    if kind is datetime:
        return datetime.fromisoformat(data)
    if origin is Literal:
        wanted = data in get_args(kind)
    elif kind is float:
        wanted, data = isinstance(data, int | float), float(data)
    else:
        wanted = isinstance(data, kind)
    if not wanted:
        raise TypeError(f"{data!r} is no {kind}")
    return data


_NONE = type(None)


def _dataclass(kind: Any, data: Mapping[str, Any]) -> Any:
    values = {}
    for each, hint in _fields(kind):
        if each.name in data:
            values[each.name] = _record(hint, data[each.name])
        elif each.default is MISSING and each.default_factory is MISSING:
            raise KeyError(each.name)
    return kind(**values)


@functools.cache
def _fields(kind: Any) -> tuple[tuple[Any, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((each, hints[each.name]) for each in fields(kind))


def _tuple(kinds: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise TypeError(f"{type(data).__name__} is no list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_record(kinds[0], each) for each in data)
    return tuple(_record(kind, each) for kind, each in zip(kinds, data, strict=True))
