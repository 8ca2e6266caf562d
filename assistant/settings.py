"""Settings: ``assistant.toml`` beside ``app.py``, overridden by ``ASSISTANT_<SECTION>__<KEY>``.

Written without a settings library because reading them is on the way to every first answer: the
usual ones cost more time at import than everything else that the command line does.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from assistant.errors import SettingsError

FILE_NAME = "assistant.toml"
PREFIX = "ASSISTANT_"
PROJECT = Path(__file__).resolve().parent.parent
"""The folder of ``app.py``; relative paths in the settings start here."""


@dataclass(frozen=True, slots=True)
class CorpusSettings:
    """Where the documents are."""

    path: Path = Path("corpus")


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where the index is."""

    path: Path = Path("index")


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """Which model embeds, and on what. ``engine`` is "packaged" or "sentence-transformers"."""

    engine: str = "sentence-transformers" if os.name == "nt" else "packaged"
    model: str = "intfloat/multilingual-e5-small"
    device: str = ""


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which language model may write answers; none by default. The key never comes from the file."""

    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)
    model_path: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where conversations are kept."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """Who answers: "extractive" or "llm"."""

    answerer: str = "extractive"


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much is accepted. ``question_characters`` is the longest question."""

    question_characters: int = 2000


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, by section."""

    corpus: CorpusSettings = field(default_factory=CorpusSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    embedding: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    llm: LlmSettings = field(default_factory=LlmSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)


_CHOICES = {
    ("embedding", "engine"): ("packaged", "sentence-transformers"),
    ("answer", "answerer"): ("extractive", "llm"),
}
_ONLY_FROM_ENVIRONMENT = {("llm", "api_key")}


def load_settings(folder: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        folder: where ``assistant.toml`` is looked for and relative paths start (default: the project).
        environ: the environment (default: the process's own).

    Raises:
        SettingsError: a key is unknown or a value cannot be used; the message names it.
    """
    folder = folder or PROJECT
    environ = os.environ if environ is None else environ
    values = _from_file(folder / FILE_NAME)
    for name, value in environ.items():
        if name.upper().startswith(PREFIX):
            section, _, key = name.upper().removeprefix(PREFIX).lower().partition("__")
            values[section, key] = (value, f"miljøvariablen {name}")
    sections = {}
    hints = get_type_hints(Settings)
    for (section, key), (value, origin) in list(values.items()):
        if section not in hints or key not in {f.name for f in fields(hints[section])}:
            raise SettingsError(f"Ukendt indstilling i {origin}: »{section}.{key}«. {_known(hints, section)}")
        values[section, key] = (_convert(section, key, value, hints[section], origin), origin)
    for section, kind in hints.items():
        given = {key: value for (s, key), (value, _) in values.items() if s == section}
        sections[section] = kind(**given)
    settings = Settings(**sections)
    return _anchored(settings, folder)


def _from_file(path: Path) -> dict[tuple[str, str], tuple[Any, str]]:
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(
            f"Filen {path} kan ikke læses som TOML ({error}). Ret filen, og prøv igen."
        ) from error
    values: dict[tuple[str, str], tuple[Any, str]] = {}
    for section, table in raw.items():
        if not isinstance(table, dict):
            raise SettingsError(
                f"Ukendt indstilling i {path}: »{section}«. Indstillinger står i afsnit, fx [corpus]."
            )
        for key, value in table.items():
            if (section, key) in _ONLY_FROM_ENVIRONMENT:
                raise SettingsError(
                    f"»{section}.{key}« må ikke stå i {path}. Sæt den i miljøvariablen "
                    f"{PREFIX}{section.upper()}__{key.upper()}."
                )
            values[section, key] = (value, str(path))
    return values


def _known(hints: Mapping[str, Any], section: str) -> str:
    if section in hints and is_dataclass(hints[section]):
        return f"Kendte i afsnittet: {', '.join(f.name for f in fields(hints[section]))}."
    return f"Kendte afsnit: {', '.join(hints)}."


def _convert(section: str, key: str, value: Any, kind: type, origin: str) -> Any:
    wanted = get_type_hints(kind)[key]
    allowed = _CHOICES.get((section, key))
    if allowed and value not in allowed:
        raise SettingsError(
            f"»{section}.{key}« i {origin} er »{value}«, men skal være en af: {', '.join(allowed)}."
        )
    if wanted is int:
        try:
            number = 0 if isinstance(value, float) else int(value)
        except (TypeError, ValueError):
            number = 0
        if number < 1 or isinstance(value, bool):
            raise SettingsError(
                f"»{section}.{key}« i {origin} er »{value}«, men skal være et helt tal over 0."
            )
        return number
    if not isinstance(value, str):
        raise SettingsError(f"»{section}.{key}« i {origin} skal være en tekst.")
    if wanted is Path and not value.strip():
        raise SettingsError(f"»{section}.{key}« i {origin} er tom, men skal være en mappe.")
    return wanted(value)


def _anchored(settings: Settings, folder: Path) -> Settings:
    return Settings(
        corpus=CorpusSettings(folder / settings.corpus.path),
        index=IndexSettings(folder / settings.index.path),
        embedding=settings.embedding,
        llm=settings.llm,
        database=settings.database,
        answer=settings.answer,
        limits=settings.limits,
    )
