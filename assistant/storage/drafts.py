"""Draft questions in the form of a question set: JSON Lines, one question a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from assistant.records import Query
from assistant.storage.base import DraftQuestion

KINDS: Final = (
    "fakta",
    "omskrivning",
    "liste",
    "sammenligning",
    "opfølgning",
    "engelsk",
    "stavefejl",
    "ubesvarbar",
)
UNANSWERABLE: Final = "ubesvarbar"

_BY_INTENT = {"fact": "fakta", "list": "liste", "section": "liste", "comparison": "sammenligning"}


def question_lines(drafts: Sequence[DraftQuestion]) -> str:
    """Return drafts as the lines of a question set; ``eval validate`` accepts what stands in the documents.

    Every document needs one of its snippets found: those of the same document are alternatives. A comment
    goes along as ``note``, which the evaluation does not read.
    """
    return "".join(f"{json.dumps(_line(draft), ensure_ascii=False)}\n" for draft in drafts)


def kind_of(query: Query) -> str:
    """Return the kind that a question seems to be of."""
    if query.language == "en":
        return "engelsk"
    if query.addition:
        return "opfølgning"
    return _BY_INTENT[query.intent]


def _line(draft: DraftQuestion) -> dict[str, object]:
    snippets: dict[str, list[str]] = {}
    for document, snippet in draft.gold:
        snippets.setdefault(document, []).append(snippet)
    line: dict[str, object] = {
        "id": f"kladde-{draft.id}",
        "question": draft.question,
        "kind": draft.kind,
        "gold": [{"doc": document, "any": found} for document, found in snippets.items()],
    }
    if draft.history:
        line["history"] = list(draft.history)
    if draft.comment:
        line["note"] = draft.comment
    return line
