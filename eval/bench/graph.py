"""Recall of the HNSW graph by how far it is searched: ``python -m eval.bench.graph URL 20000 50000 100000``.

The vectors are those of :mod:`eval.bench.grown`, in tables of pgvector's own with the index that PostgreSQL homes
make, asked real questions. What comes of it is where :class:`assistant.indexes.postgres.finding.Effort` is from.
The tables are gone afterwards. Half a million took a quarter of an hour on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from assistant import factory
from assistant.embedding.base import Vectors
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.servers import Servers
from assistant.settings import load_settings
from eval.bench.grown import grown, questions, read_seeds
from eval.bench.growth import CACHE
from eval.bench.postgres import CANDIDATES, bare_build, nearest
from eval.runs import write_json
from eval.stamps import code_version, machine, now

EFFORTS = (
    (100, 2),
    (125, 2),
    (150, 2),
    (200, 2),
    (250, 2),
    (300, 2),
    (400, 2),
    (500, 2),
    (700, 2),
    (1_000, 2),
)
"""``hnsw.ef_search`` and rounds; two of half as many find what one does."""

RECALLED = 10
"""So many are looked for, among as many as a search takes from the graph: those it compares by whole vectors."""


def recall_by_effort(connection: Any, queries: Vectors, exact: NDArray[np.int64]) -> dict[str, float]:
    """Return recall@10 by how many passages a search goes over, from the table ``bare`` of ``connection``.

    Args:
        connection: to a server, its search path beginning with the schema of the table.
        queries: shape (n, dimension).
        exact: ids of the nearest by exact search, shape (n, 10).
    """
    found: dict[str, float] = {}
    for ef_search, rounds in EFFORTS:
        connection.exec_driver_sql(f"SET hnsw.ef_search = {ef_search}")
        near = [nearest(connection, query, CANDIDATES, ef_search * rounds) for query in queries]
        hits = sum(len({*ids} & {*best}) for ids, best in zip(near, exact.tolist(), strict=True))
        found[str(ef_search * rounds)] = round(hits / exact.size, 4)
    return found


def measure(url: str, size: int) -> dict[str, float]:
    """Return recall@10 by effort among ``size`` passages in the PostgreSQL at ``url``."""
    embedder = factory.open_embedder(load_settings())
    vectors = np.vstack([part.vectors for part in grown(read_seeds(embedder, CACHE), size)])
    queries = embedder.embed_queries(questions())
    exact = np.argsort(-(vectors @ queries.T), axis=0)[:RECALLED].T
    home = PostgresHome(Servers(url, schema=f"bench_{uuid4().hex[:8]}"))
    if why_not := home.why_not():
        raise SystemExit(why_not)
    try:
        bare_build(home, vectors)
        with home._servers.connected() as connection:
            return recall_by_effort(connection, queries, exact)
    finally:
        home.drop()
        home.close()


def graph_json(by_size: dict[int, dict[str, float]]) -> dict[str, Any]:
    """Return what is written of measurements by size."""
    stamp = {"created": now(), "code": code_version(), "machine": machine()}
    return {"stamp": stamp, "recall@10": {str(size): found for size, found in sorted(by_size.items())}}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write a file where one is named."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.graph", description=__doc__)
    parser.add_argument("url", help="postgresql://bruger@server/navn; tabellerne er væk igen bagefter")
    parser.add_argument("sizes", type=int, nargs="+", metavar="ANTAL")
    parser.add_argument("--output", type=Path, metavar="FIL")
    options = parser.parse_args(arguments)
    by_size: dict[int, dict[str, float]] = {}
    for size in options.sizes:
        by_size[size] = measure(options.url, size)
        print(size, by_size[size], flush=True)
    if options.output:
        write_json(options.output, graph_json(by_size))
    return 0


if __name__ == "__main__":
    sys.exit(main())
