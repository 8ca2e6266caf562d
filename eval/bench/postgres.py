"""The index in PostgreSQL beside bare pgvector and a folder: ``python -m eval.bench.postgres URL --size 50000``.

The same vectors lie in a table of pgvector's own with the same HNSW index, and the same passages in a folder.
Building is told as a ratio to copying and indexing the vectors there; a hybrid search (vector, words, heading, and
the signals of every candidate) as a ratio to the nearest 200 from there, searched as far, and to the same search in
the folder, each asked right after the other. Then the same questions are ranked over both indexes, and what comes
first is compared. The tables are gone afterwards.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import numpy as np
from pgvector import HalfVector

from assistant import factory
from assistant.embedding.base import Embedder, Vectors
from assistant.indexes.base import SIGNALS, SearchQuery
from assistant.indexes.home import Change
from assistant.indexes.manifest import Origin
from assistant.indexes.postgres.finding import Effort, literal
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.revising import EF_CONSTRUCTION, LINKS
from assistant.indexes.postgres.servers import Servers
from assistant.indexes.store import Generation
from assistant.indexes.writing import FolderHome
from assistant.pipeline import Assistant
from assistant.settings import load_settings
from eval.bench.grown import grown, questions, read_seeds
from eval.bench.growth import CACHE
from eval.bench.timing import Figure, Pair, quantiles
from eval.runs import write_json
from eval.stamps import code_version, machine, now

SIZE = 50_000
CANDIDATES = 200
_WARM_UP = 5
_NEAREST = 10


def measure(url: str, size: int = SIZE) -> dict[str, Any]:
    """Return figures of an index of ``size`` passages in the PostgreSQL at ``url``.

    ``build``, ``search`` (beside bare pgvector) and ``beside_folder`` hold the medians in seconds, ours and the
    reference's, and the median of the ratios of what was done right after each other. ``milliseconds`` has least,
    median and 95th percentile of each search, ``processor`` the same of the program's own time on the processor,
    ``server_processor`` of the server's, where that runs on this machine.
    ``recall@10`` is that of the graph against exact search, ``same_first`` and ``same_ten`` how much of what is
    ranked first and among the first ten over the folder is so over PostgreSQL.

    Raises:
        IndexUnusable: there is no PostgreSQL, or none with pgvector.
    """
    embedder = factory.open_embedder(load_settings())
    parts = list(grown(read_seeds(embedder, CACHE), size))
    vectors = np.vstack([part.vectors for part in parts])
    change = Change(
        tuple(chain.from_iterable(part.documents for part in parts)),
        frozenset(),
        tuple(chain.from_iterable(part.passages for part in parts)),
        vectors,
        np.vstack([part.heading_vectors for part in parts]),
    )
    home = PostgresHome(Servers(url, schema=f"bench_{uuid4().hex[:8]}"))
    if why_not := home.why_not():
        raise SystemExit(why_not)
    try:
        with TemporaryDirectory(prefix="bench-") as folder:
            bare = bare_build(home, vectors)
            started = time.perf_counter()
            ours = _written(home, change, embedder.fingerprint)
            build = Figure("build", "", "", 0.0, (Pair(time.perf_counter() - started, bare),))
            theirs = _written(FolderHome(Path(folder)), change, embedder.fingerprint)
            started = time.perf_counter()
            ours.index.search(SearchQuery("", vectors[0]))
            opened = time.perf_counter() - started
            asked = questions()
            queries = [
                SearchQuery(text, vector)
                for text, vector in zip(asked, embedder.embed_queries(asked), strict=True)
            ]
            figures = _searches(home, ours, theirs, queries)
            return {
                "stamp": {"created": now(), "code": code_version(), "machine": machine()},
                "passages": len(change.passages),
                "build": _told(build),
                **figures,
                "open_seconds": round(opened, 3),
                "recall@10": _recall(ours.index, queries, vectors, change.passages),
                **_ranked([_assistant(embedder, each) for each in (ours, theirs)], asked),
            }
    finally:
        home.drop()
        home.close()


def nearest(connection: Any, vector: Vectors, limit: int, rows: int) -> list[int]:
    """Return ids of the nearest passages in the table ``bare``, best first, of ``rows`` that the graph gives."""
    near = f"embedding <#> %(vector)s::halfvec({len(vector)})"
    statement = (
        f"SELECT id FROM (SELECT id, {near} AS far FROM bare ORDER BY {near} LIMIT %(rows)s) AS n "  # noqa: S608
        "ORDER BY far + 0 LIMIT %(limit)s"
        if rows > limit
        else f"SELECT id FROM bare ORDER BY {near} LIMIT %(limit)s"  # noqa: S608
    )
    values = {"vector": literal(vector), "rows": rows, "limit": limit}
    return [row[0] for row in connection.exec_driver_sql(statement, values)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write a file where one is named."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.postgres", description=__doc__)
    parser.add_argument("url", help="postgresql://bruger@server/navn; tabellerne er væk igen bagefter")
    parser.add_argument("--size", type=int, default=SIZE, metavar="ANTAL")
    parser.add_argument("--output", type=Path, metavar="FIL")
    options = parser.parse_args(arguments)
    figures = measure(options.url, options.size)
    for name, value in figures.items():
        print(f"{name}: {value}")
    if options.output:
        write_json(options.output, figures)
    return 0


# --- helpers --------------------------------------------------------------------------------------


def _written(home: PostgresHome | FolderHome, change: Change, model: str) -> Generation:
    with home.writing() as writer:
        return writer.write(change, Origin(model, now()))


def _assistant(embedder: Embedder, generation: Generation) -> Assistant:
    return factory.assemble(load_settings(), embedder, generation)


def _searches(
    home: PostgresHome, ours: Generation, theirs: Generation, queries: Sequence[SearchQuery]
) -> dict[str, Any]:
    """Return what searching takes: ours beside bare pgvector, and then as new beside the folder.

    The folder's threads go on for a while after it has answered, so it is not asked in between the others.
    """
    effort = Effort.of(len(ours.index))
    rows = CANDIDATES if effort.rounds == 1 else effort.reached
    anew = PostgresHome(home._servers).read(model=theirs.manifest.model).index
    for index in (ours.index, anew):
        index.search(queries[0], limit=CANDIDATES)
    with home._servers.connected() as connection:
        connection.exec_driver_sql(f"SET hnsw.ef_search = {effort.ef_search}")
        backends = {"ours": home._servers.read(_backend), "bare": _backend(connection)}
        near = _Taken(
            {
                "ours": lambda query: ours.index.search(query, limit=CANDIDATES),
                "bare": lambda query: nearest(connection, query.vector, CANDIDATES, rows),
            },
            backends,
        )
        near.ask(queries)
    far = _Taken(
        {
            "ours": lambda query: anew.search(query, limit=CANDIDATES),
            "folder": lambda query: theirs.index.search(query, limit=CANDIDATES),
        }
    )
    far.ask(queries)
    return {
        "search": _told(Figure("search", "", "", 0.0, near.pairs("bare"))),
        "beside_folder": _told(Figure("beside_folder", "", "", 0.0, far.pairs("folder"))),
        "milliseconds": _quantiles(near.taken | {"folder": far.taken["folder"]}),
        "processor": _quantiles(near.worked | {"folder": far.worked["folder"]}),
        "server_processor": _quantiles(near.served),
    }


class _Taken:
    """What some ways to search take for each question, asked one right after the other; in seconds."""

    def __init__(
        self, ways: Mapping[str, Callable[[SearchQuery], object]], backends: Mapping[str, int] | None = None
    ) -> None:
        """Measure ``ways``; ``backends`` are the processes of the server that work for some of them."""
        self._ways = ways
        self._backends = backends or {}
        self.taken: dict[str, list[float]] = {name: [] for name in ways}
        self.worked: dict[str, list[float]] = {name: [] for name in ways}
        self.served: dict[str, list[float]] = {name: [] for name in self._backends}

    def ask(self, queries: Sequence[SearchQuery]) -> None:
        """Ask each of ``queries`` in every way."""
        names = [*self._ways]
        for number, query in enumerate(queries):
            # Whatever goes later finds warmer caches, so each goes first in turn.
            for name in names[number % len(names) :] + names[: number % len(names)]:
                backend = self._backends.get(name)
                served, worked, taken = _worked(backend), time.process_time(), time.perf_counter()
                self._ways[name](query)
                if number < _WARM_UP:
                    continue
                self.taken[name].append(time.perf_counter() - taken)
                self.worked[name].append(time.process_time() - worked)
                if backend is not None:
                    self.served[name].append(_worked(backend) - served)

    def pairs(self, reference: str) -> tuple[Pair, ...]:
        """Return what ours took beside ``reference``."""
        return tuple(Pair(*each) for each in zip(self.taken["ours"], self.taken[reference], strict=True))


def _quantiles(seconds: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    return {name: asdict(quantiles(each)) for name, each in seconds.items()}


def _backend(connection: Any) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())


def _worked(process: int | None) -> float:
    """Return the seconds that a process of this machine was on the processor; 0 where that cannot be seen."""
    told = Path(f"/proc/{process}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.is_file() else 0.0


def _ranked(assistants: Sequence[Assistant], asked: Sequence[str]) -> dict[str, float]:
    """Return how much of what the second one ranks first the first one does too."""
    first, ten = 0, 0.0
    for text in asked:
        ours, theirs = ([hit.passage.id for hit in each.search(text)[1]] for each in assistants)
        first += ours[:1] == theirs[:1]
        ten += len(set(ours) & set(theirs)) / max(len(theirs), 1)
    return {"same_first": round(first / len(asked), 4), "same_ten": round(ten / len(asked), 4)}


def bare_build(home: PostgresHome, vectors: np.ndarray[Any, Any]) -> float:
    """Return the seconds that it takes to copy vectors into a table and index them."""
    d = vectors.shape[1]
    with home._servers.connected() as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{home._servers.schema}"')
        started = time.perf_counter()
        connection.exec_driver_sql(f"CREATE TABLE bare (id bigint PRIMARY KEY, embedding halfvec({d}))")
        raw: Any = connection.connection.driver_connection
        with (
            raw.transaction(),
            raw.cursor() as cursor,
            cursor.copy("COPY bare FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.set_types(("int8", "halfvec"))
            for number, vector in enumerate(vectors):
                copy.write_row((number, HalfVector(vector)))
        connection.exec_driver_sql("SET maintenance_work_mem = '512MB'")
        connection.exec_driver_sql(
            "CREATE INDEX ON bare USING hnsw (embedding halfvec_ip_ops) "
            f"WITH (m = {LINKS}, ef_construction = {EF_CONSTRUCTION})"
        )
        return time.perf_counter() - started


def _recall(index: Any, queries: Sequence[SearchQuery], vectors: Any, passages: Sequence[Any]) -> float:
    """Return the share of the ten nearest that are among the ten best candidates by vector."""
    hits = 0
    for query in queries:
        exact = {passages[i].id for i in np.argpartition(-(vectors @ query.vector), _NEAREST)[:_NEAREST]}
        found = index.search(SearchQuery("", query.vector), limit=CANDIDATES)
        best = np.argsort(-found.signals[:, SIGNALS.index("dense")])[:_NEAREST]
        hits += len(exact & {found.passages[i].id for i in best})
    return round(hits / (_NEAREST * len(queries)), 4)


def _told(figure: Figure) -> dict[str, float]:
    return {
        "ours": round(figure.ours, 4),
        "bare": round(figure.reference, 4),
        "ratio": round(figure.ratio, 2),
    }


if __name__ == "__main__":
    sys.exit(main())
