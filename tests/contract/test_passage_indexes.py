"""What every passage index keeps, against scores worked out by hand or by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from support.embedders import HashedEmbedder
from support.postgres import Server

from assistant.durable.files import FolderReader, FolderWriter
from assistant.indexes.base import SIGNALS, Alternatives, Candidates, PassageIndex, SearchQuery
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.lexical import K1, Asked, B, JoinedFields, LexicalField
from assistant.indexes.local import LocalIndex
from assistant.indexes.postgres import revisions
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.servers import Servers
from assistant.indexes.sizes import Sizes
from assistant.records import Passage, Span
from assistant.text.danish import stem

DIMENSION = 32
WORDS = "ledelse styring tillid kultur værdi opgave borger stat kommune region effekt drift faglighed dialog".split()
EMBEDDER = HashedEmbedder(DIMENSION)
LIMIT = 10
COUNT = 120


def passage(number: int, text: str, document: str, heading: str = "") -> Passage:
    return Passage(
        f"{document}:1:{number}", document, 1, heading, text, Span(0, len(text)), f"{document}:1:s1"
    )


@cache
def world() -> tuple[Passage, ...]:
    """Passages of three documents, each a few words drawn at random."""
    random = np.random.default_rng(7)
    return tuple(
        passage(n, " ".join(random.choice(WORDS, size=6)), f"dokument-{n % 3}", f"Afsnit {WORDS[n % 5]}")
        for n in range(COUNT)
    )


def vectors(passages: Sequence[Passage]) -> tuple[np.ndarray, np.ndarray]:
    return _vectors(tuple(passages))


@cache
def _vectors(passages: tuple[Passage, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Noise keeps texts of the same words apart, so that the nearest is one."""
    noise = np.random.default_rng(11).normal(scale=0.1, size=(len(passages), DIMENSION)).astype(np.float32)
    texts = EMBEDDER.embed_passages([p.text for p in passages]) + noise
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    made = texts.astype(np.float32), EMBEDDER.embed_passages([p.heading for p in passages])
    for array in made:
        array.setflags(write=False)
    return made


def query(text: str, *alternatives: Alternatives) -> SearchQuery:
    return SearchQuery(text, EMBEDDER.embed_queries([text])[0], alternatives)


def column(found: Candidates, signal: str) -> dict[str, float]:
    return {
        p.id: float(v) for p, v in zip(found.passages, found.signals[:, SIGNALS.index(signal)], strict=True)
    }


Make = Callable[[], PassageIndex]


MAKERS: dict[str, Make] = {
    "every passage scored": lambda: LocalIndex(DIMENSION),
    "candidates, exact": lambda: LargeIndex(DIMENSION),
    "candidates, bits first": lambda: LargeIndex(DIMENSION, sizes=Sizes(exact_up_to=50)),
    "candidates, segments": lambda: LargeIndex(DIMENSION, sizes=Sizes(segment_rows=40, merged_at_once=0)),
}


SERVERS = ("PostgreSQL, every passage scored", "PostgreSQL, candidates")


@pytest.fixture(params=[*MAKERS, *SERVERS])
def make(request: pytest.FixtureRequest) -> Make:
    """Each way in which an index finds its candidates, whatever its size."""
    return MAKERS[request.param] if request.param in MAKERS else request.getfixturevalue("on_server")


