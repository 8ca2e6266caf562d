"""The text of one page cut into headings, list items, paragraphs and its printed label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text.blocks import MARK, parse_page


def blocks(text: str) -> list[tuple[str, int, str]]:
    return [(block.role, block.level, block.text) for block in parse_page(text).blocks]


def items(text: str) -> list[str]:
    return [block.text for block in parse_page(text).blocks if block.role == "bullet"]


def test_first_short_block_is_the_heading_of_the_page() -> None:
    assert blocks("DETTE DEBATOPLÆG\n\n• Bygger videre") == [
        ("heading", 1, "DETTE DEBATOPLÆG"),
        ("bullet", 0, "Bygger videre"),
    ]


def test_heading_over_two_lines_is_one() -> None:
    assert blocks("1. DEN DEMOKRATISK \nFUNDEREDE FORVALTNING\n\n• Politisk ledelse")[0][1:] == (
        1,
        "1. DEN DEMOKRATISK FUNDEREDE FORVALTNING",
    )


def test_short_line_above_bullets_is_a_subheading() -> None:
    assert [level for _, level, _ in blocks("Styring\n\nVi er med.\n\nLedelse i dag\n\n• En\n\n• To")] == [
        1,
        0,
        2,
        0,
        0,
    ]


def test_sentence_is_no_heading() -> None:
    assert blocks("Vi går forrest.\n\nOg vi handler.")[0][1] == 0


def test_page_of_one_block_has_no_heading() -> None:
    assert blocks("Kun en linje") == [("paragraph", 0, "Kun en linje")]


@pytest.mark.parametrize("glyph", ["•", "-", "–", "▪", "\uf0b7"])
def test_each_bullet_starts_an_item_without_its_glyph(glyph: str) -> None:
    assert items(f"Overskrift\n\n{glyph} Første\n{glyph} Andet") == ["Første", "Andet"]


def test_glyph_is_kept_as_a_place() -> None:
    text = "Overskrift\n\n• Første"
    glyph = parse_page(text).blocks[1].glyph
    assert glyph is not None
    assert text[glyph.start : glyph.end] == "•"


def test_continuation_line_belongs_to_its_bullet() -> None:
    assert items("O\n\n• Vi går forrest i \nforandringsprocesser\n\n• Vi taler") == [
        "Vi går forrest i forandringsprocesser",
        "Vi taler",
    ]


def test_sentence_that_runs_across_a_blank_line_is_one_block() -> None:
    assert blocks("Overskrift\n\nSamlet produkt over for politikere og \n\nborgere.")[1][2] == (
        "Samlet produkt over for politikere og borgere."
    )


def test_open_bracket_holds_a_block_together() -> None:
    text = "O\n\n• Forbered reformer\n\n(dilemma i forhold til 1) hastighed 2) Interesser)\n\n• Andet"
    assert items(text) == ["Forbered reformer (dilemma i forhold til 1) hastighed 2) Interesser)", "Andet"]


def test_forgotten_bracket_does_not_swallow_the_page() -> None:
    text = (
        "Overskrift\n\nEn parentes (der aldrig lukkes.\n\n"
        + "Det er en sætning for sig selv i et afsnit.\n\n" * 30
    )
    assert len(parse_page(text).blocks) > 10


def test_bullets_on_one_line_are_items_of_their_own() -> None:
    assert items("O\n\n• Vi er ambitiøse • Vi udviser ordentlighed") == [
        "Vi er ambitiøse",
        "Vi udviser ordentlighed",
    ]


def test_dash_that_wraps_inside_a_sentence_is_no_bullet() -> None:
    assert blocks("O\n\nKultur og værdier\n- virker bedre end struktur.")[1] == (
        "paragraph",
        0,
        "Kultur og værdier - virker bedre end struktur.",
    )


@pytest.mark.parametrize("label", ["3", "Side 3", "3/12", "3 af 12", "- 3 -"])
@pytest.mark.parametrize(
    "page", ["{}\n\nOverskrift\n\nVi går forrest.", "Overskrift\n\nVi går forrest.\n\n{}\n"]
)
def test_lone_number_is_the_label_of_the_page(label: str, page: str) -> None:
    layout = parse_page(page.format(label))
    assert layout.label == label
    assert [block.text for block in layout.blocks] == ["Overskrift", "Vi går forrest."]


def test_year_or_number_within_the_page_is_no_label() -> None:
    assert parse_page("2024\n\nOverskrift\n\n12\n\nTekst").label is None


def test_numbers_stay_in_numbered_items() -> None:
    assert blocks("4 PEJLEMÆRKER\n\n1. Den første\n\n2. Den anden")[1:] == [
        ("numbered", 0, "1. Den første"),
        ("numbered", 0, "2. Den anden"),
    ]


def test_blank_page_has_no_blocks() -> None:
    assert blocks(" \n\t\n\u00ad\n") == []


def test_marked_headings_have_the_level_that_the_marks_give() -> None:
    text = f"{MARK}Titel\n\n{MARK * 2}1. Emne\nover to linjer\n\nTekst.\n{MARK}"
    assert blocks(text) == [
        ("heading", 1, "Titel"),
        ("heading", 2, "1. Emne over to linjer"),
        ("paragraph", 0, "Tekst."),
    ]


def test_nothing_is_guessed_on_a_page_that_ends_with_a_mark() -> None:
    text = f"Ligner en overskrift\n\nVi går forrest og\n\nhandler bagefter\n\n12\n{MARK}"
    layout = parse_page(text)
    assert [(b.role, b.level) for b in layout.blocks] == [("paragraph", 0)] * 4
    assert layout.label is None


def test_marked_title_leaves_the_other_headings_to_be_guessed() -> None:
    assert [
        level for _, level, _ in blocks(f"{MARK}Styring\n\nVi er med.\n\nLedelse i dag\n\n• En\n\n• To")
    ] == [
        1,
        0,
        2,
        0,
        0,
    ]


def test_marked_line_that_is_too_long_is_no_heading() -> None:
    assert blocks(f"{MARK}{'ord ' * 60}\n{MARK}")[0][:2] == ("paragraph", 0)


LINES = st.one_of(
    st.sampled_from(
        ["", "  ", "• ", "- ", "– ", "•", "3", "Side 4", "OVERSKRIFT", "Et par bud:", "(åben", "lukket)"]
    ),
    st.sampled_from(
        [
            "• Vi går forrest",
            "- Frem for",
            "– så vi kan • og",
            "1. Den første",
            "styrings- ",
            "12/14",
            MARK,
            f"{MARK}Emne",
        ]
    ),
    st.text(alphabet="abÆø .,:;()[]•-–1\u00ad\u2010\t\u2028", max_size=30),
)


@given(st.lists(LINES, max_size=14).map("\n".join))
def test_every_visible_character_has_exactly_one_place(text: str) -> None:
    layout = parse_page(text)
    spans = [block.span for block in layout.blocks] + [b.glyph for b in layout.blocks if b.glyph]
    if layout.label_span:
        spans.append(layout.label_span)
    held = [i for span in spans for i in range(span.start, span.end)]

    assert len(held) == len(set(held))
    assert not [i for i, c in enumerate(text) if not c.isspace() and c != "\u00ad" and i not in set(held)]
    assert all(block.text for block in layout.blocks)


@pytest.mark.parametrize("line", ["18. december 2024", "1. maj kl. 14"])
def test_a_date_is_no_item_of_a_list(line: str) -> None:
    assert ("paragraph", 0, line) in blocks(f"Oplæg om planen.\n\n{line}\n\nVi ses til mødet der.")


@pytest.mark.parametrize("glyph", "▶►∗❖✔☐➔")
def test_the_glyphs_of_slides_begin_items(glyph: str) -> None:
    assert items(f"Det vil vi:\n{glyph} Flere træer\n{glyph} Færre biler") == ["Flere træer", "Færre biler"]
