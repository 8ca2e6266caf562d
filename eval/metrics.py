"""The metrics of one question as pure functions. Positions and ranks count from 1.

Formulas: nDCG is that of Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
techniques" (ACM TOIS 20(4), 2002), with binary gain and the discount 1 / log2(1 + rank); the
risk-coverage curve and its area are those of Geifman and El-Yaniv, "Selective classification
for deep neural networks" (NeurIPS 2017).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assistant.text.folding import fold
from eval.questions import Gold

Text = tuple[str, str]
"""A document's id and a text from that document: a hit, or a quote."""


def holds(text: Text, gold: Gold) -> bool:
    """Whether a text is from the gold document and contains one of its snippets verbatim."""
    document, content = text
    if document != gold.document:
        return False
    folded = fold(content)
    return any(fold(snippet) in folded for snippet in gold.any)


def positions(gold: Sequence[Gold], hits: Sequence[Text]) -> tuple[int | None, ...]:
    """For each gold entry, the position of the first hit that holds it; ``None`` if none does.

    Two entries may be found in the same hit: a passage that holds both answers both.
    """
    return tuple(
        next((at for at, hit in enumerate(hits, start=1) if holds(hit, entry)), None) for entry in gold
    )


def question_rank(found: Sequence[int | None]) -> int | None:
    """Return the rank of a question with n gold entries: the last one's position, less n - 1.

    It is 1 where each of the first n hits brings one entry. Fewer hits cannot do better than
    that: entries found together in one hit would give 0 or less, and count as 1. ``None`` when
    an entry was not found. ``found`` must not be empty.
    """
    if not found:
        raise ValueError("a question without gold entries has no rank")
    known = [position for position in found if position is not None]
    if len(known) < len(found):
        return None
    return max(1, max(known) - (len(found) - 1))


def within(rank: int | None, k: int) -> float:
    """Return 1.0 if the rank is at most ``k``: hit@1 for k = 1, recall@k of a question above."""
    return float(rank is not None and rank <= k)


def reciprocal_rank(rank: int | None) -> float:
    """Return 1 / rank, and 0.0 where nothing was found."""
    return 0.0 if rank is None else 1.0 / rank


def discounted_gain(found: Sequence[int | None], k: int) -> float:
    """Return nDCG@k from the position of each gold entry, between 0.0 and 1.0.

    An entry gains 1 at the first hit that holds it, so a passage repeated gains nothing. The
    ideal brings one entry a hit; a hit that holds several can beat it, and counts as 1.0.
    """
    gain = sum(1.0 / math.log2(1 + at) for at in found if at is not None and at <= k)
    ideal = sum(1.0 / math.log2(1 + at) for at in range(1, min(len(found), k) + 1))
    return min(1.0, gain / ideal)


def graded_gain(ranking: Sequence[str], relevance: Mapping[str, float], k: int) -> float:
    """Return nDCG@k of ranked passage ids; ``relevance`` is the gain of each judged id."""
    gain = sum(
        relevance.get(passage, 0.0) / math.log2(1 + at) for at, passage in enumerate(ranking[:k], start=1)
    )
    best = sorted(relevance.values(), reverse=True)[:k]
    ideal = sum(value / math.log2(1 + at) for at, value in enumerate(best, start=1))
    return gain / ideal if ideal else 0.0


def answer_recall(gold: Sequence[Gold], quotes: Sequence[Text]) -> float:
    """Return the share of gold entries that some quote of the answer holds.

    An answer that declines has no quotes, hence 0.0. ``gold`` must not be empty.
    """
    return sum(any(holds(quote, entry) for quote in quotes) for entry in gold) / len(gold)


def answer_precision(gold: Sequence[Gold], quotes: Sequence[Text]) -> float | None:
    """Return the share of the answer's quotes that are gold; ``None`` without quotes.

    A quote is gold if it holds any snippet of any entry, or is itself part of a snippet (a
    judgment may be longer than what was quoted from it).
    """
    if not quotes:
        return None
    return sum(any(_overlaps(quote, entry) for entry in gold) for quote in quotes) / len(quotes)


def covers_documents(gold: Sequence[Gold], quotes: Sequence[Text]) -> float:
    """Return 1.0 if every document of the gold is among the documents quoted, else 0.0."""
    return float({entry.document for entry in gold} <= {document for document, _ in quotes})


def risk_coverage(
    confidence: Sequence[float], errors: Sequence[float]
) -> tuple[tuple[float, float, float], ...]:
    """Return (threshold, coverage, risk), from the most confident question to all of them.

    Coverage is the share of questions whose confidence is at least the threshold, risk the
    share of errors (0 or 1) among those. Questions of equal confidence enter together, because
    no threshold can part them.
    """
    points: list[tuple[float, float, float]] = []
    wrong = 0.0
    order = sorted(range(len(confidence)), key=lambda at: -confidence[at])
    for taken, at in enumerate(order, start=1):
        wrong += errors[at]
        point = (confidence[at], taken / len(order), wrong / taken)
        if points and points[-1][0] == confidence[at]:
            points[-1] = point
        else:
            points.append(point)
    return tuple(points)


def area_under_risk(points: Sequence[tuple[float, float, float]]) -> float:
    """Return the area under a risk-coverage curve (AURC): the mean risk over all coverages.

    0.0 for a system that never errs; lower is better.
    """
    before = 0.0
    area = 0.0
    for _, coverage, risk in points:
        area += (coverage - before) * risk
        before = coverage
    return area


def _overlaps(quote: Text, gold: Gold) -> bool:
    document, content = quote
    if holds(quote, gold):
        return True
    folded = fold(content)
    return document == gold.document and bool(folded) and any(folded in fold(snippet) for snippet in gold.any)
