"""N-grams of a question are counted in many texts at once as they are listed one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.indexes import ngrams
from assistant.indexes.ngrams import gram_counts
from assistant.text.danish import character_ngrams

MANY_LETTERS = "".join(map(chr, range(0x430, 0x4A0)))


@given(
    st.lists(st.text("aåÅb0 .-\N{GRINNING FACE}æ\n", max_size=30), max_size=5),
    st.text("aåb0 Æ\N{GRINNING FACE}", max_size=20),
)
def test_grams_are_counted_as_they_are_listed(texts: list[str], question: str) -> None:
    asked = list(dict.fromkeys(character_ngrams(question)))
    counts, lengths = gram_counts(texts, asked)
    for row, text in enumerate(texts):
        listed = Counter(character_ngrams(text))
        assert list(counts[row]) == [listed[gram] for gram in asked]
        assert lengths[row] == listed.total()


@pytest.mark.parametrize("text", ["tillid og ledelse", "e", "æøå ÆØÅ", MANY_LETTERS, ""])
@pytest.mark.parametrize("most_letters", [100, 1])
def test_however_many_letters_a_question_has(
    text: str, most_letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngrams, "_MOST_LETTERS", most_letters)
    held = ["", "e", f"ledelse {text}", f"{text} {text}", "i ø 𝛼𝛽𝛾𝛿 e", MANY_LETTERS]
    asked = list(dict.fromkeys(character_ngrams(f"{text} tillidsfuld ledelse i 𝛼𝛽𝛾")))
    counts, _ = gram_counts(held, asked)
    listed = [Counter(character_ngrams(one)) for one in held]
    np.testing.assert_array_equal(counts, [[own[gram] for gram in asked] for own in listed])


def test_nothing_to_count_gives_no_columns_or_no_rows() -> None:
    assert gram_counts(["ledelse", ""], [])[0].shape == (2, 0)
    assert gram_counts([], ["led"])[0].shape == (0, 1)
