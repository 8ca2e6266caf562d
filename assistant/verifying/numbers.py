"""Numbers in Danish text, however they are written: "3", "tre", "3.000", "1.000,00", "halvdelen"."""

from __future__ import annotations

import re

_UNITS = (
    "nul en to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten"
).split()
_TENS = {
    "tyve": 20, "tredive": 30, "fyrre": 40, "fyrretyve": 40, "halvtreds": 50, "halvtredsindstyve": 50, "tres": 60,
    "tresindstyve": 60, "halvfjerds": 70, "firs": 80, "halvfems": 90,
}  # fmt: skip
_ORDINALS = (
    "tredje fjerde femte sjette syvende ottende niende tiende ellevte tolvte trettende fjortende".split()
)
_ENGLISH = "zero one two three four five six seven eight nine ten eleven twelve".split()
_SCALE = {"hundrede": 100, "tusind": 1000, "tusinde": 1000, "million": 10**6, "millioner": 10**6, "mio": 10**6,
          "milliard": 10**9, "milliarder": 10**9, "mia": 10**9}  # fmt: skip
_SHARES = {
    "halvdelen": "50%", "halvdel": "50%", "halvt": "50%", "tredjedel": "1/3", "fjerdedel": "25%", "kvart": "25%",
    "tredjedele": "2/3", "femtedel": "20%", "tiendedel": "10%", "half": "50%",
}  # fmt: skip
_COMPOUND = re.compile(rf"({'|'.join(['en', *_UNITS[2:10]])})og({'|'.join(_TENS)})")
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")
PERCENT = frozenset({"%", "procent", "pct", "percent"})
MONTHS = frozenset(
    "januar februar marts april maj juni juli august september oktober november december mandag tirsdag onsdag torsdag "
    "fredag lørdag søndag january february march may june july october".split()
)
"""Months and days: with a number before them they are dates, and must be exact."""

_WORDS: dict[str, int] = {
    **{word: n for n, word in enumerate(_UNITS) if n != 1},
    **_TENS,
    **{word: n for n, word in enumerate(_ORDINALS, start=3)},
    **{word: n for n, word in enumerate(_ENGLISH) if n > 1},
    "én": 1,
    "ét": 1,
}


def number_keys(token: str, following: str = "") -> frozenset[str]:
    """Return what ``token`` may mean as a number, as comparable texts; empty if it is none.

    ``following`` is the next word: "3 millioner" is "3000000", "25 procent" is "25%". "1,000" may be
    one or a thousand, so it has two keys.
    """
    lower = token.lower()
    if lower in _SHARES:
        return frozenset({_SHARES[lower]})
    values = _values(lower)
    if following.lower() in PERCENT or lower.endswith("%"):
        return frozenset(f"{value}%" for value in values)
    scale = _SCALE.get(following.lower().rstrip("."), 1)
    return frozenset(_scaled(value, scale) for value in values)


def _values(token: str) -> frozenset[str]:
    if token in _WORDS:
        return frozenset({str(_WORDS[token])})
    if compound := _COMPOUND.fullmatch(token):
        unit = 1 if compound[1] == "en" else _UNITS.index(compound[1])
        return frozenset({str(_TENS[compound[2]] + unit)})
    digits = token.rstrip("%.").strip()
    if not digits or not digits[0].isdigit():
        return frozenset()
    if ":" in digits:
        return frozenset({":".join(part.lstrip("0") or "0" for part in digits.split(":"))})
    return frozenset(_plain(reading) for reading in _readings(digits))


def _readings(digits: str) -> set[str]:
    """The ways to read separators: Danish thousands and decimals, and the English where it may be meant."""
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        return {re.sub(r"[.,]", "", digits[:decimal]) + "." + digits[decimal + 1 :]}
    for separator in ",.":
        if separator in digits:
            groups = digits.split(separator)
            thousands = all(len(group) == 3 for group in groups[1:]) and 0 < len(groups[0]) <= 3
            if len(groups) > 2:
                return {"".join(groups)} if thousands else {digits}
            if not thousands:
                return {".".join(groups)}
            return {"".join(groups), ".".join(groups)} if separator == "," else {"".join(groups)}
    return {digits}


def _plain(reading: str) -> str:
    whole, _, decimals = reading.partition(".")
    decimals = decimals.rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{decimals}" if decimals else whole


def _scaled(value: str, scale: int) -> str:
    if scale == 1:
        return value
    try:
        return _plain(f"{float(value) * scale:.3f}")
    except ValueError:
        return value
