"""What a leader gets who asks the two real documents, with the real packaged model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.errors import QuestionError, SettingsError, UnknownDocument
from assistant.pipeline import HITS, STARTERS, SUGGESTIONS, Assistant
from assistant.records import Answer, Block, Query
from assistant.text.folding import clean

KOMDIR, STATEN = "komdir-4-pejlemaerker", "staten-styring-og-ledelse"

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(assistant: Assistant) -> Ask:
    """Ask a question, after earlier ones; the same question is asked once a run."""
    kept: dict[tuple[object, ...], Answer] = {}

    def asked(question: str, *history: str, documents: tuple[str, ...] = ()) -> Answer:
        key = (question, history, documents)
        if key not in kept:
            kept[key] = assistant.ask(question, history=history, documents=documents)
        return kept[key]

    return asked


def texts(answer: Answer, kind: str) -> list[str]:
    return [block.text for block in answer.blocks if block.kind == kind]


# --- one point ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("Hvad siger staten om driftsledelse?", "Øget fokus på driftsledelse"),
        ("Hvordan forbereder man reformer grundigt?", "Forbered reformer/ændringer grundigt"),
        ("Hvad mener kommunaldirektørerne om dokumentationskrav?", "dokumentationskrav"),
        (
            "Hvilket tidligere arbejde bygger debatoplægget på?",
            "Bygger videre på ” Vejen til en ny",
        ),
    ],
)
def test_a_point_is_answered_by_the_passage_that_makes_it(ask: Ask, question: str, quote: str) -> None:
    answer = ask(question)

    assert not answer.abstained
    assert any(quote in text for text in texts(answer, "quote"))


@pytest.mark.parametrize(
    ("question", "frame"),
    [
        ("Hvad siger staten om driftsledelse?", "Staten skriver i oplægget"),
        ("Hvad mener kommunaldirektørerne om dokumentationskrav?", "KOMDIR skriver i debatoplægget"),
    ],
)
def test_the_frame_says_who_says_it(ask: Ask, question: str, frame: str) -> None:
    assert texts(ask(question), "frame")[0].startswith(frame)


def test_an_open_question_is_introduced_as_one(ask: Ask) -> None:
    answer = ask("Hvad siger staten om cyber?")

    assert texts(answer, "frame") == ["Staten rejser det som et åbent spørgsmål i oplægget:"]
    assert "På cyber?" in texts(answer, "quote")[0]


# --- a list or a section --------------------------------------------------------------------------

FOUR = [
    "1. Den demokratisk funderede forvaltning",
    "2. Den kompetente forvaltning",
    "3. Den værdiskabende forvaltning",
    "4. Den kulturbærende forvaltning",
]
COMPETENT = [
    "Vi udviser ordentlighed, saglighed og kompetence",
    "Respektfuld opførsel fra både borger og embedsværk er grundlaget for den kompetente forvaltning",
    "Står på mål for retssikkerhed, ligebehandling og demokratisk indflydelse",
    "Vi sikrer rammer der udfordrer og udvikler",
    "Med øje for både trivsel, gode resultater og det tværgående samarbejde",
    "Og fokus på at mindske proces og dokumentationskrav fra Stat og Folketing og i stedet inddrage "
    "professionerne i styringssammenhænge",
]


@pytest.mark.parametrize("question", ["Hvad er de fire pejlemærker?", "Nævn de fire pejlemærker"])
def test_a_question_for_a_list_gets_all_of_it_in_order_under_one_number(ask: Ask, question: str) -> None:
    answer = ask(question)

    assert [block.kind for block in answer.blocks] == ["frame", *["item"] * 4]
    assert texts(answer, "item") == FOUR
    assert [citation.marker for citation in answer.citations] == [1] * 4
    assert [block.marker for block in answer.blocks] == [1, 0, 0, 0, 0]


def test_a_question_for_a_section_gets_its_points_in_order_and_nothing_else(ask: Ask) -> None:
    answer = ask("Hvad indebærer den kompetente forvaltning?")

    assert texts(answer, "item") == COMPETENT
    assert texts(answer, "quote") == []
    assert {(c.passage.document_id, c.passage.page) for c in answer.citations} == {(KOMDIR, 5)}


def test_a_list_of_problems_is_told_without_the_line_that_introduces_it(ask: Ask) -> None:
    items = texts(ask("Hvor har vi problemer i den offentlige sektor?"), "item")

    assert len(items) == 3
    assert "Et par bud:" not in items


# --- comparing ------------------------------------------------------------------------------------


def test_a_comparison_has_one_part_a_document_with_its_own_quotes(ask: Ask) -> None:
    answer = ask("Hvordan ser kommunerne og staten på styring efter mål?")
    spoken: dict[str, set[str]] = {}
    for block in answer.blocks:
        if block.kind == "heading":
            spoken[block.text] = set()
        elif block.kind == "quote":
            spoken[list(spoken)[-1]].add(answer.citations[block.citation].passage.document_id)

    assert spoken == {"KOMDIR (debatoplæg)": {KOMDIR}, "Staten (oplæg)": {STATEN}}


def test_a_side_that_is_silent_is_told_to_be(ask: Ask) -> None:
    answer = ask("Hvad siger kommunerne og staten om cyber?")

    assert answer.blocks[:2] == (Block("heading", "KOMDIR (debatoplæg)"), Block("frame", "Ikke omtalt."))
    assert "På cyber?" in answer.text


# --- declining ------------------------------------------------------------------------------------

FAR = ["Hvad er hovedstaden i Frankrig?", "Skriv et digt om foråret.", "What is the capital of France?"]


@pytest.mark.parametrize("question", [*FAR, "Hvem er formand for Ledelseskommissionen?"])
def test_what_the_documents_do_not_answer_is_declined_and_cites_nothing(ask: Ask, question: str) -> None:
    answer = ask(question)

    assert answer.abstained
    assert answer.citations == ()
    assert "[1]" not in answer.text
    assert len(answer.hits) == HITS


@pytest.mark.parametrize("question", FAR)
def test_a_far_question_shows_no_passages(ask: Ask, question: str) -> None:
    assert [block.kind for block in ask(question).blocks] == ["frame"]


def test_a_near_question_shows_what_there_is(ask: Ask) -> None:
    answer = ask("Hvem er formand for Ledelseskommissionen?")

    assert texts(answer, "heading") == ["Staten, slide 3:"]
    assert texts(answer, "quote") == [
        "Ledelseskommissionens arbejde er centralt – og ”rammer rigtigt” – også i staten"
    ]


def test_questions_that_are_suggested_are_answered(ask: Ask, assistant: Assistant) -> None:
    suggestions = ask("Hvad er hovedstaden i Frankrig?").suggestions

    assert len(suggestions) == SUGGESTIONS
    assert len(assistant.starter_questions()) == STARTERS
    for question in (*suggestions, *assistant.starter_questions()):
        assert not ask(question).abstained, question


def test_an_answer_suggests_nothing(ask: Ask) -> None:
    assert ask("Hvad er de fire pejlemærker?").suggestions == ()


SECTION = "Hvad indebærer den kompetente forvaltning?"


def test_an_answer_leads_on_to_questions_whose_answers_are_elsewhere(ask: Ask, assistant: Assistant) -> None:
    answer = ask(SECTION)
    led = assistant.follow_ups(answer)

    assert len(led) == SUGGESTIONS
    assert "Hvad indebærer den værdiskabende forvaltning?" in led
    here = {citation.passage.heading for citation in answer.citations}
    for question in led:
        following = ask(question)
        assert not following.abstained
        assert not {citation.passage.heading for citation in following.citations} & here


def test_what_was_asked_before_is_not_suggested_again(ask: Ask, assistant: Assistant) -> None:
    asked = "hvad indebærer den  værdiskabende forvaltning?"

    assert "Hvad indebærer den værdiskabende forvaltning?" not in assistant.follow_ups(ask(SECTION), [asked])


def test_a_question_to_one_document_leads_on_within_it(ask: Ask, assistant: Assistant) -> None:
    led = assistant.follow_ups(ask(SECTION, documents=(KOMDIR,)))

    assert led
    assert {c.passage.document_id for question in led for c in ask(question).citations} == {KOMDIR}


def test_an_abstention_and_an_english_answer_lead_nowhere_further(ask: Ask, assistant: Assistant) -> None:
    assert assistant.follow_ups(ask("Hvad er hovedstaden i Frankrig?")) == ()
    assert assistant.follow_ups(ask("How should reforms be prepared?")) == ()


# --- English --------------------------------------------------------------------------------------


def test_an_english_question_gets_an_english_frame_around_danish_quotes(ask: Ask) -> None:
    answer = ask("How should reforms be prepared?")

    assert texts(answer, "frame")[0].startswith("Staten writes in the presentation")
    assert texts(answer, "quote")[0].startswith("Forbered reformer/ændringer grundigt")


def test_an_english_question_for_a_list_gets_all_of_it(ask: Ask) -> None:
    assert texts(ask("What are the four guiding principles?"), "item") == FOUR


def test_an_english_no_is_english(ask: Ask) -> None:
    assert ask("What is the capital of France?").text == "The documents do not answer that."


# --- in a conversation ----------------------------------------------------------------------------


def test_a_follow_up_about_another_thing_is_understood_and_answered(ask: Ask) -> None:
    answer = ask("Og hvad med den kulturbærende?", "Hvad indebærer den kompetente forvaltning?")

    assert answer.query.understood_as == "Hvad indebærer den kulturbærende forvaltning?"
    assert {c.passage.page for c in answer.citations} == {7}
    assert "Vi taler kommunen op – også i de svære sager" in texts(answer, "item")


def test_a_follow_up_about_another_speaker_is_understood(ask: Ask) -> None:
    answer = ask("Hvad siger kommunerne om det samme?", "Hvad siger staten om cyber?")

    assert answer.query.understood_as == "Hvad siger KOMDIR om cyber?"
    assert answer.abstained, "only the state speaks of it, and it was not asked"


def test_a_follow_up_that_leans_is_answered_from_the_earlier_question(ask: Ask) -> None:
    answer = ask("Hvilket dilemma er der i det?", "Hvordan bør man forberede reformer?")

    assert answer.query.understood_as is not None
    assert "Hvordan bør man forberede reformer?" in answer.query.understood_as
    assert "dilemma i forhold til 1) hastighed" in answer.text


def test_a_question_that_stands_on_its_own_is_answered_as_if_nothing_was_asked_before(ask: Ask) -> None:
    alone = ask("Hvad indebærer den kompetente forvaltning?")
    after = ask("Hvad indebærer den kompetente forvaltning?", "Hvad siger staten om cyber?")

    assert after.query.understood_as is None
    assert after.blocks == alone.blocks


# --- limits and bad input -------------------------------------------------------------------------


def test_a_filter_keeps_to_its_documents(ask: Ask) -> None:
    answer = ask("Hvad er vigtigt for god ledelse?", documents=(STATEN,))

    assert {hit.passage.document_id for hit in answer.hits} == {STATEN}
    assert {citation.passage.document_id for citation in answer.citations} <= {STATEN}


def test_a_filter_to_all_documents_is_no_filter(ask: Ask) -> None:
    question = "Hvad siger staten om driftsledelse?"

    assert ask(question, documents=(KOMDIR, STATEN)).blocks == ask(question).blocks


def test_an_unknown_document_is_named_with_those_there_are(assistant: Assistant) -> None:
    with pytest.raises(UnknownDocument, match=f"»ukendt«.*{KOMDIR}, {STATEN}"):
        assistant.ask("Hvad er tillid?", documents=("ukendt",))


@pytest.mark.parametrize("question", ["", "   ", "\n\t\u00a0", "\x00", " \x00 \x00 "])
def test_an_empty_question_is_refused(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionError, match="Spørgsmålet er tomt"):
        assistant.ask(question)


def test_a_question_that_is_too_long_is_refused_with_both_numbers(assistant: Assistant) -> None:
    with pytest.raises(QuestionError, match=r"20\.000 tegn.*2\.000"):
        assistant.ask("x" * 20_000)


def test_the_longest_question_is_answered(assistant: Assistant) -> None:
    question = ("Hvad siger staten om driftsledelse? " * 60)[:2000].strip()

    assert assistant.ask(question).question == question


def test_nul_bytes_are_read_as_blanks(ask: Ask) -> None:
    assert ask("Hvad er\x00de fire pejlemærker?").blocks == ask("Hvad er de fire pejlemærker?").blocks


@pytest.mark.parametrize(
    "question",
    [
        "Hvad betyder <script>alert('tillid')</script>?",
        "**Hvad** er [tillid](http://x.dk) & `kode` $x^2$?",
        "Hvad siger »staten« om {cyber} %s \\n?",
        "?",
        "🤔 tillid 🤔",
        "\u202eHvad er tillid",
        "'; DROP TABLE passages; --",
        "Hvad er \ud800 tillid?",
    ],
)
def test_a_question_with_markup_or_odd_signs_breaks_nothing(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question, history=[question])

    assert answer.question == question
    assert answer.text


def test_an_answerer_that_is_not_set_up_is_refused(assistant: Assistant) -> None:
    with pytest.raises(SettingsError, match=r"llm\.base_url"):
        assistant.ask("Hvad er tillid?", answerer="llm")
    with pytest.raises(SettingsError, match="»gpt«"):
        assistant.ask("Hvad er tillid?", answerer="gpt")


# --- always ---------------------------------------------------------------------------------------

VARIED = [
    "Hvad er de fire pejlemærker?",
    "Hvad indebærer den værdiskabende forvaltning?",
    "Hvad indebærer den demokratisk funderede forvaltning?",
    "Hvilke værdier understøtter pejlemærkerne?",
    "Hvordan ser kommunerne og staten på styring efter mål?",
    "Hvad siger kommunerne og staten om kultur og værdier?",
    "Hvad er forskellen på KOMDIR og staten i synet på ledelse?",
    "Hvad siger staten om cyber?",
    "Hvad siger KOMDIR om cyber?",
    "Hvilke åbne spørgsmål rejser staten?",
    "Hvordan tiltrækker vi talenter?",
    "Hvad kan vi gøre på tværs af stat, kommuner og regioner?",
    "Hvor har vi problemer i den offentlige sektor?",
    "Hvorfor er kultur og værdier bedre end struktur?",
    "Hvad siger debatoplægget om frivillige foreninger?",
    "Hvem er formand for Ledelseskommissionen?",
    "Hvad er hovedstaden i Frankrig?",
    "How should reforms be prepared?",
    "What do the municipalities say about trust?",
    "What are the open questions?",
    "hvad siger staten om driftsledelse",
    "Hvad med dokumentations krav?",
    "Hvordan faar vi bedre samenhæng?",
    "Hvordan vedligeholder vi fundamentet?",
    "Hvad er vigtigt for en god chef?",
    "Skal topledelsen kunne mærkes?",
    "Hvad gør staten ved regler og krav?",
    "Hvad skriver de om retssikkerhed?",
    "Hvordan udvikler vi medarbejdere til at tænke på tværs?",
    "Hvad siger oplægget om digitale løsninger?",
    "tillid",
]


@pytest.mark.parametrize("question", VARIED)
def test_every_quote_stands_on_its_page_word_for_word(ask: Ask, assistant: Assistant, question: str) -> None:
    answer = ask(question)

    assert answer.abstained == (not answer.citations)
    for citation in answer.citations:
        page = assistant.document(citation.passage.document_id).page(citation.passage.page)
        assert citation.quote == clean(page.text[citation.span.start : citation.span.end])
        assert citation.quote
        assert citation.verified


@pytest.mark.parametrize("question", VARIED)
def test_every_block_opens_its_own_citation_and_every_citation_is_used(ask: Ask, question: str) -> None:
    answer = ask(question)
    opening = [block for block in answer.blocks if block.citation >= 0]

    assert {block.citation for block in opening} == set(range(len(answer.citations)))
    for block in opening:
        citation = answer.citations[block.citation]
        assert block.marker in (0, citation.marker)
        assert block.kind == "frame" or block.text == citation.quote
    assert sorted({c.marker for c in answer.citations}) == list(
        range(1, len({c.marker for c in answer.citations}) + 1)
    )


@pytest.mark.parametrize("question", VARIED)
def test_every_answer_has_its_hits_best_first_and_is_made_to_be_found_again(ask: Ask, question: str) -> None:
    answer = ask(question)

    assert [hit.rank for hit in answer.hits] == list(range(1, HITS + 1))
    assert len({hit.passage.id for hit in answer.hits}) == HITS
    assert answer.mode == "extractive"
    assert all((answer.stamp.code, answer.stamp.index, answer.stamp.model, answer.stamp.settings))
    assert 0 <= answer.confidence <= 1


def test_a_stream_is_the_question_then_the_blocks_then_the_answer(assistant: Assistant, ask: Ask) -> None:
    question = "Hvad er de fire pejlemærker?"
    query, *blocks, answer = assistant.stream(question)

    assert isinstance(query, Query)
    assert isinstance(answer, Answer)
    assert tuple(blocks) == answer.blocks
    assert answer == ask(question)
    assert replace(answer.query, intent="fact") == replace(query, intent="fact")


def test_a_search_gives_the_hits_of_the_answer(assistant: Assistant, ask: Ask) -> None:
    question = "Hvad siger staten om driftsledelse?"

    assert assistant.search(question, top_k=5)[1] == ask(question).hits[:5]


def test_the_passages_of_a_document_stand_in_reading_order(assistant: Assistant) -> None:
    orders = [passage.order for passage in assistant.passages(KOMDIR)]

    assert orders == sorted(orders)
    with pytest.raises(UnknownDocument):
        assistant.passages("ukendt")
