"""A question searched in a small corpus, with an embedder that counts words and easy coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from retrieval_world import COAST, FOREST, SPEAKERS, WordCounter, passage

from assistant.indexes.local import LocalIndex, heading_text
from assistant.records import Query
from assistant.retrieval.fusion import FEATURES
from assistant.retrieval.model import RankingModel, load_model
from assistant.retrieval.search import Ranking, Searcher, confidence_of, unmarked
from assistant.retrieval.sections import SECTION_FEATURES
from assistant.retrieval.understanding import understand
from assistant.text.passages import cut_document

PASSAGES = tuple(p for d in (COAST, FOREST) for p in cut_document(d))


def plain_model() -> RankingModel:
    """Words and the named speaker count, nothing else does; no section is certain, no passage is doubted."""
    committed = load_model()
    fusion = np.zeros(len(FEATURES), dtype=np.float32)
    for name, weight in {"dense": 1.0, "terms": 1.0, "speaker": 1.0, "other_speaker": -1.0}.items():
        fusion[FEATURES.index(name)] = weight
    return replace(
        committed,
        fusion={"da": fusion, "en": fusion},
        section=np.zeros_like(committed.section),
        support=np.zeros_like(committed.support),
        section_threshold=0.9,
    )


def cue_model() -> RankingModel:
    """As above, and a section is certain where its heading is asked for."""
    section = np.zeros(len(SECTION_FEATURES), dtype=np.float32)
    section[SECTION_FEATURES.index("constant")] = -10.0
    section[SECTION_FEATURES.index("all_in_heading")] = 20.0
    return replace(plain_model(), section=section)


@pytest.fixture(scope="module")
def index() -> LocalIndex:
    made, embedder = LocalIndex(WordCounter.dimension), WordCounter()
    texts = embedder.embed_passages([p.text for p in PASSAGES])
    made.add(PASSAGES, texts, embedder.embed_passages([heading_text(p) for p in PASSAGES]))
    return made


@pytest.fixture(scope="module")
def searcher(index: LocalIndex) -> Searcher:
    return Searcher(index, WordCounter(), (COAST, FOREST), plain_model())


def asked(question: str, history: Sequence[str] = (), documents: Sequence[str] = ()) -> Query:
    return understand(
        question, history=history, documents=documents, speakers=SPEAKERS, all_documents=(COAST.id, FOREST.id)
    )


def found(ranked: Ranking) -> list[str]:
    return [hit.passage.text for hit in ranked.hits]


def test_the_passage_with_the_words_of_the_question_is_first(searcher: Searcher) -> None:
    assert found(searcher.rank(asked("Hvor højt skal diget være?")))[0] == "Diget skal være tre meter højt"


def test_every_passage_is_ranked_once_with_a_rank_and_its_signals(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Hvor højt skal diget være?"))

    assert sorted(found(ranked)) == sorted(p.text for p in PASSAGES)
    assert [hit.rank for hit in ranked.hits] == list(range(1, len(PASSAGES) + 1))
    assert all(tuple(name for name, _ in hit.signals) == FEATURES for hit in ranked.hits)


def test_scores_fall_and_support_is_a_probability(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Hvor højt skal diget være?"))
    scores = [hit.score for hit in ranked.hits]

    assert scores == sorted(scores, reverse=True)
    assert len(ranked.support) == len(ranked.hits)
    assert all(0 <= chance <= 1 for chance in ranked.support)
    assert 0 <= ranked.confidence <= 1


def test_a_search_gives_the_first_of_the_ranking(searcher: Searcher) -> None:
    query = asked("Hvor højt skal diget være?")

    assert searcher.search(query, top_k=3) == searcher.rank(query).hits[:3]


def test_the_last_of_the_numbered_headings_is_asked_for_by_its_number(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Hvad handler det sidste punkt om?"))

    assert ranked.query.text == "Hvad handler det andet punkt om?"
    assert ranked.query.question == "Hvad handler det sidste punkt om?"


def test_the_last_stays_as_it_is_asked_where_nothing_is_numbered(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Hvad handler det sidste punkt om?", documents=["skov"]))

    assert ranked.query.text == "Hvad handler det sidste punkt om?"


def test_a_document_filter_keeps_others_out(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Hvad renses hver uge?", documents=["skov"]))

    assert {hit.passage.document_id for hit in ranked.hits} == {"skov"}


def test_a_named_speaker_comes_before_another_with_the_same_words(searcher: Searcher) -> None:
    forest = searcher.rank(asked("Hvad renser Skovstyrelsen hver uge?"))
    coast = searcher.rank(asked("Hvad renser Kystrådet hver uge?"))

    assert (found(forest)[0], found(coast)[0]) == ("Stierne renses hver uge", "Stranden renses hver uge")


def test_a_comparison_lets_the_sides_take_turns(searcher: Searcher) -> None:
    ranked = searcher.rank(asked("Renser både Kystrådet og Skovstyrelsen hver uge?"))
    sides = [hit.passage.document_id for hit in ranked.hits]

    assert set(sides[:2]) == set(sides[2:4]) == {"kyst", "skov"}
    assert set(found(ranked)[:2]) == {"Stranden renses hver uge", "Stierne renses hver uge"}
    assert ranked.group == ()


def test_a_section_is_found_whole_in_its_order_before_all_else(searcher: Searcher) -> None:
    ranked = searcher.with_model(cue_model()).rank(asked("Hvad indebærer den grønne kyst?"))

    assert [p.text for p in ranked.group] == [
        "Klitterne plejes af frivillige",
        "Tang bliver liggende om vinteren",
    ]
    assert {hit.passage for hit in ranked.hits[:2]} == set(ranked.group)
    assert ranked.query.intent == "section"


def test_no_section_is_chosen_below_the_threshold(searcher: Searcher) -> None:
    strict = searcher.with_model(replace(cue_model(), section_threshold=1.0))

    assert strict.rank(asked("Hvad indebærer den grønne kyst?")).group == ()


def test_a_section_that_is_asked_for_is_as_sure_as_its_chance(searcher: Searcher) -> None:
    ranked = searcher.with_model(cue_model()).rank(asked("Hvad indebærer den grønne kyst?"))

    assert ranked.confidence > 0.99


def test_a_comparison_is_never_a_section(searcher: Searcher) -> None:
    sure = searcher.with_model(replace(cue_model(), section_threshold=0.0))

    assert sure.rank(asked("Hvad siger Kystrådet og Skovstyrelsen om den grønne kyst?")).group == ()


def test_the_confidence_of_a_comparison_is_in_its_best_support_and_in_its_theme(searcher: Searcher) -> None:
    real = searcher.with_model(load_model())
    query = asked("Renser både Kystrådet og Skovstyrelsen hver uge?")
    ranked = real.rank(query)

    assert ranked.confidence == confidence_of(query, real.examine(query), load_model())
    # All that the question is about stands there in its own words.
    assert ranked.confidence == pytest.approx((max(ranked.support) + 1) / 2)


def test_a_question_with_an_addition_is_embedded_with_and_without_the_earlier_one(index: LocalIndex) -> None:
    embedder = WordCounter()
    Searcher(index, embedder, (COAST, FOREST), load_model()).rank(
        asked("Hvilket dilemma er der i det?", ["Hvordan renses stierne?"])
    )

    assert embedder.questions == [
        "Hvilket dilemma er der i det? Hvordan renses stierne?",
        "Hvilket dilemma er der i det?",
        "Hvordan renses stierne?",  # asked again for what it was answered with
    ]


def test_a_plain_question_is_embedded_once(index: LocalIndex) -> None:
    embedder = WordCounter()
    Searcher(index, embedder, (COAST, FOREST), load_model()).rank(asked("Hvor højt er diget?"))

    assert embedder.questions == ["Hvor højt er diget?"]


def test_a_question_to_running_text_is_embedded_in_lower_case_and_without_its_mark() -> None:
    embedder = WordCounter()
    texts = [passage(text, mark="paragraph") for text in ("Diget er tre meter højt.", "Stranden renses.")]
    made = LocalIndex(WordCounter.dimension)
    vectors = embedder.embed_passages([p.text for p in texts])
    made.add(texts, vectors, np.zeros_like(vectors))

    Searcher(made, embedder, (), load_model()).rank(asked("Hvor HØJT er diget ?"))

    assert embedder.questions == ["hvor højt er diget"]


@pytest.mark.parametrize(
    ("written", "embedded"),
    [
        ("Hvem bestemmer?", "hvem bestemmer"),
        ("HVAD NU!? ", "hvad nu"),
        ("Gælder § 3, stk. 2. også her", "gælder § 3, stk. 2. også her"),
        ("?!", "?!"),
        ("", ""),
    ],
)
def test_only_capitals_and_the_mark_at_the_end_are_left_out(written: str, embedded: str) -> None:
    assert unmarked(written) == embedded


def test_other_coefficients_leave_the_searcher_they_came_from_alone(searcher: Searcher) -> None:
    query = asked("Hvor højt skal diget være?")
    before = searcher.rank(query)
    model = plain_model()
    turned = searcher.with_model(replace(model, fusion={name: -w for name, w in model.fusion.items()}))

    assert found(turned.rank(query)) != found(before)
    assert searcher.rank(query) == before


def test_an_empty_index_finds_nothing() -> None:
    empty = Searcher(LocalIndex(WordCounter.dimension), WordCounter(), (), load_model())

    assert empty.rank(asked("Hvad?")) == Ranking(
        asked("Hvad?"), hits=(), support=(), covered=(), group=(), confidence=0.0
    )


def test_passages_without_documents_are_searched_too(index: LocalIndex) -> None:
    bare = Searcher(index, WordCounter(), (), load_model())

    assert found(bare.rank(Query("Hunde i snor", "Hunde i snor")))[0] == "Hunde føres i snor hele året"


@pytest.mark.parametrize(
    "question", ["?", "og", "æøå", "<b>", "1", "Kystrådet", "Kystrådet og Skovstyrelsen"]
)
def test_a_question_without_a_subject_is_ranked_all_the_same(searcher: Searcher, question: str) -> None:
    ranked = searcher.with_model(load_model()).rank(asked(question))

    assert len(ranked.hits) == len(PASSAGES)
    assert np.isfinite([hit.score for hit in ranked.hits]).all()
