"""What is promised of indexes of many passages, at 200,000 of them; run by `make soak`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.embedding.base import Vectors
from assistant.indexes.base import SearchQuery
from assistant.indexes.home import Change, Generation
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.manifest import Origin
from assistant.indexes.writing import FolderHome
from assistant.records import Document, Page, Passage, Span
from eval.bench.grown import MATERIAL, Seeds, grown, questions

COUNT = 200_000
DIMENSION = 384
NEAREST = 10
WANTED_RECALL = 0.97
ASKED = 50
MODEL = "vektorer af en prøve"


def unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def seeds() -> Seeds:
    """The real passages, with vectors that crowd around one direction as those of embeddings do."""
    rows = [line.split("\t") for line in (MATERIAL / "passages.tsv").read_text(encoding="utf-8").splitlines()]
    random = np.random.default_rng(7)
    common = 1.5 * unit(random.standard_normal((1, DIMENSION)))
    made = [unit(common + unit(random.standard_normal((len(rows), DIMENSION)))) for _ in range(2)]
    return Seeds(tuple(text for _, text in rows), tuple(title for title, _ in rows), made[0], made[1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mange") / "index"


@pytest.fixture(scope="module")
def home(seeds: Seeds, folder: Path) -> FolderHome:
    """An index of all passages, written in four builds."""
    made = FolderHome(folder)
    documents: tuple[Document, ...] = ()
    for chunk in grown(seeds, COUNT):
        kept = frozenset(document.id for document in documents)
        documents += chunk.documents
        put(made, Change(documents, kept, chunk.passages, chunk.vectors, chunk.heading_vectors))
    return made


def put(home: FolderHome, change: Change) -> Generation:
    with home.writing() as writer:
        writer.current(MODEL)
        return writer.write(change, Origin(MODEL, "2026-11-22"))


def own_memory() -> int:
    """Return the bytes of this process that are not mapped from files."""
    held = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return 1024 * int(held["RssAnon"].split()[0])


@pytest.mark.soak
def test_the_nearest_of_many_passages_are_found(home: FolderHome, seeds: Seeds) -> None:
    index = home.read(model=MODEL).index
    assert isinstance(index, LargeIndex)
    assert len(index) == COUNT
    asked = unit(
        seeds.vectors[:ASKED] + 0.5 * unit(np.random.default_rng(1).standard_normal((ASKED, DIMENSION)))
    )
    best, ids = np.zeros((ASKED, 0)), np.zeros((ASKED, 0), dtype=object)
    for chunk in grown(seeds, COUNT):
        best = np.hstack([best, asked @ chunk.vectors.T])
        ids = np.hstack([ids, np.tile(np.asarray([p.id for p in chunk.passages], dtype=object), (ASKED, 1))])
        first = np.argsort(-best, axis=1)[:, :NEAREST]
        best, ids = np.take_along_axis(best, first, axis=1), np.take_along_axis(ids, first, axis=1)
    hits = 0
    for text, vector, wanted in zip(questions(), asked, ids, strict=False):
        found = index.search(SearchQuery(text, vector))
        rows = np.argsort(-found.signals[:, 0], kind="stable")[:NEAREST]
        hits += len({found.passages[row].id for row in rows} & set(wanted))
    assert hits / (ASKED * NEAREST) >= WANTED_RECALL
    assert all(fact.recall >= WANTED_RECALL for fact in index.facts)


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory is read from /proc")
def test_opening_and_asking_leaves_the_vectors_on_the_disk(home: FolderHome, seeds: Seeds) -> None:
    before = own_memory()
    generation = home.read(model=MODEL)
    for text, vector in zip(questions()[:20], seeds.vectors, strict=False):
        generation.index.search(SearchQuery(text, vector))
    assert own_memory() - before < COUNT * DIMENSION * 4 // 2  # half of the vectors as numbers


@pytest.mark.soak
def test_a_document_more_is_written_without_writing_the_others_again(
    home: FolderHome, folder: Path, seeds: Seeds
) -> None:
    before = home.read(model=MODEL)
    text = "Et nyt dokument om overenskomster."
    new = Document("nyt", "Nyt", "Nyt", "notat", "da", "0" * 64, (Page(1, text),))
    passage = Passage("nyt:1:0", "nyt", 1, "Om nyt", text, Span(0, len(text)), "nyt:1")
    kept = frozenset(document.id for document in before.documents)
    vector = seeds.vectors[:1]
    after = put(home, Change((*before.documents, new), kept, (passage,), vector, vector))
    assert len(after.index) == COUNT + 1
    found = after.index.search(SearchQuery(text, vector[0]))
    assert "nyt:1:0" in {passage.id for passage in found.passages}
    name = home.current_name()
    assert name is not None
    files = [path for path in folder.rglob("*") if path.is_file() and name in path.parts]
    own = sum(path.stat().st_size for path in files if path.stat().st_nlink == 1)
    shared = sum(path.stat().st_size for path in files if path.stat().st_nlink > 1)
    assert shared > COUNT * DIMENSION * 2  # the vectors in half precision
    assert own < shared / 20
