"""Settings to parts: the only place that picks implementations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from assistant.answering.extractive import ExtractiveAnswerer, Thresholds
from assistant.durable.changes import recover
from assistant.durable.files import why
from assistant.embedding.base import Embedder
from assistant.errors import CorpusError, IndexMissing
from assistant.indexes.building import Builder, BuildReport, indexed
from assistant.indexes.store import Generation, StepCallback, read_generation, writing
from assistant.loading.isolated import ReadLimits
from assistant.pipeline import Assistant, Corpus
from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Passage
from assistant.retrieval.model import load_model
from assistant.retrieval.search import Searcher
from assistant.settings import PROJECT, Settings
from assistant.storage.base import ConversationStore

_WAITING = "Venter på en anden opdatering af dokumenterne"


def open_embedder(settings: Settings) -> Embedder:
    """Return the configured embedder; heavy libraries are imported only where it needs them."""
    match settings.embedding.engine:
        case "packaged":
            from assistant.embedding.packaged import PackagedEmbedder

            return PackagedEmbedder()
        case _:
            from assistant.embedding.sentence_transformers import SentenceTransformersEmbedder

            return SentenceTransformersEmbedder(settings.embedding.model, settings.embedding.device)


def build_index(
    settings: Settings, progress: ProgressCallback | None = None, step: StepCallback = lambda _: None
) -> BuildReport:
    """Bring the index up to date with the corpus; what did not change is not embedded again.

    Args:
        settings: the settings in force.
        progress: told how far it is.
        step: told each step of writing; see :mod:`assistant.indexes.store`.

    Raises:
        CorpusError: there is nothing that can be indexed.
        IndexUnusable: the index folder cannot be written; what served before still does.
    """
    with building(settings, progress, step) as builder:
        return builder.build()


@contextmanager
def building(
    settings: Settings,
    progress: ProgressCallback | None = None,
    step: StepCallback = lambda _: None,
    *,
    embedder: Embedder | None = None,
) -> Iterator[Builder]:
    """Be the only one to change the corpus and its index, after waiting for another to finish.

    Args and errors are those of :func:`build_index`; ``embedder`` is the configured one, if it is open.
    """
    tell = progress or silent
    with writing(settings.index.path, waiting=lambda: tell(Progress(_WAITING, 0, 1))) as writer:
        _recover(settings)
        yield Builder(
            settings.corpus.path,
            read_limits(settings),
            embedder or open_embedder(settings),
            writer,
            tell,
            step,
        )


def open_assistant(
    settings: Settings, progress: ProgressCallback | None = None, *, build_if_missing: bool = True
) -> Assistant:
    """Open the index and return an assistant; a first start builds the index.

    Raises:
        CorpusError: there is nothing to index. IndexUnusable: the index cannot be used as it stands.
    """
    embedder = open_embedder(settings)
    generation = open_generation(settings, embedder, progress, build_if_missing=build_if_missing)
    return assemble(settings, embedder, generation)


def open_generation(
    settings: Settings,
    embedder: Embedder,
    progress: ProgressCallback | None = None,
    *,
    build_if_missing: bool = True,
) -> Generation:
    """Open what an assistant answers from; raises as :func:`open_assistant`."""
    try:
        return read_generation(settings.index.path, model=embedder.fingerprint)
    except IndexMissing:
        if not build_if_missing:
            raise
    with building(settings, progress, embedder=embedder) as builder:
        builder.build()
        return builder.generation


def assemble(settings: Settings, embedder: Embedder, generation: Generation) -> Assistant:
    """Return the assistant that answers from ``generation``."""
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


def open_store(settings: Settings) -> ConversationStore:
    """Open the database of conversations, by default a file beside the page's own.

    Raises:
        StorageError: it cannot be opened. MissingExtra: its driver is not installed.
    """
    from assistant.storage.sql import open_store as open_sql

    return open_sql(settings.database.url or "sqlite:///data/assistant.sqlite3", PROJECT)


def open_passages(
    settings: Settings, passages: Sequence[Passage], progress: ProgressCallback | None = None
) -> Searcher:
    """Return a searcher over ``passages`` in memory, for retrieval benchmarks.

    It embeds, indexes and fuses as for documents; what needs documents (speakers, sections) has none.
    """
    embedder = open_embedder(settings)
    index = indexed(embedder, list(passages), {}, {}, progress or silent)[0]
    return Searcher(index, embedder, (), load_model())


def read_limits(settings: Settings) -> ReadLimits:
    """Return what one file may take while it is read."""
    limits = settings.limits
    return ReadLimits(
        limits.read_seconds, limits.read_memory_megabytes, limits.read_pages, limits.read_unpacked_megabytes
    )


def _recover(settings: Settings) -> None:
    """Undo a change of the corpus that was killed half way."""
    try:
        recover(settings.corpus.path)
    except OSError as error:
        raise CorpusError(
            f"En afbrudt ændring i {settings.corpus.path} kan ikke føres tilbage ({why(error)}). "
            "Skaf plads eller rettigheder, og prøv igen."
        ) from error
