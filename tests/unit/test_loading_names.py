"""Names of files that others chose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import DocumentError
from assistant.loading.names import LONGEST, check_name, safe_name, shown_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("rapport.pdf", "rapport.pdf"),
        ("Årsrapport 2024 – endelig (2).docx", "Årsrapport 2024 – endelig (2).docx"),
        ("A\u030arsrapport.pdf", "Årsrapport.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("..\\..\\windows\\rapport.pdf", "rapport.pdf"),
        ("C:\\Users\\Åse\\rapport.pdf", "rapport.pdf"),
        ("/etc/rapport.pdf", "rapport.pdf"),
        ("rapport\u202efdp.txt", "rapportfdp.txt"),
        ("\u200frapport\u200b.pdf", "rapport.pdf"),
        (".skjult.pdf", "skjult.pdf"),
        ("~$rapport.docx", "$rapport.docx"),
        ("rapport.pdf. ", "rapport.pdf"),
        ('hvad: "nu"?.pdf', "hvad- -nu--.pdf"),
        ("  to   mellemrum .pdf", "to mellemrum .pdf"),
        ("....pdf", "pdf"),
        ("rapport.pdf.exe", "rapport.pdf.exe"),
        ("a" * (LONGEST - 4) + ".pdf", "a" * (LONGEST - 4) + ".pdf"),
    ],
)
def test_a_foreign_name_becomes_one_that_can_be_kept(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "kan ikke bruges"),
        (".", "kan ikke bruges"),
        ("..", "kan ikke bruges"),
        ("../", "kan ikke bruges"),
        ("\u202e\u200f", "kan ikke bruges"),
        ("---.pdf", "kan ikke bruges"),
        ("corpus.toml", "kan ikke bruges"),
        ("../Corpus.TOML", "kan ikke bruges"),
        ("CON", "kan ikke bruges"),
        ("nul.pdf", "kan ikke bruges"),
        ("com1.tar.gz", "kan ikke bruges"),
        ("rapport\x00.pdf", "styretegn"),
        ("rapport.pdf\x00.txt", "styretegn"),
        ("linje\nskift.pdf", "styretegn"),
        ("\x1b[2Jrapport.pdf", "styretegn"),
        ("rapport\udcff.pdf", "styretegn"),
        ("a" * 300 + ".pdf", f"på 304 tegn, men må højst være på {LONGEST}"),
        ("報" * 100 + ".pdf", "kortere navn"),
    ],
)
def test_a_name_that_means_something_else_is_refused(name: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        safe_name(name)
    message = str(caught.value)
    assert message.startswith(f"{shown_name(name)}: ")
    assert message.isprintable()
    assert len(message) < 250


@given(st.text(alphabet=st.characters(), max_size=150))
def test_whatever_is_sent_stays_within_its_folder(name: str) -> None:
    try:
        safe = safe_name(name)
    except DocumentError:
        return
    folder = Path("/mappe")
    assert (folder / safe).resolve().parent == folder
    assert safe_name(safe) == safe
    assert len(safe.encode()) <= 240
    check_name(safe)


@pytest.mark.parametrize("name", ["a\u202eb.pdf", "a\u200f.pdf", "a\nb.pdf", "a\udcff.pdf", "a\u2028.pdf"])
def test_a_name_with_unseen_characters_is_no_name_of_the_corpus(name: str) -> None:
    with pytest.raises(DocumentError, match="usynlige tegn"):
        check_name(name)


def test_a_long_name_is_shown_by_its_ends() -> None:
    shown = shown_name("a" * 100 + "b" * 100 + ".pdf")

    assert len(shown) == 80
    assert shown.startswith("aaa")
    assert shown.endswith("bbb.pdf")
