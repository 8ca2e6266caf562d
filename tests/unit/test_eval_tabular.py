"""A run as CSV for a spreadsheet."""

import csv
import io

from eval.questions import Gold, Question
from eval.runs import FoundHit, QuestionResult, Quote, Run, RunStamp
from eval.tabular import HEADINGS, run_csv

STAMP = RunStamp("t", "c", "d", "i", "m", "s", "extractive", "q", "sæt", "x")


def result(question: Question, **other: object) -> QuestionResult:
    made: dict[str, object] = {
        "latency_ms": 12.345,
        "hits": (FoundHit("a", 1, "Rådet mødes hver uge", 1.0), FoundHit("a", 2, "Andet", 0.5)),
        "text": "»Rådet mødes hver uge« [1]",
        "abstained": False,
        "mode": "extractive",
        "confidence": 0.75,
        "citations": (Quote("a", 1, "Rådet mødes hver uge", True, True),),
    }
    return QuestionResult(question, **{**made, **other})  # type: ignore[arg-type]


def rows(*results: QuestionResult) -> list[dict[str, str]]:
    text = run_csv(Run(STAMP, results)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


ASKED = Question("q1", "Hvornår mødes rådet?", "fakta", (Gold("a", ("mødes hver uge",)),))


def test_one_line_a_question_with_danish_numbers() -> None:
    (row,) = rows(result(ASKED))
    assert tuple(row) == HEADINGS
    assert (row["id"], row["slags"], row["rang"], row["afvist"]) == ("q1", "fakta", "1", "nej")
    assert (row["svartid (ms)"], row["sikkerhed"]) == ("12,345", "0,750")
    assert (row["andel rigtige steder"], row["andel rigtige citater"], row["fejl"]) == ("1,000", "1,000", "")


def test_what_went_wrong_stands_on_its_line() -> None:
    (row,) = rows(result(ASKED, abstained=True, citations=(), hits=()))
    assert row["afvist"] == "ja"
    assert "Afvist, men dokumenterne har svaret" in row["fejl"]
    assert (row["rang"], row["andel rigtige citater"]) == ("", "")


def test_danish_letters_line_breaks_and_separators_survive() -> None:
    (row,) = rows(result(ASKED, text="Æble; ø\n»å«"))
    assert row["svar"] == "Æble; ø\n»å«"


def test_no_cell_is_a_formula() -> None:
    for start in "=+-@\t\r":
        (row,) = rows(result(Question("q", f"{start}HYPERLINK(1)", "fakta", ())))
        assert row["spørgsmål"].startswith("'")
