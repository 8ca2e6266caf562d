"""CPR numbers, e-mail addresses and Danish telephone numbers, masked in text that leaves or is kept.

One function for whatever is sent to a server elsewhere, written to a log or stored. It prefers to mask
too much over too little, but leaves what a document is full of and nobody is harmed by: years, spans of
years, dates, amounts, and numbers that say what they are (CVR, EAN, case numbers). Checksums written in
hexadecimal stay too: a log names an index and a model by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

CPR = "[CPR-nummer]"
EMAIL = "[e-mailadresse]"
PHONE = "[telefonnummer]"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without what was masked in it, and how many of each were."""

    text: str
    cpr_numbers: int = 0
    email_addresses: int = 0
    phone_numbers: int = 0

    @property
    def count(self) -> int:
        """How many places were masked."""
        return self.cpr_numbers + self.email_addresses + self.phone_numbers

    @property
    def kinds(self) -> str:
        """What was masked, in Danish: "CPR-numre og telefonnumre"; empty where nothing was."""
        found = [
            name
            for name, count in (
                ("CPR-numre", self.cpr_numbers),
                ("e-mailadresser", self.email_addresses),
                ("telefonnumre", self.phone_numbers),
            )
            if count
        ]
        return " og ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def mask(text: str) -> Masked:
    """Return ``text`` with CPR numbers, e-mail addresses and telephone numbers replaced by what they are.

    A CPR number is six digits that are a date (day, month, year of the century) and four more, written
    together or parted by a space or any hyphen. The modulus-11 check is not used: numbers given out since
    2007 need not pass it. A telephone number has eight digits, with +45 or 0045 or in one of the usual
    groups. Masking a masked text changes nothing.
    """
    text, emails = _EMAIL.subn(EMAIL, text)
    text, numbers = _counted(_CPR, CPR, text, _is_cpr)
    text, abroad = _counted(_PREFIXED, PHONE, text, lambda match: not _is_in_digest(match))
    text, phones = _counted(_PHONE, PHONE, text, _is_phone)
    return Masked(text, numbers, emails, abroad + phones)


_EMAIL = re.compile(r"[\w.+%'’-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}")

# What stands between the parts of a number: spaces, or a hyphen of any kind with spaces around it.
_GAP = r"[ \t\u00a0\u2009\u202f]{0,2}(?:[-\u00ad\u2010-\u2015\u2212]\s{0,2})?"
_CPR = re.compile(
    rf"(?<![0-9])(?:(?P<date>[0-9]{{6}}){_GAP}|(?P<dotted>[0-9]{{2}}[./][0-9]{{2}}[./][0-9]{{2}})[-\u2010-\u2015])"
    r"[0-9]{4}(?![0-9])"
)

_SPACE = r"[ \u00a0\u2009\u202f]"
_PREFIXED = re.compile(
    rf"(?<![0-9+])(?:\((?:\+|00)45\)|(?:\+|00 ?)45)(?:{_SPACE}|[.\-])?(?:[0-9](?:{_SPACE}|[.\-])?){{7}}[0-9](?![0-9])"
)
_PHONE = re.compile(
    r"(?<![0-9])(?<![0-9][.,:\-–])(?<![0-9] )(?P<number>"
    r"[2-9][0-9]{7}"
    rf"|[2-9][0-9](?P<by2>{_SPACE}|[.\-–])[0-9]{{2}}(?P=by2)[0-9]{{2}}(?P=by2)[0-9]{{2}}"
    rf"|45{_SPACE}[2-9][0-9]{_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{2}}"
    rf"|[2-9][0-9]{{3}}(?:{_SPACE}|[.\-–])[0-9]{{4}}"
    rf"|[2-9][0-9]{{2}}{_SPACE}[0-9]{{2}}{_SPACE}[0-9]{{3}}"
    rf"|[2-9][0-9]{_SPACE}[0-9]{{3}}{_SPACE}[0-9]{{3}}"
    r")(?![0-9])(?![.,:\-–][0-9])(?! [0-9])"
)
_BEFORE = 24
"""Characters before a number in which a word may say what it is."""

