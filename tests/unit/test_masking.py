"""What nobody else may see is masked; what a document is full of is left alone."""

from __future__ import annotations

import hashlib
import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.masking import CPR, EMAIL, PHONE, mask

WORDS = st.text(st.characters(categories=("L", "Zs"), include_characters=".,;:()!?\n"), max_size=40)
DIGITS = st.text("0123456789", min_size=4, max_size=4)


@st.composite
def cpr_numbers(draw: st.DrawFn) -> str:
    """A number of any person, whatever its check digit, in any way that it is written."""
    born = draw(st.dates(date(1858, 1, 1), date(2057, 12, 31)))
    gap = draw(st.sampled_from(["", "-", " ", "–", "\u2011", " - ", "\u00a0", "-\n", "\u00ad"]))
    return f"{born:%d%m%y}{gap}{draw(DIGITS)}"


@st.composite
def phone_numbers(draw: st.DrawFn) -> str:
    """Eight digits in the usual groups, with or without the country."""
    digits = str(draw(st.integers(20_000_000, 99_999_999)))
    grouped = draw(
        st.sampled_from(
            [
                " ".join((digits[:2], digits[2:4], digits[4:6], digits[6:])),
                ".".join((digits[:2], digits[2:4], digits[4:6], digits[6:])),
                f"{digits[:4]} {digits[4:]}",
                digits,
            ]
        )
    )
    prefix = draw(st.sampled_from(["", "+45 ", "+45", "0045 ", "(+45) "]))
    if not prefix:
        # A number that reads as a date, or as two years, says nothing by itself; see below.
        assume(not re.fullmatch(r"(?:1[89]|2[01])\d\d (?:1[89]|2[01])\d\d", grouped))
        assume(grouped != digits or mask(f"se {digits} se").count)
    return prefix + grouped


# --- CPR numbers ----------------------------------------------------------------------------------


@given(before=WORDS, number=cpr_numbers(), after=WORDS)
def test_every_cpr_number_is_masked_and_all_around_it_stays(before: str, number: str, after: str) -> None:
    masked = mask(f"{before} {number} {after}")

    assert masked.text == f"{before} {CPR} {after}"
    assert masked.cpr_numbers == 1


def test_a_number_that_fails_the_modulus_11_check_is_masked_all_the_same() -> None:
    assert [mask(f"010190-{n:04}").cpr_numbers for n in range(1000, 1030)] == [1] * 30


@pytest.mark.parametrize(
    "number", ["320190-1234", "011390-1234", "300290-1234", "290299-1234", "000190-1234"]
)
def test_six_digits_that_are_no_date_are_no_cpr_number(number: str) -> None:
    assert mask(f"Sagen {number} er lukket").text == f"Sagen {number} er lukket"


def test_the_leap_day_of_2000_is_a_birthday() -> None:
    assert mask("290200-4321").text == CPR


@pytest.mark.parametrize("text", ["CPR010190-1234", "(010190-1234)", "cpr: 0101901234.", "010190-1234,"])
def test_a_cpr_number_may_stand_close_to_other_signs(text: str) -> None:
    assert "1234" not in mask(text).text


@pytest.mark.parametrize("number", ["01.01.90-1234", "01/01/90-1234"])
def test_the_birthday_may_be_written_as_a_date(number: str) -> None:
    assert mask(f"født {number}").text == f"født {CPR}"


def test_digits_within_a_longer_number_are_no_cpr_number() -> None:
    assert mask("EAN 5790010101901234567").text == "EAN 5790010101901234567"


# --- e-mail addresses -----------------------------------------------------------------------------

LOCAL = st.from_regex(r"[a-zæøå0-9]([a-zæøå0-9.+_-]{0,18}[a-zæøå0-9])?", fullmatch=True)
DOMAIN = st.from_regex(r"[a-zæøå][a-zæøå0-9-]{0,10}(\.[a-zæøå][a-z]{1,8}){1,2}", fullmatch=True)


@given(before=WORDS, local=LOCAL, domain=DOMAIN)
def test_every_e_mail_address_is_masked(before: str, local: str, domain: str) -> None:
    masked = mask(f"{before} <{local}@{domain}>.")

    assert masked.text == f"{before} <{EMAIL}>."
    assert masked.email_addresses == 1


@pytest.mark.parametrize("text", ["Følg os på @komdir", "a@b", "10 stk. @ 5 kr.", "e-mail: ingen"])
def test_what_only_looks_like_an_address_is_left(text: str) -> None:
    assert mask(text).text == text


# --- telephone numbers ----------------------------------------------------------------------------


@given(before=WORDS, number=phone_numbers(), after=WORDS)
def test_every_telephone_number_in_the_usual_groups_is_masked(before: str, number: str, after: str) -> None:
    assume(not re.search(r"(?:nr|no|nummer|kr|kroner|id|se)[\s.:]*$", before, re.IGNORECASE))
    masked = mask(f"{before} {number} {after}")

    assert masked.text == f"{before} {PHONE} {after}"