@pytest.fixture
def on_server(
    request: pytest.FixtureRequest, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    """An index in PostgreSQL, the way that the test names."""
    if request.node.callspec.params["make"] == "PostgreSQL, candidates":
        monkeypatch.setattr(revisions, "EVERY_UP_TO", 0)
    home = PostgresHome(Servers(postgres.url, schema="contract"))
    assert home.why_not() == ""
    yield lambda: home.start_empty(DIMENSION)
    home.close()


@pytest.fixture(params=MAKERS)
def in_files(request: pytest.FixtureRequest) -> LocalIndex | LargeIndex:
    """Each kind of index that lives in files, empty."""
    empty = MAKERS[request.param]()
    assert isinstance(empty, LocalIndex | LargeIndex)
    return empty


def full(make: Make) -> PassageIndex:
    filled = make()
    filled.add(world(), *vectors(world()))
    return filled


@cache
def full_in_files(kind: str) -> PassageIndex:
    return full(MAKERS[kind])


@pytest.fixture
def index(make: Make) -> PassageIndex:
    return full(make)


@pytest.fixture
def searched(request: pytest.FixtureRequest, make: Make) -> PassageIndex:
    """As ``index``; the one that other tests search too, and so it may not be changed."""
    kind = request.node.callspec.params["make"]
    return full_in_files(kind) if kind in MAKERS else full(make)


def precision(index: PassageIndex) -> float:
    """How exact its cosines are: a large index keeps vectors in half precision."""
    return 3e-4 if isinstance(index, LargeIndex) else 1e-5


# --- searching --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ledelse og tillid", "drift i en region", "dialog"])
def test_dense_scores_are_the_cosines_and_the_nearest_are_found(searched: PassageIndex, text: str) -> None:
    wanted = query(text)
    cosines = dict(zip([p.id for p in world()], vectors(world())[0] @ wanted.vector, strict=True))
    nearest = sorted(cosines, key=cosines.__getitem__, reverse=True)[:LIMIT]

    dense = column(searched.search(wanted, limit=LIMIT), "dense")

    assert set(nearest) <= set(dense)
    assert dense == pytest.approx({name: cosines[name] for name in dense}, abs=precision(searched))


def test_heading_scores_are_the_cosines_of_the_headings(searched: PassageIndex) -> None:
    wanted = query("Afsnit ledelse")
    cosines = dict(zip([p.id for p in world()], vectors(world())[1] @ wanted.vector, strict=True))
    found = column(searched.search(wanted, limit=LIMIT), "dense_heading")
    assert found == pytest.approx({name: cosines[name] for name in found}, abs=precision(searched))


def test_filter_gives_the_best_of_the_named_documents_only(searched: PassageIndex) -> None:
    wanted = query("ledelse og tillid")
    own = [(p, v) for p, v in zip(world(), vectors(world())[0] @ wanted.vector, strict=True)]
    own = [(p, v) for p, v in own if p.document_id == "dokument-1"]
    nearest = [p.id for p, _ in sorted(own, key=lambda pair: -pair[1])[:LIMIT]]

    found = searched.search(wanted, documents=["dokument-1"], limit=LIMIT)

    assert {p.document_id for p in found.passages} == {"dokument-1"}
    assert set(nearest) <= {p.id for p in found.passages}


def test_filter_without_any_document_of_the_index_finds_nothing(searched: PassageIndex) -> None:
    found = searched.search(query("ledelse"), documents=["findes-ikke"], limit=LIMIT)
    assert (found.passages, found.signals.shape) == ((), (0, len(SIGNALS)))


def test_mean_and_spread_are_those_of_the_index(searched: PassageIndex) -> None:
    wanted = query("ledelse og tillid")
    cosines = vectors(world())[0] @ wanted.vector
    found = searched.search(wanted, limit=LIMIT)
    at = SIGNALS.index("dense")
    assert (found.mean[at], found.std[at]) == pytest.approx((cosines.mean(), cosines.std()), abs=1e-4)


def test_each_passage_is_a_candidate_once(searched: PassageIndex) -> None:
    found = [p.id for p in searched.search(query("ledelse tillid kultur"), limit=LIMIT).passages]
    assert len(found) == len(set(found))


def test_empty_index_finds_nothing(make: Make) -> None:
    found = make().search(query("ledelse"))
    assert (found.passages, found.signals.shape, found.mean.shape) == ((), (0, len(SIGNALS)), (len(SIGNALS),))


def test_question_of_unknown_words_has_no_word_scores(searched: PassageIndex) -> None:
    found = searched.search(query("zzzz qqqq"), limit=LIMIT)
    assert set(column(found, "terms").values()) == {0.0}


def test_eight_threads_find_what_one_finds(searched: PassageIndex) -> None:
    questions = [query(f"{one} {other}") for one in WORDS[:4] for other in WORDS[4:8]]
    alone = [column(searched.search(q, limit=LIMIT), "chars") for q in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda q: column(searched.search(q, limit=LIMIT), "chars"), questions * 3))
    assert together == alone * 3


# --- words ------------------------------------------------------------------------------------------

TINY = [
    passage(0, "tillid og ledelse", "a", "Kultur"),
    passage(1, "ledelse ledelse drift i dag", "a", "Kultur"),
    passage(2, "borgeren møder systemet", "b", "Tillid"),
]


