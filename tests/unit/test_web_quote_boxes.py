"""A quote is found among the letters of a picture whatever two readers make of spaces and hyphens."""

from __future__ import annotations

import pytest

from assistant.web.quote_boxes import Box, Wanted, find, lines, wanted


def found(page: str, quote: str, occurrence: int = 0) -> str:
    return "".join(page[place] for place in find(page, Wanted(quote, occurrence)))


@pytest.mark.parametrize(
    ("page", "quote"),
    [
        ("God   ledelse\r\nskaber værdi", "God ledelse skaber værdi"),
        ("Godledelse skaber værdi", "God ledelse skaber værdi"),
        ("God ledelse ska\ufffeber værdi", "God ledelse ska-\nber værdi"),
        ("• God ledelse\n• skaber værdi", "God ledelse skaber værdi"),
        ("GOD LEDELSE skaber værdi", "God ledelse skaber værdi"),
    ],
    ids=["white space", "no space", "hyphen", "bullets", "capitals"],
)
def test_what_two_readers_read_differently_is_the_same_quote(page: str, quote: str) -> None:
    assert found(page, quote).casefold() == "godledelseskaberværdi"


def test_letters_composed_in_two_ways_and_ligatures_are_the_same() -> None:
    # The letter å in two pieces, and "ffi" in one.
    assert found("Se pa\u030a en e\ufb03cient måde", "på en efficient") == "paene\ufb03\ufb03\ufb03cient"


def test_of_two_like_quotes_the_one_that_is_meant_is_found() -> None:
    page = "Fokus på mål. Styring efter mål. Få men synlige mål."
    second = page.index("mål", 20)
    quote = wanted(page, second, second + 3)

    assert quote == Wanted("mål", 1)
    assert find(page, quote) == [second, second + 1, second + 2]


def test_a_page_read_in_another_order_is_marked_line_by_line() -> None:
    page = "Anden linje i spalten her. Noget andet. Første linje i spalten her."

    quote = "Første linje i spalten\nAnden linje i spalten"
    assert found(page, quote) == "FørstelinjeispaltenAndenlinjeispalten"


@pytest.mark.parametrize(
    "quote", ["Noget ganske andet end det", "", "…", "God ledelse\nog meget mere, som ikke er der"]
)
def test_what_is_not_there_is_not_marked(quote: str) -> None:
    assert find("God ledelse skaber værdi", Wanted(quote)) == []


def _letter(left: float, top: float) -> Box:
    return Box(left, top, left + 0.01, top + 0.02)


def test_letters_of_a_line_are_one_box_and_a_new_line_is_another() -> None:
    first = [_letter(0.1 + i / 100, 0.2) for i in range(5)]
    second = [_letter(0.1 + i / 100, 0.24) for i in range(3)]

    above, below = lines([*first, *second])
    assert (above.left, above.right) == pytest.approx((0.1, 0.15))
    assert (below.left, below.right) == pytest.approx((0.1, 0.13))
    assert above.top < 0.2
    assert 0.22 < above.bottom < below.bottom