@pytest.mark.parametrize(
    "number",
    ["20242025", "20 242 025", "2024-2025", "2024 2025", "31122020", "70 12 34 56", "45 70 12 34 56"],
)
@pytest.mark.parametrize("said", ["tlf. {}", "Telefon: {}", "ring til {}", "mobil {}", "tlf.nr. {}"])
def test_a_number_that_is_called_a_telephone_number_is_one_however_it_is_written(
    number: str, said: str
) -> None:
    assert mask(said.format(number)).phone_numbers == 1


@pytest.mark.parametrize("number", ["00 45 33 92 33 33", "+45-33923333", "3392-3333", "(0045) 33 92 33 33"])
def test_less_usual_ways_of_writing_it_are_known(number: str) -> None:
    assert mask(f"Nå os på {number}.").text == f"Nå os på {PHONE}."


def test_two_numbers_in_a_row_are_both_masked() -> None:
    assert mask("Ring 33 92 33 33, 70 10 20 30 eller 88888888/77777777").phone_numbers == 4


# --- what is left alone ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digest",
    [
        "a1b20123456f",  # eight digits as of a telephone number, with others around them
        "4a33123456c9b20d",
        "7f0101901234ab3e",  # ten as of a CPR number
        "0c004533923333e1",  # with the country before them
    ],
)
def test_a_checksum_is_left(digest: str) -> None:
    assert mask(f"index={digest} model=x/{digest}").text == f"index={digest} model=x/{digest}"


def test_hardly_any_checksum_of_an_index_is_touched() -> None:
    """One that looks like a word and a number, as "cafe33923333", cannot be told from that."""
    digests = [hashlib.sha256(bytes([n % 256, n // 256])).hexdigest()[:12] for n in range(20_000)]
    touched = [digest for digest in digests if mask(digest).count]
    assert len(touched) < 20_000 / 500
    assert all(re.fullmatch(r"[a-f]*[0-9]+|[0-9]+[a-f]*", digest) for digest in touched)


@pytest.mark.parametrize("text", ["cafe33923333", "facade 33923333", "decade33923333", "xdecab33923333cd"])
def test_a_number_close_to_a_word_is_no_checksum(text: str) -> None:
    assert mask(text).phone_numbers == 1


YEAR = st.integers(1900, 2099)
AMOUNT = st.integers(1, 999_999_999)


def danish(amount: int, mark: str = ".") -> str:
    return f"{amount:,}".replace(",", mark)


@given(YEAR, YEAR)
def test_years_and_spans_of_years_are_left(first: int, last: int) -> None:
    for text in (
        f"i {first}-{last}",
        f"{first}–{last}",
        f"{first} {last}",
        f"{first}/{last}",
        f"{first}, {last}",
    ):
        assert mask(text).text == text


@given(AMOUNT)
def test_amounts_are_left(amount: int) -> None:
    for text in (
        f"{danish(amount)} kr.",
        f"{danish(amount)},50 kr. om året",
        f"kr. {danish(amount)}",
        f"{danish(amount, ' ')} kr.",
        f"{amount} kr.",
        f"{amount} kroner",
        f"DKK {amount}",
        f"{amount} mio.",
        f"{amount},25 pct.",
    ):
        assert mask(text).text == text


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_dates_are_left(day: date) -> None:
    written = (
        f"{day.isoformat()} og {day:%Y%m%d}",
        f"den {day.day}. maj {day.year}",
        f"{day:%d.%m.%Y}",
        f"{day:%d-%m-%Y}",
        f"{day:%d/%m-%Y}",
        f"{day:%d%m%Y}",
        f"{day:%d-%m-%y}",
        f"{day:%d.%m.%Y} kl. 10.30-12.00",
    )
    for text in written:
        assert mask(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "CVR 25313763",
        "CVR-nr. 25 31 37 63",
        "j.nr. 20251234",
        "sagsnr.: 25123456",
        "EAN-nr. 5790000000000",
        "§ 12, stk. 3, nr. 4",
        "2500-3500 kr.",
        "mellem 2500-3500 om året",
        "45 50 55 60 65",
        "12.10.20-1.11.20",
        "10 20 30 40 50 60",
        "1.234.567.890",
        "1990-2000-2010",
        "0,12345678",
        "side 12-34",
        "5.1.2.3",
        "kl. 08.00-16.00",
    ],
)
def test_other_numbers_are_left(text: str) -> None:
    assert mask(text).text == text


# --- all of it ------------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_masking_twice_masks_no_more(text: str) -> None:
    once = mask(text)

    assert mask(once.text).text == once.text


@given(st.text(st.characters(exclude_characters="@", exclude_categories=("Nd", "Cs")), max_size=200))
def test_text_without_digits_and_addresses_is_left(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).count == 0


def test_what_was_masked_is_told_in_danish() -> None:
    assert mask("intet").kinds == ""
    assert mask("010190-1234").kinds == "CPR-numre"
    assert mask("a@b.dk 010190-1234 og 33 92 33 33").kinds == "CPR-numre, e-mailadresser og telefonnumre"
    assert mask("a@b.dk 010190-1234 og 33 92 33 33").count == 3
