"""A model may complete a follow-up in the conversation's own words; else the rules do."""

from __future__ import annotations

import pytest
from llm_world import EXTRACTIVE, LIMITS

from assistant.answering.written import LlmAnswerer
from assistant.llm.faults import ModelFault
from assistant.records import Query
from tests.support.language_models import Line, ScriptedModel

BEFORE = ("Hvordan bør man forberede reformer?",)
QUERY = Query(
    "Hvilket dilemma er der i det?",
    "Hvilket dilemma er der i det? Hvordan bør man forberede reformer?",
    history=BEFORE,
    understood_as="Hvilket dilemma er der i det? (i forlængelse af: »Hvordan bør man forberede reformer?«)",
)
WHOLE = "Hvilket dilemma er der i at forberede reformer?"


def rewritten(*lines: Line) -> str | None:
    return LlmAnswerer(ScriptedModel(lines), EXTRACTIVE, LIMITS).rewrite(QUERY)


def test_a_question_in_the_conversations_own_words_counts() -> None:
    assert rewritten(WHOLE) == WHOLE
    assert rewritten(f" »{WHOLE}« \n") == WHOLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Det ved jeg ikke.",
        "Hvad er hovedstaden i Frankrig, og hvem er dronning?",
        "Hvordan bør man forberede reformer?",
        "Which dilemma is there in preparing reforms?",
        f"{WHOLE}\n{WHOLE}",
        f"{WHOLE} <script>?",
        f"{'Hvilket dilemma ' * 40}?",
    ],
    ids=["nothing", "no question", "another subject", "the old one", "English", "two", "markup", "endless"],
)
def test_what_may_ask_something_else_does_not(text: str) -> None:
    assert rewritten(text) is None


def test_a_fault_leaves_it_to_the_rules() -> None:
    assert rewritten(ModelFault("unreachable", server="x")) is None
    assert rewritten("Hvilket ", ModelFault("too_long", tokens=80)) is None
