"""From a folder of documents to a generation of the index: read, cut, embed what is new, write."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from assistant.embedding.base import Embedder, Vectors
from assistant.errors import CorpusError
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.indexes.store import Generation
from assistant.indexes.writing import StepCallback, Writer
from assistant.loading.isolated import ReadLimits
from assistant.loading.reader import Problem, read_folder
from assistant.progress import Progress, ProgressCallback
from assistant.records import Document, Passage
from assistant.text.passages import cut_document

_BATCH = 32


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
        writer: Writer,
        progress: ProgressCallback,
        step: StepCallback,
    ) -> None:
        """Read ``corpus`` within ``limits`` and build through ``writer``, whose lock is held."""
        self._corpus = corpus
        self._limits = limits
        self._embedder = embedder
        self._writer = writer
        self._progress = progress
        self._step = step
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
        """Bring the index up to date; what did not change is not embedded again.

        Raises:
            CorpusError: there is nothing that can be indexed.
            IndexUnusable: the index folder cannot be written; what served before still does.
        """
        started = time.perf_counter()
        progress = self._progress
        documents, problems = _read(self._corpus, self._limits, progress)
        old = self._writer.current(self._embedder.fingerprint)
        metadata = _metadata_digest(documents)
        known = old.manifest.documents if old else {}
        removed = len(known.keys() - {d.id for d in documents})
        if old and _unchanged(old, documents, metadata, problems):
            self._built = old
            n = len(old.index)
            seconds = time.perf_counter() - started
            return BuildReport(len(documents), n, 0, n, 0, tuple(problems), seconds)
        passages = [p for d in documents for p in cut_document(d)]
        texts, headings = _old_vectors(old)
        index, embedded = indexed(self._embedder, passages, texts, headings, progress)
        progress(Progress("Gemmer indekset", 0, 1))
        self._built = self._writer.write(
            index,
            tuple(documents),
            model=self._embedder.fingerprint,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            metadata=metadata,
            problems=tuple(problems),
            step=self._step,
        )
        progress(Progress("Gemmer indekset", 1, 1))
        seconds = time.perf_counter() - started
        return BuildReport(
            len(documents),
            len(passages),
            embedded,
            len(passages) - embedded,
            removed,
            tuple(problems),
            seconds,
        )


def indexed(
    embedder: Embedder,
    passages: list[Passage],
    texts: dict[str, Vectors],
    headings: dict[str, Vectors],
    progress: ProgressCallback,
) -> tuple[LocalIndex, int]:
    """Return an index over ``passages`` and how many of them were embedded anew."""
    new_texts = [t for t in dict.fromkeys(searched_text(p) for p in passages) if t not in texts]
    new_headings = [h for h in dict.fromkeys(heading_text(p) for p in passages) if h and h not in headings]
    # Passages and headings together: fewer batches, and fewer that wait for one long text.
    fresh = _embedded(embedder, [*new_texts, *new_headings], progress)
    texts.update({text: fresh[text] for text in new_texts})
    headings.update({heading: fresh[heading] for heading in new_headings})
    headings[""] = np.zeros(embedder.dimension, dtype=np.float32)
    index = LocalIndex(embedder.dimension)
    if passages:
        index.add(
            passages,
            np.vstack([texts[searched_text(p)] for p in passages]),
            np.vstack([headings[heading_text(p)] for p in passages]),
        )
    anew = set(new_texts)
    return index, sum(searched_text(p) in anew for p in passages)


# --- helpers --------------------------------------------------------------------------------------


def _read(
    corpus: Path, limits: ReadLimits, progress: ProgressCallback
) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    progress(Progress("Læser dokumenter", 0, 1))
    for item in read_folder(corpus, limits):
        if isinstance(item, Document):
            documents.append(item)
        else:
            problems.append(item)
    progress(Progress("Læser dokumenter", 1, 1))
    if not documents:
        reasons = " ".join(p.message for p in problems)
        raise CorpusError(f"Ingen af dokumenterne i {corpus} kan læses. {reasons}")
    return documents, problems


def _unchanged(
    old: Generation, documents: Sequence[Document], metadata: str, problems: Sequence[Problem]
) -> bool:
    made = old.manifest
    if old.notice:
        return False  # what serves is not what was built last
    same_files = made.documents == {d.id: d.sha256 for d in documents}
    return same_files and made.metadata == metadata and made.problems == tuple(problems)


def _old_vectors(old: Generation | None) -> tuple[dict[str, Vectors], dict[str, Vectors]]:
    texts: dict[str, Vectors] = {}
    headings: dict[str, Vectors] = {}
    if old is None:
        return texts, headings
    for document in old.documents:
        own = [p for p in old.index.passages if p.document_id == document.id]
        vectors, above = old.index.vectors_of(document.id)
        for passage, vector, heading in zip(own, vectors, above, strict=True):
            texts[searched_text(passage)] = vector
            headings[heading_text(passage)] = heading
    return texts, headings


def _embedded(embedder: Embedder, wanted: Sequence[str], progress: ProgressCallback) -> dict[str, Vectors]:
    """Embed every text once, those of like length together."""
    ordered = sorted(dict.fromkeys(wanted), key=len)
    vectors: dict[str, Vectors] = {}
    progress(Progress("Indlejrer tekststykker", 0, len(ordered)))
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        vectors.update(zip(batch, embedder.embed_passages(batch), strict=True))
        progress(Progress("Indlejrer tekststykker", len(vectors), len(ordered)))
    return vectors


def _metadata_digest(documents: Sequence[Document]) -> str:
    facts = [
        [d.id, d.title, d.organisation, d.kind, d.language, d.page_noun, list(d.aliases)] for d in documents
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:16]
