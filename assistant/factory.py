"""Settings to parts: the only place that picks implementations."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from assistant.answering.extractive import ExtractiveAnswerer, Thresholds
from assistant.embedding.base import Embedder, Vectors
from assistant.errors import CorpusError, IndexMissing, IndexUnusable
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.indexes.store import Generation, read_generation, write_generation
from assistant.loading.isolated import ReadLimits
from assistant.loading.reader import Problem, read_folder
from assistant.pipeline import Assistant, Corpus
from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Document, Passage
from assistant.retrieval.model import load_model
from assistant.retrieval.search import Searcher
from assistant.settings import Settings
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


def open_embedder(settings: Settings) -> Embedder:
    """Return the configured embedder; heavy libraries are imported only where it needs them."""
    match settings.embedding.engine:
        case "packaged":
            from assistant.embedding.packaged import PackagedEmbedder

            return PackagedEmbedder()
        case _:
            from assistant.embedding.sentence_transformers import SentenceTransformersEmbedder

            return SentenceTransformersEmbedder(settings.embedding.model, settings.embedding.device)


def build_index(settings: Settings, progress: ProgressCallback | None = None) -> BuildReport:
    """Bring the index up to date with the corpus; what did not change is not embedded again.

    Raises:
        CorpusError: there is nothing that can be indexed.
        IndexUnusable: the index folder cannot be written.
    """
    report, _ = _build(settings, open_embedder(settings), progress or silent)
    return report


def open_assistant(
    settings: Settings, progress: ProgressCallback | None = None, *, build_if_missing: bool = True
) -> Assistant:
    """Open the index and return an assistant; a first start builds the index.

    Raises:
        CorpusError: there is nothing to index. IndexUnusable: the index cannot be used as it stands.
    """
    embedder = open_embedder(settings)
    try:
        generation = read_generation(settings.index.path, model=embedder.fingerprint)
    except IndexMissing:
        if not build_if_missing:
            raise
        _, generation = _build(settings, embedder, progress or silent)
    model = load_model()
    manifest = generation.manifest
    corpus = Corpus(
        generation.documents,
        generation.index.passages,
        manifest.problems,
        manifest.identity,
        manifest.model,
        manifest.created,
    )
    searcher = Searcher(generation.index, embedder, generation.documents, model)
    extractive = ExtractiveAnswerer(
        Thresholds(model.answer_threshold, model.side_threshold, model.quote_enough)
    )
    return Assistant(
        corpus,
        searcher,
        {"extractive": extractive},
        default_answerer=settings.answer.answerer,
        question_characters=settings.limits.question_characters,
    )


def open_passages(
    settings: Settings, passages: Sequence[Passage], progress: ProgressCallback | None = None
) -> Searcher:
    """Return a searcher over ``passages`` in memory, for retrieval benchmarks.

    It embeds, indexes and fuses as for documents; what needs documents (speakers, sections) has none.
    """
    embedder = open_embedder(settings)
    index = _indexed(embedder, list(passages), {}, {}, progress or silent)[0]
    return Searcher(index, embedder, (), load_model())


# --- building -------------------------------------------------------------------------------------


def _build(
    settings: Settings, embedder: Embedder, progress: ProgressCallback
) -> tuple[BuildReport, Generation]:
    started = time.perf_counter()
    documents, problems = _read(settings, progress)
    old = _reusable(settings, embedder)
    metadata = _metadata_digest(documents)
    known = old.manifest.documents if old else {}
    removed = len(known.keys() - {d.id for d in documents})
    if old and _unchanged(old, documents, metadata, problems):
        n = len(old.index)
        seconds = time.perf_counter() - started
        return BuildReport(len(documents), n, 0, n, 0, tuple(problems), seconds), old
    passages = [p for d in documents for p in cut_document(d)]
    texts, headings = _old_vectors(old)
    index, embedded = _indexed(embedder, passages, texts, headings, progress)
    progress(Progress("Gemmer indekset", 0, 1))
    manifest = write_generation(
        settings.index.path,
        index,
        tuple(documents),
        model=embedder.fingerprint,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        metadata=metadata,
        problems=tuple(problems),
    )
    progress(Progress("Gemmer indekset", 1, 1))
    seconds = time.perf_counter() - started
    report = BuildReport(
        len(documents), len(passages), embedded, len(passages) - embedded, removed, tuple(problems), seconds
    )
    return report, Generation(manifest, tuple(documents), index)


def _unchanged(
    old: Generation, documents: Sequence[Document], metadata: str, problems: Sequence[Problem]
) -> bool:
    made = old.manifest
    same_files = made.documents == {d.id: d.sha256 for d in documents}
    return same_files and made.metadata == metadata and made.problems == tuple(problems)


def _read(settings: Settings, progress: ProgressCallback) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    progress(Progress("Læser dokumenter", 0, 1))
    limits = settings.limits
    apart = ReadLimits(
        limits.read_seconds, limits.read_memory_megabytes, limits.read_pages, limits.read_unpacked_megabytes
    )
    for item in read_folder(settings.corpus.path, apart):
        if isinstance(item, Document):
            documents.append(item)
        else:
            problems.append(item)
    progress(Progress("Læser dokumenter", 1, 1))
    if not documents:
        reasons = " ".join(p.message for p in problems)
        raise CorpusError(f"Ingen af dokumenterne i {settings.corpus.path} kan læses. {reasons}")
    return documents, problems


def _reusable(settings: Settings, embedder: Embedder) -> Generation | None:
    """The generation whose vectors can be used again, if there is one; a damaged one is built anew."""
    try:
        return read_generation(settings.index.path, model=embedder.fingerprint)
    except IndexUnusable:
        return None


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


def _indexed(
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
