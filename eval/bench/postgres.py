"""The index in PostgreSQL beside bare pgvector: ``python -m eval.bench.postgres URL --size 50000``.

The same vectors lie in a table of pgvector's own with the same HNSW index. Building is told as a ratio to
copying and indexing them there, a hybrid search (vector, words, heading, and the signals of every candidate) as
a ratio to the nearest 200 from there, asked in turn over the same kind of connection. The tables are gone
afterwards.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from pgvector import HalfVector

from assistant import factory
from assistant.indexes.base import SIGNALS, SearchQuery
from assistant.indexes.home import Change
from assistant.indexes.manifest import Origin
from assistant.indexes.postgres.finding import literal
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.revising import EF_CONSTRUCTION, LINKS
from assistant.indexes.postgres.servers import Servers
from assistant.settings import load_settings
from eval.bench.grown import grown, questions, read_seeds
from eval.bench.growth import CACHE
from eval.bench.timing import Figure, Pair, paired
from eval.runs import write_json
from eval.stamps import code_version, machine, now

SIZE = 50_000
CANDIDATES = 200
_WARM_UP = 5
_NEAREST = 10


def measure(url: str, size: int = SIZE) -> dict[str, Any]:
    """Return figures of an index of ``size`` passages in the PostgreSQL at ``url``.

    ``build`` and ``search`` hold the medians in seconds, ours and bare, and their ratio; ``recall@10`` is that
    of the graph against exact search.

    Raises:
        IndexUnusable: there is no PostgreSQL, or none with pgvector.
    """
    embedder = factory.open_embedder(load_settings())
    parts = list(grown(read_seeds(embedder, CACHE), size))
    documents = tuple(chain.from_iterable(part.documents for part in parts))
    passages = tuple(chain.from_iterable(part.passages for part in parts))
    vectors = np.vstack([part.vectors for part in parts])
    headings = np.vstack([part.heading_vectors for part in parts])
    home = PostgresHome(Servers(url, schema=f"bench_{uuid4().hex[:8]}"))
    if why_not := home.why_not():
        raise SystemExit(why_not)
    try:
        bare = _bare_build(home, vectors)
        started = time.perf_counter()
        with home.writing() as writer:
            change = Change(documents, frozenset(), passages, vectors, headings)
            generation = writer.write(change, Origin(embedder.fingerprint, now()))
        build = Figure("build", "", "", 0.0, (Pair(time.perf_counter() - started, bare),))
        started = time.perf_counter()
        generation.index.search(SearchQuery("", vectors[0]))
        opened = time.perf_counter() - started
        asked = questions()
        queries = [
            SearchQuery(text, vector)
            for text, vector in zip(asked, embedder.embed_queries(asked), strict=True)
        ]
        for query in queries[:_WARM_UP]:
            generation.index.search(query, limit=CANDIDATES)
        with home._servers.connected() as connection:
            rounds = [
                (
                    lambda q=query: generation.index.search(q, limit=CANDIDATES),
                    lambda q=query: _nearest(connection, q.vector, CANDIDATES),
                )
                for query in queries[_WARM_UP:]
            ]
            search = Figure("search", "", "", 0.0, paired(rounds, lambda _: None))
        return {
            "stamp": {"created": now(), "code": code_version(), "machine": machine()},
            "passages": len(passages),
            "build": _told(build),
            "search": _told(search),
            "open_seconds": round(opened, 3),
            "recall@10": _recall(generation.index, queries, vectors, passages),
        }
    finally:
        home.drop()
        home.close()


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


def _bare_build(home: PostgresHome, vectors: np.ndarray[Any, Any]) -> float:
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


def _nearest(connection: Any, vector: Any, limit: int) -> list[Any]:
    return list(
        connection.exec_driver_sql(
            f"SELECT id FROM bare ORDER BY embedding <#> %s::halfvec({len(vector)}) LIMIT %s",  # noqa: S608
            (literal(vector), limit),
        )
    )


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
