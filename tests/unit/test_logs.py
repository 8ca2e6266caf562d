"""What is logged: one JSON object a line, with times and counts, and nothing that a user wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from assistant import logs
from assistant.errors import ModelError
from assistant.records import Answer, Block, Delta, Query, Stamp

SECRET = "Hvad tjener Åse på aase@example.dk, cpr 010203-1234?"
QUERY = Query(SECRET, SECRET, "fact")
ANSWER = Answer(
    SECRET,
    "Det står ikke i dokumenterne.",
    (Block("text", "En sætning.", state="verified"), Block("text", "En til.", state="unverified")),
    (),
    (),
    "extractive",
    True,
    Stamp("1", "abc", "m", "s"),
    QUERY,
    0.25,
)


@pytest.fixture(autouse=True)
def _unconfigured() -> Iterator[None]:
    yield
    logger = logging.getLogger("assistant")
    logger.handlers = [each for each in logger.handlers if not isinstance(each, logs._Handler)]
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def consume(parts: list[Query | Block | Delta | Answer], error: Exception | None = None) -> None:
    def made() -> Iterator[Query | Block | Delta | Answer]:
        yield from parts
        if error is not None:
            raise error

    ticks = iter(range(100))
    for _ in logs.answered(made(), clock=lambda: next(ticks) / 8):
        pass


def test_an_answer_is_logged_with_its_stages_and_counts(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logs.configure(json_lines=True)
    consume([QUERY, Delta("En"), ANSWER.blocks[0], ANSWER])

    (line,) = lines()
    assert line["message"] == "question"
    assert (line["level"], line["outcome"], line["mode"], line["abstained"]) == (
        "INFO",
        "answered",
        "extractive",
        True,
    )
    assert line["search_ms"] < line["first_text_ms"] < line["total_ms"]
    assert (line["sentences_verified"], line["sentences_unverified"], line["citations"]) == (1, 1, 0)
    assert line["time"].endswith("+00:00")


def test_no_words_of_the_question_are_logged(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", json_lines=True)
    consume([QUERY, ANSWER])

    text = capsys.readouterr().err
    assert text
    assert not [word for word in ("Hvad", "Åse", "aase", "010203", "dokumenterne") if word in text]


def test_questions_are_logged_masked_where_that_is_asked_for(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logs.configure(json_lines=True, questions=True)
    consume([QUERY, ANSWER])

    assert lines()[0]["question"] == "Hvad tjener Åse på [e-mailadresse], cpr [CPR-nummer]?"


def test_the_index_is_named_in_full_also_where_its_checksum_holds_eight_digits(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logs.configure(json_lines=True)
    consume([QUERY, replace(ANSWER, stamp=replace(ANSWER.stamp, index="a1b20123456f"))])

    assert lines()[0]["index"] == "a1b20123456f"


def test_a_refusal_is_logged_by_its_kind(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logs.configure(json_lines=True)
    with pytest.raises(ModelError):
        consume([QUERY], ModelError(SECRET))

    (line,) = lines()
    assert (line["level"], line["outcome"]) == ("WARNING", "ModelError")


def test_an_answer_that_nobody_waited_for_is_logged_as_stopped(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logs.configure(json_lines=True)
    parts = logs.answered(iter([QUERY, ANSWER]))
    next(parts)
    parts.close()

    assert lines()[0]["outcome"] == "stopped"


def test_what_nobody_foresaw_has_an_id_a_kind_and_a_masked_trace(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logs.configure(json_lines=True)
    try:
        raise RuntimeError(SECRET)
    except RuntimeError as error:
        name = logs.unexpected("Uventet fejl på siden", error)

    (line,) = lines()
    assert (line["id"], line["error"], line["level"]) == (name, "RuntimeError", "ERROR")
    assert len(name) == 6
    assert "test_logs.py" in line["trace"]
    assert "010203" not in line["trace"]
    assert "[CPR-nummer]" in line["trace"]


def test_messages_of_every_module_are_masked_and_cannot_forge_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(json_lines=True)
    logging.getLogger("assistant.loading").warning("%s", "ring 20 12 34 56\n{}\x1b[2J\u202e")

    (line,) = capsys.readouterr().err.splitlines()
    message = json.loads(line)["message"]
    assert "20 12 34 56" not in message
    assert "\x1b" not in message


def test_a_terminal_gets_one_line_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("WARNING", json_lines=False)
    logging.getLogger("assistant.loading").warning("a.pdf: uventet\nfejl")
    logging.getLogger("assistant.loading").info("mindre vigtigt")

    assert capsys.readouterr().err == "a.pdf: uventet fejl\n"


def test_a_terminal_gets_the_values_of_an_event_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG", json_lines=False, questions=True)
    consume([QUERY, ANSWER])

    line = capsys.readouterr().err
    assert line.startswith("question outcome=answered search_ms=")
    assert line.count("\n") == 1
    assert "Åse" not in line


def test_configuring_twice_logs_once(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logs.configure(json_lines=True)
    logs.configure("ERROR", json_lines=True)
    logs.event("et")
    logs.event("to", level=logging.ERROR)

    assert [line["message"] for line in lines()] == ["to"]


def test_every_value_of_an_answer_is_a_number_or_one_word(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """Whatever is added to the log later: free text does not belong there."""
    logs.configure(json_lines=True)
    consume([QUERY, replace(ANSWER, notices=("En bemærkning",))])

    values = [value for value in lines()[0].values() if isinstance(value, str)]
    assert not [value for value in values if " " in value]
