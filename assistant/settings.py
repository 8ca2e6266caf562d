"""Settings: ``assistant.toml`` beside ``app.py``, overridden by ``ASSISTANT_<SECTION>__<KEY>``.

``ASSISTANT_<SECTION>__<KEY>_FILE`` names a file that holds the value, which keeps secrets out of the environment.

Written without a settings library because reading them is on the way to every first answer: the
usual ones cost more time at import than everything else that the command line does.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from assistant.errors import SettingsError

FILE_NAME = "assistant.toml"
PREFIX = "ASSISTANT_"
PROJECT = Path(__file__).resolve().parent.parent
"""The folder of ``app.py``; relative paths in the settings start here."""


@dataclass(frozen=True, slots=True)
class CorpusSettings:
    """Where the documents are. ``ocr`` reads scanned pages where Tesseract is installed."""

    path: Path = Path("corpus")
    ocr: bool = True


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where the index is."""

    path: Path = Path("index")


@dataclass(frozen=True, slots=True)
class EmbeddingSettings:
    """Which model embeds, and on what. ``engine`` is "packaged" or "sentence-transformers".

    ``bulk`` says whether the packaged model has a faster engine for many passages: "auto" where its packages
    are installed, or "off".
    """

    engine: str = "sentence-transformers" if os.name == "nt" else "packaged"
    model: str = "intfloat/multilingual-e5-small"
    device: str = ""
    bulk: str = "auto"


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """Which language model may write answers; none by default. The key never comes from the file.

    ``window`` is the model's context in tokens and ``answer_tokens`` how many of them an answer may
    take; the seconds are deadlines, for the first text and for the whole answer. ``outside`` allows
    calls that leave the machine; ``own_hosts`` are host names that belong to the organisation.
    """

    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)
    model_path: str = ""
    window: int = 8192
    answer_tokens: int = 700
    first_text_seconds: int = 20
    answer_seconds: int = 60
    outside: bool = True
    own_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where conversations are kept, as an SQLAlchemy URL (empty: a file in ``data/``), and for how long.

    A PostgreSQL with pgvector keeps the index too, in ``schema``; ``read_urls`` are replicas of it that
    questions are read from. Addresses may hold passwords, so they are never shown.
    """

    url: str = field(default="", repr=False)
    read_urls: tuple[str, ...] = field(default=(), repr=False)
    schema: str = "assistant"
    retention_days: int = 365


@dataclass(frozen=True, slots=True)
class DaskSettings:
    """How ``build --dask`` reaches its cluster.

    ``ca_file``, ``cert_file`` and ``key_file`` are for tls://. ``open`` allows tcp://, which anyone on the way
    can read and change, to other machines. ``wait_seconds`` is how long a build waits for workers.
    """

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    open: bool = False
    wait_seconds: int = 120


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """Who answers: "extractive" or "llm"."""

    answerer: str = "extractive"


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """Who may do what, once sign-in is configured: e-mail addresses, or "*" for everyone signed in.

    ``uploaders`` may add, replace and remove documents, ``evaluators`` run question sets, and
    ``administrators`` both, and choose the language model. ``open`` lets a page without sign-in serve
    other machines.
    """

    uploaders: tuple[str, ...] = ()
    evaluators: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """How much is accepted.

    ``question_characters`` is the longest question, ``conversation_turns`` the longest conversation.
    Questions a minute and at once, files and megabytes of an upload count for each browser session; the
    ``read_`` limits hold for each file while it is read, megabytes of memory and of what it unpacks to.
    """

    question_characters: int = 2000
    conversation_turns: int = 200
    questions_per_minute: int = 20
    questions_at_once: int = 2
    upload_files: int = 20
    upload_megabytes: int = 50
    read_seconds: int = 30
    read_memory_megabytes: int = 1024
    read_pages: int = 5000
    read_unpacked_megabytes: int = 500


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Who may read ``/metrics``: this machine alone, everyone where ``open``, or who sends the token.

    Where there is a token it is asked of everyone, on this machine too. It never comes from the file.
    """

    open: bool = False
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How the page is served. ``stop_seconds`` is how long answers and changes under way may take to end."""

    stop_seconds: int = 20


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged: ``level``, and with ``questions`` the texts of questions too, masked."""

    level: str = "INFO"
    questions: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, by section."""

    corpus: CorpusSettings = field(default_factory=CorpusSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    embedding: EmbeddingSettings = field(default_factory=EmbeddingSettings)
    llm: LlmSettings = field(default_factory=LlmSettings)
    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    dask: DaskSettings = field(default_factory=DaskSettings)
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    log: LogSettings = field(default_factory=LogSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    server: ServerSettings = field(default_factory=ServerSettings)


_CHOICES = {
    ("embedding", "engine"): ("packaged", "sentence-transformers"),
    ("embedding", "bulk"): ("auto", "off"),
    ("answer", "answerer"): ("extractive", "llm"),
    ("log", "level"): ("DEBUG", "INFO", "WARNING", "ERROR"),
}
_IN_FILE = "_file"
"""At the end of a variable's name: its value is in the file of that name, as secrets are handed to containers."""

