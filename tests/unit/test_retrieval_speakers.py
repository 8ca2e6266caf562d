"""Whom a question names, whether it compares, and in which language it is asked."""

from __future__ import annotations

import pytest
from retrieval_world import COAST, FOREST, SPEAKERS, document

from assistant.records import Query
from assistant.retrieval.language import language_of
from assistant.retrieval.speakers import Speakers, spoken_words
from assistant.retrieval.understanding import MAX_SIDES, focus_words, understand
from assistant.text.danish import words


def named(question: str, speakers: Speakers = SPEAKERS) -> list[str]:
    return [mention.organisation for mention in speakers.mentions(words(question))]


def understood(question: str, documents: tuple[str, ...] = ()) -> Query:
    return understand(
        question, history=(), documents=documents, speakers=SPEAKERS, all_documents=(COAST.id, FOREST.id)
    )


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "organisation"),
    [
        ("Hvad siger Kystrådet?", "KYSTRÅDET"),
        ("Hvad siger kommunerne?", "KYSTRÅDET"),
        ("Hvad siger skovfolket?", "Skovstyrelsen"),
        ("Hvad er Skovstyrelsens plan?", "Skovstyrelsen"),
        ("Hvad er KYSTRÅDETs plan?", "KYSTRÅDET"),
        ("What is the forest agency's plan?", "Skovstyrelsen"),
        ("Hvad siger Skovsyrelsen?", "Skovstyrelsen"),
        ("Hvad siger Skvostyrelsen?", "Skovstyrelsen"),
        ("Hvad siger Komunerne?", "KYSTRÅDET"),
    ],
)
def test_a_speaker_is_found_by_any_of_its_names(question: str, organisation: str) -> None:
    assert named(question) == [organisation]


@pytest.mark.parametrize(
    "question", ["Hvad er klokken?", "Hvad siger Danske Regioner?", "Hvor høj er skoven?", ""]
)
def test_other_words_name_nobody(question: str) -> None:
    assert named(question) == []


def test_a_name_of_several_words_is_one_mention_of_all_of_them() -> None:
    (mention,) = SPEAKERS.mentions(words("Hvad mener kystens venner om tang?"))

    assert (mention.organisation, mention.start, mention.end) == ("KYSTRÅDET", 2, 4)


def test_a_mention_knows_every_document_of_the_organisation() -> None:
    second = document("skov-2", ("Mere om skoven\n",), organisation="Skovstyrelsen")
    speakers = Speakers((COAST, FOREST, second))

    (mention,) = speakers.mentions(words("Hvad siger Skovstyrelsen?"))
    assert mention.documents == ("skov", "skov-2")
    assert speakers.organisations == ("KYSTRÅDET", "Skovstyrelsen")


def test_a_short_name_is_not_guessed_at() -> None:
    speakers = Speakers(
        (document("kl", ("x\n",), organisation="KL"), document("stat", ("y\n",), organisation="DST"))
    )

    assert named("Hvad siger KM og DSB?", speakers) == []
    assert named("Hvad siger klima?", Speakers((document("k", ("x\n",), organisation="KLIM"),))) == []


def test_a_corpus_without_documents_names_nobody() -> None:
    assert named("Hvad siger Skovstyrelsen?", Speakers(())) == []


@pytest.mark.parametrize(
    ("question", "sides", "intent"),
    [
        ("Hvad siger debatoplægget og Skovstyrelsen om stier?", {"kyst", "skov"}, "comparison"),
        ("Hvad er Skovstyrelsens og debatoplæggets syn på stier?", {"kyst", "skov"}, "comparison"),
        ("Hvad siger debatoplægget om Skovstyrelsen?", {"kyst"}, "fact"),
        ("Hvad siger Skovstyrelsen om debatoplægget?", {"skov"}, "fact"),
        ("Hvad siger Kystrådet i debatoplægget?", {"kyst"}, "fact"),
        ("Hvad siger debatoplægget om stier?", set(), "fact"),
    ],
)
def test_a_paper_called_by_its_kind_beside_a_name_is_somebodys_too(
    question: str, sides: set[str], intent: str
) -> None:
    query = understood(question)

    assert (set(query.sides), query.intent) == (sides, intent)


@pytest.mark.parametrize(
    "question",
    [
        "Hvor mange ansatte har Aarhus Kommune?",
        "Hvad mener Københavns Kommunes direktør?",
        "Hvad siger Lyngby-Taarbæk kommune?",
        "Hvordan skal man omtale sin kommune?",
    ],
)
def test_one_municipality_by_its_name_is_not_the_municipalities(question: str) -> None:
    assert named(question) == ["KYSTRÅDET"]
    assert SPEAKERS.mentions(spoken_words(question)) == []
    assert len(spoken_words(question)) == len(words(question))


