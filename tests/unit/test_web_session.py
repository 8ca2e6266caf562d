"""A conversation keeps what was answered, whatever happens to the next question."""

from __future__ import annotations

from assistant.records import Answer, Citation, Passage, Query, Span, Stamp
from assistant.web.session import STOPPED, Conversation


def _citation(marker: int, page: int, span: Span, *, verified: bool = True) -> Citation:
    passage = Passage(f"p{span.start}", "doc", page, "", "citat", span, "")
    return Citation(marker, passage, "citat", span, verified)


CITATIONS = (
    _citation(1, 4, Span(10, 15)),
    _citation(1, 4, Span(20, 25), verified=False),
    _citation(1, 5, Span(0, 5)),
    _citation(2, 4, Span(30, 35)),
)


def _answer(question: str) -> Answer:
    query = Query(question, question)
    return Answer(question, "", (), CITATIONS, (), "extractive", False, Stamp("", "", "", ""), query)


def _answered(*questions: str) -> Conversation:
    talk = Conversation()
    for question in questions:
        talk.ask(question)
        talk.answered(_answer(question))
    return talk


def test_earlier_questions_are_told_oldest_first() -> None:
    talk = _answered("Første?", "Anden?")

    assert talk.questions == ("Første?", "Anden?")
    assert talk.pending is None


def test_a_refused_question_is_given_back_and_the_history_stays() -> None:
    talk = _answered("Første?")
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
    talk = _answered("Første?")
    talk.restrict(["doc"])
    talk.open_citation(0, 0)
    talk.restart()

    assert (talk.questions, talk.source, talk.documents) == ((), None, ("doc",))


def test_turning_pages_keeps_the_place_of_the_quote() -> None:
    talk = _answered("Første?")
    talk.open_citation(0, 0)
    talk.turn_page(5)

    assert talk.source is not None
    assert (talk.source.page, talk.source.marked_page, talk.source.marked) == (5, 4, (Span(10, 15),))


def test_opening_the_same_citation_again_is_a_new_opening() -> None:
    talk = _answered("Første?")
    talk.open_citation(0, 0)
    first = talk.source
    talk.open_citation(0, 0)

    assert first is not None
    assert talk.source is not None
    assert first.opened != talk.source.opened


def test_asking_closes_the_source() -> None:
    talk = _answered("Første?")
    talk.open_citation(0, 0)
    talk.ask("Mere?")

    assert talk.source is None


def test_a_citation_marks_its_own_place() -> None:
    talk = _answered("Første?")
    talk.open_citation(0, 1)

    assert talk.source is not None
    assert (talk.source.marked, talk.source.verified) == ((Span(20, 25),), False)


def test_the_number_of_a_list_marks_all_of_it_on_the_page() -> None:
    talk = _answered("Første?")
    talk.open_citation(0, 0, whole=True)

    assert talk.source is not None
    assert talk.source.marked == (Span(10, 15), Span(20, 25))
    assert talk.source.verified is False


def test_a_stopped_question_is_given_back_and_what_was_made_is_dropped() -> None:
    talk = _answered("Første?")
    talk.ask("Anden?")
    making = talk.begin(lambda: iter(()))
    talk.stop()

    assert making.after(0, 0)[1]
    assert (talk.pending, talk.making, talk.draft, talk.note) == (None, None, "Anden?", STOPPED)
    assert talk.questions == ("Første?",)
    talk.ask("Tredje?")
    assert talk.note is None


def test_there_is_nothing_to_stop_when_nothing_is_asked() -> None:
    talk = _answered("Første?")
    talk.stop()

    assert (talk.draft, talk.note) == (None, None)


def test_a_page_that_is_drawn_again_follows_the_same_answer() -> None:
    talk = Conversation()
    talk.ask("Første?")

    assert talk.begin(lambda: iter(())) is talk.begin(lambda: iter(()))


def test_a_new_conversation_stops_the_answer_of_the_old_one() -> None:
    talk = Conversation()
    talk.ask("Første?")
    making = talk.begin(lambda: iter(()))
    talk.restart()

    assert making.after(0, 0)[1]
    assert (talk.pending, talk.making) == (None, None)
