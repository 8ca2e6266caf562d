"""A run as CSV, for a spreadsheet: one line a question."""

from __future__ import annotations

import csv
import io

from eval import metrics
from eval.failures import failures
from eval.runs import Run

HEADINGS = (
    "id",
    "slags",
    "spørgsmål",
    "forstået som",
    "rang",
    "afvist",
    "besvarelse",
    "sikkerhed",
    "andel rigtige steder",
    "andel rigtige citater",
    "citater",
    "svartid (ms)",
    "fejl",
    "svar",
)


def run_csv(run: Run) -> bytes:
    """Return the run as a Danish spreadsheet reads it: semicolons, decimal commas, UTF-8 with its mark.

    A cell that a spreadsheet would take for a formula begins with an apostrophe: questions and answers are
    other people's text.
    """
    wrong = {failure.result.question.id: "; ".join(failure.reasons) for failure in failures(run)}
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    table.writerow(HEADINGS)
    for result in run.results:
        question = result.question
        table.writerow(
            _harmless(cell)
            for cell in (
                question.id,
                question.kind,
                question.text,
                result.understood_as or "",
                "" if result.rank is None else str(result.rank),
                "ja" if result.abstained else "nej",
                result.mode,
                _number(result.confidence),
                _number(metrics.answer_recall(question.gold, result.quotes)) if question.gold else "",
                _number(metrics.answer_precision(question.gold, result.quotes))
                if question.gold and result.quotes
                else "",
                str(len(result.citations)),
                _number(result.latency_ms),
                wrong.get(question.id, ""),
                result.text,
            )
        )
    return written.getvalue().encode("utf-8-sig")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".replace(".", ",")


def _harmless(cell: str) -> str:
    # What OWASP lists under "CSV injection".
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
