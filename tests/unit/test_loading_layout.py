"""A PDF as a person reads it: columns, tables, running heads, headings, and what is not on the page."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader, PdfWriter
from support.layouts import Sheet

from assistant.loading import pdf
from assistant.loading.pdf import read_pdf
from assistant.loading.texts import ReadText
from assistant.text.blocks import MARK, parse_page

LEFT = [
    "Kommunen skal i de kommende år",
    "arbejde målrettet med at forbedre",
    "samspillet mellem borgere og stat.",
    "Det kræver en fælles indsats, som",
    "alle forvaltninger tager del i her.",
]
RIGHT = [
    "Opfølgningen sker hvert år ud fra",
    "nøgletal, der kan sammenlignes på",
    "tværs af landets fem regioner og i",
    "alle kommuner. Resultaterne skal",
    "drøftes i udvalget hvert efterår.",
]


def read(sheet: Sheet) -> ReadText:
    return read_pdf("x.pdf", sheet.data())


def text(sheet: Sheet, page: int = 1) -> str:
    return read(sheet).pages[page - 1].text


def blocks(sheet: Sheet, page: int = 1) -> list[str]:
    return [block.text for block in parse_page(text(sheet, page)).blocks]


def report(pages: int = 4) -> Sheet:
    """Pages with a running head of five lines, a footer with a number, and a sentence of their own."""
    sheet = Sheet()
    for n in range(1, pages + 1):
        sheet.page().lines(
            20, 12, "Social- og Boligstyrelsen", "Rapport om samspil", "Journalnr. 24-17", size=8
        )
        sheet.lines(20, 24, "Kontor for analyse", "Sagsbehandler: Anne Sørensen", size=8)
        sheet.lines(20, 60, f"Kapitel {n}", size=16, bold=True)
        sheet.lines(
            20, 70, f"Dette er den første sætning på side {n} i rapporten.", "Og her slutter den igen."
        )
        sheet.lines(20, 285, f"Rapport om samspil, side {n + 2} af 40", size=8)
    return sheet


def test_columns_are_read_one_after_the_other() -> None:
    sheet = Sheet().page().lines(20, 30, "Et samspil, der virker", size=18, bold=True)
    for i in range(5):
        sheet.lines(20, 50 + i * 5, LEFT[i])
    for i in range(5):
        sheet.lines(110, 50 + i * 5, RIGHT[i])
    assert blocks(sheet)[0] == "Et samspil, der virker"
    assert " ".join(blocks(sheet)[1:]) == " ".join([*LEFT, *RIGHT])


def test_right_column_set_first_is_still_read_last() -> None:
    sheet = Sheet().page().lines(110, 50, *RIGHT).lines(20, 50, *LEFT)
    assert " ".join(blocks(sheet)) == " ".join([*LEFT, *RIGHT])


def test_text_above_and_below_columns_keeps_its_place() -> None:
    wide = "En linje, der går tværs over hele siden fra den ene margen til den anden, og som slutter her."
    sheet = Sheet().page().lines(20, 30, wide).lines(20, 50, *LEFT).lines(110, 50, *RIGHT).lines(20, 95, wide)
    assert " ".join(blocks(sheet)) == " ".join([wide, *LEFT, *RIGHT, wide])


def test_running_heads_footers_and_numbers_are_no_text() -> None:
    for n in range(1, 5):
        assert blocks(report(), n) == [
            f"Kapitel {n}",
            f"Dette er den første sætning på side {n} i rapporten. Og her slutter den igen.",
        ]


def test_printed_number_is_the_label_of_the_page() -> None:
    assert [page.label for page in read(report()).pages] == ["3", "4", "5", "6"]


def test_line_that_repeats_in_the_text_stays() -> None:
    sheet = Sheet()
    for n in range(4):
        sheet.page().lines(20, 15, f"Spørgsmål nummer {n} til udvalget lyder således som her:")
        sheet.lines(20, 30, "Udvalget tager spørgsmålet til efterretning.")
    assert all("Udvalget tager spørgsmålet til efterretning." in blocks(sheet, n + 1) for n in range(4))


def test_title_that_repeats_in_large_type_stays() -> None:
    sheet = Sheet()
    for n in range(4):
        sheet.page().lines(20, 20, "Kommunernes økonomi", size=24)
        sheet.lines(20, 60, f"Slide nummer {n} siger noget om økonomien.", "Og mere endnu.")
    assert all(blocks(sheet, n + 1)[0] == "Kommunernes økonomi" for n in range(4))


def test_numbered_appendix_is_no_page_number() -> None:
    sheet = Sheet()
    for n in range(1, 5):
        sheet.page().lines(20, 20, f"Kortbilag {n}").lines(20, 60, f"Kortet viser område {n} langs kysten.")
    assert [blocks(sheet, n)[0] for n in (1, 2, 3, 4)] == [f"Kortbilag {n}" for n in (1, 2, 3, 4)]


ROWS = [
    ("Indsats", "Ansvarlig", "Frist"),
    ("Ny vejledning", "Børneforvaltningen", "1. maj 2025"),
    ("Selvbetjening", "It-afdelingen", "1. juni 2025"),
]
ROWS_READ = [
    "Indsats: Ny vejledning; Ansvarlig: Børneforvaltningen; Frist: 1. maj 2025",
    "Indsats: Selvbetjening; Ansvarlig: It-afdelingen; Frist: 1. juni 2025",
]


def test_rows_of_a_ruled_table_keep_the_names_of_the_columns() -> None:
    sheet = Sheet().page().lines(20, 20, "Her er planen for det kommende år.")
    assert blocks(sheet.table(20, 30, (50, 60, 40), ROWS))[1:] == ROWS_READ


def test_rows_of_a_table_without_lines_keep_them_too() -> None:
    sheet = Sheet().page()
    for i, row in enumerate(ROWS):
        for x, cell in zip((20, 70, 130), row, strict=True):
            sheet.lines(x, 30 + 8 * i, cell, bold=i == 0)
    assert blocks(sheet) == ROWS_READ


def test_table_that_goes_on_keeps_the_names_on_the_next_page() -> None:
    sheet = Sheet().page().table(20, 250, (50, 60, 40), ROWS)
    sheet.page()
    for x, cell in zip((20, 70, 130), ("Kursus", "Personaleafdelingen", "1. juli 2025"), strict=True):
        sheet._pdf.rect(x, 20, {20: 50, 70: 60, 130: 40}[x], 8)
        sheet.lines(x + 2, 25, cell)
    assert blocks(sheet, 2) == ["Indsats: Kursus; Ansvarlig: Personaleafdelingen; Frist: 1. juli 2025"]


def test_text_outside_the_visible_page_is_left_out() -> None:
    sheet = (
        Sheet()
        .page()
        .lines(20, 50, "Det kan ses.")
        .lines(-80, 60, "Uden for siden")
        .lines(20, 280, "Skåret af")
    )
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(sheet.data())))
    writer.pages[0].cropbox.lower_left = (0, 100)
    out = io.BytesIO()
    writer.write(out)
    assert [b.text for b in parse_page(read_pdf("x.pdf", out.getvalue()).pages[0].text).blocks] == [
        "Det kan ses."
    ]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_turned_page_reads_like_an_upright_one(degrees: int) -> None:
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(report(1).data())))
    writer.pages[0].rotate(degrees)
    out = io.BytesIO()
    writer.write(out)
    turned = [b.text for b in parse_page(read_pdf("x.pdf", out.getvalue()).pages[0].text).blocks]
    assert turned == blocks(report(1))


def test_bold_and_large_lines_are_headings_and_nothing_else_is() -> None:
    sheet = Sheet().page().lines(20, 20, "Rapport om samspil", size=20)
    for n in range(3):
        sheet.lines(20, 40 + 40 * n, f"Emne {n}", bold=True)
        sheet.lines(20, 45 + 40 * n, "En kort linje uden punktum", "og en til. Og så en sætning mere her.")
    found = [(b.text, b.level) for b in parse_page(text(sheet)).blocks if b.level]
    assert [name for name, _ in found] == ["Rapport om samspil", "Emne 0", "Emne 1", "Emne 2"]
    assert len({level for _, level in found[1:]}) == 1


def test_number_at_the_start_of_a_wrapped_line_begins_no_item() -> None:
    sheet = Sheet().page().lines(20, 20, "Overskrift", size=16)
    sheet.lines(
        20,
        40,
        "Mødet i det rådgivende udvalg for kommunal samordning holdes den",
        "3. maj kl. 10 i byrådssalen.",
    )
    assert blocks(sheet)[-1].endswith("holdes den 3. maj kl. 10 i byrådssalen.")


def test_contents_are_one_block() -> None:
    sheet = Sheet().page().lines(20, 20, "Indhold", size=16)
    sheet.lines(20, 40, *(f"{n}. Kapitel om emne {n}{'.' * 60}{n + 3}" for n in range(1, 6)))
    assert blocks(sheet)[1].startswith("1. Kapitel om emne 1 … 4; 2. Kapitel")
    assert len(blocks(sheet)) == 2


def test_padding_by_spaces_is_folded() -> None:
    sheet = Sheet().page().lines(20, 20, "Beløb" + " " * 60 + "100 kr.", "Og en linje til under den.")
    assert "  " not in text(sheet)


def test_last_mark_says_that_all_headings_are_known() -> None:
    assert text(report()).endswith(MARK)


def test_shaded_rows_belong_to_the_same_table() -> None:
    sheet = Sheet().page()
    for i, row in enumerate([*ROWS, ("Kursus", "Personalet", "1. juli 2025")]):
        if i % 2:
            for x, width in ((18, 50), (68, 60), (128, 40)):
                sheet.shade(x, 25 + 8 * i, width, 8)
        for x, cell in zip((20, 70, 130), row, strict=True):
            sheet.lines(x, 30 + 8 * i, cell, bold=i == 0)
    assert blocks(sheet) == [*ROWS_READ, "Indsats: Kursus; Ansvarlig: Personalet; Frist: 1. juli 2025"]


def test_names_in_bold_stand_before_their_values() -> None:
    sheet = (
        Sheet().page().lines(20, 20, "Høring om ændring af reglerne for kommunernes tilskud i 2026", size=10)
    )
    for i, (name, value) in enumerate(
        [("Dato", "3. maj 2025"), ("Sagsnr.", "25/1234"), ("Frist", "1. juli 2025")]
    ):
        sheet.lines(20, 40 + 7 * i, name, bold=True).lines(45, 40 + 7 * i, value)
    assert blocks(sheet)[1:] == ["Dato: 3. maj 2025", "Sagsnr.: 25/1234", "Frist: 1. juli 2025"]


def test_bullets_that_are_drawn_begin_items() -> None:
    sheet = Sheet().page().lines(20, 20, "Kommunen skal sørge for følgende tre ting i løbet af det næste år:")
    for i in range(3):
        sheet.dot(22, 29 + 6 * i).lines(26, 30 + 6 * i, f"Punkt nummer {i} på listen")
    assert [b.text for b in parse_page(text(sheet)).blocks if b.role == "bullet"] == [
        f"Punkt nummer {i} på listen" for i in range(3)
    ]


def test_sentence_end_in_a_narrow_column_ends_no_paragraph() -> None:
    lines = [
        "Kommunen træffer afgørelse",
        "efter en samlet vurdering.",
        "Afgørelsen skal begrundes",
        "skriftligt.",
    ]
    sheet = Sheet().page().lines(20, 50, *lines).lines(110, 50, *RIGHT)
    assert blocks(sheet)[0] == " ".join(lines)


# --- tables of contents -----------------------------------------------------------------------------

ENTRIES = [("1 Indledning", "3"), ("2 Hvad vi vil", "4"), ("2.1 Børn og unge", "4"), ("3 Økonomi", "12")]


def test_contents_with_a_column_of_numbers_are_one_block_and_no_table() -> None:
    sheet = Sheet().page().lines(20, 30, "Indhold", size=16, bold=True)
    for i, (entry, number) in enumerate(ENTRIES):
        sheet.lines(20, 45 + 6 * i, entry).lines(180, 45 + 6 * i, number)
    assert blocks(sheet) == ["Indhold", "; ".join(f"{entry} … {number}" for entry, number in ENTRIES)]


def test_contents_with_spaced_dots_need_no_title() -> None:
    sheet = Sheet().page()
    for i, (entry, number) in enumerate(ENTRIES):
        sheet.lines(20, 45 + 6 * i, entry).lines(90, 45 + 6 * i, ". " * 20).lines(180, 45 + 6 * i, number)
    assert blocks(sheet) == ["; ".join(f"{entry} … {number}" for entry, number in ENTRIES)]


def test_a_table_with_rising_numbers_is_no_table_of_contents() -> None:
    sheet = Sheet().page().lines(20, 30, "Antal ansatte", size=16, bold=True)
    for i, (name, number) in enumerate([("Område", "Antal"), ("Skole", "10"), ("Vej", "20"), ("Havn", "30")]):
        sheet.lines(20, 45 + 6 * i, name, bold=i == 0).lines(120, 45 + 6 * i, number, bold=i == 0)
    assert blocks(sheet)[1:] == [
        "Område: Skole; Antal: 10",
        "Område: Vej; Antal: 20",
        "Område: Havn; Antal: 30",
    ]


# --- what runs through a document, once more ----------------------------------------------------------


@pytest.mark.parametrize("number", ["{n} / 6", "{n} af 6", "side {n} af 6"])
def test_a_number_behind_the_running_head_counts_along(number: str) -> None:
    sheet = Sheet()
    for n in range(1, 7):
        sheet.page().lines(20, 12, "Håndbog for skoler 12").lines(170, 12, number.format(n=n))
        sheet.lines(20, 100, f"Teksten på side {n} er en anden.")
    assert blocks(sheet, 3) == ["Teksten på side 3 er en anden."]
    assert read(sheet).pages[2].label == "3"


def test_roman_numbers_count_along_too() -> None:
    sheet = Sheet()
    for n, number in enumerate(["ii", "iii", "iv", "v"]):
        sheet.page().lines(20, 12, "Håndbog for skoler").lines(180, 12, number)
        sheet.lines(20, 100, f"Teksten på side {n} er en anden.")
    assert blocks(sheet, 3) == ["Teksten på side 2 er en anden."]
    assert read(sheet).pages[2].label == "iv"


def test_a_heading_of_the_cover_stands_over_no_other_page() -> None:
    sheet = Sheet().page().lines(20, 60, "Håndbog", size=30, bold=True)
    sheet.lines(20, 100, "Udgivet: maj 2024", size=20, bold=True).lines(
        20, 130, "Af kontoret", size=20, bold=True
    )
    for n in (1, 2, 3):
        sheet.page().lines(20, 30, f"Kapitel {n} om noget", size=14, bold=True).lines(20, 45, *LEFT, *RIGHT)
    levels = [block.level for page in read(sheet).pages[1:] for block in parse_page(page.text).blocks[:1]]
    assert levels == [1, 1, 1]


# --- tables, once more ------------------------------------------------------------------------------


def test_a_table_that_is_open_at_the_top_and_the_sides_is_a_table() -> None:
    sheet = Sheet().page()
    for y in (58, 66):
        sheet.rule(20, y, 140, y)
    for x in (60, 100):
        sheet.rule(x, 50, x, 66)
    for i, row in enumerate([("Skole", "12", "Anne"), ("Vej", "7", "Bo")]):
        for x, text_ in zip((22, 62, 102), row, strict=True):
            sheet.lines(x, 55 + 8 * i, text_)
    assert blocks(sheet) == ["Skole | 12 | Anne", "Vej | 7 | Bo"]


def test_a_row_over_all_columns_is_a_title_and_names_none() -> None:
    sheet = Sheet().page().table(20, 50, [80], [["Tjenester"]])
    sheet.table(20, 58, [40, 40], [["Navn", "Antal"], ["Skole", "12"], ["Vej", "7"]])
    assert blocks(sheet) == ["Tjenester", "Navn: Skole; Antal: 12", "Navn: Vej; Antal: 7"]


# --- what stands beside, below and in front of the text -----------------------------------------------


def test_a_first_letter_over_several_lines_belongs_to_its_word() -> None:
    sheet = Sheet().page().lines(20, 58, "N", size=40)
    sheet.lines(31.2, 50, "ørrebæk har siden 2019 arbejdet med", "at samle indsatsen i hele kommunen.")
    assert blocks(sheet) == ["Nørrebæk har siden 2019 arbejdet med at samle indsatsen i hele kommunen."]


def test_a_small_raised_number_is_set_as_one_and_its_note_stands_last() -> None:
    sheet = Sheet().page().raised(20, 50, "Kommunen arbejder sammen med staten", "12", ".")
    sheet.lines(20, 55, "Det har den gjort i mange år.").lines(20, 80, "12 Se vejledningen fra 2022.", size=7)
    sheet.lines(20, 84, "13 Opgjort i maj.", size=7).lines(110, 50, *RIGHT)
    read_ = blocks(sheet)
    assert read_[0].startswith("Kommunen arbejder sammen med staten¹². Det har")
    assert read_[-2:] == ["12 Se vejledningen fra 2022.", "13 Opgjort i maj."]


@pytest.mark.parametrize(("text_", "mark"), [("Arealet er 500 m", "2"), ("Det svarer til 10", "6")])
def test_a_power_is_no_note(text_: str, mark: str) -> None:
    sheet = Sheet().page().raised(20, 50, text_, mark, " i alt.").lines(20, 55, "Det er stort nok.")
    assert f"{text_}{mark} i alt." in " ".join(blocks(sheet))


def test_a_sentence_goes_on_below_the_box_that_stood_beside_it() -> None:
    sheet = Sheet().page().lines(20, 50, *LEFT[:3], "Kommunen følger hvert år op på den")
    sheet.lines(110, 50, "Fakta", bold=True, size=8).lines(
        110, 56, "Der er 98 kommuner", "og fem regioner", size=8
    )
    sheet.lines(20, 70, "indsats, som alle forvaltninger tager del i, og som slutter om mange år, tror man.")
    read_ = blocks(sheet)
    assert any("op på den indsats, som alle" in block for block in read_)
    assert any("Der er 98 kommuner og fem regioner" in block for block in read_)


def test_columns_whose_lines_are_not_level_are_columns_to_the_end() -> None:
    sheet = Sheet().page().lines(20, 50, *LEFT, *LEFT).lines(110, 52.5, *RIGHT, *RIGHT)
    assert " ".join(blocks(sheet)) == " ".join([*LEFT, *LEFT, *RIGHT, *RIGHT])


def test_numbers_and_labels_of_a_chart_are_one_block() -> None:
    sheet = Sheet().page().lines(20, 30, "Antallet af henvendelser er steget i alle årene.")
    for i, number in enumerate(("80", "60", "40", "20")):
        sheet.lines(30, 60 + 14 * i, number, size=8)
    for i, year in enumerate(("2021", "2022", "2023")):
        sheet.lines(50 + 30 * i, 112, year, size=8)
    sheet.lines(90, 122, "År", size=8).lines(20, 140, "Figur 1: Henvendelser om året.", size=9)
    assert blocks(sheet) == [
        "Antallet af henvendelser er steget i alle årene.",
        "80 60 40 20 2021 2022 2023 År",
        "Figur 1: Henvendelser om året.",
    ]


def test_a_quotation_in_large_type_is_no_heading() -> None:
    sheet = Sheet().page().lines(20, 30, *LEFT).lines(20, 65, "»Vi fik hjælp samme aften«", size=16)
    sheet.lines(20, 80, *RIGHT)
    assert {block.level for block in parse_page(text(sheet)).blocks} == {0}


def test_a_second_table_begins_with_the_names_of_its_columns() -> None:
    sheet = Sheet().page()
    tables = [
        [("Kvarter", "Henvendelser", "Besøg"), ("Østbyen", "612", "140"), ("Lunden", "198", "41")],
        [("Måned", "Telefon", "E-mail"), ("Januar", "41", "65"), ("Februar", "39", "58")],
    ]
    for n, table in enumerate(tables):
        for i, row in enumerate(table):
            for x, cell in zip((20, 70 + 10 * n, 120 - 5 * n), row, strict=True):
                sheet.lines(x, 50 + 40 * n + 7 * i, cell, bold=i == 0)
    assert blocks(sheet)[-2:] == [
        "Måned: Januar; Telefon: 41; E-mail: 65",
        "Måned: Februar; Telefon: 39; E-mail: 58",
    ]
    assert blocks(sheet)[0] == "Kvarter: Østbyen; Henvendelser: 612; Besøg: 140"


def test_columns_that_stand_close_keep_apart_and_a_caption_over_them_is_no_row() -> None:
    sheet = (
        Sheet().page().lines(20, 40, "Tabel 1: Ændringer i budgettet siden vedtagelsen i oktober sidste år")
    )
    rows = [("Nr.", "Beskrivelse", "Beløb")]
    rows += [(str(n), "Skolerne får mere i det nye år", f"{n},5 mio. kr.") for n in range(1, 6)]
    for i, (number, words, amount) in enumerate(rows):
        sheet.lines(20, 50 + 7 * i, number, bold=i == 0).lines(40, 50 + 7 * i, words, bold=i == 0)
        sheet.lines(40, 53.6 + 7 * i, "og lidt til", size=10) if i else None
        sheet.lines(98, 50 + 7 * i, amount, bold=i == 0)
    read_ = blocks(sheet)
    assert read_[0] == "Tabel 1: Ændringer i budgettet siden vedtagelsen i oktober sidste år"
    assert read_[1] == "Nr.: 1; Beskrivelse: Skolerne får mere i det nye år og lidt til; Beløb: 1,5 mio. kr."
    assert len(read_) == 6


def test_a_page_that_was_not_foreseen_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IndexError("no such edge")

    monkeypatch.setattr(pdf, "arranged", fail)
    assert blocks(Sheet().page().lines(20, 50, *LEFT)) == [" ".join(LEFT)]


def test_numbers_one_below_the_other_in_columns_break_nothing() -> None:
    sheet = Sheet().page()
    for i in range(6):
        sheet.lines(20, 50 + 14 * i, "Navn på noget").lines(90, 57 + 14 * i, f"Værdi {i} af noget")
    assert "Værdi 5 af noget" in " ".join(blocks(sheet))
