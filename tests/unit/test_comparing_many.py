"""Comparing more than two documents, and large ones, without a real model."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.answering.extractive import ExtractiveAnswerer, Thresholds
from assistant.comparing.comparison import compare
from assistant.comparing.themes import themes
from assistant.indexes.local import LocalIndex, heading_text, searched_text
from assistant.pipeline import Assistant, Corpus
from assistant.retrieval.model import load_model
from assistant.retrieval.search import JUDGED, Searcher
from assistant.text.passages import cut_document
from tests.support.corpora import document
from tests.support.embedders import HashedEmbedder


def assistant_over(texts: Mapping[str, str]) -> Assistant:
    """An assistant over documents of one page each."""
    documents = tuple(document(text, name=name) for name, text in texts.items())
    passages = tuple(passage for each in documents for passage in cut_document(each))
    embedder = HashedEmbedder()
    index = LocalIndex(embedder.dimension)
    index.add(
        passages,
        embedder.embed_passages([searched_text(p) for p in passages]),
        embedder.embed_passages([heading_text(p) or "-" for p in passages]),
    )
    model = load_model()
    searcher = Searcher(index, embedder, documents, model)
    return Assistant(
        Corpus(documents, index, (), "indeks", "model", "2026-11-21T00:00:00+00:00"),
        searcher,
        {"extractive": ExtractiveAnswerer(Thresholds(model.answer_threshold, model.comparison_threshold))},
    )


THREE = {
    "kyst": "OM KYSTEN\n\n• Diget ved havnen renses hver uge\n\n• Klitterne plejes af frivillige\n",
    "skov": "OM SKOVEN\n\n• Stierne renses hver uge\n\n• Hunde føres i snor ved havnen\n",
    "by": "OM BYEN\n\n• Pladsen ved havnen renses hver uge\n\n• Lygterne tændes klokken fem\n",
}


def test_three_documents_have_three_columns_and_each_its_own_words() -> None:
    made = compare(assistant_over(THREE), "havnen", tuple(THREE))

    assert [column.document_id for column in made.columns] == list(THREE)
    assert [[c.quote for c in column.citations] for column in made.columns] == [
        ["Diget ved havnen renses hver uge"],
        ["Hunde føres i snor ved havnen"],
        ["Pladsen ved havnen renses hver uge"],
    ]


def test_a_pair_is_of_two_documents_and_uses_a_passage_once() -> None:
    made = compare(assistant_over(THREE), "havnen", tuple(THREE))

    markers = [citation.marker for shared in made.shared for citation in shared.citations]
    assert len(markers) == len(set(markers))
    (shared,) = made.shared
    assert [citation.passage.document_id for citation in shared.citations] == ["kyst", "by"]
    assert {"havnen", "renses", "uge"} <= set(shared.words)
    assert made.only(made.columns[0]) == ()


ALIKE = {
    "kyst": "OM KYSTEN\n\n• Diget ved havnen renses hver uge\n\n• Klitterne plejes af frivillige\n",
    "skov": "OM SKOVEN\n\n• Stien ved havnen renses hver uge\n\n• Hunde føres i snor ved havnen\n",
    "by": "OM BYEN\n\n• Pladsen ved havnen renses hver uge\n\n• Broen ved havnen renses hver uge om natten\n",
}


def test_a_third_document_that_says_the_same_joins_the_pair() -> None:
    made = compare(assistant_over(ALIKE), "havnen", tuple(ALIKE))

    (shared,) = made.shared
    assert [citation.passage.document_id for citation in shared.citations] == list(ALIKE)
    assert {"renses", "uge"} <= set(shared.words)
    assert [[c.quote for c in made.only(column)] for column in made.columns] == [
        [],
        ["Hunde føres i snor ved havnen"],
        ["Broen ved havnen renses hver uge om natten"],
    ]


def test_a_third_document_joins_only_what_all_of_them_say() -> None:
    texts = {
        "kyst": "OM KYSTEN\n\n• Havnen renses hver uge og males hvert år\n",
        "skov": "OM SKOVEN\n\n• Havnen renses hver uge\n",
        "by": "OM BYEN\n\n• Havnen males hvert år\n",
    }
    made = compare(assistant_over(texts), "havnen", tuple(texts))

    assert not any(column.silent for column in made.columns)
    (shared,) = made.shared
    assert len(shared.citations) == 2


def test_a_document_is_not_silenced_by_one_that_says_more() -> None:
    many = "\n\n".join(f"• Havnen havnen havnen nummer {n} åbnes" for n in range(JUDGED + 40))
    texts = {"stor": f"OM HAVNEN\n\n{many}\n", "lille": f"OM ALT\n\n• {'Vi nævner også ' * 9} havnen\n"}
    made = compare(assistant_over(texts), "havnen", tuple(texts))

    assert made.columns[0].found >= JUDGED
    assert "havnen" in made.columns[1].citations[0].quote


def test_a_column_shows_the_best_and_counts_the_rest() -> None:
    texts = {
        "a": "HAVN\n\n" + "\n\n".join(f"• Havnen åbnes klokken {n}" for n in range(1, 13)) + "\n",
        "b": "BY\n\n• Byen ligger ved havnen\n",
    }
    first, _ = compare(assistant_over(texts), "havnen", ("a", "b"), at_most=5).columns

    assert len(first.citations) == 5
    assert first.found == 12


def test_themes_name_no_speaker_and_each_is_spoken_of() -> None:
    assistant = assistant_over(THREE)
    found = themes(assistant, tuple(THREE))

    assert found
    assert "kyst" not in found
    for theme in found:
        assert not compare(assistant, theme, tuple(THREE)).empty
