"""Settings to parts: the only place that picks implementations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

from assistant.answering.base import WritingLimits
from assistant.answering.choice import Choice, Writing
from assistant.answering.extractive import ExtractiveAnswerer, Thresholds
from assistant.durable.changes import recover
from assistant.durable.files import why
from assistant.embedding.base import Embedder
from assistant.errors import AssistantError, CorpusError, IndexMissing, SettingsError
from assistant.indexes.building import Builder, BuildReport, indexed
from assistant.indexes.home import IndexHome, StepCallback
from assistant.indexes.store import Generation
from assistant.indexes.writing import FolderHome
from assistant.llm.base import Deadline, LanguageModel
from assistant.llm.faults import FaultObserver
from assistant.loading.files import ReadFiles, read_files
from assistant.loading.isolated import ReadLimits
from assistant.pipeline import Assistant, Corpus
from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Passage
from assistant.retrieval.known import load_known
from assistant.retrieval.model import load_model
from assistant.retrieval.search import Searcher
from assistant.settings import PROJECT, EmbeddingSettings, LlmSettings, Settings
from assistant.storage.base import ConversationStore
from assistant.timing import Observer

if TYPE_CHECKING:
    from assistant.indexes.postgres.home import PostgresHome
    from assistant.llm.steady import SteadyModel
    from assistant.spreading.opening import Spread

_LOADING = "Indlæser sprogmodellen"
_WAITING = "Venter på en anden opdatering af dokumenterne"


def open_embedder(settings: Settings) -> Embedder:
    """Return the configured embedder; heavy libraries are imported only where it needs them."""
    match settings.embedding.engine:
        case "packaged":
            from assistant.embedding.kept import user_cache
            from assistant.embedding.packaged import PackagedEmbedder

            return PackagedEmbedder(None if settings.embedding.bulk == "off" else user_cache())
        case _:
            from assistant.embedding.sentence_transformers import SentenceTransformersEmbedder

            return SentenceTransformersEmbedder(settings.embedding.model, settings.embedding.device)


def open_worker_embedder(engine: str, model: str, device: str, bulk: str = "auto") -> Embedder:
    """Return on a worker what :func:`open_embedder` returns for these settings, on its GPU if it has one."""
    if engine != "packaged":
        from assistant.embedding.sentence_transformers import has_gpu
        from assistant.spreading.devices import worker_device

        device = worker_device(device, has_gpu)
    return open_embedder(Settings(embedding=EmbeddingSettings(engine, model, device, bulk)))


def open_home(settings: Settings) -> IndexHome:
    """Return where the configured index lives: in ``database.url`` if that is a PostgreSQL with pgvector.

    Raises:
        IndexUnusable: the database cannot be asked. MissingExtra: its driver is not installed.
        SettingsError: ``database.schema`` or ``database.read_urls`` cannot be used.
    """
    return postgres_home_of(settings) or FolderHome(settings.index.path)


def postgres_home_of(settings: Settings) -> PostgresHome | None:
    """Return the home of the index in PostgreSQL, ``None`` where it lives in a folder; raises as :func:`open_home`.

    A PostgreSQL without pgvector keeps conversations, and the index stays in its folder.
    """
    database = settings.database
    if not _names_postgres(settings):
        if database.read_urls:
            raise SettingsError(
                "»database.read_urls« er replikaer af »database.url«, som ikke er en PostgreSQL."
            )
        return None
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,40}", database.schema):
        raise SettingsError(
            "»database.schema« må kun bestå af små bogstaver a-z, tal og _, og højst være på 41 tegn."
        )
    home = _database_home(settings)
    return None if home.why_not() else home


def where_index_is(settings: Settings) -> str:
    """Return in words (Danish) where the index lives, empty for a folder where nothing else was asked for.

    Raises as :func:`open_home`.
    """
    home = postgres_home_of(settings)
    if home is not None:
        return f"i databasen på {home.host}"
    if not _names_postgres(settings):
        return ""
    return f"i mappen {settings.index.path}, for {_database_home(settings).why_not()}"


def build_index(
    settings: Settings,
    progress: ProgressCallback | None = None,
    step: StepCallback = lambda _: None,
    *,
    dask: str = "",
) -> BuildReport:
    """Bring the index up to date with the corpus; what did not change is not embedded again.

    Args:
        settings: the settings in force.
        progress: told how far it is.
        step: told each step of writing; see :mod:`assistant.indexes.writing`.
        dask: address of a Dask cluster whose workers read and embed.

    Raises:
        CorpusError: there is nothing that can be indexed.
        IndexUnusable: the index folder cannot be written; what served before still does.
        ClusterError: the cluster cannot be used, or was lost; what served before still does.
    """
    if not dask:
        with building(settings, progress, step) as builder:
            return builder.build()
    with (
        _spreading(settings, dask, progress or silent) as spread,
        building(settings, progress, step, embedder=spread.embedder, read=spread.read) as builder,
    ):
        return spread.done(builder.build)


@contextmanager
def building(
    settings: Settings,
    progress: ProgressCallback | None = None,
    step: StepCallback = lambda _: None,
    *,
    embedder: Embedder | None = None,
    read: ReadFiles = read_files,
) -> Iterator[Builder]:
    """Be the only one to change the corpus and its index, after waiting for another to finish.

    Args and errors are those of :func:`build_index`; ``embedder`` is the configured one, if it is open, and
    ``read`` is how files are read.
    """
    tell = progress or silent
    with open_home(settings).writing(waiting=lambda: tell(Progress(_WAITING, 0, 1))) as writer:
        _recover(settings)
        yield Builder(
            settings.corpus.path,
            read_limits(settings),
            embedder or open_embedder(settings),
            writer,
            tell,
            step,
            settings.index.path / "kept",
            read=read,
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
    return assemble(settings, embedder, generation, open_writing(settings, progress))


def open_generation(
    settings: Settings,
    embedder: Embedder,
    progress: ProgressCallback | None = None,
    *,
    build_if_missing: bool = True,
) -> Generation:
    """Open what an assistant answers from; raises as :func:`open_assistant`."""
    try:
        return open_home(settings).read(model=embedder.fingerprint)
    except IndexMissing:
        if not build_if_missing:
            raise
    with building(settings, progress, embedder=embedder) as builder:
        builder.build()
        return builder.generation


def assemble(
    settings: Settings,
    embedder: Embedder,
    generation: Generation,
    writing: Writing | None = None,
    observe: Observer | None = None,
) -> Assistant:
    """Return the assistant that answers from ``generation``; ``writing`` outlives it where one is given.

    ``observe`` is told how long each question took.
    """
    model = load_model()
    manifest = generation.manifest
    corpus = Corpus(
        generation.documents,
        generation.index,
        manifest.problems,
        manifest.identity,
        manifest.model,
        manifest.created,
    )
    known = load_known(embedder.fingerprint)
    searcher = Searcher(generation.index, embedder, generation.documents, model, known)
    extractive = ExtractiveAnswerer(
        Thresholds(model.answer_threshold, model.comparison_threshold, model.quote_enough)
    )
    return Assistant(
        corpus,
        searcher,
        {"extractive": extractive},
        question_characters=settings.limits.question_characters,
        writing=writing or open_writing(settings),
        observe=observe,
    )


def open_writing(
    settings: Settings, progress: ProgressCallback | None = None, fault: FaultObserver | None = None
) -> Writing:
    """Return who writes answers by these settings; the language model is loaded now if it is the default.

    A model that cannot be used is no reason not to open: its answers say what is wrong, and are extracts.
    ``fault`` is told of each call that failed.
    """
    model: LanguageModel | None
    if not (settings.llm.base_url or settings.llm.model_path):
        return Writing(Choice(answerer=settings.answer.answerer))
    from assistant.llm.opening import UnusableModel

    try:
        model = open_language_model(settings.llm, fault)
    except AssistantError as error:
        model = UnusableModel(settings.llm.model or settings.llm.model_path, error)
    if model is not None and settings.answer.answerer == "llm":
        tell = progress or silent
        tell(Progress(_LOADING, 0, 1))
        with suppress(AssistantError):
            model.prepare(Deadline(settings.llm.first_text_seconds, settings.llm.answer_seconds))
        tell(Progress(_LOADING, 1, 1))
    return Writing(Choice(model, settings.answer.answerer, writing_limits(settings.llm)))


def open_language_model(llm: LlmSettings, fault: FaultObserver | None = None) -> SteadyModel | None:
    """Return the language model of these settings, or ``None`` where they name none.

    Nothing is loaded or connected yet; ``check`` of what is returned tries it. How an assistant takes it
    up, also while it runs, is told at :class:`~assistant.answering.choice.Writing`. ``fault`` is told of each
    call that failed.

    Raises:
        SettingsError: a value cannot be used.
    """
    from assistant.llm.opening import open_model

    return open_model(
        base_url=llm.base_url,
        model=llm.model,
        api_key=llm.api_key,
        model_path=llm.model_path,
        window=llm.window,
        outside=llm.outside,
        own_hosts=llm.own_hosts,
        fault=fault,
    )


def writing_limits(llm: LlmSettings) -> WritingLimits:
    """Return how long an answer of these settings may take and be."""
    return WritingLimits(llm.first_text_seconds, llm.answer_seconds, llm.answer_tokens)


def open_store(settings: Settings, fault: Callable[[], None] | None = None) -> ConversationStore:
    """Open the database of conversations, by default a file beside the page's own.

    ``fault`` is told whenever the database fails.

    Raises:
        StorageError: it cannot be opened. MissingExtra: its driver is not installed.
    """
    from assistant.storage.sql import open_store as open_sql

    return open_sql(settings.database.url or "sqlite:///data/assistant.sqlite3", PROJECT, fault)


def open_passages(
    settings: Settings, passages: Sequence[Passage], progress: ProgressCallback | None = None
) -> Searcher:
    """Return a searcher over ``passages`` in memory, for retrieval benchmarks.

    It embeds, indexes and fuses as for documents; what needs documents (speakers, sections) has none.
    """
    embedder = open_embedder(settings)
    index = indexed(embedder, passages, progress or silent)
    return Searcher(index, embedder, (), load_model())


def read_limits(settings: Settings) -> ReadLimits:
    """Return what one file may take while it is read."""
    limits = settings.limits
    return ReadLimits(
        limits.read_seconds,
        limits.read_memory_megabytes,
        limits.read_pages,
        limits.read_unpacked_megabytes,
        ocr=settings.corpus.ocr,
    )


def _spreading(
    settings: Settings, address: str, progress: ProgressCallback
) -> AbstractContextManager[Spread]:
    from assistant.spreading.address import Access
    from assistant.spreading.opening import spreading
    from assistant.spreading.tasks import Opening

    dask, embedding = settings.dask, settings.embedding
    ca, cert, key = (
        PROJECT / name if name else None for name in (dask.ca_file, dask.cert_file, dask.key_file)
    )
    return spreading(
        Access(address, ca, cert, key, open=dask.open, wait_seconds=dask.wait_seconds),
        Opening(open_worker_embedder, (embedding.engine, embedding.model, embedding.device, embedding.bulk)),
        open_embedder(settings),
        progress,
        ocr=settings.corpus.ocr,
        most_bytes=settings.limits.upload_megabytes * 2**20,
    )


def _names_postgres(settings: Settings) -> bool:
    return settings.database.url.startswith(("postgresql:", "postgresql+", "postgres:"))


def _database_home(settings: Settings) -> PostgresHome:
    # Only here: SQLAlchemy takes longer to import than a whole answer from a folder.
    from assistant.indexes.postgres.home import postgres_home

    return postgres_home(settings.database.url, settings.database.read_urls, settings.database.schema)


def _recover(settings: Settings) -> None:
    """Undo a change of the corpus that was killed half way."""
    try:
        recover(settings.corpus.path)
    except OSError as error:
        raise CorpusError(
            f"En afbrudt ændring i {settings.corpus.path} kan ikke føres tilbage ({why(error)}). "
            "Skaf plads eller rettigheder, og prøv igen."
        ) from error
