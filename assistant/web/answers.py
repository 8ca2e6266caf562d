"""An answer on the page: its blocks in reading order, its references and what goes with them."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import GONE
from assistant.records import Answer, Block, Citation, Document, Passage
from assistant.web import written
from assistant.web.cited import where
from assistant.web.collecting import draw_add_answer
from assistant.web.markup import EMPTY, Html, foreign, join, label, show, tag
from assistant.web.session import Conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_NEAREST = 3
_SAID = 700


def draw(assistant: Assistant, talk: Conversation, turn: int) -> None:
    """Draw answer number ``turn`` of the conversation, its citations as buttons."""
    answer = talk.answers[turn]
    with st.container(key=f"turn-{turn}"):
        show(join(question(answer.question), _announced(answer)))
        show_understood(answer.query.understood_as)
        _show_filter(assistant, answer)
        for notice in answer.notices:
            show(tag("p", foreign(notice), class_="notice"))
        with st.container(key=f"{'abstained' if answer.abstained else 'answer'}-{turn}"):
            _draw_blocks(answer, talk, turn)
            if answer.abstained:
                _draw_nearest(assistant, answer, talk, turn)
        references = merged_references(assistant, answer.citations, answer.sources)
        if references:
            show(_references(references))
        with st.container(key=f"take-{turn}", horizontal=True, vertical_alignment="center"):
            show(_copy(memo(answer, references)))
            draw_add_answer(answer, f"turn-{turn}")


def draw_suggestions(talk: Conversation, turn: int) -> None:
    """Draw the questions that lead on from the newest answer, number ``turn``, where there are any."""
    answer = talk.answers[turn]
    if talk.pending is not None:
        # They go at once, and not when the next answer is there: what is being read must not move.
        st.empty()
    elif answer.suggestions:
        heading = "Det svarer dokumenterne på" if answer.abstained else "Spørg videre"
        draw_questions(heading, answer.suggestions, talk, f"suggestion-{turn}")


def question(text: str) -> Html:
    """Return the heading of a turn: what the user asked."""
    return tag("div", tag("p", "Du spurgte", class_="kicker"), tag("h2", foreign(text)), class_="question")


def show_understood(understood_as: str | None) -> None:
    """Show how a question was completed, where it was."""
    if understood_as:
        show(tag("p", "Forstået som: ", tag("em", foreign(understood_as)), class_="understood"))


def block(piece: Block, language: str = "da") -> Html:
    """Return one block of an answer, without its marker; ``language`` is that of our words around quotes."""
    match piece.kind:
        case "heading":
            return tag("h3", foreign(piece.text), lang=language)
        case "quote":
            return tag("blockquote", tag("p", "»", foreign(piece.text), "«"))
        case "item":
            return tag("p", foreign(piece.text), class_=_item_class(piece.text))
        case "frame":
            return tag("p", foreign(piece.text), class_="frame", lang=language)
        case "text":
            return written.sentence(piece)


def draw_questions(
    heading: str, questions: Sequence[str], talk: Conversation, key: str, level: str = "h3"
) -> None:
    """Draw questions that are asked when they are clicked, under a heading of ``level``."""
    with st.container(key=key):
        show(tag(level, heading, class_="small"))
        for number, text in enumerate(questions):
            st.button(label(text), key=f"{key}-{number}", on_click=talk.ask, args=(text,))


def merged_references(
    assistant: Assistant, citations: Iterable[Citation], kept: Sequence[Document] = ()
) -> tuple[tuple[str, str], ...]:
    """Return (markers, reference) in the order of first use; one line for markers on the same page.

    Markers read "[1]", "[2–4]" or "[1, 5]". Documents that are gone are named as they were ``kept``.
    """
    lines: dict[str, list[int]] = {}
    for citation in citations:
        lines.setdefault(where(assistant, citation.passage, kept), []).append(citation.marker)
    return tuple((f"[{_ranges(sorted(set(markers)))}]", text) for text, markers in lines.items())


def searched(assistant: Assistant, answer: Answer) -> tuple[str, ...]:
    """Return the titles of the documents that the search was held to, also of those that are gone."""
    there = {document.id: document.title for document in assistant.documents}
    before = {document.id: f"{document.title} ({GONE})" for document in answer.sources}
    return tuple(
        there.get(each) or before.get(each) or f"»{each}« ({GONE})" for each in answer.query.documents
    )


def memo(answer: Answer, references: Sequence[tuple[str, str]]) -> str:
    """Return an answer with its references as plain text, to be pasted into a memo."""
    lines = [f"{markers} {text}" for markers, text in references]
    return "\n".join([answer.text, "", *lines] if lines else [answer.text])


def _announced(answer: Answer) -> Html:
    """What page.js says aloud, once, when the answer is there; never shown."""
    said = textwrap.shorten(answer.text, _SAID, placeholder=" … Resten står på siden.")
    return tag("span", hidden="", data_answered=f"Svaret er klar. {said}")


def _show_filter(assistant: Assistant, answer: Answer) -> None:
    if answer.query.documents:
        titles = "; ".join(searched(assistant, answer))
        show(tag("p", "Søgt kun i: ", foreign(titles), class_="understood"))


def _draw_blocks(answer: Answer, talk: Conversation, turn: int) -> None:
    for kind, numbered in itertools.groupby(enumerate(answer.blocks), key=lambda pair: _run(pair[1])):
        if kind == "items":
            items = (tag("li", foreign(piece.text), class_=_item_class(piece.text)) for _, piece in numbered)
            show(tag("ul", *items, role="list", class_="items"))
        elif kind == "text":
            written.draw(answer, numbered, talk, turn)
        else:
            for number, piece in numbered:
                _draw_block(answer, piece, talk, turn, number)


def _run(piece: Block) -> str:
    """What is drawn together: items without places of their own, and sentences."""
    if piece.kind == "text":
        return "text"
    return "items" if _is_plain_item(piece) else ""


def _is_plain_item(piece: Block) -> bool:
    return piece.kind == "item" and not piece.marker and piece.citation < 0


def _draw_block(answer: Answer, piece: Block, talk: Conversation, turn: int, number: int) -> None:
    near = _near(answer, piece)
    if 0 <= piece.citation < len(answer.citations):
        # One line of text with the button in it; the style sheet makes both run on.
        with st.container(key=f"cited-{piece.kind}-{turn}-{number}"):
            show(_inline(piece, answer.query.language))
            _draw_marker(piece, talk, turn, number)
    elif near is not None:
        with st.container(key=f"cited-{piece.kind}-{turn}-{number}"):
            show(_inline(piece))
            _draw_near_button(near, talk, f"{turn}-{number}")
    else:
        # A marker without a citation is shown, not dropped: something is wrong and should be seen.
        missing = tag("p", f"[{piece.marker}] har ingen kilde.", class_="error") if piece.marker else EMPTY
        show(join(block(piece, answer.query.language), missing))


def _inline(piece: Block, language: str = "da") -> Html:
    match piece.kind:
        case "quote":
            return tag("blockquote", "»", foreign(piece.text), "«", class_="quote")
        case "item":
            return tag("p", foreign(piece.text), class_=_item_class(piece.text))
        case _:
            return tag("p", foreign(piece.text), class_=piece.kind, lang=language)


def _item_class(text: str) -> str:
    return "item" if text[:1].isdigit() else "item dashed"


def _draw_marker(piece: Block, talk: Conversation, turn: int, number: int) -> None:
    whole = piece.kind == "frame"
    is_open = talk.source is not None and talk.source.is_citation(turn, piece.citation, whole=whole)
    st.button(
        label(f"[{piece.marker}]") if piece.marker else "vis",
        key=f"marker-{turn}-{number}",
        type="primary" if is_open else "secondary",
        on_click=talk.open_citation,
        args=(turn, piece.citation),
        kwargs={"whole": whole},
    )


def _near(answer: Answer, piece: Block) -> Passage | None:
    """Return the passage behind a quote that is no citation: the nearest, where nothing answers."""
    if not answer.abstained or piece.kind != "quote":
        return None
    return next((hit.passage for hit in answer.hits if piece.text in hit.passage.text), None)


def _draw_near_button(passage: Passage, talk: Conversation, key: str) -> None:
    st.button(
        "vis",
        key=f"marker-near-{key}",
        on_click=talk.open_page,
        args=(passage.document_id, passage.page, passage.span),
    )


def _draw_nearest(assistant: Assistant, answer: Answer, talk: Conversation, turn: int) -> None:
    if any(piece.kind == "quote" for piece in answer.blocks):
        return
    nearest = [hit.passage for hit in answer.hits[:_NEAREST]]
    if not nearest:
        return
    with st.expander("Nærmeste tekststykker", key=f"nearest-{turn}"):
        show(tag("p", "De ligner spørgsmålet mest, men svarer ikke på det.", class_="muted"))
        for number, passage in enumerate(nearest):
            found = where(assistant, passage, answer.sources)
            with st.container(key=f"cited-quote-near-{turn}-{number}"):
                show(_inline(Block("quote", passage.text)))
                _draw_near_button(passage, talk, f"{turn}-nearest-{number}")
            show(tag("p", foreign(found), class_="muted"))


def _references(references: Sequence[tuple[str, str]]) -> Html:
    lines = (tag("li", markers, " ", foreign(text)) for markers, text in references)
    return tag(
        "section", tag("h3", "Kilder", class_="small"), tag("ul", *lines, role="list"), class_="references"
    )


def _copy(text: str) -> Html:
    button = tag("button", "Kopiér svar og kilder", type="button", class_="copy", data_copy=text)
    return tag("p", button, tag("span", EMPTY, role="status"))


def _ranges(numbers: Sequence[int]) -> str:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(_range(first, last) for first, last in runs)


def _range(first: int, last: int) -> str:
    if first == last:
        return f"{first}"
    return f"{first}, {last}" if last == first + 1 else f"{first}–{last}"
