"""A change for the worse is caught, by name, and noise is not."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from eval_world import QUESTIONS, WordAssistant

from eval import gate
from eval.cli import main
from eval.compare import compare, comparison_text
from eval.outcomes import baseline_from_json, baseline_text
from eval.questions import QuestionSet
from eval.runner import run_questions
from eval.runs import Run, run_json, write_json, write_text
from eval.sheets import sheet_of

MANY = QuestionSet(
    "mange",
    tuple(
        dataclasses.replace(question, id=f"{question.id}-{copy}")
        for copy in range(8)
        for question in QUESTIONS
    ),
    "fedcba9876543210",
)


def made(**worse: object) -> Run:
    return run_questions(WordAssistant(**worse), MANY)


@pytest.fixture(scope="module")
def good() -> Run:
    return made()


@pytest.fixture
def files(good: Run, tmp_path: Path) -> Path:
    write_json(tmp_path / "good.json", run_json(good, {}))
    write_text(tmp_path / "baseline.json", baseline_text(good))
    return tmp_path


def closed_by(files: Path, run: Run) -> tuple[int, str]:
    write_json(files / "run.json", run_json(run, {}))
    return main(["gate", "--baseline", str(files / "baseline.json"), str(files / "run.json")]), "run"


def test_an_unchanged_run_passes(files: Path, good: Run, capsys: pytest.CaptureFixture[str]) -> None:
    status, _ = closed_by(files, good)
    assert status == 0
    assert "Porten er åben" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("worse", "reason"),
    [
        ({"shuffled": True, "threshold": -1.0}, "hit@1"),
        ({"threshold": 0.9}, "Besvarbare, der afvises"),
        ({"threshold": -1.0}, "Ubesvarbare, der afvises"),
        ({"misquotes": True}, "Citater, der står på deres side"),
    ],
)
def test_a_deliberately_worse_setting_closes_the_gate(
    worse: dict[str, object], reason: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _ = closed_by(files, made(**worse))
    assert status == 1
    conclusion = capsys.readouterr().out.split("Porten er lukket")[1]
    assert reason in conclusion


def test_one_question_lost_is_not_significant(files: Path, good: Run) -> None:
    first = good.results[0]
    lost = dataclasses.replace(first, hits=first.hits[1:] + first.hits[:1])
    assert lost.rank != first.rank
    status, _ = closed_by(files, dataclasses.replace(good, results=(lost, *good.results[1:])))
    assert status == 0


def test_one_quote_that_stands_nowhere_is_enough(files: Path, good: Run) -> None:
    first = good.results[0]
    broken = tuple(dataclasses.replace(quote, valid=False) for quote in first.citations)
    run = dataclasses.replace(good, results=(dataclasses.replace(first, citations=broken), *good.results[1:]))
    assert closed_by(files, run)[0] == 1


def test_a_baseline_holds_figures_and_no_texts(good: Run) -> None:
    text = baseline_text(good)
    for question in QUESTIONS:
        assert question.text not in text
        for gold in question.gold:
            assert not any(snippet in text for snippet in gold.any)
    assert "latency_ms" not in text


def test_a_baseline_read_back_gives_the_same_figures(good: Run) -> None:
    sheet = sheet_of(good, "run")
    again = baseline_from_json(json.loads(baseline_text(good)), "fil").sheet
    assert again.ids == sheet.ids
    assert again.kinds == sheet.kinds
    for row in gate.judge(again, sheet).rows:
        assert row.change == pytest.approx(0.0, abs=1e-4)


def test_the_baseline_of_the_question_file_is_found_by_its_name(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "BASELINES", files / "baselines")
    run = str(files / "good.json")
    assert main(["gate", run]) == 2
    assert re.search(r"mange\.json: der er ingen baseline", capsys.readouterr().err)
    assert main(["baseline", run]) == 0
    assert (files / "baselines" / "mange.json").exists()
    assert main(["gate", run]) == 0


def test_another_question_set_is_refused_with_status_2(
    files: Path, good: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    other = dataclasses.replace(good, stamp=dataclasses.replace(good.stamp, questions="0" * 16))
    assert closed_by(files, other)[0] == 2
    captured = capsys.readouterr()
    assert "forskellige spørgsmål" in captured.err
    assert captured.err.count("\n") == 1


def test_compare_shows_what_changed_and_how_surely(good: Run) -> None:
    comparison = compare(sheet_of(good, "god"), sheet_of(made(threshold=0.9), "streng"))
    rows = {row.metric.name: row for row in comparison.overall}
    assert rows["answerable_declined"].p_change < 0.01
    assert rows["hit@1"].p_change == 1.0
    changed = {change.question for change in comparison.changes if change.column == "answerable_declined"}
    assert changed
    text = comparison_text(comparison)
    assert text.startswith("god → streng, 40 spørgsmål")
    assert "* dårligere" in text
    assert all(question in text for question in changed)
    assert "ændringer mere" in comparison_text(comparison, limit=1)


def test_compare_refuses_runs_over_different_questions(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = dataclasses.replace(MANY, questions=MANY.questions[:5], fingerprint="1" * 16)
    write_json(files / "few.json", run_json(run_questions(WordAssistant(), few), {}))
    assert main(["compare", str(files / "good.json"), str(files / "few.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
