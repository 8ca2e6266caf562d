"""PPTX: one slide a page, in the order a person reads, with tables, drawings, charts and notes."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Cm

from assistant.errors import DocumentError
from assistant.loading.pptx import read_pptx
from assistant.loading.texts import ReadText
from assistant.text.blocks import parse_page


def read(presentation: Any) -> ReadText:
    out = io.BytesIO()
    presentation.save(out)
    return read_pptx("a.pptx", out.getvalue())


def texts(presentation: Any) -> list[str]:
    return [b.text for page in read(presentation).pages for b in parse_page(page.text).blocks]


def slide(title: str = "") -> tuple[Any, Any]:
    """A presentation with one slide, with a title or blank."""
    presentation = pptx.Presentation()
    made = presentation.slides.add_slide(presentation.slide_layouts[5 if title else 6])
    if title:
        made.shapes.title.text = title
    return presentation, made


def box(shapes: Any, left: float, top: float, text: str, width: float = 8, height: float = 2) -> Any:
    shape = shapes.add_textbox(Cm(left), Cm(top), Cm(width), Cm(height))
    shape.text_frame.text = text
    return shape


def test_title_is_the_heading_and_points_are_items() -> None:
    presentation = pptx.Presentation()
    made = presentation.slides.add_slide(presentation.slide_layouts[1])
    made.shapes.title.text = "Status"
    made.placeholders[1].text = "Første punkt\nAndet punkt"
    (page,) = read(presentation).pages
    assert [(b.role, b.text) for b in parse_page(page.text).blocks] == [
        ("heading", "Status"),
        ("bullet", "Første punkt"),
        ("bullet", "Andet punkt"),
    ]


def listed(*points: tuple[int, str], below: str = "") -> list[tuple[str, str]]:
    """The blocks of a slide with a list of levels and texts and a box below it, by role."""
    presentation = pptx.Presentation()
    made = presentation.slides.add_slide(presentation.slide_layouts[1])
    made.shapes.title.text = "Status"
    frame = made.placeholders[1].text_frame
    for i, (level, text) in enumerate(points):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
    if below:
        box(made.shapes, 1, 17.5, below, height=1)
    (page,) = read(presentation).pages
    return [(b.role, b.text) for b in parse_page(page.text).blocks[1:]]


def test_lines_that_each_name_the_items_below_them_are_headings() -> None:
    points = (0, "Hvad er lavet"), (1, "Brugerflade"), (0, "Hvad mangler"), (1, "Fejl"), (2, "Af system")
    assert listed(*points) == [
        ("heading", "Hvad er lavet"),
        ("bullet", "Brugerflade"),
        ("heading", "Hvad mangler"),
        ("bullet", "Fejl"),
        ("bullet", "Af system"),
    ]


def test_a_box_below_such_a_list_stands_under_none_of_its_headings() -> None:
    points = (0, "Hvad er lavet"), (1, "Brugerflade"), (0, "Hvad mangler"), (1, "Fejl")
    roles = listed(*points, below="Hele planen er på intranettet.")
    assert roles == [
        *(("bullet", text) for _, text in points),
        ("paragraph", "Hele planen er på intranettet."),
    ]


@pytest.mark.parametrize(
    "points",
    [
        ((0, "Har under sig"), (1, "Et punkt"), (0, "Har intet under sig")),
        ((0, "Alene"), (1, "Et punkt")),
        ((1, "Dybere først"), (0, "Højere"), (1, "Et punkt")),
        ((0, "En hel sætning, der siger noget selv."), (1, "Et punkt"), (0, "Navn"), (1, "Punkt")),
        (
            (0, "Et punkt så langt, at det ikke nævner dem under sig, men selv siger noget"),
            (1, "a"),
            (0, "b"),
            (1, "c"),
        ),
    ],
)
def test_other_lists_have_items_only(points: tuple[tuple[int, str], ...]) -> None:
    assert listed(*points) == [("bullet", text) for _, text in points]


def test_each_slide_is_a_page_called_slide() -> None:
    presentation = pptx.Presentation()
    for _ in range(3):
        presentation.slides.add_slide(presentation.slide_layouts[6])
    assert (len(read(presentation).pages), read(presentation).page_noun) == (3, "slide")


def test_boxes_are_read_by_columns_under_the_title() -> None:
    presentation, made = slide("To veje")
    box(made.shapes, 13, 6, "Højre først")
    box(made.shapes, 1, 10, "Venstre sidst")
    box(made.shapes, 13, 10, "Højre sidst")
    box(made.shapes, 1, 6, "Venstre først")
    assert texts(presentation) == ["To veje", "Venstre først", "Venstre sidst", "Højre først", "Højre sidst"]


def test_short_line_at_the_top_stands_in_for_a_title() -> None:
    presentation, made = slide()
    box(made.shapes, 1, 8, "Teksten under den.")
    box(made.shapes, 1, 1, "Overskrift uden pladsholder")
    (page,) = read(presentation).pages
    assert [(b.level, b.text) for b in parse_page(page.text).blocks] == [
        (1, "Overskrift uden pladsholder"),
        (0, "Teksten under den."),
    ]


def test_shapes_in_groups_are_read_in_their_places() -> None:
    presentation, made = slide("Grupper")
    box(made.shapes, 1, 15, "Nederst")
    group = made.shapes.add_group_shape()
    box(group.shapes, 1, 5, "Øverst i gruppen")
    box(group.shapes.add_group_shape().shapes, 1, 9, "Gruppe i gruppe")
    assert texts(presentation) == ["Grupper", "Øverst i gruppen", "Gruppe i gruppe", "Nederst"]


def test_shapes_beside_the_slide_are_left_out() -> None:
    presentation, made = slide("Synligt")
    box(made.shapes, 60, 5, "Huskeseddel")
    box(made.shapes, 1, -9, "Over slidet")
    assert texts(presentation) == ["Synligt"]


def test_rows_of_a_table_keep_the_names_of_the_columns() -> None:
    presentation, made = slide("Tabel")
    table = made.shapes.add_table(2, 2, Cm(1), Cm(5), Cm(10), Cm(3)).table
    for i, text in enumerate(["Navn", "Frist", "Plan", "1. maj"]):
        table.cell(i // 2, i % 2).text = text
    assert texts(presentation) == ["Tabel", "Navn: Plan; Frist: 1. maj"]


def test_chart_gives_its_values() -> None:
    presentation, made = slide("Diagram")
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Sager", (10, 12.5))
    made.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(5), Cm(10), Cm(8), data)
    assert "Sager: 2023: 10; 2024: 12,5" in texts(presentation)


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def test_smart_art_is_read_in_the_order_of_its_points() -> None:
    presentation, made = slide("Proces")
    spaces = (
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    )
    points = "".join(
        f'<dgm:pt modelId="{i}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for i, text in ((2, "Andet trin"), (1, "Første trin"))
    )
    links = "".join(f'<dgm:cxn modelId="c{i}" srcId="0" destId="{i}" srcOrd="{i}"/>' for i in (1, 2))
    data = (
        f'<dgm:dataModel {spaces}><dgm:ptLst><dgm:pt modelId="0" type="doc"/>{points}</dgm:ptLst>'
        f"<dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    )
    part = Part(
        PackURI("/ppt/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        presentation.part.package,
        data.encode(),
    )
    name = made.part.relate_to(part, f"{_OFFICE}/diagramData")
    frame = made.shapes.add_table(1, 1, Cm(1), Cm(5), Cm(10), Cm(3))._element
    graphic = frame.find(".//{http://schemas.openxmlformats.org/drawingml/2006/main}graphicData")
    for child in list(graphic):
        graphic.remove(child)
    graphic.set("uri", "http://schemas.openxmlformats.org/drawingml/2006/diagram")
    graphic.append(parse_xml(f'<dgm:relIds {spaces} xmlns:r="{_OFFICE}" r:dm="{name}"/>'))
    assert texts(presentation) == ["Proces", "Første trin", "Andet trin"]


def test_notes_are_marked_as_such() -> None:
    presentation, made = slide("Med noter")
    made.notes_slide.notes_text_frame.text = "Husk at sige det.\nOg dette."
    assert texts(presentation) == ["Med noter", "Noter: Husk at sige det.", "Og dette."]


def test_hidden_slide_says_so() -> None:
    presentation, made = slide("Gemt væk")
    made._element.set("show", "0")
    assert "(Skjult slide: vises ikke, når præsentationen køres.)" in texts(presentation)


def test_presentation_without_slides_is_named() -> None:
    with pytest.raises(DocumentError, match=r"^a\.pptx: .*ingen slides"):
        read(pptx.Presentation())


def test_the_same_box_at_the_foot_of_three_slides_is_a_footer() -> None:
    presentation = pptx.Presentation()
    for number in range(1, 4):
        made = presentation.slides.add_slide(presentation.slide_layouts[5])
        made.shapes.title.text = f"Slide om emne {number}"
        box(made.shapes, 1, 18, "Nørrebæk Kommune")
        box(made.shapes, 20, 18, str(number))
        box(made.shapes, 1, 10, "Vi følger op hvert år.")
    assert texts(presentation) == [
        text for n in (1, 2, 3) for text in (f"Slide om emne {n}", "Vi følger op hvert år.")
    ]
