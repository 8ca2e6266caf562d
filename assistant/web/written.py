"""Sentences that a language model wrote, in paragraphs, each with what it rests on and whether it does."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import streamlit as st

from assistant.records import Answer, Block
from assistant.web.markup import Html, foreign, label, show, tag
from assistant.web.session import Conversation

Numbered = tuple[int, Block]
"""A block with its place in the answer."""

VERIFIED = "verificeret"
UNVERIFIED = "ikke verificeret"
_BEGINNING = 40


def sentence(piece: Block) -> Html:
    """Return one sentence with its state, in words and shape, without its markers.

    Unverified text has a dotted line below it and says so; verified text has a tick.
    """
    return tag("p", _text(piece), " ", _state(piece), class_="written")


def draw(answer: Answer, numbered: Iterable[Numbered], talk: Conversation, turn: int) -> None:
    """Draw the sentences of an answer: paragraph by paragraph, warnings below each."""
    if turn == _first_turn(talk):
        show(_legend())
    for paragraph in paragraphs(numbered):
        with st.container(key=f"cited-text-{turn}-{paragraph[0][0]}"):
            for number, piece in paragraph:
                _draw_sentence(answer, piece, talk, turn, number)
        warnings = list(_warnings(paragraph))
        if warnings:
            show(
                tag("ul", *warnings, role="list", class_="warnings", aria_label="Bemærkninger til afsnittet")
            )


def paragraphs(numbered: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Yield sentences in paragraphs; each but the first begins at one that ``opens``."""
    count = itertools.count()
    at = -1
    grouped: dict[int, list[Numbered]] = {}
    for number, piece in numbered:
        if piece.opens or at < 0:
            at = next(count)
        grouped.setdefault(at, []).append((number, piece))
    yield from grouped.values()


def _first_turn(talk: Conversation) -> int:
    """The first answer that a model wrote says what the signs mean."""
    written = (
        turn for turn, answer in enumerate(talk.answers) if any(b.kind == "text" for b in answer.blocks)
    )
    return next(written, -1)


def _legend() -> Html:
    return tag(
        "p",
        "En sprogmodel har skrevet svaret. ",
        _tick(),
        " betyder, at kilden bag nummeret støtter sætningen. Er den ikke fundet støttet, er den mærket »",
        UNVERIFIED,
        "«.",
        class_="muted legend",
    )


def _draw_sentence(answer: Answer, piece: Block, talk: Conversation, turn: int, number: int) -> None:
    show(tag("p", _text(piece), " ", class_="written", lang=answer.query.language))
    for place in piece.cites:
        if 0 <= place < len(answer.citations):
            _draw_marker(answer, talk, turn, number, place)
    if piece.state:
        show(tag("p", _state(piece), " ", class_="written"))


def _draw_marker(answer: Answer, talk: Conversation, turn: int, number: int, place: int) -> None:
    is_open = talk.source is not None and talk.source.is_citation(turn, place, whole=False)
    st.button(
        label(f"[{answer.citations[place].marker}]"),
        key=f"marker-{turn}-{number}-{place}",
        type="primary" if is_open else "secondary",
        on_click=talk.open_citation,
        args=(turn, place),
    )


def _text(piece: Block) -> Html:
    return tag("span", foreign(piece.text), class_="unverified" if piece.state == "unverified" else "said")


def _state(piece: Block) -> Html:
    match piece.state:
        case "verified":
            return _tick()
        case "unverified":
            return tag("span", UNVERIFIED, class_="unverified-label")
        case "":
            return tag("span")


def _tick() -> Html:
    return tag("span", "✓", class_="tick", role="img", aria_label=VERIFIED, title=VERIFIED)


def _warnings(paragraph: Sequence[Numbered]) -> Iterator[Html]:
    """The warnings of a paragraph, each under the beginning of the sentence that it is about."""
    for _, piece in paragraph:
        if piece.warnings:
            about = tag("span", "Om »", foreign(_beginning(piece.text)), "«: ", class_="about")
            yield tag("li", about if len(paragraph) > 1 else "", foreign(" ".join(piece.warnings)))


def _beginning(text: str) -> str:
    if len(text) <= _BEGINNING:
        return text
    cut = text[:_BEGINNING].rpartition(" ")[0] or text[:_BEGINNING]
    return f"{cut} …"