def bm25(counts: list[int], lengths: list[int]) -> list[float]:
    """BM25 of one term in Lucene's form (Kamphuis et al. 2020, table 1)."""
    n, df = len(counts), sum(count > 0 for count in counts)
    idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
    mean = sum(lengths) / n
    return [idf * c / (c + K1 * (1 - B + B * size / mean)) for c, size in zip(counts, lengths, strict=True)]


@pytest.fixture
def tiny() -> LocalIndex:
    index = LocalIndex(DIMENSION)
    index.add(TINY, *vectors(TINY))
    return index


def test_word_scores_are_bm25_worked_out_by_hand(tiny: LocalIndex) -> None:
    found = column(tiny.search(query("ledelsen")), "terms")
    assert list(found.values()) == pytest.approx(bm25([1, 2, 0], [3, 5, 3]), abs=1e-5)


def test_scores_of_several_words_add_up(tiny: LocalIndex) -> None:
    found = column(tiny.search(query("tillid og ledelse")), "terms")
    wanted = np.sum([bm25([1, 0, 0], [3, 5, 3])] * 2 + [bm25([1, 2, 0], [3, 5, 3])], axis=0)
    assert list(found.values()) == pytest.approx(list(wanted), abs=1e-5)


def test_fields_that_are_joined_score_as_each_by_itself() -> None:
    fields = {
        "text": LexicalField.build([["a", "b"], ["b"], ["c", "c"]]),
        "heading": LexicalField.build([["b"], [], ["b", "d"]]),
        "empty": LexicalField.build([[], [], []]),
    }
    asked = [
        Asked("heading", ["b", "a"], [1, 1]),
        Asked("text", ["b", "b", "c"], [0, 0, 2]),
        Asked("empty", ["b"], [3]),
        Asked("heading", ["d"], [0]),
    ]
    text, heading = fields["text"], fields["heading"]
    np.testing.assert_allclose(
        JoinedFields.of(fields).added(asked, 4),
        [
            text.scores(["b", "b"]) + heading.scores(["d"]),
            heading.scores(["b"]),
            text.scores(["c"]),
            np.zeros(3),
        ],
    )


def test_repeated_term_counts_again() -> None:
    field = LexicalField.build([["a", "b"], ["b"]])
    np.testing.assert_allclose(field.scores(["a", "a"]), 2 * field.scores(["a"]))


def test_each_term_is_scored_alone() -> None:
    field = LexicalField.build([["a", "b"], ["b"], ["c", "c"]])
    alone = [field.scores([term]) for term in ("b", "findesikke", "a")]
    np.testing.assert_array_equal(field.score_of_each(["b", "findesikke", "a"]), alone)
    assert field.score_of_each(["findesikke"]).tolist() == [[0, 0, 0]]
    assert field.score_of_each([]).shape == (0, 3)
    assert LexicalField.build([[], []]).score_of_each(["a"]).tolist() == [[0, 0]]


def test_headings_are_scored_by_themselves(tiny: LocalIndex) -> None:
    found = column(tiny.search(query("tillid")), "terms_heading")
    assert [value > 0 for value in found.values()] == [False, False, True]


def test_alternative_adds_its_share_of_the_best_of_its_terms(tiny: LocalIndex) -> None:
    wanted = query("tillid", Alternatives(("drift", "findesikke"), 0.5, "tillid"))
    found = column(tiny.search(wanted), "synonyms")
    own, other = bm25([1, 0, 0], [3, 5, 3]), bm25([0, 1, 0], [3, 5, 3])
    assert list(found.values()) == pytest.approx([own[i] + other[i] / 2 for i in range(3)], abs=1e-5)


def test_misspelt_word_still_matches_by_its_letters(tiny: LocalIndex) -> None:
    found = column(tiny.search(query("ledelsse")), "chars")
    assert min(found["a:1:0"], found["a:1:1"]) > found["b:1:2"]


def test_document_frequency_counts_passages_or_headings(tiny: LocalIndex) -> None:
    assert list(tiny.document_frequency([stem("kultur"), stem("borgeren"), "findesikke"])) == [2, 1, 0]


# --- adding and deleting ----------------------------------------------------------------------------


def test_deleted_document_disappears_and_the_others_stay(index: PassageIndex) -> None:
    assert index.delete("dokument-0") == COUNT // 3
    found = index.search(query("ledelse"), limit=COUNT).passages
    assert {p.document_id for p in found} == {"dokument-1", "dokument-2"}
    assert len(index) == COUNT - COUNT // 3


