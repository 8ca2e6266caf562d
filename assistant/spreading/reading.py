"""Files read by the workers of a cluster."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.indexes.local import heading_text, searched_text
from assistant.loading.files import failed_within, read_file
from assistant.loading.limits import ReadLimits
from assistant.loading.metadata import document_id
from assistant.loading.names import shown_name
from assistant.loading.problems import Problem
from assistant.records import Document
from assistant.spreading import tasks
from assistant.spreading.cluster import Cluster
from assistant.spreading.tasks import Terms
from assistant.spreading.working import Failed, Part, worked
from assistant.text.passages import cut_document


class SpreadReader:
    """Reads files by sending what they hold to workers. It is a :data:`~assistant.loading.files.ReadFiles`."""

    def __init__(self, cluster: Cluster, terms: Terms, most_bytes: int) -> None:
        """Send files of at most ``most_bytes``; larger ones are read here."""
        self._cluster = cluster
        self._terms = terms
        self._most_bytes = most_bytes
        self._refused: frozenset[str] = frozenset()

    def refuse(self, texts: Collection[str]) -> bool:
        """Take no document from now on that has one of ``texts``, which cannot be embedded.

        Returns:
            Whether any of them is new; else there is no use in trying again.
        """
        before = self._refused
        self._refused |= set(texts)
        return self._refused != before

    def __call__(
        self, files: Sequence[Path], limits: ReadLimits
    ) -> Iterator[tuple[Path, Document | Problem]]:
        """Read ``files`` within ``limits``; yields each with what came of it, as it is done."""
        here: list[Path] = []
        digests: dict[Path, str] = {}

        def submit(items: tuple[tuple[Path, bytes], ...]) -> Any:
            ((path, data),) = items
            return self._cluster.submit(tasks.read, self._terms, path.name, data, limits)

        for ((path, _),), result in worked(self._cluster, self._parts(files, here, digests), submit):
            yield path, self._taken(path, digests[path], result, limits)
        for path in here:
            result = read_file(path, limits)
            digest = result.sha256
            yield path, self._taken(path, digest, result, limits)

    def _parts(
        self, files: Sequence[Path], here: list[Path], digests: dict[Path, str]
    ) -> Iterator[Part[tuple[Path, bytes]]]:
        """Open one file after the other, those last that must be read ``here``."""
        for path in files:
            try:
                if path.stat().st_size > self._most_bytes:
                    here.append(path)
                    continue
                data = path.read_bytes()
            except OSError:
                here.append(path)  # which says why it cannot be opened
                continue
            digests[path] = hashlib.sha256(data).hexdigest()
            yield Part(((path, data),), len(data))

    def _taken(self, path: Path, digest: str, result: Any, limits: ReadLimits) -> Document | Problem:
        """Return what a worker answered, where it is an answer to what it was asked."""
        name = shown_name(path.name)
        match result:
            case Problem(source=source) if source == name:
                return result
            case Document(id=own, source=source, sha256=sha256) if (own, source, sha256) == (
                document_id(path),
                path.name,
                digest,
            ):
                return self._unless_refused(result, limits)
            case Failed(died=True):
                message = (
                    f"{name}: filen fik flere Dask-arbejdere til at gå ned og er sprunget over. Åbn og gem den "
                    "igen, eller hent en ny kopi."
                )
            case Failed(reason=reason):
                message = (
                    f"{name}: filen kunne ikke læses af en Dask-arbejder ({reason[:200]}) og er sprunget over. "
                    "Byg uden --dask, eller se arbejderens log."
                )
            case _:
                message = (
                    f"{name}: en Dask-arbejder svarede på noget andet, end den blev spurgt om, og filen er "
                    "sprunget over. Byg uden --dask."
                )
        return Problem(name, message, sha256=digest, reading=failed_within(limits), unfinished=True)

    def _unless_refused(self, document: Document, limits: ReadLimits) -> Document | Problem:
        if self._refused:
            for passage in cut_document(document):
                if not self._refused.isdisjoint((searched_text(passage), heading_text(passage))):
                    return _unembeddable(document, passage.page, limits)
        return document


def _unembeddable(document: Document, page: int, limits: ReadLimits) -> Problem:
    name = shown_name(document.source)
    return Problem(
        name,
        f"{name}: et tekststykke på {document.page_noun} {page} fik Dask-arbejderne til at gå ned eller fejle, da "
        "det skulle indlejres, og dokumentet er sprunget over. Byg uden --dask, eller ret dokumentet.",
        sha256=document.sha256,
        reading=failed_within(limits),
        unfinished=True,
    )
