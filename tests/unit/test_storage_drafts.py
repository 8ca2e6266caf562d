"""Draft questions are lines that the evaluation accepts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from assistant.records import Document, Page, Query
from assistant.storage.base import DraftQuestion
from assistant.storage.drafts import KINDS, kind_of, question_lines
from eval import questions

TIME = datetime(2026, 3, 1, tzinfo=UTC)
DOCUMENTS = [
    Document("a", "A", "Staten", "oplæg", "da", "", (Page(1, "Tillid frem\nfor kontrol. Få mål."),)),
    Document("b", "B", "KOMDIR", "oplæg", "da", "", (Page(1, "Mod og dømmekraft"),)),
]


def draft(**changes: Any) -> DraftQuestion:
    values = {
        "id": "x1",
        "question": "Hvad siger »staten«?",
        "kind": "fakta",
        "gold": (("a", "Tillid frem for kontrol"), ("a", "Få mål"), ("b", "Mod og dømmekraft")),
        "history": ("Før?",),
        "comment": "Det var ikke svaret",
        "created": TIME,
    }
    return DraftQuestion(**{**values, **changes})


def test_a_draft_is_a_line_of_a_question_set() -> None:
    line = json.loads(question_lines([draft()]))
    assert line == {
        "id": "kladde-x1",
        "question": "Hvad siger »staten«?",
        "kind": "fakta",
        "gold": [
            {"doc": "a", "any": ["Tillid frem for kontrol", "Få mål"]},
            {"doc": "b", "any": ["Mod og dømmekraft"]},
        ],
        "history": ["Før?"],
        "note": "Det var ikke svaret",
    }


def test_the_evaluation_reads_the_drafts() -> None:
    lines = question_lines(
        [draft(), draft(id="x2", kind="ubesvarbar", gold=(), history=(), comment="\u2028linje\nto")]
    )
    found = questions.parse_questions(lines.encode(), "kladder.jsonl", DOCUMENTS).questions
    assert [(each.id, each.answerable) for each in found] == [("kladde-x1", True), ("kladde-x2", False)]


def test_the_kinds_are_those_of_the_evaluation() -> None:
    assert KINDS == questions.KINDS


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        (Query("q", "q"), "fakta"),
        (Query("q", "q", intent="list"), "liste"),
        (Query("q", "q", intent="comparison"), "sammenligning"),
        (Query("q", "q", language="en", intent="list"), "engelsk"),
        (Query("q", "p q", addition="q"), "opfølgning"),
    ],
)
def test_the_kind_follows_how_the_question_was_understood(query: Query, kind: str) -> None:
    assert kind_of(query) == kind


def test_no_drafts_are_no_lines() -> None:
    assert question_lines([]) == ""
