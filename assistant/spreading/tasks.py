"""What runs on the workers. They are given bytes and texts, never paths: they may share no disk with us."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue

from assistant.embedding.base import Embedder, Vectors, engine_for
from assistant.errors import ClusterError
from assistant.loading.files import read_bytes
from assistant.loading.isolated import IsolatedReader
from assistant.loading.limits import ReadLimits
from assistant.loading.problems import Problem
from assistant.records import Document
from assistant.spreading.facts import Facts, facts


@dataclass(frozen=True, slots=True)
class Opening:
    """How a worker opens its embedder: a function that it can import too, and what it is called with."""

    function: Callable[..., Embedder]
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker says of itself. ``device`` is what its embedder computes on, empty if it does not say."""

    facts: Facts
    fingerprint: str
    dimension: int
    device: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker must be to take part: one that joined during the build was not asked beforehand."""

    facts: Facts
    ocr: bool
    fingerprint: str
    opening: Opening


def describe(opening: Opening, ocr: bool) -> Worker:
    """Return what this worker is; its embedder is opened, and stays open for the work to come."""
    embedder = _opened(opening)
    device = str(getattr(embedder, "device", ""))
    return Worker(facts(ocr=ocr), embedder.fingerprint, embedder.dimension, device)


def read(terms: Terms, name: str, data: bytes, limits: ReadLimits) -> Document | Problem:
    """Read one file in a child of this worker, within ``limits``.

    Raises:
        ClusterError: this worker differs from the one that gave the work.
    """
    _check(terms)
    with _reader(limits) as reader:
        return read_bytes(name, data, limits, reader)


def embed(terms: Terms, texts: tuple[str, ...], characters: int = 0) -> Vectors:
    """Embed passages, of so many characters that wait for this worker; returns shape (len(texts), dimension).

    Raises:
        ClusterError: this worker differs from the one that gave the work.
    """
    _check(terms)
    embedder = _opened(terms.opening)
    if embedder.fingerprint != terms.fingerprint:
        raise _different(another_model(embedder.fingerprint, terms.fingerprint))
    engine = engine_for(embedder, characters)
    _in_use[:] = [engine]
    return engine.embed_passages(texts)


def rest() -> None:
    """End the children that wait for files; the embedder stays open for the next build."""
    _in_use.clear()
    while True:
        try:
            _idle.get_nowait()[1].close()
        except Empty:
            return


def different(on: str, difference: str) -> str:
    """Return in Danish that the worker at the address ``on`` differs, and what to do."""
    return (
        f"Dask-arbejderen {on} er ikke som denne maskine: {difference}. Installér og indstil det samme begge "
        "steder, og start arbejderen igen."
    )


def another_model(theirs: str, ours: str) -> str:
    """Say in Danish that a worker embeds with something else."""
    return f"sprogmodellen er »{theirs}« der og »{ours}« her"


# --- helpers --------------------------------------------------------------------------------------

_idle: SimpleQueue[tuple[ReadLimits, IsolatedReader]] = SimpleQueue()
_opening = threading.Lock()
_in_use: list[Embedder] = []
"""The engine of the last batch, which would else be opened anew for the next one."""


@cache
def _checked(terms: Terms) -> str:
    return facts(ocr=terms.ocr).difference(terms.facts)


def _check(terms: Terms) -> None:
    difference = _checked(terms)
    if difference:
        raise _different(difference)


def _different(difference: str) -> ClusterError:
    from distributed import get_worker

    return ClusterError(
        f"{different(get_worker().address, difference)} Intet er tabt: det, der er nået, er gemt."
    )


def _opened(opening: Opening) -> Embedder:
    with _opening:  # two threads would each load the model
        return _open(opening)


@cache
def _open(opening: Opening) -> Embedder:
    return opening.function(*opening.arguments)


@contextmanager
def _reader(limits: ReadLimits) -> Iterator[IsolatedReader]:
    """Lend a child that nobody else uses; starting one costs more than reading most files."""
    reader = None
    while reader is None:
        try:
            made_for, idle = _idle.get_nowait()
        except Empty:
            reader = IsolatedReader(limits)
        else:
            if made_for == limits:
                reader = idle
            else:
                idle.close()
    try:
        yield reader
    finally:
        _idle.put((limits, reader))