def test_deleting_an_unknown_document_changes_nothing(index: PassageIndex) -> None:
    assert (index.delete("findes-ikke"), len(index)) == (0, COUNT)


def test_deleted_and_added_anew_is_as_never_deleted(index: PassageIndex) -> None:
    before = column(index.search(query("ledelse tillid"), limit=COUNT), "chars")
    own = [i for i, p in enumerate(world()) if p.document_id == "dokument-2"]
    texts, headings = vectors(world())
    index.delete("dokument-2")
    index.add([world()[i] for i in own], texts[own], headings[own])
    after = column(index.search(query("ledelse tillid"), limit=COUNT), "chars")
    # What was deleted from a segment counts for how rare an n-gram is until the segment is merged away.
    assert after == pytest.approx(before, abs=1e-5, rel=0.0 if isinstance(index, LocalIndex) else 0.05)


def test_added_passages_are_found_at_once(index: PassageIndex) -> None:
    index.search(query("ledelse"))
    new = [passage(0, "overenskomst", "ny")]
    index.add(new, *vectors(new))
    assert "ny:1:0" in column(index.search(query("overenskomst"), limit=LIMIT), "terms")


def test_id_that_is_there_already_is_refused(index: PassageIndex) -> None:
    with pytest.raises(ValueError, match="dokument-0:1:0"):
        index.add(world()[:1], *vectors(world()[:1]))
    assert len(index) == COUNT


def test_id_twice_in_one_call_is_refused(make: Make) -> None:
    twice = [TINY[0], TINY[0]]
    with pytest.raises(ValueError, match="unique"):
        make().add(twice, *vectors(twice))


@pytest.mark.parametrize("shapes", [((2, DIMENSION), (3, DIMENSION)), ((3, DIMENSION - 1), (3, DIMENSION))])
def test_wrong_shapes_are_refused_with_both_named(make: Make, shapes: tuple[tuple[int, int], ...]) -> None:
    texts, headings = (np.zeros(shape, dtype=np.float32) for shape in shapes)
    with pytest.raises(ValueError, match=rf"\(3, {DIMENSION}\)"):
        make().add(TINY, texts, headings)


# --- files ------------------------------------------------------------------------------------------


@pytest.fixture
def filled(in_files: LocalIndex | LargeIndex) -> LocalIndex | LargeIndex:
    in_files.add(world(), *vectors(world()))
    return in_files


def saved_and_loaded(index: LocalIndex | LargeIndex, folder: Path) -> PassageIndex:
    out = FolderWriter(folder / "indeks")
    index.save(out)
    return type(index).load(FolderReader(folder / "indeks", out.digests))


def test_loaded_index_finds_what_the_saved_one_found(filled: LocalIndex | LargeIndex, tmp_path: Path) -> None:
    loaded = saved_and_loaded(filled, tmp_path)
    for text in ("ledelse og tillid", "drift", "zzzz"):
        before, after = filled.search(query(text), limit=LIMIT), loaded.search(query(text), limit=LIMIT)
        assert after.passages == before.passages
        np.testing.assert_allclose(after.signals, before.signals, atol=1e-5)
        np.testing.assert_allclose(after.mean, before.mean, atol=1e-5)
        np.testing.assert_allclose(after.std, before.std, atol=1e-5)


def test_loaded_index_can_be_changed(filled: LocalIndex | LargeIndex, tmp_path: Path) -> None:
    loaded = saved_and_loaded(filled, tmp_path)
    assert loaded.delete("dokument-0") == COUNT // 3
    loaded.add(TINY, *vectors(TINY))
    assert (
        len(loaded)
        == len(loaded.search(query("ledelse"), limit=COUNT).passages)
        == COUNT - COUNT // 3 + len(TINY)
    )


def test_empty_index_can_be_saved(in_files: LocalIndex | LargeIndex, tmp_path: Path) -> None:
    assert saved_and_loaded(in_files, tmp_path).search(query("ledelse")).passages == ()


def test_files_hold_nothing_that_runs_when_read(filled: LocalIndex | LargeIndex, tmp_path: Path) -> None:
    filled.save(FolderWriter(tmp_path))
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert not data.startswith(b"\x80"), path.name
        if path.suffix == ".npy":
            assert not np.load(path, allow_pickle=False).dtype.hasobject
        assert path.suffix in {".npy", ".json", ".jsonl", ".faiss"}
