"""The Markdown file, read again by a Markdown reader: what is foreign is text there."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.exporting.markdown import escape, markdown
from assistant.exporting.paper import basket_paper
from assistant.exporting.printing import printable
from assistant.records import Block
from assistant.storage.base import BasketItem
from tests.support.collected import QUOTED, STAMP, WRITTEN, WRITTEN_BY_MODEL, answer, collected, item, lookup

READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def made(*items: BasketItem, title: str = "Mit oplæg") -> str:
    return markdown(basket_paper(items, title, lookup, WRITTEN, STAMP))


def inline(text: str) -> tuple[str, set[str]]:
    """What a reader sees of one paragraph, and the kinds of token it took."""
    tokens = READER.parse(text)
    kinds = {t.type for t in tokens} | {c.type for t in tokens for c in t.children or ()}
    seen = "".join(c.content for t in tokens for c in t.children or ())
    return seen, kinds


def test_it_says_the_right_things_in_order() -> None:
    text = made(item("note", "Til mødet.", heading="Formål"), collected(QUOTED), collected(WRITTEN_BY_MODEL))

    assert text.startswith("# Mit oplæg\n\n21\\. november 2026\n\n## Formål\n\nTil mødet.\n\n")
    assert "> »Diget er tre meter højt«[^1]" in text
    assert "Det koster 17 kroner.[^3] **[ikke verificeret; 17 står ikke i kilden]**" in text
    assert "[^1]: Kystrådet, Kystens fremtid, s. 1." in text
    assert text.index("## Kilder") < text.index("## Om denne udskrift") < text.index("[^1]:")


def test_every_reference_has_its_footnote() -> None:
    text = made(collected(QUOTED), collected(WRITTEN_BY_MODEL))

    held = re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE)
    assert re.findall(r"\[\^(\d+)\](?!:)", text) == held == ["1", "2", "3", "4"]


def test_points_are_one_list() -> None:
    listed = answer("Hvad gælder?", [Block("item", "1. Diget", 0, 0), Block("item", "2. Stranden", 0, 1)])

    assert "- 1\\. Diget\n- 2\\. Stranden\n" in made(collected(listed))


@pytest.mark.parametrize(
    "text",
    [
        "[klik](http://fremmed.invalid)",
        "![billede](http://fremmed.invalid/b.png)",
        "<img src=x onerror=overtaget>",
        "<http://fremmed.invalid>",
        "&lt;b&gt; &amp; &#60;",
        "# ikke en overskrift",
        "1. ikke en liste",
        "- heller ikke",
        "> intet citat",
        "**fed** _kursiv_ `kode` ~~streg~~",
        "| a | b |",
        "$x^2$ og ***",
        "[^1]: ikke en fodnote",
        "--- === +++",
        "bagstreg \\ og \\[x](y)",
    ],
)
def test_foreign_text_is_read_as_text(text: str) -> None:
    seen, kinds = inline(escape(text))

    assert seen == text
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}


@given(st.text(max_size=200))
def test_any_text_is_read_as_itself(text: str) -> None:
    wanted = " ".join(printable(text).split())
    seen, kinds = inline(escape(text))

    assert seen.strip() == wanted.strip()
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}


@pytest.mark.parametrize(
    "address", ["https://fremmed.invalid/x", "www.fremmed.invalid", "a.b@fremmed.invalid", "mailto:a@b.dk"]
)
def test_addresses_are_broken_for_readers_that_find_them_by_themselves(address: str) -> None:
    escaped = escape(f"Se {address} nu")

    assert inline(escaped)[0] == f"Se {address} nu"
    # GitHub looks for "://", "www." and "@" in the source.
    assert not re.search(r"\w://|www\.|(?<!\\)@|mailto:", escaped)


def test_headings_titles_and_notes_are_foreign_too() -> None:
    evil = "[x](http://fremmed.invalid) <script>"
    text = made(item("note", f"{evil}\n- punkt", heading=evil), title=evil)
    rendered = MarkdownIt("commonmark").render(text)

    assert "<a " not in rendered
    assert "<script" not in rendered
    assert rendered.count("<li>") == 0
