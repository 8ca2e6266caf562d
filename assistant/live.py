"""The assistant of a program that runs for long: a new index is taken up without a restart."""

from __future__ import annotations

import logging
import threading
import time

from assistant.errors import AssistantError
from assistant.factory import assemble, open_embedder, open_generation, open_home, open_writing
from assistant.indexes.store import Generation
from assistant.llm.faults import FaultObserver
from assistant.pipeline import Assistant
from assistant.progress import ProgressCallback
from assistant.settings import Settings
from assistant.timing import Observer

RETRY_SECONDS = 30.0
"""How soon a new index is tried again that could not be read, but was not found to be damaged."""

_NOT_TAKEN = "Det nye indeks kan ikke bruges, så svarene bygger på det forrige."

_log = logging.getLogger(__name__)


class LiveAssistant:
    """Gives the assistant over the newest index that is whole. Safe for many threads at once.

    Whoever answers a question keeps the assistant that it began with, so an answer comes from one index.
    """

    def __init__(
        self,
        settings: Settings,
        progress: ProgressCallback | None = None,
        *,
        build_if_missing: bool = True,
        observe: Observer | None = None,
        fault: FaultObserver | None = None,
    ) -> None:
        """Open the index; a first start builds it.

        Args:
            settings: the settings in force.
            progress: told how far the opening is.
            build_if_missing: whether a first start builds the index.
            observe: told how long each question took, whichever index answered it.
            fault: told of each call of the language model that failed.

        Raises:
            CorpusError: there is nothing to index. IndexUnusable: the index cannot be used as it stands.
        """
        self._settings = settings
        self._embedder = open_embedder(settings)
        self._home = open_home(settings)
        self._observe = observe
        self._lock = threading.Lock()
        generation = open_generation(settings, self._embedder, progress, build_if_missing=build_if_missing)
        self._writing = open_writing(settings, progress, fault)
        self._tried = time.monotonic()
        self._assistant = assemble(settings, self._embedder, generation, self._writing, observe)
        self._name, self._pointer, self._notice = generation.name, generation.pointer, generation.notice
        self._generation = generation
        self._damage = ""

    @property
    def notice(self) -> str:
        """What users should know of the index (Danish), empty if all is well."""
        return self._notice

    @property
    def serving(self) -> tuple[str, Assistant]:
        """The name of the generation that serves, and the assistant over it; looks for no newer one."""
        with self._lock:
            return self._name, self._assistant

    def current(self) -> Assistant:
        """Return the assistant over what serves now.

        It costs one small read while nothing has changed. Where the new index cannot be used, the one
        before goes on serving and :attr:`notice` says so.
        """
        if self._is_due(self._home.current_name()):
            with self._lock:
                name = self._home.current_name()
                if self._is_due(name):
                    self._tried = time.monotonic()
                    self._switch(name)
        return self._assistant

    def _is_due(self, name: str | None) -> bool:
        if name != self._pointer or self._generation.trouble != self._damage:
            return True
        late = bool(self._notice) and time.monotonic() - self._tried >= RETRY_SECONDS
        return late and name is not None and self._home.is_there(name)

    def _switch(self, name: str | None) -> None:
        self._damage = self._generation.trouble
        try:
            self._take(self._home.read(model=self._embedder.fingerprint))
        except Exception as error:
            # Whatever is wrong with the new index, the old one is in memory and whole.
            if not isinstance(error, AssistantError):
                _log.exception("Uventet fejl, da indekset blev skiftet")
            self._pointer = name
            said = str(error) if isinstance(error, AssistantError) else "Fejlen står i loggen."
            what = "Indekset er fundet beskadiget, mens det var i brug." if self._damage else _NOT_TAKEN
            self._notice = f"{what} {said}"

    def _take(self, generation: Generation) -> None:
        if generation.name != self._name:
            assistant = assemble(self._settings, self._embedder, generation, self._writing, self._observe)
            # Found by asking them; better here than while a page waits for them.
            assistant.starter_questions()
            self._assistant, self._name = assistant, generation.name
        self._pointer, self._notice = generation.pointer, generation.notice
        self._generation, self._damage = generation, ""
