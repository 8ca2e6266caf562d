"""A part of a large index that never changes: some passages with everything that finds them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.durable.files import FolderReader, FolderWriter, json_line
from assistant.indexes.arrays import map_array, save_array
from assistant.indexes.large.contents import Contents
from assistant.indexes.large.grams import SAMPLE, GramStatistics
from assistant.indexes.large.records import Records, passage_record, read_passage, read_passages
from assistant.indexes.large.vectors import VectorField
from assistant.indexes.large.words import (
    Postings,
    TermsOfWords,
    compound_stems,
    cut_texts,
    postings,
)
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.whitening import Whitening
from assistant.records import Passage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment's files are, and their checksums, so that another generation can link them."""

    folder: Path
    files: dict[str, str]

    @classmethod
    def of(cls, files: FolderReader, name: str) -> Place:
        """Return the place of what lies in the folder ``name`` of ``files``."""
        return cls(files.home / name, files.part(name))


@dataclass(frozen=True, slots=True)
class Segment:
    """Passages in rows, those of a document together; everything else by row.

    ``first[d]`` to ``first[d + 1]`` are the rows of document d, ``heading_rows`` from ``heading_first[h]`` on
    those under heading h. ``terms`` numbers the terms of both kinds of postings, ``known`` are those that
    compounds are split by. ``place`` is set once the segment is on the disk.
    """

    documents: tuple[str, ...]
    first: NDArray[np.int64]
    passages: Records
    pages: Records
    vectors: VectorField
    headings: Records
    heading_of: NDArray[np.int32]
    heading_first: NDArray[np.int64]
    heading_rows: NDArray[np.int32]
    heading_vectors: VectorField
    terms: dict[str, int]
    known: frozenset[str]
    words: Postings
    heading_words: Postings
    grams: GramStatistics
    heading_grams: GramStatistics
    whitening: Whitening
    place: Place | None = None

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.passages)

    @classmethod
    def build(cls, contents: Contents, *, known: frozenset[str], exact_up_to: int) -> Segment:
        """Make a segment.

        Args:
            contents: what is in it.
            known: stems of other segments, by which compounds are split too.
            exact_up_to: so many vectors are searched exactly.
        """
        passages, names = contents.passages, contents.names
        number = {name: at for at, name in enumerate(names)}
        counts = np.bincount(
            np.asarray([number[p.document_id] for p in passages], dtype=np.int64), minlength=len(names)
        )
        headings: dict[str, int] = {}
        heading_of = np.asarray(
            [headings.setdefault(heading_text(p), len(headings)) for p in passages], dtype=np.int32
        )
        _, first_rows = np.unique(heading_of, return_index=True)
        place: dict[str, int] = {}
        texts = cut_texts((searched_text(p) for p in passages), place)
        above = cut_texts(headings, place)
        stems = compound_stems(place)
        of_words = TermsOfWords.of(tuple(place), stems | known if known else stems)
        sample = np.linspace(0, len(passages) - 1, min(len(passages), SAMPLE)).astype(np.int64)
        return cls(
            documents=names,
            first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            passages=Records.of(passage_record(p) for p in passages),
            pages=Records.of(contents.pages),
            vectors=VectorField.build(contents.vectors, exact_up_to),
            headings=Records.of(h.encode("utf-8", "surrogatepass") for h in headings),
            heading_of=heading_of,
            heading_first=np.concatenate([[0], np.cumsum(np.bincount(heading_of))]).astype(np.int64),
            heading_rows=np.argsort(heading_of, kind="stable").astype(np.int32),
            heading_vectors=VectorField.build(contents.heading_vectors[first_rows], exact_up_to),
            terms={term: at for at, term in enumerate(of_words.terms)},
            known=stems,
            words=postings(texts, of_words),
            heading_words=postings(above, of_words),
            grams=GramStatistics.of([searched_text(passages[row]) for row in sample]),
            heading_grams=GramStatistics.of([heading_text(passages[row]) for row in sample]),
            whitening=Whitening.learn(contents.vectors),
        )

    def at(self, place: Place) -> Segment:
        """Return the same segment, known to lie in ``place``."""
        return replace(self, place=place)

    def passage(self, row: int) -> Passage:
        """Return a passage."""
        return read_passage(self.passages[row])

    def passages_in(self, rows: NDArray[np.integer[Any]]) -> tuple[Passage, ...]:
        """Return the passages of several rows."""
        return read_passages(self.passages.several(rows))

    def headings_in(self, numbers: NDArray[np.integer[Any]]) -> list[str]:
        """Return the texts of several headings."""
        return [record.decode("utf-8", "surrogatepass") for record in self.headings.several(numbers)]

    def headings_above(self, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which headings stand above the rows that are ``allowed``; shape (number of headings,)."""
        headings = np.zeros(len(self.headings), dtype=np.bool_)
        headings[self.heading_of[allowed]] = True
        return headings

    def rows_of(self, document: int) -> NDArray[np.int64]:
        """Return the rows of a document."""
        return np.arange(self.first[document], self.first[document + 1])

    def save(self, out: FolderWriter, name: str) -> None:
        """Write the segment into the folder ``name``: arrays, JSON and FAISS files, nothing that runs.

        One that is on the disk already is linked.
        """
        if self.place is not None:
            for path, digest in self.place.files.items():
                out.link(f"{name}/{path}", self.place.folder / path, digest)
            return
        facts = {
            "documents": self.documents,
            "terms": list(self.terms),
            "known": sorted(self.terms[stem] for stem in self.known),
            "vectors": _facts(self.vectors),
            "heading_vectors": _facts(self.heading_vectors),
            "grams": [self.grams.counted, self.grams.total],
            "heading_grams": [self.heading_grams.counted, self.heading_grams.total],
        }
        with out.open(f"{name}/segment.json") as file:
            file.write(json_line(facts))
        for kind, field in (("vectors", self.vectors), ("heading_vectors", self.heading_vectors)):
            for which in ("exact", "quick") if field.quick is not None else ("exact",):
                with out.open(f"{name}/{kind}/{which}.faiss") as file:
                    field.write(which, file.write)
        for path, array in self._arrays().items():
            save_array(out, f"{name}/{path}.npy", array)

    @classmethod
    def load(cls, files: FolderReader, name: str) -> Segment:
        """Map what :meth:`save` wrote.

        Raises:
            Damage: a file is not what was written, as far as it is checked now; see ``FolderReader.map``.
        """
        facts = json.loads(files.read(f"{name}/segment.json"))

        def array(path: str) -> NDArray[np.generic]:
            return map_array(files, f"{name}/{path}.npy")

        def records(kind: str) -> Records:
            return Records(*(array(f"{kind}/{part}") for part in ("data", "ends", "sums")))  # type: ignore[arg-type]

        def words(kind: str) -> Postings:
            return Postings(*(array(f"{kind}/{part}") for part in ("starts", "rows", "counts", "lengths")))  # type: ignore[arg-type]

        def vectors(kind: str) -> VectorField:
            again, recall = facts[kind]
            # What FAISS makes something of is checked before; of "exact" it makes nothing where there is "quick".
            exact = np.frombuffer(files.map(f"{name}/{kind}/exact.faiss", checked=not again), dtype=np.uint8)
            quick = files.map(f"{name}/{kind}/quick.faiss", checked=True) if again else None
            return VectorField.over(
                exact, None if quick is None else np.frombuffer(quick, dtype=np.uint8), again, recall
            )

        def grams(kind: str) -> GramStatistics:
            return GramStatistics(array(f"{kind}/codes"), array(f"{kind}/frequencies"), *facts[kind])  # type: ignore[arg-type]

        terms = facts["terms"]
        return cls(
            documents=tuple(facts["documents"]),
            first=array("first"),  # type: ignore[arg-type]
            passages=records("passages"),
            pages=records("pages"),
            vectors=vectors("vectors"),
            headings=records("headings"),
            heading_of=array("heading_of"),  # type: ignore[arg-type]
            heading_first=array("heading_first"),  # type: ignore[arg-type]
            heading_rows=array("heading_rows"),  # type: ignore[arg-type]
            heading_vectors=vectors("heading_vectors"),
            terms={term: at for at, term in enumerate(terms)},
            known=frozenset([terms[at] for at in facts["known"]]),
            words=words("words"),
            heading_words=words("heading_words"),
            grams=grams("grams"),
            heading_grams=grams("heading_grams"),
            whitening=Whitening(array("whitening/mean"), array("whitening/matrix")),  # type: ignore[arg-type]
            place=Place.of(files, name),
        )

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        arrays: dict[str, NDArray[np.generic]] = {
            "first": self.first,
            "heading_of": self.heading_of,
            "heading_first": self.heading_first,
            "heading_rows": self.heading_rows,
            "whitening/mean": self.whitening.mean,
            "whitening/matrix": self.whitening.matrix,
        }
        for kind, records in (
            ("passages", self.passages),
            ("pages", self.pages),
            ("headings", self.headings),
        ):
            arrays |= {
                f"{kind}/data": records.data,
                f"{kind}/ends": records.ends,
                f"{kind}/sums": records.sums,
            }
        for kind, found in (("words", self.words), ("heading_words", self.heading_words)):
            arrays |= {
                f"{kind}/starts": found.starts,
                f"{kind}/rows": found.rows,
                f"{kind}/counts": found.counts,
                f"{kind}/lengths": found.lengths,
            }
        for kind, grams in (("grams", self.grams), ("heading_grams", self.heading_grams)):
            arrays |= {f"{kind}/codes": grams.codes, f"{kind}/frequencies": grams.frequencies}
        return arrays


def _facts(field: VectorField) -> list[object]:
    return [field.again, field.recall]
