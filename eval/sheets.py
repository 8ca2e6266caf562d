"""The figures of every question side by side: what runs, benchmarks and baselines boil down to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from eval import grounding, metrics
from eval.errors import EvaluationError
from eval.runs import QuestionResult, Run

Column = Literal[
    "hit_1",
    "recall_5",
    "recall_10",
    "reciprocal_rank",
    "ndcg_10",
    "answer_recall",
    "answer_precision",
    "citation_validity",
    "comparison_coverage",
    "abstained_rightly",
    "unanswerable_declined",
    "answerable_declined",
    "error",
    "confidence",
    "quotes",
    "quotes_outside_lists",
    "written",
    "groundedness",
    "citation_precision",
    "citation_recall",
    "latency_ms",
]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One row a question; NaN where a figure does not apply to a question.

    ``columns`` are float64 arrays of shape (questions,). ``fingerprint`` is that of the
    question set: only sheets with the same one can be compared.
    """

    name: str
    fingerprint: str
    ids: tuple[str, ...]
    kinds: tuple[str, ...]
    columns: Mapping[Column, Values]

    def rows(self, indices: Sequence[int]) -> Sheet:
        """Return the sheet with these rows only, in this order."""
        return Sheet(
            self.name,
            self.fingerprint,
            tuple(self.ids[index] for index in indices),
            tuple(self.kinds[index] for index in indices),
            {name: values[list(indices)] for name, values in self.columns.items()},
        )

    def of_kind(self, kind: str) -> Sheet:
        """Return the rows of one kind of question."""
        return self.rows([at for at, own in enumerate(self.kinds) if own == kind])

    def in_order_of(self, other: Sheet) -> Sheet:
        """Return the rows in the order of another sheet over the same questions.

        Raises ``EvaluationError`` if the questions are not the same.
        """
        if self.fingerprint != other.fingerprint or set(self.ids) != set(other.ids):
            raise EvaluationError(
                f"{other.name} og {self.name} er over forskellige spørgsmål "
                f"({other.fingerprint} og {self.fingerprint}) og kan ikke sammenlignes"
            )
        place = {question: at for at, question in enumerate(self.ids)}
        return self.rows([place[question] for question in other.ids])


def sheet_of(run: Run, name: str) -> Sheet:
    """Score every question of a run; ``name`` is what errors and tables call it."""
    asked_model = run.stamp.answerer not in ("", "extractive")
    scored = [_score(result, asked_model=asked_model) for result in run.results]
    columns: dict[Column, Values] = {
        column: np.array([row.get(column, np.nan) for row in scored], dtype=np.float64)
        for column in get_args(Column)
    }
    columns["confidence"] = _standing(columns["confidence"])
    return Sheet(
        name,
        run.stamp.questions,
        tuple(result.question.id for result in run.results),
        tuple(result.question.kind for result in run.results),
        columns,
    )


def _score(result: QuestionResult, *, asked_model: bool) -> dict[Column, float]:
    """The figures that apply to one question; ``asked_model`` where a model was to write the answers."""
    question = result.question
    scores: dict[Column, float] = {
        "latency_ms": result.latency_ms,
        "confidence": result.confidence,
        # What is risked by answering: an answerable question is right if the gold comes first,
        # an unanswerable one never. Told also for those that were declined.
        "error": 1.0 - metrics.within(result.rank, 1),
    }
    if result.abstained:
        scores["abstained_rightly"] = float(not question.answerable)
    else:
        scores["quotes"] = len(result.citations)
        # A question with three or more gold entries asks for a list, whatever its kind.
        if question.kind != "liste" and len(question.gold) <= 2:
            scores["quotes_outside_lists"] = len(result.citations)
    if result.citations:
        valid = [quote.valid and quote.verified for quote in result.citations]
        scores["citation_validity"] = sum(valid) / len(valid)
    scores.update(_grounding(result, asked_model=asked_model))
    if not question.answerable:
        scores["unanswerable_declined"] = float(result.abstained)
        return scores
    scores["answerable_declined"] = float(result.abstained)
    scores["hit_1"] = metrics.within(result.rank, 1)
    scores["recall_5"] = metrics.within(result.rank, 5)
    scores["recall_10"] = metrics.within(result.rank, 10)
    scores["reciprocal_rank"] = metrics.reciprocal_rank(result.rank)
    scores["ndcg_10"] = metrics.discounted_gain(result.found, 10)
    scores["answer_recall"] = metrics.answer_recall(question.gold, result.quotes)
    precision = metrics.answer_precision(question.gold, result.quotes)
    if precision is not None:
        scores["answer_precision"] = precision
    if question.kind == "sammenligning":
        scores["comparison_coverage"] = metrics.covers_documents(question.gold, result.quotes)
    return scores


def _grounding(result: QuestionResult, *, asked_model: bool) -> dict[Column, float]:
    """How well what a model wrote rests on its sources."""
    scores: dict[Column, float] = {}
    if asked_model and not result.abstained:
        scores["written"] = float(result.mode != "extractive")
    figures: dict[Column, float | None] = {
        "groundedness": grounding.groundedness(result.sentences),
        "citation_precision": grounding.citation_precision(result.sentences),
        "citation_recall": grounding.citation_recall(result.sentences),
    }
    scores.update({column: value for column, value in figures.items() if value is not None})
    return scores


def _standing(confidence: Values) -> Values:
    """Return each value's place among the run's own, 0 to 1, equal where the values are equal.

    A risk-coverage curve asks only for the order, and runs with other scales can then be pooled.
    """
    _, standing = np.unique(confidence, return_inverse=True)
    return standing / max(1, len(confidence) - 1)
