"""What every question passes on its way in: the limits of its browser session, and the log."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterator

import streamlit as st

from assistant.limits import QuestionLimiter, check_conversation
from assistant.logs import answered
from assistant.settings import load_settings
from assistant.web import metrics
from assistant.web.making import Part, Work

_SESSION = "admitted as"


def admitted(work: Work, turns: int) -> Work:
    """Return ``work`` for this browser session, in a conversation of so many questions.

    Beginning it raises ``LimitReached`` where the session has asked too much.
    """
    session = st.session_state.setdefault(_SESSION, secrets.token_hex(16))

    def held() -> Iterator[Part]:
        check_conversation(turns, load_settings().limits.conversation_turns)
        with _limiter().question(session):
            yield from work()

    def parts() -> Iterator[Part]:
        yield from metrics.shared.counted(answered(held()))

    return parts


@functools.cache
def _limiter() -> QuestionLimiter:
    limits = load_settings().limits
    return QuestionLimiter(limits.questions_per_minute, limits.questions_at_once)
