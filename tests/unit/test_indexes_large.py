"""An index of segments against one that scores every passage, and what becomes of its segments."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from support.embedders import HashedEmbedder

from assistant.errors import IndexDamaged
from assistant.indexes.base import SIGNALS, Alternatives, Candidates, PassageIndex, SearchQuery
from assistant.indexes.large.index import LargeIndex
from assistant.indexes.large.records import MappedPages, Records, pages_record, passage_record, read_passage
from assistant.indexes.large.vectors import VectorField
from assistant.indexes.large.words import TermsOfWords, cut_texts, postings
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.indexes.scoring import BY_HEADING
from assistant.indexes.sizes import Sizes
from assistant.records import Page, Passage, Span
from assistant.text.danish import terms, vocabulary

EMBEDDER = HashedEmbedder(64)
WORDS = (
    "ledelse styring tillid kultur værdi opgave borger stat kommune region effekt drift faglighed dialog "
    "kulturledelse driftsstyring borgerdialog kommunestyre år 2020 digitalisering å 100000"
).split()
COUNT = 300
QUESTION = "Hvad er kulturledelse og tillid i kommunens drift 100000?"


@cache
def passages(count: int = COUNT, document: str = "", seed: int = 5) -> tuple[Passage, ...]:
    """Passages of ten documents, or of one, of words drawn at random, some of them often."""
    random = np.random.default_rng(seed)
    chances = 1 / np.arange(1, len(WORDS) + 1)
    made = []
    for n in range(count):
        name = document or f"dokument-{n * 10 // count}"
        text = " ".join(random.choice(WORDS, size=random.integers(3, 30), p=chances / chances.sum()))
        heading = f"Om {WORDS[(n // 5) % len(WORDS)]}"
        made.append(Passage(f"{name}:{n}", name, 1, heading, text, Span(0, len(text)), f"{name}:1", order=n))
    return tuple(made)


def filled(index: LocalIndex | LargeIndex, own: Sequence[Passage]) -> PassageIndex:
    index.add(own, EMBEDDER.embed_passages([searched_text(p) for p in own]), headings_of(own))
    return index


def headings_of(own: Sequence[Passage]) -> np.ndarray:
    return EMBEDDER.embed_passages([heading_text(p) for p in own])


def large(**sizes: int) -> LargeIndex:
    return LargeIndex(EMBEDDER.dimension, sizes=Sizes(**sizes))


@cache
def scored(*documents: str) -> Candidates:
    """What an index that scores every passage finds, of all documents or of some."""
    return everything().search(query(), documents=documents)


@cache
def everything() -> PassageIndex:
    return filled(LocalIndex(EMBEDDER.dimension), passages())


def query(text: str = QUESTION) -> SearchQuery:
    alternatives = (
        Alternatives(("styring", "findesikke"), 0.5, "styre"),
        Alternatives(("dialog",), 0.7, "tale"),
    )
    return SearchQuery(text, EMBEDDER.embed_queries([text])[0], alternatives)


def signals(found: Candidates) -> dict[str, np.ndarray]:
    return {p.id: row for p, row in zip(found.passages, found.signals, strict=True)}


@pytest.mark.parametrize(
    "sizes", [{}, {"exact_up_to": 50}, {"segment_rows": 70, "merged_at_once": 0}], ids=str
)
def test_its_candidates_have_the_signals_that_they_have_among_all(sizes: dict[str, int]) -> None:
    """All but whitening, which every index learns from vectors of its own."""
    wanted = scored()
    found = filled(large(**sizes), passages()).search(query(), limit=20)
    among_all = signals(wanted)
    same = [at for at, name in enumerate(SIGNALS) if name != "dense_whitened"]
    assert 20 <= len(found.passages) < COUNT
    for name, row in signals(found).items():
        np.testing.assert_allclose(row[same], among_all[name][same], atol=2e-3, rtol=1e-3)
    np.testing.assert_allclose(found.mean[same], wanted.mean[same], atol=2e-3, rtol=1e-3)
    np.testing.assert_allclose(found.std[same], wanted.std[same], atol=2e-3, rtol=1e-3)


@cache
def in_segments() -> PassageIndex:
    return filled(large(segment_rows=70, merged_at_once=0), passages())


@pytest.mark.parametrize("signal", ["dense", "dense_heading", "terms", "terms_heading", "synonyms"])
def test_the_best_by_each_signal_are_candidates(signal: str) -> None:
    wanted = scored()
    at = SIGNALS.index(signal)
    # A part of them by the heading, under which many match alike.
    many = -(-10 // BY_HEADING) if signal.endswith("heading") else 10
    best = np.sort(wanted.signals[:, at])[::-1][:many]
    found = in_segments().search(query(), limit=10)
    np.testing.assert_allclose(np.sort(found.signals[:, at])[::-1][:many], best, atol=2e-3, rtol=1e-3)


def test_a_heading_gives_candidates_whose_text_says_nothing_of_it() -> None:
    odd = Passage("x:1", "x", 1, "Overenskomster", "ledelse", Span(0, 7), "x:1")
    index = filled(large(), [*passages(), odd])
    asked = SearchQuery("overenskomster", np.eye(64, dtype=np.float32)[0])
    assert "x:1" in signals(index.search(asked, limit=5))
    assert "x:1" in signals(index.search(asked, documents=["x", "dokument-1"], limit=5))


def test_a_filter_that_leaves_little_leaves_all_of_that() -> None:
    found = filled(large(), passages()).search(query(), documents=["dokument-3"], limit=10)
    assert len(found.passages) == COUNT // 10
    assert {p.document_id for p in found.passages} == {"dokument-3"}


@pytest.mark.parametrize("exact_up_to", [50, 1000])
def test_a_filter_that_leaves_much_gives_its_best(exact_up_to: int) -> None:
    names = [f"dokument-{n}" for n in range(0, 10, 2)]
    wanted = scored(*names)
    found = filled(large(exact_up_to=exact_up_to), passages()).search(query(), documents=names, limit=8)
    assert {p.document_id for p in found.passages} <= set(names)
    assert found.signals[:, 0].max() == pytest.approx(wanted.signals[:, 0].max(), abs=1e-3)


# --- segments ---------------------------------------------------------------------------------------


def with_small_ones(number: int, **sizes: int) -> LargeIndex:
    """A large segment and then ``number`` documents of three passages, one at a time."""
    index = large(**sizes)
    filled(index, passages())
    for n in range(number):
        filled(index, passages(3, f"nyt-{n}", seed=100 + n))
    return index


def test_a_small_change_leaves_large_segments_alone() -> None:
    index = with_small_ones(0)
    before = index.parts[0].segment
    filled(index, passages(3, "nyt", seed=9))
    assert [len(part) for part in index.parts] == [COUNT, 3]
    assert index.parts[0].segment is before


def test_small_segments_are_merged_once_they_are_many() -> None:
    index = with_small_ones(30, small_ones=4, merged_at_once=20, small_up_to=200)
    assert len(index) == COUNT + 90
    assert len(index.parts) <= 12
    assert len(index.parts[0]) == COUNT
    assert {d for d in index.documents() if d.startswith("nyt")} == {f"nyt-{n}" for n in range(30)}
    for n in range(30):
        assert [p.text for p in index.passages_of(f"nyt-{n}")] == [
            p.text for p in passages(3, f"nyt-{n}", seed=100 + n)
        ]


def test_vectors_that_are_merged_stay_as_they_were_stored() -> None:
    index = large(small_ones=3, merged_at_once=20, segment_rows=200, small_up_to=50)
    for n in range(4):
        filled(index, passages(40, f"stor-{n}", seed=n))
    before = {name: index.vectors_of(name) for name in index.documents()}
    contents = [part.contents() for part in index.parts]
    assert all(own.vectors.dtype == own.heading_vectors.dtype == np.float16 for own in contents)
    filled(index, passages(40, "stor-4", seed=9))
    assert [len(part) for part in index.parts] == [200]
    for name, (vectors, headings) in before.items():
        after, above = index.vectors_of(name)
        np.testing.assert_array_equal(after, vectors)
        np.testing.assert_array_equal(above, headings)


def test_a_large_change_tidies_up_more_than_a_small_one() -> None:
    sizes = {"small_ones": 3, "merged_at_once": 20, "segment_rows": 200, "small_up_to": 50}
    index = large(**sizes)
    for n in range(4):
        filled(index, passages(40, f"stor-{n}", seed=n))
    assert [len(part) for part in index.parts] == [40] * 4
    filled(index, passages(3, "lille", seed=8))
    assert [len(part) for part in index.parts] == [40] * 4 + [3]
    filled(index, passages(40, "stor-4", seed=9))
    assert sorted(len(part) for part in index.parts) == [40, 163]


def test_no_segment_is_larger_than_it_may_be_and_no_document_is_divided() -> None:
    index = filled(large(segment_rows=70), passages())
    assert isinstance(index, LargeIndex)
    assert [len(part) for part in index.parts] == [60] * 5
    assert all(len(index.passages_of(name)) == COUNT // 10 for name in index.documents())


def test_a_segment_that_is_mostly_deleted_is_written_again_with_the_next_change() -> None:
    index = with_small_ones(0)
    for n in range(6):
        index.delete(f"dokument-{n}")
    assert (len(index), len(index.parts[0].segment)) == (120, COUNT)
    filled(index, passages(3, "nyt", seed=9))
    assert [(len(part), len(part.segment)) for part in index.parts] == [(123, 123)]


def test_a_copy_is_changed_by_itself() -> None:
    index = with_small_ones(1)
    other = index.copy()
    other.delete("dokument-0")
    assert (len(index), len(other)) == (COUNT + 3, COUNT + 3 - COUNT // 10)
    assert index.passages_of("dokument-0")
    assert other.passages_of("dokument-0") == ()


def test_a_document_that_grows_stays_together() -> None:
    index = with_small_ones(0)
    more = [p for p in passages(40, "dokument-0", seed=8) if int(p.id.split(":")[1]) >= 30]
    filled(index, more)
    assert [p.order for p in index.passages_of("dokument-0")] == list(range(40))
    assert index.vectors_of("dokument-0")[0].shape == (40, EMBEDDER.dimension)


# --- pieces -----------------------------------------------------------------------------------------


def test_recall_is_measured_where_not_all_are_compared_exactly() -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(3000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    field = VectorField.build(vectors, exact_up_to=1000)
    assert (field.kind, field.recall >= 0.98) == ("RaBitQfs,Refine(SQfp16)", True)
    hits = 0
    for asked in vectors[:50]:
        nearest = set(np.argsort(-(vectors @ asked))[:10].tolist())
        hits += len(nearest.intersection(field.search(asked, 10)[0].tolist()))
    assert hits >= 0.97 * 500


def test_few_vectors_are_compared_exactly() -> None:
    field = VectorField.build(np.eye(64, dtype=np.float32), exact_up_to=1000)
    assert (field.kind, field.again, field.recall) == ("SQfp16", 0, 1.0)
    assert field.search(np.eye(64, dtype=np.float32)[7], 100)[0][0] == 7  # fewer than asked for: no -1


def test_postings_are_the_terms_of_each_text() -> None:
    texts = [searched_text(p) for p in passages(50)]
    cut = cut_texts(texts, {})
    known = vocabulary(texts)
    of_words = TermsOfWords.of(cut.distinct, known)
    made = postings(cut, of_words)
    for row, text in enumerate(texts):
        listed = terms(text, known)
        assert made.lengths[row] == len(listed)
        for term, at in zip(of_words.terms, itertools.count(), strict=False):
            assert made.in_rows(at, np.asarray([row], dtype=np.int32))[0] == listed.count(term)


def test_a_passage_reads_back_as_it_was_written() -> None:
    odd = Passage(
        "a", "b", 3, "Ø › \ud800", 'x "y"\n', Span(4, 9), "s", "bullet", 7, "Et par bud:", True, True
    )
    assert read_passage(passage_record(odd)) == odd


def test_pages_read_when_asked_for_are_equal_to_a_tuple_of_them() -> None:
    pages = (Page(1, "Første", "1", Span(0, 1), "pypdf"), Page(2, "Anden"))
    mapped = MappedPages(Records.of([pages_record(pages)]), 0)
    assert mapped == pages
    assert (hash(mapped), len(mapped), mapped[1], mapped[:1]) == (hash(pages), 2, pages[1], pages[:1])
    assert mapped != pages[:1]


def test_a_record_that_is_not_what_was_written_is_not_given() -> None:
    records = Records.of([b"et", b"to"])
    data = records.data.copy()
    data[3] ^= 1
    spoiled = Records(data, records.ends, records.sums)
    assert spoiled[0] == b"et"
    with pytest.raises(IndexDamaged, match="python -m assistant build"):
        spoiled[1]


@pytest.mark.parametrize("gone", [40, 900, 2900])
def test_nearest_that_may_be_found_are_found_though_the_very_nearest_may_not(gone: int) -> None:
    random = np.random.default_rng(4)
    vectors = random.normal(size=(3000, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    field = VectorField.build(vectors, exact_up_to=1000)
    hits = 0
    for asked in vectors[:20]:
        order = np.argsort(-(vectors @ asked))
        allowed = np.ones(len(vectors), dtype=np.bool_)
        allowed[order[:gone]] = False
        rows, scores = field.search(asked, 10, allowed)
        assert allowed[rows].all()
        np.testing.assert_allclose(scores, vectors[rows] @ asked, atol=2e-3)
        hits += len(set(order[gone : gone + 10].tolist()).intersection(rows.tolist()))
    assert (
        hits >= 0.85 * 200
    )  # random vectors are all about as far; of those that lie together more are found
