"""A new revision: rows written beside those that serve, and one transaction that lets them serve.

The order in which a build writes:

1. What an earlier builder left that was killed is deleted: rows of a revision that never served.
2. Passages, headings, postings and counts of terms are copied, some thousand in a transaction. Nobody reads them yet,
   because they are of a revision that does not serve.
3. One transaction ends the rows that are replaced, writes documents, sums and the revision itself, and lets it
   serve. A process that dies before its commit leaves the old revision serving, after it the new one.
4. Rows that only revisions use which nobody reads any more are deleted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from assistant.indexes.home import StepCallback
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.postgres import revisions
from assistant.indexes.postgres.copying import Learned, Rows, copy_documents, copy_passages
from assistant.indexes.postgres.revisions import FOREVER, Revision, new_name, read_whitening
from assistant.indexes.postgres.rows import key, spread, vectors_from
from assistant.indexes.postgres.signals import FIELDS
from assistant.indexes.postgres.statistics import (
    Counts,
    change_frequencies,
    removed_counts,
    stems_of,
    term_frequencies,
)
from assistant.indexes.whitening import LEARNED_FROM, Whitening
from assistant.records import Document
from assistant.text.danish import words

LINKS, EF_CONSTRUCTION = 16, 100
"""``m`` and ``ef_construction`` of the HNSW graph (Malkov and Yashunin 2018)."""

_KEPT_SECONDS = 3600
_LEARN_AGAIN = 1.1
_MEGABYTES = (64, 2048)
_BY_DOCUMENT = ("documents", "headings", "passages", "texts", "document_terms")
_TABLES = (*_BY_DOCUMENT, "frequencies")


def sweep(connection: Connection, serving: Revision | None) -> None:
    """Delete what a builder left that was killed before its revision served."""
    number = serving.number if serving else 0
    for table in (*_TABLES, "postings"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE added > %s", (number,))  # noqa: S608


def revise(
    connection: Connection,
    base: Revision | None,
    *,
    removed: Collection[str],
    rows: Rows,
    order: Sequence[str],
    documents: Sequence[Document] = (),
    manifest: Callable[[int], str] = lambda _: "",
    step: StepCallback = lambda _: None,
) -> Revision:
    """Write a revision and let it serve.

    Args:
        connection: the builder's own, outside any transaction.
        base: what serves, if anything does.
        removed: keys of documents whose rows end with it; ``rows`` may hold new ones of them.
        rows: the passages that it brings.
        order: keys of all its documents, in order.
        documents: those of which something is told anew.
        manifest: gives what it says of itself, for its number of passages.
        step: told ``begun``, ``file`` for each part that is written, ``manifest`` and ``switched``.
    """
    number = base.number + 1 if base else 1
    gone = sorted(removed)
    raw: Any = connection.connection.driver_connection
    change = removed_counts(connection, gone) if gone else Counts()
    step("begun")
    total = _count_kept(connection, base, gone) + len(rows.passages)
    dimension = int(rows.vectors.shape[1])
    whitening_of, whitening = _whitening(connection, base, number, total, gone, rows)
    learned = Learned(_known(connection, base, change, rows), whitening, whitening_of)
    change.add(copy_passages(connection, number, rows, learned, step))
    if total > revisions.EVERY_UP_TO:
        _ensure_graph(connection, total, dimension)
    if len(rows.passages) * 10 > total:
        connection.exec_driver_sql("ANALYZE passages, headings, texts, postings")
    with raw.transaction():
        for table in _BY_DOCUMENT:
            ended = gone if table != "documents" else [*gone, *(key(d.id) for d in documents)]
            connection.exec_driver_sql(
                f"UPDATE {table} SET removed = %s "  # noqa: S608  one of ours
                "WHERE document_id = ANY(%s) AND removed = %s AND added < %s",
                (number, ended, FOREVER, number),
            )
        copy_documents(connection, number, documents)
        change_frequencies(connection, number, change)
        before = base.lengths if base else (0.0,) * len(FIELDS)
        revision = Revision(
            number,
            new_name(number),
            tuple(order),
            total,
            dimension,
            tuple(old + change.lengths[name] for old, name in zip(before, FIELDS, strict=True)),
            whitening_of,
            manifest(total),
        )
        if whitening_of == number:
            _write_whitening(connection, revision, whitening)
        step("manifest")
        _let_serve(connection, revision)
    step("switched")
    if len(rows.passages) * 10 > total:
        connection.exec_driver_sql("ANALYZE frequencies, documents")
    return revision


def collect(connection: Connection, *, keep_seconds: int = _KEPT_SECONDS) -> None:
    """Delete rows of revisions that were replaced ``keep_seconds`` ago or more; the last before stays."""
    raw: Any = connection.connection.driver_connection
    with raw.transaction():
        oldest = connection.exec_driver_sql(
            """
            SELECT min(r.revision) FROM revisions r, serving s WHERE r.revision >= s.oldest AND (
                r.replaced IS NULL OR r.replaced > now() - make_interval(secs => %(seconds)s)
                OR r.revision = (SELECT max(revision) FROM revisions WHERE revision < s.revision)
            )
            """,
            {"seconds": keep_seconds},
        ).scalar()
        connection.exec_driver_sql("UPDATE serving SET oldest = %s", (oldest,))
        connection.exec_driver_sql(
            "DELETE FROM postings p USING document_terms t WHERE t.removed <= %s AND t.field = 0 "
            "AND p.document_id = t.document_id AND p.added = t.added",
            (oldest,),
        )
        for table in _TABLES:
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE removed <= %s", (oldest,))  # noqa: S608
        connection.exec_driver_sql(
            "DELETE FROM whitenings WHERE revision NOT IN (SELECT whitening FROM revisions WHERE revision >= %s)",
            (oldest,),
        )
        connection.exec_driver_sql("DELETE FROM revisions WHERE revision < %s", (oldest,))


# --- helpers --------------------------------------------------------------------------------------


def _known(connection: Connection, base: Revision | None, change: Counts, rows: Rows) -> frozenset[str]:
    """Return the stems that will stand in the revision."""
    found: set[str] = set()
    if base is not None:
        before = term_frequencies(connection, base.number, "stems")
        gone = change.passages["stems"]
        found.update(stem for stem, n in before.items() if n + gone[stem] > 0)
    for passage in rows.passages:
        for text in (searched_text(passage), heading_text(passage)):
            found.update(stems_of(words(text)))
    return frozenset(found)


def _count_kept(connection: Connection, base: Revision | None, gone: Sequence[str]) -> int:
    if base is None:
        return 0
    if not gone:
        return base.passages
    ending = connection.exec_driver_sql(
        "SELECT count(*) FROM passages WHERE document_id = ANY(%s) AND removed = %s AND added <= %s",
        (list(gone), FOREVER, base.number),
    ).scalar()
    return base.passages - int(ending or 0)


def _ensure_graph(connection: Connection, passages: int, dimension: int) -> None:
    """Make the HNSW index for vectors of this dimension, unless it is there.

    Over half-precision vectors: half the memory, and no measurable loss of recall; what is found is scored
    with the whole ones.
    """
    name = f"passages_near_{dimension}"
    there = connection.exec_driver_sql("SELECT to_regclass(%s) IS NOT NULL", (name,)).scalar()
    if there:
        return
    wanted = passages * (2 * dimension + 16 * LINKS) * 3 // 2 // 2**20
    megabytes = min(max(wanted, _MEGABYTES[0]), _MEGABYTES[1])
    connection.exec_driver_sql(f"SET maintenance_work_mem = '{megabytes}MB'")
    connection.exec_driver_sql(
        f"CREATE INDEX {name} ON passages USING hnsw ((embedding::halfvec({dimension})) halfvec_ip_ops) "
        f"WITH (m = {LINKS}, ef_construction = {EF_CONSTRUCTION}) WHERE vector_dims(embedding) = {dimension}"
    )
    connection.exec_driver_sql("RESET maintenance_work_mem")


def _whitening(
    connection: Connection, base: Revision | None, number: int, total: int, gone: Sequence[str], rows: Rows
) -> tuple[int, Whitening]:
    """Return how vectors are whitened, and the revision that told so.

    It is learned anew while the index is small or has grown: from those passages, old and new, that fall first.
    """
    dimension = int(rows.vectors.shape[1])
    if base is not None and base.dimension == dimension and total > LEARNED_FROM:
        learned_from = connection.exec_driver_sql(
            "SELECT learned_from FROM whitenings WHERE revision = %s", (base.whitening,)
        ).scalar()
        if learned_from and learned_from / _LEARN_AGAIN < total < learned_from * _LEARN_AGAIN:
            return base.whitening, read_whitening(connection, base)
    places = [(spread(passage.id), key(passage.id)) for passage in rows.passages]
    first = sorted(zip(places, rows.vectors, strict=True), key=lambda each: each[0])[:LEARNED_FROM]
    if base is not None and base.dimension == dimension:
        found = connection.exec_driver_sql(
            "SELECT spread, id, vector_send(embedding) FROM passages "
            "WHERE added <= %(number)s AND removed > %(number)s AND NOT document_id = ANY(%(gone)s) "
            "ORDER BY spread, id LIMIT %(most)s",
            {"number": base.number, "gone": list(gone), "most": LEARNED_FROM},
        ).all()
        kept = vectors_from([row[2] for row in found])
        first += [((row[0], row[1]), vector) for row, vector in zip(found, kept, strict=True)]
        first = sorted(first, key=lambda each: each[0])[:LEARNED_FROM]
    empty = np.zeros((0, dimension), dtype=np.float32)
    return number, Whitening.learn(np.vstack([vector for _, vector in first]) if first else empty)


def _write_whitening(connection: Connection, revision: Revision, whitening: Whitening) -> None:
    connection.exec_driver_sql(
        "INSERT INTO whitenings VALUES (%s, %s, %s, %s)",
        (
            revision.number,
            whitening.mean.astype("<f4").tobytes(),
            whitening.matrix.astype("<f4").tobytes(),
            revision.passages,
        ),
    )


def _let_serve(connection: Connection, revision: Revision) -> None:
    connection.exec_driver_sql("UPDATE revisions SET replaced = now() WHERE replaced IS NULL")
    connection.exec_driver_sql(
        "INSERT INTO revisions (revision, name, manifest, documents, passages, dimension, lengths, whitening) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s::float8[], %s)",
        (
            revision.number,
            revision.name,
            revision.manifest,
            json.dumps(revision.documents),
            revision.passages,
            revision.dimension,
            [float(length) for length in revision.lengths],
            revision.whitening,
        ),
    )
    connection.exec_driver_sql(
        "INSERT INTO serving (revision, oldest) VALUES (%(number)s, %(number)s) "
        "ON CONFLICT (one) DO UPDATE SET revision = excluded.revision",
        {"number": revision.number},
    )
