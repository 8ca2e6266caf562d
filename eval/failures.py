"""The questions of a run that went wrong, and how."""

from __future__ import annotations

from dataclasses import dataclass

from eval import metrics
from eval.runs import QuestionResult, Run


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that went wrong; ``reasons`` are Danish, the gravest first."""

    result: QuestionResult
    reasons: tuple[str, ...]


def failures(run: Run) -> tuple[Failure, ...]:
    """Return the questions that went wrong in any way, in the order of the set."""
    found = ((result, _reasons(result)) for result in run.results)
    return tuple(Failure(result, reasons) for result, reasons in found if reasons)


def _reasons(result: QuestionResult) -> tuple[str, ...]:
    reasons = [
        f"Citatet »{quote.quote}« står ikke på side {quote.page} i {quote.document}"
        for quote in result.citations
        if not (quote.valid and quote.verified)
    ]
    gold = result.question.gold
    if not gold:
        if not result.abstained:
            reasons.append("Besvaret, men dokumenterne har ikke svaret")
        return tuple(reasons)
    if result.abstained:
        reasons.append("Afvist, men dokumenterne har svaret")
    else:
        held = round(metrics.answer_recall(gold, result.quotes) * len(gold))
        if held < len(gold):
            reasons.append(f"Svaret har {held} af {len(gold)} rigtige steder med")
        quoted = {quote.document for quote in result.citations}
        missing = sorted({entry.document for entry in gold} - quoted)
        if result.question.kind == "sammenligning" and missing:
            reasons.append(f"Sammenligningen citerer ikke {' og '.join(missing)}")
    if result.rank is None:
        absent = sum(position is None for position in result.found)
        reasons.append(
            f"{absent} af {len(gold)} rigtige steder er ikke blandt de første {len(result.hits)} fund"
        )
    elif result.rank > 1:
        reasons.append(f"Det rigtige sted har rang {result.rank}")
    return tuple(reasons)
