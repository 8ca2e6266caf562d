"""``assistant compare``: the same as the page, in the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from assistant.cli import main


@pytest.fixture(autouse=True)
def _index(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_each_document_speaks_for_itself_and_what_is_shared_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["compare", "mål"]) == 0

    komdir, staten, shared = capsys.readouterr().out.strip().split("\n\n")
    assert komdir.startswith("KOMDIR (debatoplæg)\n»")
    assert "»Primært vejledende metoder – fx mål og rammestyring« [6] slide 2" in staten
    told = re.fullmatch(r"Begge steder: få, mål \((\[\d\]) og (\[\d\])\)", shared)
    assert told is not None
    for side, marker in zip((komdir, staten), told.groups(), strict=True):
        (quoted,) = (line for line in side.splitlines() if marker in line)
        assert " få " in quoted
        assert " mål" in quoted


def test_a_silent_document_is_said_to_be_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "cyber"]) == 0

    assert "KOMDIR (debatoplæg)\nIkke omtalt." in capsys.readouterr().out


def test_one_document_is_an_error_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "cyber", "--document", "komdir-4-pejlemaerker"]) == 2

    assert capsys.readouterr().err == "Vælg mindst to dokumenter at sammenligne.\n"
