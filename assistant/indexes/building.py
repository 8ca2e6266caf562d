"""From a folder of documents to an index that serves: read, cut and embed what is new, write."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.embedding.base import Embedder, Vectors
from assistant.indexes.embedded import Embedded, embed_texts, forget
from assistant.indexes.home import Change, IndexWriter, StepCallback
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.indexes.manifest import Origin
from assistant.indexes.reading import read_documents
from assistant.indexes.sizes import STANDARD
from assistant.indexes.store import Generation
from assistant.loading.files import ReadFiles, read_files
from assistant.loading.limits import ReadLimits
from assistant.loading.reader import Problem
from assistant.progress import Progress, ProgressCallback
from assistant.records import Document, Passage
from assistant.text.passages import cut_document


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``embedded`` and ``reused`` count passages, ``seconds`` is wall time."""

    documents: int
    passages: int
    embedded: int
    reused: int
    removed: int
    problems: tuple[Problem, ...]
    seconds: float


class Builder:
    """Brings an index up to date with a folder of documents, for whoever holds the lock."""

    def __init__(
        self,
        corpus: Path,
        limits: ReadLimits,
        embedder: Embedder,
        writer: IndexWriter,
        progress: ProgressCallback,
        step: StepCallback,
        keep: Path | None = None,
        *,
        read: ReadFiles = read_files,
    ) -> None:
        """Read ``corpus`` within ``limits`` and build through ``writer``, whose lock is held.

        What is embedded is kept in ``keep`` until it is written, so that a stop costs little. Files are read
        by ``read``.
        """
        self._corpus = corpus
        self._limits = limits
        self._embedder = embedder
        self._writer = writer
        self._progress = progress
        self._step = step
        self._keep = keep
        self._read = read
        self._built: Generation | None = None

    @property
    def has_built(self) -> bool:
        """Whether :meth:`build` has been done."""
        return self._built is not None

    @property
    def generation(self) -> Generation:
        """What :meth:`build` made, or found to be up to date."""
        if self._built is None:
            raise RuntimeError("nothing is built yet")
        return self._built

    def build(self) -> BuildReport:
        """Bring the index up to date; what did not change is neither cut nor embedded again.

        Raises:
            CorpusError: there is nothing that can be indexed.
            IndexUnusable: the index cannot be written; what served before still does.
        """
        started = time.perf_counter()
        progress = self._progress
        old = self._writer.current(self._embedder.fingerprint)
        known = {d.id: d for d in old.documents} if old else {}
        documents, problems = read_documents(
            self._corpus,
            self._limits,
            known,
            progress,
            problems=old.manifest.problems if old else (),
            read=self._read,
        )
        metadata = _metadata_digest(documents)
        removed = len(known.keys() - {d.id for d in documents})
        embedded = 0
        if old and _unchanged(old, documents, metadata, problems):
            self._built = old
        else:
            change, embedded = self._change(old, documents)
            progress(Progress("Gemmer indekset", 0, 1))
            now = datetime.now(UTC).isoformat(timespec="seconds")
            origin = Origin(self._embedder.fingerprint, now, metadata, tuple(problems))
            self._built = self._writer.write(change, origin, self._step)
            progress(Progress("Gemmer indekset", 1, 1))
            if self._keep is not None:
                forget(self._keep)
        passages = len(self._built.index)
        return BuildReport(
            len(documents),
            passages,
            embedded,
            passages - embedded,
            removed,
            tuple(problems),
            time.perf_counter() - started,
        )

    def _change(self, old: Generation | None, documents: Sequence[Document]) -> tuple[Change, int]:
        """Return what is to be written and how many passages were embedded for it."""
        known = {d.id: d for d in old.documents} if old else {}
        kept = frozenset(d.id for d in documents if d.id in known and d.pages == known[d.id].pages)
        passages = tuple(p for d in documents if d.id not in kept for p in cut_document(d))
        # What a changed or renamed document says as before has its vector already.
        texts, headings = _vectors_of(old, [name for name in known if name not in kept])
        vectors, above, embedded = embedded_passages(
            self._embedder, passages, self._progress, texts=texts, headings=headings, keep=self._keep
        )
        return Change(tuple(documents), kept, passages, vectors, above), embedded


def embedded_passages(
    embedder: Embedder,
    passages: Sequence[Passage],
    progress: ProgressCallback,
    *,
    texts: Mapping[str, Vectors] | None = None,
    headings: Mapping[str, Vectors] | None = None,
    keep: Path | None = None,
) -> tuple[Vectors, Vectors, int]:
    """Return the vectors of passages and of their headings, and how many passages were embedded anew.

    ``texts`` and ``headings`` are vectors that are known already, by their text; ``keep`` is that of
    :func:`embed_texts`.
    """
    texts = texts or {}
    headings = {"": np.zeros(embedder.dimension, dtype=np.float32), **(headings or {})}
    own = [searched_text(p) for p in passages]
    above = [heading_text(p) for p in passages]
    # Passages and headings together: fewer batches, and fewer that wait for one long text.
    new = [*(t for t in own if t not in texts), *(h for h in above if h not in headings)]
    fresh = embed_texts(embedder, new, progress, keep)
    anew = sum(t not in texts for t in own)
    return _gathered(own, fresh, texts), _gathered(above, fresh, headings), anew


def indexed(
    embedder: Embedder, passages: Sequence[Passage], progress: ProgressCallback
) -> LocalIndex | LargeIndex:
    """Return an index over ``passages`` in memory."""
    index: LocalIndex | LargeIndex = LocalIndex(embedder.dimension)
    if len(passages) > STANDARD.score_all_up_to:
        index = LargeIndex(embedder.dimension)
    vectors, headings, _ = embedded_passages(embedder, passages, progress)
    index.add(passages, vectors, headings)
    return index


# --- helpers --------------------------------------------------------------------------------------


def _unchanged(
    old: Generation, documents: Sequence[Document], metadata: str, problems: Sequence[Problem]
) -> bool:
    made = old.manifest
    if old.notice:
        return False  # what serves is not what was built last
    same = old.documents == tuple(documents)  # also what read them, which the same bytes do not tell
    return same and made.metadata == metadata and made.problems == tuple(problems)


def _vectors_of(
    old: Generation | None, names: Collection[str]
) -> tuple[dict[str, Vectors], dict[str, Vectors]]:
    texts: dict[str, Vectors] = {}
    headings: dict[str, Vectors] = {}
    if old is None:
        return texts, headings
    for name in names:
        vectors, above = old.index.vectors_of(name)
        for passage, vector, heading in zip(old.index.passages_of(name), vectors, above, strict=True):
            texts[searched_text(passage)] = vector
            headings[heading_text(passage)] = heading
    return texts, headings


def _gathered(wanted: Sequence[str], fresh: Embedded, known: Mapping[str, Vectors]) -> Vectors:
    """Return the vectors of ``wanted``, of which ``known`` has some and ``fresh`` the others."""
    there = [row for row, text in enumerate(wanted) if text in known]
    if not there:
        return fresh.of(wanted)
    rows = np.asarray([fresh.rows.get(text, -1) for text in wanted], dtype=np.int64)
    vectors = np.empty((len(wanted), fresh.vectors.shape[1]), dtype=np.float32)
    vectors[rows >= 0] = fresh.vectors[rows[rows >= 0]]
    for row in there:
        vectors[row] = known[wanted[row]]
    return vectors


def _metadata_digest(documents: Sequence[Document]) -> str:
    facts = [
        [d.id, d.title, d.organisation, d.kind, d.language, d.page_noun, list(d.aliases)] for d in documents
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:16]
