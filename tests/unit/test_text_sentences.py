"""Where Danish sentences end."""

from __future__ import annotations

import time

import pytest

from assistant.text.sentences import sentence_ends


def sentences(text: str) -> list[str]:
    ends = sentence_ends(text)
    return [text[start:end].strip() for start, end in zip([0, *ends], ends, strict=False)]


def test_each_sentence_ends_at_its_mark() -> None:
    assert sentences("Vi går forrest. Gør I? Ja! Godt… Slut") == [
        "Vi går forrest.",
        "Gør I?",
        "Ja!",
        "Godt…",
        "Slut",
    ]


@pytest.mark.parametrize("short", ["bl.a.", "f.eks.", "mv.", "nr.", "jf.", "ca.", "pkt.", "m.fl.", "Kgl."])
def test_abbreviation_ends_no_sentence(short: str) -> None:
    text = f"Det gælder {short} Kommunerne"
    assert sentences(text) == [text]


@pytest.mark.parametrize("text", ["Den 3. Maj 2024", "Ministeren J. Hansen"])
def test_ordinal_and_initial_end_no_sentence(text: str) -> None:
    assert sentences(text) == [text]


def test_closing_quotation_mark_belongs_to_its_sentence() -> None:
    assert sentences("Han sagde ”nej.” Så gik han.") == ["Han sagde ”nej.”", "Så gik han."]


def test_full_stop_inside_a_word_or_before_a_small_letter_ends_nothing() -> None:
    text = "Se borger.dk og kap. 3 i lov om x.y"
    assert sentences(text) == [text]


def test_last_end_is_the_end_of_the_text() -> None:
    assert sentence_ends("En. To") == [3, 6]


def test_long_text_takes_time_in_proportion() -> None:
    started = time.perf_counter()
    assert len(sentence_ends("Vi går forrest. " * 20_000)) == 20_000
    assert time.perf_counter() - started < 5
