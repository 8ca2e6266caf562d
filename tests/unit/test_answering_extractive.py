"""An answer without a language model: who says it, word for word, and no more than was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from retrieval_world import COAST, FOREST, document

from assistant.answering.base import Draft
from assistant.answering.extractive import MAX_QUOTES, ExtractiveAnswerer, Thresholds
from assistant.records import Block, Document, Hit, Passage, Query
from assistant.retrieval.places import Part, headings_of
from assistant.retrieval.search import Ranking
from assistant.text.folding import clean
from assistant.text.passages import cut_document

DOCUMENTS = {d.id: d for d in (COAST, FOREST)}
PASSAGES = tuple(p for d in DOCUMENTS.values() for p in cut_document(d))
NO = "Det svarer dokumenterne ikke på."


def the(start: str) -> Passage:
    """The passage that begins so."""
    (found,) = [p for p in PASSAGES if p.text.startswith(start)]
    return found


def ranking(
    *found: tuple[str, float, float],
    question: str = "Hvad gælder?",
    confidence: float = 0.9,
    group: Sequence[str] = (),
    **facts: object,
) -> Ranking:
    """A ranking of passages by how they begin, each with its score and support."""
    hits = tuple(Hit(the(start), score, rank) for rank, (start, score, _) in enumerate(found, 1))
    query = replace(Query(question, question), **facts)  # type: ignore[arg-type]
    support = tuple(s for _, _, s in found)
    return ranked_as(query, hits, support, tuple(map(the, group)), confidence)


def ranked_as(
    query: Query,
    hits: tuple[Hit, ...],
    support: tuple[float, ...],
    group: tuple[Passage, ...] = (),
    confidence: float = 0.9,
) -> Ranking:
    """A ranking in which a passage speaks of the question where it supports an answer at all."""
    covered = tuple(float(s >= 0.3) for s in support)
    return Ranking(query, hits, support=support, covered=covered, group=group, confidence=confidence)


def answer(ranked: Ranking, documents: dict[str, Document] = DOCUMENTS) -> Draft:
    """The whole draft, after checking that it is what was yielded on the way."""
    *blocks, draft = ExtractiveAnswerer(Thresholds(answer=0.5, comparison=0.3)).answer(ranked, documents)
    assert isinstance(draft, Draft)
    assert tuple(blocks) == draft.blocks
    return draft


def texts(draft: Draft, kind: str) -> list[str]:
    return [block.text for block in draft.blocks if block.kind == kind]


# --- one point ------------------------------------------------------------------------------------


def test_one_passage_answers_where_it_stands_out() -> None:
    draft = answer(ranking(("Diget", 9.0, 0.9), ("Stranden", 1.0, 0.9), ("Hunde", 0.0, 0.9)))

    assert texts(draft, "quote") == ["Diget skal være tre meter højt"]
    assert draft.supported


def test_the_speaker_and_the_kind_of_paper_stand_before_the_quote() -> None:
    frame, quote = answer(ranking(("Diget", 9.0, 0.9))).blocks

    assert frame.kind == "frame"
    assert frame.text.startswith("KYSTRÅDET skriver i debatoplægget")
    assert frame.text.endswith(":")
    assert quote == Block("quote", "Diget skal være tre meter højt", 1, 0)


def test_passages_that_are_as_likely_are_quoted_too_but_not_endlessly() -> None:
    starts = ("Diget", "Stranden", "Havnen", "Klitterne", "Tang", "Træerne", "Hunde")
    draft = answer(ranking(*((start, 5.0, 0.9) for start in starts)))

    assert 1 < len(texts(draft, "quote")) <= MAX_QUOTES


def test_quotes_are_numbered_from_one_and_each_opens_its_own_place() -> None:
    draft = answer(ranking(("Diget", 5.0, 0.9), ("Havnen", 5.0, 0.9), ("Hunde", 5.0, 0.9)))
    quotes = [block for block in draft.blocks if block.kind == "quote"]

    assert [b.marker for b in quotes] == [c.marker for c in draft.citations] == [1, 2, 3]
    assert [draft.citations[b.citation].quote for b in quotes] == [b.text for b in quotes]


def test_each_speaker_has_a_frame_of_its_own() -> None:
    draft = answer(ranking(("Diget", 5.0, 0.9), ("Hunde", 5.0, 0.9), ("Havnen", 5.0, 0.9)))

    assert [block.kind for block in draft.blocks] == ["frame", "quote", "quote", "frame", "quote"]
    assert "KYSTRÅDET" in draft.blocks[0].text
    assert "Skovstyrelsen" in draft.blocks[3].text


def test_quotes_of_one_page_stand_in_the_order_of_the_page() -> None:
    draft = answer(ranking(("Havnen", 5.1, 0.9), ("Diget", 5.0, 0.9)))

    assert [text.split()[0] for text in texts(draft, "quote")] == ["Diget", "Havnen"]


def test_an_open_question_is_introduced_as_one() -> None:
    (frame, _) = answer(ranking(("Skal ulven", 9.0, 0.9))).blocks

    assert frame.text == "Skovstyrelsen rejser det som et åbent spørgsmål i oplægget:"


def test_a_speaker_that_was_named_and_is_silent_is_told() -> None:
    draft = answer(ranking(("Hunde", 9.0, 0.9), question="Hvad siger Kystrådet om hunde?", sides=("kyst",)))

    assert texts(draft, "frame")[0] == "KYSTRÅDET omtaler det ikke i debatoplægget."


def test_a_speaker_that_was_named_and_speaks_is_not_called_silent() -> None:
    draft = answer(ranking(("Hunde", 9.0, 0.9), sides=("skov",)))

    assert len(texts(draft, "frame")) == 1


def test_a_line_that_only_introduces_is_not_quoted_when_there_is_more() -> None:
    listed = document("l", ("Hvad gør vi?\n\nEt par bud:\n\n• Diget skal være højt\n\n• Havnen er åben\n",))
    lead, point, *_ = cut_document(listed)
    assert lead.text == "Et par bud:"
    ranked = ranked_as(Query("?", "?"), (Hit(lead, 5.0, 1), Hit(point, 4.9, 2)), (0.9, 0.9))

    assert texts(answer(ranked, {"l": listed}), "quote") == ["Diget skal være højt"]


# --- a list or a section --------------------------------------------------------------------------

GREEN = ("Klitterne", "Tang")


def test_a_section_is_told_whole_in_its_order_under_one_number() -> None:
    draft = answer(ranking(("Tang", 9.0, 0.9), ("Hunde", 8.9, 0.9), group=GREEN))

    assert draft.blocks[0].kind == "frame"
    assert (draft.blocks[0].marker, draft.blocks[0].citation) == (1, 0)
    assert draft.blocks[1:] == (
        Block("item", "Klitterne plejes af frivillige", 0, 0),
        Block("item", "Tang bliver liggende om vinteren", 0, 1),
    )
    assert [c.marker for c in draft.citations] == [1, 1]


def test_a_section_is_introduced_by_speaker_and_heading() -> None:
    draft = answer(ranking(("Tang", 9.0, 0.9), group=GREEN))

    assert draft.blocks[0].text == "KYSTRÅDET skriver i debatoplægget under overskriften »Den grønne kyst«:"


def test_a_section_of_questions_is_introduced_as_questions() -> None:
    draft = answer(ranking(("Skal ulven", 9.0, 0.9), group=("Hvem betaler", "Skal ulven")))

    assert "åbent spørgsmål" in draft.blocks[0].text or "åbne spørgsmål" in draft.blocks[0].text


# --- comparing ------------------------------------------------------------------------------------


def compared(*found: tuple[str, float, float], question: str = "Hvad siger de om det?") -> Draft:
    return answer(ranking(*found, question=question, intent="comparison", sides=("skov", "kyst")))


def test_a_comparison_has_one_part_a_document_in_the_order_that_was_asked() -> None:
    draft = compared(("Diget", 9.0, 0.9), ("Hunde", 8.0, 0.9))

    assert texts(draft, "heading") == ["Skovstyrelsen (oplæg)", "KYSTRÅDET (debatoplæg)"]
    assert texts(draft, "quote") == ["Hunde føres i snor hele året", "Diget skal være tre meter højt"]


@pytest.mark.parametrize("found", [(("Hunde", 8.0, 0.9),), (("Hunde", 8.0, 0.9), ("Diget", 7.9, 0.01))])
def test_a_silent_side_says_so_and_is_not_quoted(found: tuple[tuple[str, float, float], ...]) -> None:
    draft = compared(*found)

    assert draft.blocks[-2:] == (Block("heading", "KYSTRÅDET (debatoplæg)"), Block("frame", "Ikke omtalt."))
    assert {c.passage.document_id for c in draft.citations} == {"skov"}


def test_a_side_is_quoted_best_first() -> None:
    draft = compared(("Havnen", 5.2, 0.9), ("Diget", 5.1, 0.9), ("Tang", 5.0, 0.9), ("Hunde", 1.0, 0.9))

    own = [c.passage.text.split()[0] for c in draft.citations if c.passage.document_id == "kyst"]
    assert len(own) > 1
    assert own[0] == "Havnen"


def test_both_sides_together_are_quoted_sparingly() -> None:
    starts = ("Havnen", "Diget", "Tang", "Klitterne", "Hunde", "Træerne", "Stierne")
    draft = compared(*((start, 5.0, 0.9) for start in starts))

    assert {c.passage.document_id for c in draft.citations} == {"kyst", "skov"}
    assert len(draft.citations) <= MAX_QUOTES


def test_numbers_go_on_across_the_sides() -> None:
    draft = compared(("Diget", 9.0, 0.9), ("Hunde", 8.0, 0.9))

    assert [c.marker for c in draft.citations] == [1, 2]


def test_words_that_both_sides_use_are_told() -> None:
    draft = compared(("Stranden renses", 9.0, 0.9), ("Stierne renses", 8.0, 0.9))

    assert draft.blocks[-1] == Block("frame", "Begge steder: renses, uge.")


def test_sides_without_a_word_in_common_get_no_such_line() -> None:
    assert "Begge steder" not in " ".join(texts(compared(("Diget", 9.0, 0.9), ("Hunde", 8.0, 0.9)), "frame"))


# --- declining ------------------------------------------------------------------------------------


def declined(*found: tuple[str, float, float], question: str) -> Draft:
    return answer(ranking(*found, question=question, confidence=0.1))


def test_without_support_the_answer_is_no_and_cites_nothing() -> None:
    draft = declined(("Diget", 1.0, 0.2), question="Hvem ejer diget?")

    assert draft.blocks[0] == Block("frame", NO)
    assert not draft.supported
    assert draft.citations == ()
    assert all(block.marker == 0 and block.citation == -1 for block in draft.blocks)


def test_a_word_that_is_mentioned_is_shown_where_it_stands() -> None:
    draft = declined(("Diget", 1.0, 0.2), ("Hunde", 0.9, 0.2), question="Hvem ejer diget?")

    assert texts(draft, "heading") == ["KYSTRÅDET, slide 1:"]
    assert texts(draft, "quote") == ["Diget skal være tre meter højt"]
    assert "»Diget« nævnes ét sted" in texts(draft, "frame")[1]


def test_places_that_mention_a_name_are_counted() -> None:
    page = "KYSTEN OG HAVET\n\n• Diget ejes ikke af Rambøll\n\n• Spørg Rambøll om havnen\n\n• Tang er godt\n"
    named = document("n", (page,))
    hits = tuple(Hit(p, 1.0, rank) for rank, p in enumerate(cut_document(named), 1))
    question = Query("Hvem leder Rambøll?", "Hvem leder Rambøll?")
    draft = answer(ranked_as(question, hits, (0.2,) * len(hits), confidence=0.1), {"n": named})

    assert "»Rambøll« nævnes 2 steder" in texts(draft, "frame")[1]
    assert texts(draft, "quote") == ["Diget ejes ikke af Rambøll", "Spørg Rambøll om havnen"]


SAID_OF = "\n\n".join(
    ("OM KYSTEN", "• Diget ejes ikke af Rambøll", "• Spørg Rambøll om havnen", "• Tang er godt for kysten\n")
)


def said_of(question: str, **facts: object) -> Draft:
    """What is answered where nothing supports an answer well enough."""
    named = document("n", ("RAMBØLL OG KYSTEN\n\nEt oplæg om Rambøll\n", SAID_OF))
    hits = tuple(Hit(p, 1.0, rank) for rank, p in enumerate(cut_document(named), 1))
    ranked = ranked_as(Query(question, question), hits, (0.2,) * len(hits), confidence=0.1)
    return answer(replace(ranked, **facts), {"n": named})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question",
    [
        "Hvad siger N om Rambøll?",
        "Hvad står der i oplægget om Rambøll?",
        "hvad skriver de om rambøll",
        "Hvor nævnes Rambøll?",
        "Hvem omtaler Rambøll?",
        "Where is Rambøll mentioned?",
    ],
)
def test_whoever_asks_what_is_said_of_a_name_gets_all_that_is(question: str) -> None:
    draft = said_of(question)

    assert draft.supported
    assert texts(draft, "frame") == ["N nævner »Rambøll« 2 steder i oplægget:"]
    assert texts(draft, "quote") == ["Diget ejes ikke af Rambøll", "Spørg Rambøll om havnen"]
    assert [citation.passage.page for citation in draft.citations] == [2, 2]


@pytest.mark.parametrize(
    "question",
    [
        "Hvem leder Rambøll?",
        "Hvad siger N om Rambøll og økonomien?",
        "Hvad siger N om Deloitte?",
        "Hvad siger N om havnen?",  # an everyday word
    ],
)
def test_what_is_only_mentioned_is_no_answer_to_anything_else(question: str) -> None:
    assert not said_of(question).supported


def test_what_a_stranger_says_is_not_answered_by_what_others_say() -> None:
    assert not said_of("Hvad siger KL om Rambøll?", stranger=True).supported


def test_only_who_was_asked_is_quoted_on_a_name() -> None:
    ranked = ranking(
        ("Diget", 1.0, 0.2), ("Hunde", 0.9, 0.2), question="Hvad siger skovfolket om Diget?", confidence=0.1
    )
    assert answer(ranked).supported
    assert not answer(replace(ranked, query=replace(ranked.query, sides=("skov",)))).supported


def test_the_nearest_passages_are_shown_as_such() -> None:
    draft = declined(("Diget", 1.0, 0.2), ("Hunde", 0.9, 0.05), question="Er der en mur?")

    assert texts(draft, "frame") == [NO, "Det nærmeste, de skriver, er:"]
    assert texts(draft, "quote") == ["Diget skal være tre meter højt"]


def test_a_far_question_shows_no_passages() -> None:
    draft = declined(("Diget", 1.0, 0.01), ("Hunde", 0.9, 0.02), question="Er Paris smuk?")

    assert draft.blocks == (Block("frame", NO),)


def test_only_of_the_speaker_who_was_asked_is_it_said_that_it_does_not_answer() -> None:
    asked = ranking(("Hunde", 1.0, 0.2), question="Er der en mur?", confidence=0.1, sides=("kyst",))
    draft = answer(asked)

    assert texts(draft, "frame") == [
        "KYSTRÅDET svarer ikke på det i debatoplægget.",
        "Det nærmeste, der står i dokumenterne, er:",
    ]
    assert texts(draft, "heading") == ["Skovstyrelsen, side 1:"]
    assert not draft.supported


def test_a_comparison_without_support_is_declined_too() -> None:
    draft = answer(ranking(("Diget", 1.0, 0.01), confidence=0.1, intent="comparison", sides=("kyst", "skov")))

    assert draft.blocks[0] == Block("frame", NO)


def test_no_passages_at_all_is_declined() -> None:
    draft = answer(ranked_as(Query("Hvad?", "Hvad?"), (), (), confidence=0.0))

    assert draft.blocks == (Block("frame", NO),)


# --- English --------------------------------------------------------------------------------------


def test_an_english_question_has_an_english_frame_around_danish_quotes() -> None:
    frame, quote = answer(ranking(("Diget", 9.0, 0.9), language="en")).blocks

    assert frame.text.startswith("KYSTRÅDET writes in the debate paper")
    assert quote.text == "Diget skal være tre meter højt"


def test_an_english_comparison_is_english_too() -> None:
    draft = answer(
        ranking(("Hunde", 8.0, 0.9), intent="comparison", sides=("skov", "kyst"), language="en"),
    )

    assert texts(draft, "heading") == ["Skovstyrelsen (presentation)", "KYSTRÅDET (debate paper)"]
    assert texts(draft, "frame")[-1] == "Not mentioned."


def test_an_english_no_is_english() -> None:
    draft = answer(ranking(("Diget", 1.0, 0.01), question="Is Paris nice?", confidence=0.1, language="en"))

    assert draft.blocks == (Block("frame", "The documents do not answer that."),)


# --- always ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ranked",
    [
        ranking(("Diget", 5.0, 0.9), ("Hunde", 5.0, 0.9)),
        ranking(("Tang", 9.0, 0.9), group=GREEN),
        ranking(("Diget", 9.0, 0.9), ("Hunde", 8.0, 0.9), intent="comparison", sides=("kyst", "skov")),
    ],
    ids=["point", "section", "comparison"],
)
def test_every_quote_is_the_slice_of_its_page(ranked: Ranking) -> None:
    draft = answer(ranked)

    assert draft.citations
    for citation in draft.citations:
        page = DOCUMENTS[citation.passage.document_id].page(citation.passage.page)
        assert citation.quote == clean(page.text[citation.span.start : citation.span.end])
        assert citation.verified


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> er slemt", "**fed** og [link](http://x) her", "$x$ & `y` er z"]
)
def test_markup_in_a_document_is_quoted_as_it_stands(text: str) -> None:
    hostile = document("x", (f"OVERSKRIFT HER\n\n• {text}\n\n• noget andet her\n",), organisation="<b>X</b>")
    first = cut_document(hostile)[0]
    draft = answer(ranked_as(Query("?", "?"), (Hit(first, 1.0, 1),), (0.9,)), {"x": hostile})

    assert texts(draft, "quote") == [text]
    assert texts(draft, "frame")[0].startswith("<b>X</b> skriver i oplægget")


def test_a_section_of_another_speaker_than_the_one_named_says_that_the_named_one_is_silent() -> None:
    draft = answer(ranking(("Hunde", 9.0, 0.9), group=("Hunde", "Stierne"), sides=("kyst",)))

    assert texts(draft, "frame")[0] == "KYSTRÅDET omtaler det ikke i debatoplægget."


# --- parts that were asked for as such ------------------------------------------------------------


def parts(*asked: Part, question: str = "Hvad står der på side 1?") -> Ranking:
    passages = [p for part in asked for p in part.passages]
    hits = tuple(Hit(p, 0.0, rank) for rank, p in enumerate(passages, 1))
    sure = tuple(1.0 for _ in hits)
    return Ranking(Query(question, question), hits, sure, sure, (), 1.0 if hits else 0.0, asked)


def test_a_page_is_quoted_whole_under_one_number_for_each_document() -> None:
    first = {
        d.id: tuple(p for p in PASSAGES if (p.document_id, p.page) == (d.id, 1)) for d in (COAST, FOREST)
    }
    draft = answer(parts(Part(COAST, 1, first["kyst"]), Part(FOREST, 1, first["skov"])))

    frames = [(b.text, b.marker) for b in draft.blocks if b.kind == "frame"]
    assert frames == [
        ("På slide 1 i debatoplægget skriver KYSTRÅDET:", 1),
        ("På side 1 i oplægget skriver Skovstyrelsen:", 2),
    ]
    assert [b.text for b in draft.blocks if b.kind == "item"] == [
        p.text for p in (*first["kyst"], *first["skov"])
    ]
    assert all(c.verified for c in draft.citations)


def test_who_compares_papers_as_a_whole_is_shown_how_each_is_divided_and_asked_for_a_theme() -> None:
    outlines = [Part(d, 0, headings_of(d, cut_document(d))) for d in (COAST, FOREST)]
    asked = parts(*outlines, question="Sammenlign de to oplæg")
    draft = answer(replace(asked, query=replace(asked.query, intent="comparison")))

    assert draft.supported
    assert draft.blocks[-1].text == "Nævn et emne for at se, hvad hver af dem skriver om det."
    assert answer(asked).blocks == draft.blocks[:-1]


def test_a_page_without_text_is_told_beside_one_that_has_some() -> None:
    some = tuple(p for p in PASSAGES if (p.document_id, p.page) == ("kyst", 1))
    draft = answer(parts(Part(COAST, 1, some), Part(FOREST, 1)))

    assert draft.supported
    assert draft.blocks[-1].text == "Side 1 i oplægget fra Skovstyrelsen er uden tekst."


def test_a_page_that_is_not_there_is_no_answer() -> None:
    draft = answer(parts(Part(COAST, 9, there=False)))

    assert not draft.supported
    assert draft.citations == ()
    assert [b.text for b in draft.blocks] == [
        "Slide 9 findes ikke: debatoplægget fra KYSTRÅDET har 2 slides."
    ]


def test_a_greeting_is_no_question_and_nothing_is_quoted() -> None:
    draft = answer(ranking(("Diget", 5.0, 0.9), question="Hej!"))

    assert not draft.supported
    assert [b.text for b in draft.blocks] == ["Hej. Skriv et spørgsmål om det, som dokumenterne handler om."]


def test_a_comparison_is_answered_from_its_own_threshold_on() -> None:
    found = (("Diget", 5.0, 0.9), ("Stierne", 4.0, 0.9))
    both = {"intent": "comparison", "sides": ("kyst", "skov")}

    assert answer(ranking(*found, confidence=0.4, **both)).supported
    assert not answer(ranking(*found, confidence=0.2, **both)).supported
    assert not answer(ranking(*found, confidence=0.4)).supported
