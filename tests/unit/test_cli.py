"""The command line says in one line of Danish what is wrong, before it opens anything."""

from __future__ import annotations

from typing import NoReturn

import pytest

from assistant import __version__
from assistant.cli import main
from assistant.errors import IndexDamaged


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing may be opened, unless a test says what happens then."""

    def unexpected(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the index was opened")

    monkeypatch.setattr("assistant.live.LiveAssistant", unexpected)
    monkeypatch.setattr("assistant.factory.build_index", unexpected)
    return monkeypatch


def status(*arguments: str) -> int:
    """The exit status, however it is given."""
    try:
        return main(arguments)
    except SystemExit as error:
        return int(error.code or 0)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "KOMMANDO"),
        (("spørg",), "spørg"),
        (("ask",), "SPØRGSMÅL"),
        (("ask", "Hvad?", "Hvem?"), "Hvem?"),
        (("ask", "Hvad?", "--ukendt"), "--ukendt"),
        (("ask", "Hvad?", "--document"), "--document"),
        (("ask", "Hvad?", "--answerer", "orakel"), "orakel"),
        (("search", "Hvad?", "--top-k", "mange"), "mange"),
        (("documents", "--xml"), "--xml"),
    ],
)
def test_wrong_arguments_are_one_line_that_names_them(
    arguments: tuple[str, ...], named: str, opening: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert named in err
    assert "--help" in err


@pytest.mark.parametrize(
    "arguments", [("spørg",), ("ask",), ("ask", "x", "--ukendt"), ("search", "x", "--top-k", "m")]
)
def test_wrong_arguments_are_explained_in_danish(
    arguments: tuple[str, ...], opening: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status(*arguments)

    err = capsys.readouterr().err
    assert not [
        word for word in ("the following", "invalid", "unrecognized", "choose", "expected") if word in err
    ]


@pytest.mark.parametrize("command", ["build", "ask", "search", "chat", "documents", "doctor"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(command, "--help") == 0
    assert command in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--help") == 0

    out = capsys.readouterr().out
    assert all(command in out for command in ("build", "ask", "search", "chat", "documents", "doctor"))


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("--version") == 0
    assert capsys.readouterr().out == f"assistant {__version__}\n"


def raising(error: BaseException) -> object:
    def opened(*_: object, **__: object) -> NoReturn:
        raise error

    return opened


def test_an_error_of_several_lines_is_told_in_one(
    opening: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opening.setattr(
        "assistant.live.LiveAssistant", raising(IndexDamaged("Indekset er\nbeskadiget.\n Byg det."))
    )

    assert status("ask", "Hvad?") == 2
    assert capsys.readouterr() == ("", "Indekset er beskadiget. Byg det.\n")


def test_an_interruption_is_told_without_a_traceback(
    opening: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opening.setattr("assistant.live.LiveAssistant", raising(KeyboardInterrupt()))

    assert status("ask", "Hvad?") == 130
    assert capsys.readouterr() == ("", "Afbrudt.\n")


def test_a_mistake_of_our_own_is_one_line_and_shown_whole_where_that_is_asked_for(
    opening: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opening.setattr("assistant.live.LiveAssistant", raising(ZeroDivisionError()))

    assert status("ask", "Hvad?") == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "forudset (ZeroDivisionError)" in line
    assert status("--debug", "ask", "Hvad?") == 2
    assert "Traceback" in capsys.readouterr().err
