"""The cases that verification is fitted and measured on, and how it does on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.settings import load_settings
from eval.errors import EvaluationError
from eval.table import number
from eval.verification import cli
from eval.verification.cases import HALVES, LABELS, Case, load_cases
from eval.verification.scoring import Score, fit, score


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases(load_settings())


@pytest.fixture(scope="module")
def scores(cases: tuple[Case, ...]) -> dict[str, Score]:
    return {name: score(half(cases, name)) for name in HALVES}


def half(cases: tuple[Case, ...], name: str) -> list[Case]:
    return [case for case in cases if case.half == name]


def test_there_are_cases_of_every_label_in_both_halves_and_no_passage_is_in_both(
    cases: tuple[Case, ...],
) -> None:
    fitting, held_out = half(cases, "fitting"), half(cases, "held-out")

    assert len(cases) >= 150
    assert len({case.id for case in cases}) == len(cases)
    assert {case.label for case in fitting} == {case.label for case in held_out} == set(LABELS)
    assert not {c.source.passage.text for c in fitting} & {c.source.passage.text for c in held_out}


def test_what_is_verified_deserves_it_and_most_of_what_deserves_it_is(scores: dict[str, Score]) -> None:
    """Below what was measured when it was fitted, so that only a real loss fails."""
    assert [one.precision >= 0.93 for one in scores.values()] == [True, True]
    assert [one.recall >= 0.75 for one in scores.values()] == [True, True]


def test_the_stored_weights_are_what_fitting_gives(cases: tuple[Case, ...]) -> None:
    fitted = fit(half(cases, "fitting"))
    stored = json.loads(Path("assistant/verifying/measure.json").read_text(encoding="utf-8"))

    assert [round(weight, 1) for weight in fitted.weights] == [round(w, 1) for w in stored["weights"]]
    assert fitted.threshold == stored["threshold"]


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "x", "half": "begge"}\n', encoding="utf-8")

    with pytest.raises(EvaluationError, match="linje 1"):
        load_cases(load_settings(), path)


def test_the_command_prints_both_halves(
    scores: dict[str, Score], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "score", lambda cases: scores[cases[0].half])
    assert cli.main([]) == 0
    head, *rows = (line.split() for line in capsys.readouterr().out.splitlines() if line.strip())
    assert "præcision" in head
    for name, made in scores.items():
        (row,) = (row for row in rows if row[0] == name)
        assert row[1:4] == [str(made.cases), number(made.precision), number(made.recall)]
