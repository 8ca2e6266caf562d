"""Records come back from JSON as they went, also to a release that knows more or less of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.answers import answer, written

from assistant.errors import StorageError
from assistant.records import Answer, Span
from assistant.storage.codec import from_json, to_json


@pytest.mark.parametrize("record", [answer(), written("Hvad?", "Det.")], ids=["extractive", "written"])
def test_an_answer_comes_back_as_it_was(record: Answer) -> None:
    assert from_json(Answer, to_json(record)) == record


@given(st.text(), st.floats(allow_nan=False), st.lists(st.text()))
def test_whatever_is_in_it(text: str, confidence: float, notices: list[str]) -> None:
    record = replace(answer(text, text), confidence=confidence, notices=tuple(notices))
    kept = to_json(record)
    kept.encode()  # no lone surrogate is left in it
    assert "\x00" not in kept
    assert from_json(Answer, kept) == record


def test_lone_surrogates_and_nul_survive() -> None:
    record = answer("\ud800\x00\udfff")
    assert from_json(Answer, to_json(record)) == record


def test_what_a_record_has_gained_since_is_its_default() -> None:
    data = json.loads(to_json(answer()))
    del data["suggestions"], data["blocks"][0]["warnings"]
    assert from_json(Answer, json.dumps(data)) == replace(answer(), suggestions=())


def test_what_a_record_has_lost_since_is_left_out() -> None:
    data = json.loads(to_json(answer()))
    data["mood"] = {"good": True}
    assert from_json(Answer, json.dumps(data)) == answer()


@pytest.mark.parametrize(
    "damaged",
    ["", "{", "[]", "null", "7", '{"start": "1", "end": 2}', '{"start": 1}', '{"start": 1, "end": null}'],
)
def test_damage_is_told_of(damaged: str) -> None:
    with pytest.raises(StorageError, match="beskadiget"):
        from_json(Span, damaged)


def test_a_value_out_of_its_choices_is_damage() -> None:
    damaged = to_json(answer()).replace('"kind":"quote"', '"kind":"script"')
    with pytest.raises(StorageError):
        from_json(Answer, damaged)
