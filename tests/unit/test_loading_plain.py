"""Danish letters survive every encoding that old files come in."""

from __future__ import annotations

import codecs
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DocumentError
from assistant.loading.plain import decoded

DANISH = "Blåbærgrød på Ærø: øl, æbler og ål.\nÅrsrapport – »tillid« for 5 €"
MAC = "Blåbærgrød på Ærø, æbler og ål\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"]
)
def test_encoding_is_told_by_the_bytes(encoding: str) -> None:
    assert decoded("a.txt", DANISH.encode(encoding)) == DANISH


@pytest.mark.parametrize("encoding", ["latin-1", "mac_roman", "cp850"])
def test_old_encodings_are_told_by_their_danish_letters(encoding: str) -> None:
    assert decoded("a.txt", MAC.encode(encoding)) == MAC


def test_one_odd_letter_is_taken_for_windows() -> None:
    assert decoded("a.txt", "på".encode("windows-1252")) == "på"


def test_decomposed_letters_are_composed() -> None:
    assert decoded("a.txt", unicodedata.normalize("NFD", "Ålborg og Århus").encode()) == "Ålborg og Århus"


def test_utf8_with_a_pasted_byte_keeps_its_letters() -> None:
    text = "Blåbærgrød og æbler på Ærø. " * 3
    assert decoded("a.txt", text.encode() + "–".encode("windows-1252")) == f"{text}–"


def test_marked_utf16_that_is_cut_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"^a\.txt: .*UTF-16"):
        decoded("a.txt", codecs.BOM_UTF16_LE + b"abc")


def test_data_in_no_form_of_text_are_refused() -> None:
    with pytest.raises(DocumentError, match=r"^a\.txt: filen er ikke en tekstfil"):
        decoded("a.txt", bytes(range(1, 256)) * 8)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_give_text_without_zeros_or_one_clear_error(data: bytes) -> None:
    with suppress(DocumentError):
        assert "\x00" not in decoded("a.txt", data)


@given(st.text(alphabet="abcæøåÆØÅ é\n.,", min_size=1, max_size=100))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    assert decoded("a.txt", text.encode()) == unicodedata.normalize("NFC", text)