_ONLY_FROM_ENVIRONMENT = {("llm", "api_key"), ("metrics", "token")}


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
    sections = {}
    hints = get_type_hints(Settings)
    values.update(_from_environment(environ, hints))
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


def _from_environment(
    environ: Mapping[str, str], hints: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[Any, str]]:
    """What the environment sets; ``ASSISTANT_LLM__API_KEY_FILE`` names a file that holds the value."""
    values: dict[tuple[str, str], tuple[Any, str]] = {}
    for name, value in environ.items():
        if not name.upper().startswith(PREFIX):
            continue
        section, _, key = name.upper().removeprefix(PREFIX).lower().partition("__")
        known = {f.name for f in fields(hints[section])} if section in hints else set()
        whole = key.removesuffix(_IN_FILE)
        if key not in known and whole in known:
            key, value = whole, _content(value, name)
        if (section, key) in values:
            raise SettingsError(
                f"»{section}.{key}« er sat to gange i miljøet: som {values[section, key][1]} og som "
                f"miljøvariablen {name}. Fjern den ene."
            )
        values[section, key] = (value, f"miljøvariablen {name}")
    return values


def _content(path: str, name: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "den er ikke tekst i UTF-8"
        raise SettingsError(
            f"Filen, som miljøvariablen {name} peger på, kan ikke læses ({reason})."
        ) from error


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
    if wanted is bool:
        return _truth(section, key, value, origin)
    if get_origin(wanted) is tuple:
        return _several(section, key, value, origin)
    if not isinstance(value, str):
        raise SettingsError(f"»{section}.{key}« i {origin} skal være en tekst.")
    if wanted is Path and not value.strip():
        raise SettingsError(f"»{section}.{key}« i {origin} er tom, men skal være en mappe.")
    return wanted(value)


def _truth(section: str, key: str, value: Any, origin: str) -> bool:
    words = {"true": True, "1": True, "ja": True, "false": False, "0": False, "nej": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    raise SettingsError(f"»{section}.{key}« i {origin} er »{value}«, men skal være true eller false.")


def _several(section: str, key: str, value: Any, origin: str) -> tuple[str, ...]:
    """A list of texts; in the environment they are separated by commas."""
    if isinstance(value, str):
        value = [part for part in (part.strip() for part in value.split(",")) if part]
    if isinstance(value, list) and all(isinstance(part, str) and part.strip() for part in value):
        return tuple(part.strip() for part in value)
    raise SettingsError(f"»{section}.{key}« i {origin} skal være en liste af tekster.")


def _anchored(settings: Settings, folder: Path) -> Settings:
    return replace(
        settings,
        corpus=replace(settings.corpus, path=folder / settings.corpus.path),
        index=replace(settings.index, path=folder / settings.index.path),
    )
