"""A page as the reader knows it: the picture of it, with the quote marked where it stands."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import wait
from typing import TYPE_CHECKING

import streamlit as st

from assistant.records import Document, Page, Span
from assistant.web.markup import Html, tag
from assistant.web.pictures import NoPicture, Picture, pictures
from assistant.web.quote_boxes import Box, wanted

if TYPE_CHECKING:
    from assistant.web.originals import Original

_SECONDS = 20
_POLL_SECONDS = 0.1


def picture_of(file: Original, document: Document, page: Page, marked: Sequence[Span]) -> Picture:
    """Return the picture of a page, drawn elsewhere while this run of the script waits.

    A click meanwhile ends the wait: the script runs anew.

    Raises:
        NoPicture: the page cannot be drawn, or not in time.
        LimitReached: too many pages wait to be drawn.
    """
    quotes = [wanted(page.text, span.start, span.end) for span in marked]
    future = pictures.picture(file.path, document.sha256, page.number, quotes)
    deadline = time.monotonic() + _SECONDS
    while not wait([future], _POLL_SECONDS).done:
        if time.monotonic() > deadline:
            raise NoPicture("Siden var for længe om at blive tegnet.")
        checkpoint()
    return future.result()


def checkpoint() -> None:
    """Let Streamlit end this run of the script, if the user has done something since it began."""
    # Looking into the session state is where it takes the chance without anything being sent.
    _ = "checkpoint" in st.session_state


def figure(picture: Picture, document: Document, page: Page) -> Html:
    """Return the picture with a mark over each line of the quote, and a button that enlarges it."""
    marked = ", med citatet markeret" if picture.boxes else ""
    alternative = (
        f"{document.page_noun.capitalize()} {page.number} af »{document.title}« som billede{marked}. "
        "Teksten følger efter billedet."
    )
    image = tag("img", src=picture.address, alt=alternative, decoding="async")
    marks = (tag("span", class_="quote-box", style=_placed(box), aria_hidden="true") for box in picture.boxes)
    shape = f"aspect-ratio: {picture.across:.2f} / {picture.down:.2f}"
    return tag(
        "figure",
        tag("div", tag("div", image, *marks, class_="facsimile", style=shape), class_="facsimile-view"),
        tag("button", "Forstør", type="button", class_="copy enlarge", aria_pressed="false"),
    )


def _placed(box: Box) -> str:
    return (
        f"left: {box.left:.3%}; top: {box.top:.3%}; "
        f"width: {box.right - box.left:.3%}; height: {box.bottom - box.top:.3%}"
    )
