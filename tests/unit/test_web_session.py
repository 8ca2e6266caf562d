"""A conversation keeps what was answered, whatever happens to the next question."""

from __future__ import annotations

from assistant.records import Answer, Citation, Passage, Query, Span, Stamp
from assistant.web.session import Conversation


def _answer(question: str) -> Answer:
    return Answer(
        question, "", (), (), (), "extractive", False, Stamp("", "", "", ""), Query(question, question)
    )


def _citation() -> Citation:
    passage = Passage("p", "doc", 4, "", "citat", Span(10, 15), "")
    return Citation(2, passage, "citat", Span(10, 15), verified=True)


def test_earlier_questions_are_told_oldest_first() -> None:
    talk = Conversation()
    for question in ("Første?", "Anden?"):
        talk.ask(question)
        talk.answered(_answer(question))

    assert talk.questions == ("Første?", "Anden?")
    assert talk.pending is None


def test_a_refused_question_is_given_back_and_the_history_stays() -> None:
    talk = Conversation()
    talk.answered(_answer("Første?"))
    talk.ask("x" * 20_000)
    talk.refused("For langt.")

    assert talk.questions == ("Første?",)
    assert (talk.pending, talk.error, talk.draft) == (None, "For langt.", "x" * 20_000)


def test_the_next_question_takes_the_message_away() -> None:
    talk = Conversation()
    talk.refused("For langt.")
    talk.ask("Kort?")

    assert talk.error is None


def test_a_new_conversation_forgets_everything_but_the_filter() -> None:
    talk = Conversation()
    talk.restrict(["doc"])
    talk.answered(_answer("Første?"))
    talk.open_citation(0, _citation())
    talk.restart()

    assert (talk.questions, talk.source, talk.documents) == ((), None, ("doc",))


def test_turning_pages_keeps_the_place_of_the_quote() -> None:
    talk = Conversation()
    talk.open_citation(0, _citation())
    talk.turn_page(5)

    assert talk.source is not None
    assert (talk.source.page, talk.source.quoted_page, talk.source.span) == (5, 4, Span(10, 15))


def test_opening_the_same_citation_again_is_a_new_opening() -> None:
    talk = Conversation()
    talk.open_citation(0, _citation())
    first = talk.source
    talk.open_citation(0, _citation())

    assert first is not None
    assert talk.source is not None
    assert first.opened != talk.source.opened


def test_asking_closes_the_source() -> None:
    talk = Conversation()
    talk.open_citation(0, _citation())
    talk.ask("Mere?")

    assert talk.source is None
