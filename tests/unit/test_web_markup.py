"""Foreign text reaches the page as text, whatever it holds."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.web.markup import Html, foreign, join, label, printable, tag

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></div><h1>overtaget</h1>",
    '" onmouseover="alert(1)" x=\'',
    "&lt;b&gt; &amp; &#60;i&#62; &nbsp;",
    "<!-- --><style>*{display:none}</style>",
    "[klik](javascript:alert(1)) ![x](http://fremmed.invalid/x.png)",
    "**fed** _kursiv_ `kode` ~~streg~~ $x^2$ $$y$$ :smile: :red[rød] :material/home:",
    "# ikke en overskrift",
    "1. ikke en liste",
    "> ikke et citat",
    "https://fremmed.invalid www.fremmed.invalid a@fremmed.invalid a -> b -- c >= d",
]


class _Reader(HTMLParser):
    """Reads markup as a browser does: the elements, their attributes, and the text between them."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!--", {}))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_and_stays_readable(text: str) -> None:
    read = _Reader(tag("p", text).source)

    assert [name for name, _ in read.elements] == ["p"]
    assert read.text == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_attribute_adds_no_attribute(text: str) -> None:
    read = _Reader(tag("button", "Kopiér", data_copy=text).source)

    assert read.elements == [("button", {"data-copy": text})]


@given(st.text(st.characters(exclude_characters="\r")))
def test_any_text_is_one_element_with_that_text(text: str) -> None:
    read = _Reader(tag("p", text).source)

    assert [name for name, _ in read.elements] == ["p"]
    assert read.text == printable(text)


def test_our_own_markup_is_kept_and_foreign_children_beside_it_are_not() -> None:
    assert tag("p", tag("em", "a"), "<em>b</em>").source == "<p><em>a</em>&lt;em&gt;b&lt;/em&gt;</p>"
    assert join("<", Html("<br>")).source == "&lt;<br>"


def test_line_breaks_survive_as_references_because_streamlit_trims_blank_lines() -> None:
    assert "\n" not in tag("p", "a\n \n b").source
    assert _Reader(tag("p", "a\n \n b").source).text == "a\n \n b"


@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\uffff"]
)
def test_unprintable_characters_are_replaced_one_for_one(character: str) -> None:
    assert printable(f"a{character}b") == "a\ufffdb"
    tag("p", f"a{character}b").source.encode("utf-8")
    label(f"a{character}b").encode("utf-8")


def test_letters_of_every_language_are_printable() -> None:
    text = "Smørrebrød på Færøerne, مرحبا, שלום, 日本語, 🇩🇰"
    assert printable(text) == text


def test_foreign_text_keeps_its_writing_direction_to_itself_and_is_one_line() -> None:
    assert foreign("שלום\n  a").source == "<bdi>שלום a</bdi>"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_reads_as_the_text_it_was_made_from(text: str) -> None:
    assert _unescaped(label(text)) == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_label_has_no_punctuation_that_markdown_could_read(text: str) -> None:
    assert re.search(r"[!-/:-@\[-`{-~]", _PAIR.sub("", label(text))) is None
    assert _unescaped(label(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    "pattern", [r":[\w+-]+:", r"https?://", r"www\.", r"\w@\w", r"->", r"--", r">=", r"<-", r"~="]
)
def test_what_streamlit_finds_after_the_backslashes_are_gone_is_broken(pattern: str) -> None:
    seen = _PAIR.sub(r"\1", label(" ".join([*HOSTILE, "~= <-> <-"])))

    assert re.search(pattern, seen) is None


def _unescaped(text: str) -> str:
    return _PAIR.sub(r"\1", text).replace("\u2060", "")


_PAIR = re.compile(r"\\([!-/:-@\[-`{-~])")
