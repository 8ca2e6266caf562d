"""The buttons that hand out Word and Markdown files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from assistant.exporting.paper import Paper, conversation_paper, file_name
from assistant.web.session import Conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def now() -> datetime:
    """Return the time where the user is; Danish time where the browser does not say."""
    try:
        zone = ZoneInfo(st.context.timezone or "Europe/Copenhagen")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return datetime.now(zone)


def draw_downloads(
    title: str, paper: Callable[[], Paper], key: str, *, made_from: tuple[object, ...] | None = None
) -> None:
    """Draw a button for each format.

    A file is made when it is asked for. With ``made_from`` it is made at once, and anew when that is another:
    a button that is clicked while the page changes still has the file that it was drawn for.
    """

    def as_word() -> bytes:
        # Loads python-docx, which no other page needs.
        from assistant.exporting.word import word

        return word(paper())

    def as_markdown() -> bytes:
        from assistant.exporting.markdown import markdown

        return markdown(paper()).encode()

    formats = (
        ("Hent som Word", "docx", WORD, as_word),
        ("Hent som Markdown", "md", "text/markdown", as_markdown),
    )
    with st.container(key=f"downloads-{key}", horizontal=True):
        for name, suffix, kind, make in formats:
            st.download_button(
                name,
                data=make if made_from is None else _kept(f"{key} {suffix}", made_from, make),
                file_name=file_name(title, now(), suffix),
                mime=kind,
                key=f"download-{key}-{suffix}",
                icon=":material/download:",
                on_click="ignore",
            )


def _kept(name: str, made_from: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
    """Return the file of that name, made anew where it was made from something else."""
    files: dict[str, tuple[tuple[object, ...], bytes]] = st.session_state.setdefault(_FILES, {})
    if name not in files or files[name][0] != made_from:
        files[name] = (made_from, make())
    return files[name][1]


_FILES = "exported files"


def draw_conversation(assistant: Assistant, talk: Conversation) -> None:
    """Draw the downloads of the conversation, where it has an answer."""
    if not talk.answers:
        return
    answers, written = tuple(talk.answers), now()
    title = f"Samtale: {answers[0].question}"
    with st.popover(
        "Hent samtalen", icon=":material/download:", width="stretch", key="download-conversation"
    ):
        draw_downloads(
            title, lambda: conversation_paper(answers, title, assistant.document, written), "conversation"
        )
