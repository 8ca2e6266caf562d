"""Many small texts in one array of bytes, read one at a time, each with a checksum of its own."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import IndexDamaged
from assistant.indexes.manifest import REBUILD
from assistant.records import Page, Passage, Span


@dataclass(frozen=True, slots=True)
class Records:
    """``data`` from ``ends[i - 1]`` to ``ends[i]`` is record i, with the CRC-32 ``sums[i]``.

    The array may lie in a file that was not checked as a whole; what is read from it was.
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]
    sums: NDArray[np.uint32]

    @classmethod
    def of(cls, records: Iterable[bytes]) -> Records:
        """Put ``records`` into arrays."""
        data, ends, sums = bytearray(), [0], []
        for record in records:
            data += record
            ends.append(len(data))
            sums.append(zlib.crc32(record))
        return cls(
            np.frombuffer(data, dtype=np.uint8),
            np.asarray(ends, dtype=np.int64),
            np.asarray(sums, dtype=np.uint32),
        )

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.sums)

    def __getitem__(self, row: int) -> bytes:
        """Return a record; raises :class:`IndexDamaged` where it is not what was written."""
        return self.several(np.asarray([row]))[0]

    def several(self, rows: NDArray[np.integer[Any]]) -> list[bytes]:
        """Return the records ``rows``; raises :class:`IndexDamaged` where one is not what was written."""
        data = self.data.data
        starts, ends = self.ends[rows].tolist(), self.ends[rows + 1].tolist()
        records = [bytes(data[start:end]) for start, end in zip(starts, ends, strict=True)]
        if [zlib.crc32(record) for record in records] != self.sums[rows].tolist():
            raise IndexDamaged(f"En tekst i indekset er beskadiget. Byg det igen med »{REBUILD}«.")
        return records


_before, _behind = (
    attrgetter("id", "document_id", "page", "heading", "text"),
    attrgetter("section", "mark", "order", "lead", "follows", "alone"),
)
"""The fields of a passage in their order, before and behind its span."""
_SPAN = 5


def passage_record(passage: Passage) -> bytes:
    """Return a passage as bytes; :func:`read_passage` reads them."""
    return _packed([*_before(passage), [passage.span.start, passage.span.end], *_behind(passage)])


def read_passage(record: bytes) -> Passage:
    """Return what :func:`passage_record` wrote."""
    return read_passages([record])[0]


def read_passages(records: Iterable[bytes]) -> tuple[Passage, ...]:
    """Return what :func:`passage_record` wrote, all of it read at once."""
    rows = json.loads(f"[{b','.join(records).decode('utf-8', 'surrogatepass')}]")
    for row in rows:
        row[_SPAN] = Span(*row[_SPAN])
    return tuple(Passage(*row) for row in rows)


def pages_record(pages: Iterable[Page]) -> bytes:
    """Return the pages of a document as bytes."""
    return _packed([_plain(page) for page in pages])


class MappedPages(Sequence[Page]):
    """The pages of a document, read when they are asked for. Equal to a tuple of the same pages."""

    def __init__(self, records: Records, row: int) -> None:
        """Read them from a record that :func:`pages_record` wrote."""
        self._records = records
        self._row = row

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self._read())

    def __getitem__(self, at: Any) -> Any:
        """Return a page, or several for a slice."""
        return self._read()[at]

    def __iter__(self) -> Iterator[Page]:
        """Go through the pages."""
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        """Whether the pages are the same, wherever they lie."""
        if isinstance(other, MappedPages) and other._records is self._records and other._row == self._row:
            return True
        return isinstance(other, MappedPages | tuple) and self._read() == tuple(other)

    def __hash__(self) -> int:
        """Return the hash of a tuple of these pages."""
        return hash(self._read())

    def __deepcopy__(self, memo: object) -> tuple[Page, ...]:
        """Return the pages themselves, as for writing them elsewhere."""
        return self._read()

    def _read(self) -> tuple[Page, ...]:
        return tuple(_page(*values) for values in json.loads(self._records[self._row]))


def _plain(page: Page) -> list[Any]:
    span = [page.label_span.start, page.label_span.end] if page.label_span else None
    return [page.number, page.text, page.label, span, page.reader]


def _page(number: int, text: str, label: str | None, span: list[int] | None, reader: str) -> Page:
    return Page(number, text, label, Span(*span) if span else None, reader)


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