@pytest.mark.parametrize(
    "question",
    ["Hvilken kommune er størst?", "Hvad skal Vores kommune?", "Hvad skal en kommune?", "Kommune og stat?"],
)
def test_a_municipality_without_a_name_is_any_of_them(question: str) -> None:
    assert spoken_words(question) == words(question)
    assert [m.organisation for m in SPEAKERS.mentions(spoken_words(question))] == ["KYSTRÅDET"]


# --- comparing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "Hvad siger Kystrådet og Skovstyrelsen om stier?",
        "Hvad siger begge oplæg om stier?",
        "Hvad er forskellen mellem de to dokumenter?",
        "Hvad siger de hver især om stier?",
        "Sammenlign synet på stier",
        "Er kommunerne og skovfolket enige om stier?",
        "Hvor er der ligheder?",
        "What is the difference between the two papers?",
        "Compare the views on paths",
    ],
)
def test_a_comparison_asks_both_sides(question: str) -> None:
    query = understood(question)

    assert query.intent == "comparison"
    assert set(query.sides) == {"kyst", "skov"}


@pytest.mark.parametrize(
    "question",
    [
        "Hvilken forskel skal ledelse gøre?",
        "Giver de rum til forskellig faglighed?",
        "Er respekt fra både borger og embedsværk vigtig?",
        "Hvad siger Skovstyrelsen om stier?",
        "Hvad er en klit?",
    ],
)
def test_a_question_about_one_thing_is_no_comparison(question: str) -> None:
    assert understood(question).intent != "comparison"


def test_the_actors_of_a_field_are_not_the_speakers_of_the_documents() -> None:
    local = document("k", ("x\n",), organisation="KOMDIR", aliases=("kommuner", "kommunerne"))
    state = document("s", ("y\n",), organisation="Staten", aliases=("stat",))

    def intent(question: str) -> str:
        return understand(
            question, history=(), documents=(), speakers=Speakers((local, state)), all_documents=("k", "s")
        ).intent

    assert intent("Hvad siger stat og kommuner om tillid?") == "comparison"
    assert intent("Hvad kan vi gøre på tværs af stat, kommuner og regioner?") != "comparison"
    assert intent("Hvordan er samspillet mellem stat og kommuner?") != "comparison"


def test_the_sides_stand_in_the_order_they_are_named() -> None:
    assert understood("Hvad siger Skovstyrelsen og Kystrådet om stier?").sides == ("skov", "kyst")


def test_one_document_cannot_be_compared() -> None:
    assert understood("Hvad er forskellen mellem de to dokumenter?", documents=("skov",)).intent == "fact"


def test_a_comparison_has_no_more_sides_than_can_be_read() -> None:
    many = tuple(document(f"d{i}", ("x\n",), organisation=f"Organisation{i}") for i in range(MAX_SIDES + 3))
    query = understand(
        "Sammenlign synet på stier",
        history=(),
        documents=(),
        speakers=Speakers(many),
        all_documents=tuple(d.id for d in many),
    )

    assert len(query.sides) == MAX_SIDES


def test_a_named_speaker_is_the_only_side() -> None:
    assert understood("Hvad siger skovfolket om stier?").sides == ("skov",)


def test_a_speaker_outside_the_filter_is_no_side() -> None:
    assert understood("Hvad siger skovfolket om stier?", documents=("kyst",)).sides == ()


# --- language and subject -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hvordan forberedes reformer?", "da"),
        ("How should reforms be prepared?", "en"),
        ("What are the four principles?", "en"),
        ("Hvad betyder big bang?", "da"),
        ("cyber", "da"),
        ("ledelseskæde på tværs", "da"),
        ("", "da"),
    ],
)
def test_the_language_is_told_by_the_small_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_question_without_small_words_takes_the_language_of_the_conversation() -> None:
    assert language_of("Cyber?", "What does the state say about digital?") == "en"


def test_focus_is_what_a_question_is_about() -> None:
    assert focus_words("Hvad siger Skovstyrelsen om nye stier?", SPEAKERS) == ["nye", "stier"]


def test_focus_falls_back_on_the_frame_where_there_is_nothing_else() -> None:
    assert focus_words("Hvad handler debatoplægget om?") != []
