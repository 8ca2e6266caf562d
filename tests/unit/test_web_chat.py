"""What the page does with a question when the assistant answers, refuses or breaks."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.errors import QuestionError
from assistant.records import Answer, Block, Citation, Document, Hit, Page, Passage, Query, Span, Stamp
from assistant.web import admission
from assistant.web.shell import UNEXPECTED

TEXT = "• Effekter frem for krav\n• Fokus på kerneopgaven"
DOCUMENT = Document("a", "4 pejlemærker", "KOMDIR", "oplæg", "da", "", (Page(1, TEXT),), "slide")
PASSAGE = Passage("a-1", "a", 1, "", "Effekter frem for krav", Span(2, 24), "")


class Assistant:
    """Answers every question with the same quote, and records what it was asked with."""

    documents = (DOCUMENT,)
    problems = ()

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = []

    def starter_questions(self) -> tuple[str, ...]:
        return ("Hvad er *vigtigst*?",)

    def document(self, document_id: str) -> Document:
        return DOCUMENT

    def follow_ups(self, answer: Answer, history: Sequence[str] = ()) -> tuple[str, ...]:
        return () if answer.abstained else (f"Efter {len(history) + 1} svar?",)

    def stream(
        self, question: str, *, history: Sequence[str] = (), documents: Sequence[str] = ()
    ) -> Iterator[Query | Block | Answer]:
        self.asked.append((question, tuple(history), tuple(documents)))
        if question == "for lang":
            raise QuestionError("Spørgsmålet er for langt. Skriv det kortere.")
        query = Query(question, question, understood_as="fuldt ud" if history else None)
        yield query
        if question == "går galt":
            raise RuntimeError("ingen så det komme")
        abstained = question == "noget andet"
        blocks = (
            (Block("frame", "Det står ikke i dokumenterne."),)
            if abstained
            else (
                Block("frame", "KOMDIR skriver:"),
                Block("quote", PASSAGE.text, 1, 0),
                Block("item", PASSAGE.text, 0, 0),
                Block("quote", "frit", 7),
            )
        )
        yield from blocks
        yield Answer(
            question,
            "",
            blocks,
            () if abstained else (Citation(1, PASSAGE, PASSAGE.text, PASSAGE.span, True),),
            (Hit(PASSAGE, 1.0, 1),),
            "extractive",
            abstained,
            Stamp("", "", "", ""),
            query,
        )


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def page(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    world = types.ModuleType("chat_world")
    world.assistant = assistant  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "chat_world", world)

    def script() -> None:
        import chat_world

        from assistant.web import chat

        chat.draw(chat_world.assistant)

    return AppTest.from_function(script, default_timeout=20).run()


def ask(page: AppTest, question: str) -> AppTest:
    return page.chat_input[0].set_value(question).run()


def shown(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def test_the_note_comes_before_the_first_question(page: AppTest) -> None:
    assert "Svarene er lavet af en maskine." in shown(page)
    assert button(page, r"Hvad er \*vigtigst\*\?")


def test_earlier_questions_and_the_filter_go_with_the_next_question(
    page: AppTest, assistant: Assistant
) -> None:
    ask(page, "første")
    page.multiselect[0].set_value(["a"]).run()
    ask(page, "anden")

    assert assistant.asked == [("første", (), ()), ("anden", ("første",), ("a",))]
    assert "Forstået som: <em><bdi>fuldt ud</bdi></em>" in shown(page)


def test_a_citation_opens_its_page_with_the_quote_marked(page: AppTest) -> None:
    ask(page, "første")
    button(page, r"\[1\]").click().run()

    assert "<mark>Effekter frem for krav</mark>" in shown(page)


def test_a_point_of_a_list_opens_its_own_place(page: AppTest) -> None:
    ask(page, "første")
    button(page, "vis").click().run()

    assert "<mark>Effekter frem for krav</mark>" in shown(page)


def test_an_answer_leads_on_to_a_question_that_is_asked_with_a_click(
    page: AppTest, assistant: Assistant
) -> None:
    ask(page, "første")
    button(page, r"Efter 1 svar\?").click().run()

    assert assistant.asked[-1] == ("Efter 1 svar?", ("første",), ())
    assert button(page, r"Efter 2 svar\?")


def test_a_marker_without_a_citation_is_seen(page: AppTest) -> None:
    ask(page, "første")
    assert "[7] har ingen kilde." in shown(page)


def test_an_answer_that_abstains_shows_the_nearest_as_such(page: AppTest) -> None:
    ask(page, "noget andet")

    assert page.expander[0].label == "Nærmeste tekststykker"
    button(page, "vis").click().run()
    assert "<mark>Effekter frem for krav</mark>" in shown(page)


def test_a_refused_question_leaves_the_history_and_one_message(page: AppTest) -> None:
    ask(page, "første")
    ask(page, "for lang")

    assert shown(page).count('role="alert"') == 1
    assert "Spørgsmålet er for langt. Skriv det kortere." in shown(page)
    assert "<h2><bdi>første</bdi></h2>" in shown(page)
    ask(page, "anden")
    assert 'role="alert"' not in shown(page)


def test_an_unforeseen_error_is_logged_and_told_in_one_neutral_sentence(
    page: AppTest, caplog: pytest.LogCaptureFixture
) -> None:
    ask(page, "første")
    ask(page, "går galt")

    assert UNEXPECTED in shown(page)
    assert "ingen så det komme" not in shown(page)
    assert "ingen så det komme" in caplog.text
    assert "<h2><bdi>første</bdi></h2>" in shown(page)
    assert not page.exception


def test_a_new_conversation_begins_with_the_note(page: AppTest) -> None:
    ask(page, "første")
    button(page, "Ny samtale").click().run()

    assert "Svarene er lavet af en maskine." in shown(page)
    assert "første" not in shown(page)


def test_the_number_of_an_unforeseen_error_is_on_the_page_and_in_the_log(
    page: AppTest, caplog: pytest.LogCaptureFixture
) -> None:
    ask(page, "går galt")

    (record,) = [record for record in caplog.records if record.exc_info and hasattr(record, "fields")]
    assert f"Fejlens nummer er {record.fields['id']}." in shown(page)


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("QUESTIONS_PER_MINUTE", "Du kan højst stille 1 spørgsmål i minuttet."),
        ("CONVERSATION_TURNS", "Samtalen er på 1 spørgsmål, og længere kan den ikke blive."),
    ],
)
def test_a_question_too_many_is_refused_with_the_limit(
    page: AppTest, assistant: Assistant, monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    monkeypatch.setenv(f"ASSISTANT_LIMITS__{limit}", "1")
    monkeypatch.setattr(admission, "_limiter", functools.cache(admission._limiter.__wrapped__))
    ask(page, "første")
    ask(page, "en til")

    assert says in shown(page)
    assert [asked[0] for asked in assistant.asked] == ["første"]
    assert "<h2><bdi>første</bdi></h2>" in shown(page)
    assert not page.exception