_CALLED = re.compile(
    r"(?:\b(?:tlf|tel|telefon\w*|mobil\w*|mob|phone|sms|call|ring(?:e|er)?)\b[\s.:]*(?:på|til|nr|nummer|no|number)?[\s.:(]*)$",
    re.IGNORECASE,
)
_REGISTERED = re.compile(r"\b(?:cvr|ean|isbn|issn|doi)[-\s.:]*(?:nr|nummer|no)?[\s.:]*$", re.IGNORECASE)
_OTHER_NUMBER = re.compile(
    r"(?:\b(?:se|id|nr|no|nummer|(?:p|j|sags|journal|ordre|faktura|bilags|case)[-\s]?(?:nr|nummer))"
    r"|\w(?:nr|nummer))[-\s.:]*(?:nr|nummer|no)?[\s.:]*$",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"(?:\b(?:kr|kroner|dkk|eur|usd)\.?|[€$£])\s*$", re.IGNORECASE)
_UNIT_BEHIND = re.compile(
    r"\s?(?:%|,-|(?:kr|kroner|dkk|eur|euro|mio|mia|tkr|pct|procent|stk|personer|borgere|timer)\b)",
    re.IGNORECASE,
)
_YEARS = range(1800, 2200)

_DIGEST_LENGTH = 12
"""The least characters of a checksum, as of an index."""

_HEX_BEFORE = re.compile(r"(?<![^\W_])[0-9a-f]*$")
_HEX_BEHIND = re.compile(r"[0-9a-f]*(?![^\W_])")
_WORD_AND_NUMBER = re.compile(r"[a-f]*[0-9]+|[0-9]+[a-f]+")


def _counted(
    pattern: re.Pattern[str], label: str, text: str, holds: Callable[[re.Match[str]], bool]
) -> tuple[str, int]:
    count = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal count
        if not holds(match):
            return match.group()
        count += 1
        return label

    return pattern.sub(replaced, text), count


def _is_in_digest(match: re.Match[str]) -> bool:
    """Whether a number is part of a checksum in hexadecimal: letters and digits in turn, not a word beside it."""
    before = _HEX_BEFORE.search(match.string, max(0, match.start() - 64), match.start())
    behind = _HEX_BEHIND.match(match.string, match.end())
    if not match.group().isdecimal() or before is None or behind is None:
        return False
    word = before.group() + match.group() + behind.group()
    return len(word) >= _DIGEST_LENGTH and _WORD_AND_NUMBER.fullmatch(word) is None


def _is_cpr(match: re.Match[str]) -> bool:
    return _is_birthday(re.sub(r"[./]", "", match["date"] or match["dotted"])) and not _is_in_digest(match)


def _is_birthday(digits: str) -> bool:
    """Whether ddmmyy is a date in some century."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if not 1 <= month <= 12:
        return False
    # The year 00 is a leap year in 2000, so every fourth year has a 29 February in some century.
    longest = 30 if month in (4, 6, 9, 11) else 31 if month != 2 else 29 if year % 4 == 0 else 28
    return 1 <= day <= longest


def _is_phone(match: re.Match[str]) -> bool:
    if _is_in_digest(match):
        return False
    text, number = match.string, match["number"]
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if _CALLED.search(before):
        return True
    if _REGISTERED.search(before) or _MONEY_BEFORE.search(before) or _UNIT_BEHIND.match(text, match.end()):
        return False
    digits = re.sub(r"[^0-9]", "", number)
    groups = [len(part) for part in re.split(r"[^0-9]", number)]
    if groups == [8]:
        return not _OTHER_NUMBER.search(before) and not _is_date(digits)
    if groups == [4, 4]:
        years = int(digits[:4]) in _YEARS and int(digits[4:]) in _YEARS
        # "2500-3500" is a span of amounts, which only ever goes up.
        span = re.search(r"[-–.]", number) is not None and int(digits[:4]) < int(digits[4:])
        return not years and not span
    # "25 000 000" is an amount, and five pairs may be five amounts.
    return groups not in ([2, 3, 3], [2, 2, 2, 2, 2])


def _is_date(digits: str) -> bool:
    """Whether eight digits read as yyyymmdd or ddmmyyyy of our time."""
    for day, month, year in (
        (digits[6:], digits[4:6], digits[:4]),
        (digits[:2], digits[2:4], digits[4:]),
    ):
        if int(year) in _YEARS and _is_birthday(day + month + year[2:]):
            return True
    return False
