"""The conversation: earlier answers, the one being made, and the field for the next question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from assistant.citing import named_in, sender
from assistant.errors import AssistantError
from assistant.records import Answer, Block, Delta, Document, Query
from assistant.web import answers, conversations, documents, exports, feedback, source, stopping
from assistant.web.admission import admitted
from assistant.web.facsimile import checkpoint
from assistant.web.making import Making, Part, Work
from assistant.web.markup import Html, foreign, join, show, tag
from assistant.web.names import choose_documents, document_names
from assistant.web.session import Conversation, conversation
from assistant.web.shell import unexpected

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_NOTE = "En maskine svarer ud fra disse dokumenter alene. Kontrollér citatet i kilden."


def draw(assistant: Assistant) -> None:
    """Draw the page "Samtale"."""
    talk = conversation()
    _draw_sidebar(assistant, talk)
    _draw_field(talk)
    with st.container(key="conversation"):
        if not talk.answers and talk.pending is None:
            _draw_welcome(assistant, talk)
        else:
            show(tag("h1", "Samtale", class_="unseen"))
        given = feedback.given_to(talk)
        for turn in range(len(talk.answers)):
            with st.container(key=f"exchange-{turn}"):
                answers.draw(assistant, talk, turn)
                feedback.draw(assistant, talk, turn, given)
                if turn == len(talk.answers) - 1:
                    conversations.draw_trouble(talk)
                    answers.draw_suggestions(talk, turn)
        if talk.pending is not None:
            with stopping.shared.underway("page"):
                _answer(assistant, talk, talk.pending)
    conversations.keep_address(talk)
    source.draw(assistant, talk)


def _draw_sidebar(assistant: Assistant, talk: Conversation) -> None:
    names = document_names(assistant)
    with st.sidebar:
        talk.restrict(
            choose_documents("Søg kun i", names, _FILTER, talk.documents, placeholder="Alle dokumenter")
        )
        st.button(
            "Ny samtale",
            key="new-conversation",
            icon=":material/add:",
            width="stretch",
            on_click=talk.restart,
            disabled=not talk.answers and talk.error is None and talk.pending is None,
        )
        exports.draw_conversation(assistant, talk)
        conversations.draw_sidebar(assistant, talk)


def _draw_field(talk: Conversation) -> None:
    if talk.draft is not None:
        # A refused question comes back into its field, so that it can be shortened.
        st.session_state[_FIELD], talk.draft = talk.draft, None
    with st.bottom:
        if talk.error is not None:
            show(tag("p", talk.error, class_="error", role="alert"))
        if talk.note is not None:
            show(tag("p", talk.note, class_="notice", role="status"))
        question = st.chat_input("Stil et spørgsmål til dokumenterne", key=_FIELD, submit_mode="disable")
        show(tag("p", _NOTE, class_="footnote"))
    if question is not None:
        talk.ask(question)


def _draw_welcome(assistant: Assistant, talk: Conversation) -> None:
    with st.container(key="welcome"):
        show(tag("h1", "Spørg dokumenterne"))
        show(
            tag(
                "section",
                tag("p", tag("strong", "Svarene er lavet af en maskine."), " ", _scope(assistant)),
                tag("ul", *(tag("li", _entry(document)) for document in assistant.documents[:_LISTED])),
                _more(len(assistant.documents) - _LISTED),
                tag("p", "Hvert svar viser, hvor det står. Kontrollér citatet i kilden, før du bruger det."),
                class_="notice note",
                aria_label="Om svarene",
            )
        )
        documents.problems(assistant)
        starters = assistant.starter_questions()
        if starters:
            answers.draw_questions("Begynd for eksempel her", starters, talk, "starter", level="h2")


def _scope(assistant: Assistant) -> str:
    count = len(assistant.documents)
    only = "ét dokument" if count == 1 else f"{count} dokumenter"
    return f"De bygger kun på {only} – ikke på internettet eller på almen viden:"


def _entry(document: Document) -> Html:
    title = tag("cite", foreign(document.title))
    return join(foreign(sender(document)), ", ", title) if sender(document) else title


def _more(count: int) -> Html:
    return tag("p", f"og {count} til; se dem alle under Dokumenter.") if count > 0 else join()


def _answer(assistant: Assistant, talk: Conversation, question: str) -> None:
    """Show the answer as it is made, keep it, and draw the page again with its citations."""
    work = _work(assistant, question, talk.questions, talk.documents)
    making = talk.begin(admitted(work, len(talk.answers)))
    try:
        with st.container(key="pending"):
            _follow(making, talk, question)
    except AssistantError as error:
        talk.refused(str(error))
    except Exception as error:
        talk.refused(unexpected("Uventet fejl under besvarelsen", error))
    talk.pending = None
    conversations.keep(talk)
    st.rerun()


def _work(assistant: Assistant, question: str, history: tuple[str, ...], searched: tuple[str, ...]) -> Work:
    def parts() -> Iterator[Part]:
        for part in assistant.stream(question, history=history, documents=searched):
            if isinstance(part, Answer):
                more = part.suggestions or assistant.follow_ups(part, history)
                part = replace(part, suggestions=more, sources=named_in(part, assistant.document))
            yield part

    return parts


def _follow(making: Making, talk: Conversation, question: str) -> None:
    heading, made, written = st.container(), st.container(), st.empty()
    with st.container(key="working", horizontal=True, vertical_alignment="center"):
        status = st.empty()
        st.button("Stop", key="stop", on_click=talk.stop, icon=":material/stop:", type="tertiary")
    _working(status, "Søger i dokumenterne …", question)
    seen, over, draft, language = 0, False, "", "da"
    while not over:
        parts, over = making.after(seen, _POLL_SECONDS)
        # Before anything is done with them: after a click, a newer run of the script has taken over.
        checkpoint()
        seen += len(parts)
        for part in parts:
            match part:
                case Query():
                    language = part.language
                    # Only now is it known to be a question that can be asked.
                    with heading:
                        show(answers.question(question))
                        answers.show_understood(part.understood_as)
                    _working(status, "Skriver svaret …", question)
                case Delta():
                    draft += part.text
                case Block():
                    draft = ""
                    with made:
                        show(answers.block(part, language))
                case Answer():
                    talk.answered(part)
        if parts:
            _draft(written, draft)


def _working(place: DeltaGenerator, what: str, question: str) -> None:
    # The seconds are counted in the browser, and are no news to whoever hears the page. The question is for
    # a browser that leaves before the answer is there: it finds it in the field when it comes back.
    seconds = tag("span", class_="seconds", aria_hidden="true")
    with place:
        show(tag("p", tag("span", what, role="status"), seconds, class_="working", data_question=question))


def _draft(place: DeltaGenerator, draft: str) -> None:
    if draft:
        with place:
            show(tag("p", foreign(draft), class_="draft"))
    else:
        place.empty()


_POLL_SECONDS = 0.2
_FIELD = "field"
_FILTER = "filter"
_LISTED = 6
