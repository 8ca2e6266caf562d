"""The list of the documents that answers come from, and of those that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from assistant.records import Document
from assistant.web import source
from assistant.web.markup import Html, foreign, show, tag
from assistant.web.session import conversation

if TYPE_CHECKING:
    from assistant.loading.reader import Problem
    from assistant.pipeline import Assistant


def draw(assistant: Assistant) -> None:
    """Draw the page "Dokumenter"."""
    talk = conversation()
    show(tag("h1", "Dokumenter"))
    count = _count(len(assistant.documents), "dokument", "dokumenter")
    show(tag("p", f"Svarene bygger på {count}.", class_="lead"))
    problems(assistant)
    for number, document in enumerate(assistant.documents):
        with st.container(key=f"document-{number}"):
            show(_entry(document, len(assistant.passages(document.id))))
            if document.pages:
                st.button(
                    "Læs dokumentet",
                    key=f"read-{number}",
                    on_click=talk.open_page,
                    args=(document.id, document.pages[0].number),
                )
    source.draw(assistant, talk)


def problems(assistant: Assistant) -> None:
    """Say which documents could not be read, if any."""
    found = assistant.problems
    if not found:
        return
    which = "Ét dokument" if len(found) == 1 else f"{len(found)} dokumenter"
    show(
        tag(
            "section",
            tag("h2", f"{which} kunne ikke læses"),
            tag("ul", *(tag("li", foreign(_named(problem))) for problem in found)),
            tag("p", "De andre dokumenter kan bruges som sædvanlig."),
            class_="notice warning",
        )
    )


def _named(problem: Problem) -> str:
    named = problem.source in problem.message
    return problem.message if named else f"{problem.source}: {problem.message}"


def _entry(document: Document, passages: int) -> Html:
    plural = "sider" if document.page_noun == "side" else "slides"
    facts = (
        document.organisation,
        document.kind,
        _count(len(document.pages), document.page_noun, plural),
        _count(passages, "tekststykke", "tekststykker"),
    )
    return tag(
        "div",
        tag("h2", foreign(document.title)),
        tag("p", foreign(" · ".join(fact for fact in facts if fact)), class_="muted"),
    )


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
