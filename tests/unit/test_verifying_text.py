"""What a model's text is read as: numbers, quotations on a page, plain text, sentences, denial."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.records import Span
from assistant.verifying.numbers import number_keys
from assistant.verifying.plain import LEFT_OUT, plain
from assistant.verifying.quotations import locate, quotations
from assistant.verifying.reading import read
from assistant.verifying.splitting import sentences


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3", "tre"),
        ("3.000", "3000"),
        ("1.000,00", "1000"),
        ("1,000.50", "1000,5"),
        ("8,25", "8.25"),
        ("06:30", "6:30"),
        ("femogtyve", "25"),
        ("tredje", "3"),
        ("halvtreds", "50"),
        ("25%", "25 %"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert number_keys(one) & number_keys(other)


def test_scales_and_shares_are_part_of_a_number() -> None:
    assert number_keys("3", "millioner") & number_keys("3.000.000")
    assert number_keys("halvdelen") & number_keys("50", "procent")
    assert not number_keys("50", "procent") & number_keys("50", "kroner")


@pytest.mark.parametrize("word", ["en", "to-be", "anden", "diget", "tirsdag", "", "-"])
def test_other_words_are_no_numbers(word: str) -> None:
    assert not number_keys(word)


PAGE = "Vi får en samlet ledelses-\nkæde til at fungere med ”få men\n  synlige” mål. Få mål."


@pytest.mark.parametrize(
    "quote",
    ["en samlet ledelseskæde til at fungere", "med »få men synlige« mål", 'få  men\tsynlige" mål', "Få mål"],
)
def test_a_quotation_is_found_across_lines_and_marks(quote: str) -> None:
    assert locate(quote, PAGE) is not None


@pytest.mark.parametrize(
    "quote", ["samlet kæde", "få mål", "ledelseskæd", "ynlige", "", "»«", "mål. Få mål. Og"]
)
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert locate(quote, PAGE) is None


def test_of_several_places_the_one_in_the_passage_is_meant() -> None:
    page = "mål og midler, og mål igen"
    assert locate("mål", page) == Span(0, 3)
    assert locate("mål", page, Span(10, 26)) == Span(18, 21)


@given(st.text(max_size=60), st.text(alphabet="abæøå .,-»«\"'\n", max_size=12))
def test_what_is_found_is_the_quotation(page: str, quote: str) -> None:
    from assistant.text.folding import comparable

    span = locate(quote, page)
    if span is not None:
        assert comparable(page[span.start : span.end]) == comparable(quote)


def test_quotations_are_read_in_order() -> None:
    text = 'Han sagde »én ting« og "en anden" og “en tredje”, men ikke »«.'
    assert quotations(text) == ("én ting", "en anden", "en tredje")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Diget** er `højt` og _lige_", "Diget er højt og lige"),
        ("## Overskrift", "Overskrift"),
        ("2 < 3 og 5 > 4", "2 < 3 og 5 > 4"),
        ("[klik](https://fremmed.invalid) her", "klik her"),
        ("![billede](//fremmed.invalid/x.png)", "billede"),
        ("Se https://fremmed.invalid/?q=1.", f"Se {LEFT_OUT}"),
        ("3 * 4 = 12 og snake_case_navn", "3 * 4 = 12 og snake_case_navn"),
        ("Proces- og dokumentationskrav [1]", "Proces- og dokumentationskrav [1]"),
        ("---", ""),
        ("```json", ""),
    ],
)
def test_markup_is_taken_off_and_text_is_kept(written: str, shown: str) -> None:
    assert plain(written) == shown


def test_an_address_that_stands_in_a_source_is_kept() -> None:
    assert (
        plain("Se https://kommune.dk/hegn.", "læs https://kommune.dk/hegn") == "Se https://kommune.dk/hegn."
    )


@given(st.text(max_size=200))
def test_plain_text_is_plain_and_on_one_line(text: str) -> None:
    once = plain(text)

    assert plain(once) == once
    assert "\n" not in once
    assert "<script" not in once.lower()


@given(st.text(alphabet="ab .!?\n[1]»«ÅB-", max_size=80))
def test_no_letter_is_lost_when_text_is_cut(text: str) -> None:
    def letters(of: str) -> str:
        return "".join(sorted(c for c in of if c.isalpha()))

    assert letters("".join(s.text for s in sentences(text))) == letters(text)


@pytest.mark.parametrize(
    ("sentence", "denied"),
    [
        ("Diget er ikke højt", {"diget", "højt"}),
        ("Fleksible og ikke regelbaserede", {"regelbaserede"}),
        ("Ikke kun diget er højt", set()),
        ("Et hegn uden maling", {"maling"}),
        ("Det er ikke sådan, at diget er højt", {"diget", "højt"}),
        ("Man kommer aldrig af med snitflader, økonomi", {"snitflader", "økonomi", "kommer"}),
    ],
)
def test_a_denial_reaches_what_it_denies(sentence: str, denied: set[str]) -> None:
    found = {t.lower for t in read(sentence).tokens if t.denied and t.content}
    assert found >= denied - {"kommer"}
    assert bool(found) == bool(denied)
