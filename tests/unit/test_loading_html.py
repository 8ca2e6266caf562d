"""HTML and Markdown to the same blocks: what a browser shows, and nothing else."""

from __future__ import annotations

import pytest

from assistant.loading.html import read_html, read_markdown
from assistant.text.blocks import parse_page


def html(source: str | bytes) -> list[tuple[str, int, str]]:
    data = source if isinstance(source, bytes) else source.encode()
    (page,) = read_html("a.html", data).pages
    return [(b.role, b.level, b.text) for b in parse_page(page.text).blocks]


def texts(source: str | bytes) -> list[str]:
    return [text for _, _, text in html(source)]


def markdown(source: str) -> list[tuple[str, int, str]]:
    (page,) = read_markdown("a.md", source.encode()).pages
    return [(b.role, b.level, b.text) for b in parse_page(page.text).blocks]


def test_headings_keep_their_level_and_short_paragraphs_are_none() -> None:
    assert html("<h1>Titel</h1><p>Kort linje</p><h2>Emne</h2><p>Tekst.</p>") == [
        ("heading", 1, "Titel"),
        ("paragraph", 0, "Kort linje"),
        ("heading", 2, "Emne"),
        ("paragraph", 0, "Tekst."),
    ]


def test_lists_are_items_with_their_numbers() -> None:
    assert html("<ul><li>et<li>to<ul><li>under</ul></ul><ol start=3><li>tre</ol>") == [
        ("bullet", 0, "et"),
        ("bullet", 0, "to"),
        ("bullet", 0, "under"),
        ("numbered", 0, "3. tre"),
    ]


def test_words_split_by_elements_stay_whole() -> None:
    assert texts("<p>For<b>valtn</b>ing og <i>ledelse</i></p>") == ["Forvaltning og ledelse"]


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>alert(1)</script>",
        "<style>p { color: red }</style>",
        "<nav>Menu</nav>",
        "<div role=navigation>Menu</div>",
        "<p hidden>Skjult</p>",
        '<p style="display: none">Skjult</p>',
        '<p aria-hidden="true">Skjult</p>',
        "<!-- kommentar -->",
        "<template><p>Skabelon</p></template>",
        "<noscript>Slå JavaScript til</noscript>",
    ],
)
def test_what_a_browser_does_not_show_is_left_out(hidden: str) -> None:
    assert texts(f"<p>Før</p>{hidden}<p>Efter</p>") == ["Før", "Efter"]


def test_rows_of_a_table_keep_the_names_of_the_columns() -> None:
    table = "<table><tr><th>Navn<th>Frist</tr><tr><td rowspan=2>Plan<td>1. maj<tr><td>2. maj</table>"
    assert texts(table) == ["Navn: Plan; Frist: 1. maj", "Navn: Plan; Frist: 2. maj"]


def test_text_beside_the_main_element_is_left_out() -> None:
    assert texts("<header>Logo</header><main><p>Indhold</p></main><footer>Kontakt</footer>") == ["Indhold"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
def test_declared_encoding_is_followed(charset: str) -> None:
    assert texts(f"<meta charset={charset}><p>Blåbærgrød på Ærø</p>".encode(charset)) == ["Blåbærgrød på Ærø"]


def test_wrong_declaration_gives_way_to_the_bytes() -> None:
    assert texts("<meta charset=iso-8859-1><p>Blåbærgrød</p>".encode()) == ["Blåbærgrød"]


def test_title_is_the_first_heading_or_what_the_head_says() -> None:
    assert read_html("a", b"<title>Side</title><h1>Rapporten</h1>").title == "Rapporten"
    assert read_html("a", b"<title>Side</title><p>Tekst").title == "Side"


def test_nesting_without_end_is_read_all_the_same() -> None:
    assert texts("<div>" * 3000 + "Bunden" + "</div>" * 3000) == ["Bunden"]


def test_markdown_gives_headings_lists_and_tables() -> None:
    source = "---\ntitel: x\n---\n# Titel\n\nEt *afsnit*.\n\n- et\n- to\n\n1. a\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"
    assert markdown(source) == [
        ("heading", 1, "Titel"),
        ("paragraph", 0, "Et afsnit."),
        ("bullet", 0, "et"),
        ("bullet", 0, "to"),
        ("numbered", 0, "1. a"),
        ("paragraph", 0, "A: 1; B: 2"),
    ]


def test_markup_in_markdown_is_read_as_a_browser_would() -> None:
    assert [text for *_, text in markdown("Før\n\n<script>x</script>\n\n<p>Efter</p>")] == ["Før", "Efter"]
