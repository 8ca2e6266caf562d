"""In how many passages each term stands: counted by document, summed as an index is built.

A document brings its own counts and takes them with it; only the sums of the terms it has change. So a build
costs what changed, no row is written by two documents at once, and nothing counts over the whole index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from assistant.indexes.postgres.revisions import FOREVER
from assistant.indexes.postgres.signals import FIELDS, Cutter, Words
from assistant.text.danish import MIN_PART, stem

if TYPE_CHECKING:
    from psycopg import Cursor

    from assistant.indexes.postgres.driver import Pipeline

COUNTED = (*FIELDS, "stems")
"""What is counted; "stems" are those that compounds are split by."""

NUMBERS = {name: number for number, name in enumerate(COUNTED)}

LONGEST = 200
"""Longer terms, which are no words, are not counted: an index entry of PostgreSQL holds 2,700 bytes."""

_BATCH = 20_000


@dataclass(slots=True)
class Counts:
    """Number of passages by term, and number of terms, for each field."""

    passages: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in COUNTED})
    lengths: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))

    def add(self, other: Counts) -> None:
        """Count what ``other`` counted too."""
        for name in COUNTED:
            self.passages[name].update(other.passages[name])
            self.lengths[name] += other.lengths[name]

    def subtract(self, name: str, terms: Sequence[str], counts: Sequence[int], length: int) -> None:
        """Take away what a document brought."""
        self.passages[name].subtract(dict(zip(terms, counts, strict=True)))
        self.lengths[name] -= length


def stems_of(words: Iterable[str]) -> Iterator[str]:
    """Yield the stems of those ``words`` that can be a part of a compound, as :func:`danish.vocabulary`."""
    for word in words:
        if MIN_PART <= len(word) <= LONGEST and word.isalpha() and (own := stem(word)):
            yield own


def counted(passages: Sequence[Words], cutter: Cutter) -> Counts:
    """Return the counts of some passages."""
    counts = Counts()
    for i, name in enumerate(FIELDS):
        own = counts.passages[name]
        for found in passages:
            own.update(cutter.different(found, name))
        for term in [term for term in own if len(term) > LONGEST]:
            del own[term]
        counts.lengths[name] = sum(found.lengths[i] for found in passages)
    for found in passages:
        counts.passages["stems"].update(set(stems_of((*found.own, *found.above))))
    return counts


def term_frequencies(connection: Connection, revision: int, name: str) -> dict[str, int]:
    """Return in how many passages each term of a field stands."""
    found = connection.exec_driver_sql(
        "SELECT term, passages FROM frequencies WHERE field = %s AND added <= %s AND removed > %s",
        (NUMBERS[name], revision, revision),
    )
    return {row[0]: row[1] for row in found}


def send_gram_frequencies(pipeline: Pipeline, revision: int, grams: Sequence[str]) -> Cursor[Any]:
    """Ask in how many passages and headings each n-gram stands; see :func:`gram_frequencies`."""
    return pipeline.send(
        "SELECT field, term, passages FROM frequencies WHERE term = ANY(%(grams)s) AND field = ANY(%(fields)s) "
        "AND added <= %(revision)s AND removed > %(revision)s",
        {
            "grams": list(grams),
            "fields": [NUMBERS["chars"], NUMBERS["chars_heading"]],
            "revision": revision,
        },
    )


def gram_frequencies(
    grams: Sequence[str], found: Iterable[tuple[int, str, int]]
) -> dict[str, tuple[int, int]]:
    """Return in how many passages and in how many headings each n-gram stands."""
    by_field: dict[int, dict[str, int]] = {NUMBERS["chars"]: {}, NUMBERS["chars_heading"]: {}}
    for number, gram, passages in found:
        by_field[number][gram] = passages
    own, above = by_field.values()
    return {gram: (own.get(gram, 0), above.get(gram, 0)) for gram in grams}


def removed_counts(connection: Connection, documents: Sequence[str]) -> Counts:
    """Return, as negative numbers, what the documents with these keys brought that still serves."""
    counts = Counts()
    found = connection.exec_driver_sql(
        "SELECT field, terms, counts, length FROM document_terms WHERE document_id = ANY(%s) AND removed = %s",
        (list(documents), FOREVER),
    )
    for number, terms, numbers, length in found:
        counts.subtract(COUNTED[number], terms, numbers, length)
    return counts


def change_frequencies(connection: Connection, revision: int, change: Counts) -> None:
    """Add ``change`` to the sums, from ``revision`` on."""
    changed = [(term, NUMBERS[name], n) for name in COUNTED for term, n in change.passages[name].items() if n]
    for start in range(0, len(changed), _BATCH):
        terms, fields, numbers = zip(*changed[start : start + _BATCH], strict=True)
        connection.exec_driver_sql(
            """
            WITH change AS (
                SELECT * FROM unnest(%(terms)s::text[], %(fields)s::smallint[], %(numbers)s::bigint[])
                AS c (term, field, number)
            ), old AS (
                UPDATE frequencies f SET removed = %(revision)s FROM change c
                WHERE f.term = c.term AND f.field = c.field AND f.removed = %(forever)s
                RETURNING f.term, f.field, f.passages
            )
            INSERT INTO frequencies (term, field, added, passages)
            SELECT c.term, c.field, %(revision)s, coalesce(o.passages, 0) + c.number
            FROM change c LEFT JOIN old o USING (term, field)
            WHERE coalesce(o.passages, 0) + c.number > 0
            """,
            {
                "terms": list(terms),
                "fields": list(fields),
                "numbers": list(numbers),
                "revision": revision,
                "forever": FOREVER,
            },
        )
