"""Hits and answers as the JSON objects of the command line and of evaluation runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assistant.records import Answer, Hit


def hit_objects(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return hits, best first: document, page, text, score, heading, passage, signals."""
    return [
        {
            "document": hit.passage.document_id,
            "page": hit.passage.page,
            "text": hit.passage.text,
            "score": hit.score,
            "heading": hit.passage.heading,
            "passage": hit.passage.id,
            "signals": dict(hit.signals),
        }
        for hit in hits
    ]


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return the text, the citations and how the answer was made."""
    return {
        "text": answer.text,
        "abstained": answer.abstained,
        "mode": answer.mode,
        "citations": [
            {
                "marker": citation.marker,
                "document": citation.passage.document_id,
                "page": citation.passage.page,
                "quote": citation.quote,
                "start": citation.span.start,
                "end": citation.span.end,
                "verified": citation.verified,
            }
            for citation in answer.citations
        ],
        "understood_as": answer.query.understood_as,
        "intent": answer.query.intent,
        "confidence": answer.confidence,
        "notices": list(answer.notices),
        "suggestions": list(answer.suggestions),
        "stamp": {
            "code": answer.stamp.code,
            "index": answer.stamp.index,
            "model": answer.stamp.model,
            "settings": answer.stamp.settings,
        },
    }
