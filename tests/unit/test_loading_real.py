"""Public documents as people make them: what is asked for stands verbatim on its page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from assistant.loading.reader import read_document
from assistant.records import Document
from assistant.text.folding import clean, fold
from assistant.text.passages import cut_document

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "real-documents"


@cache
def sample(name: str) -> Document:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"no sample documents ({name})")
    return read_document(path)


NOTE, MANUAL, MESSAGE = "svendborg-notat-havvand.pdf", "sds-driftshaandbog.pdf", "medcom-korrespondance.pdf"
GUIDE, TALK, SLIDES = (
    "os2rollekatalog-sikkerhed.docx",
    "skadesokonomi-qgis-generalforsamling.pptx",
    "skadesokonomi-dtu.pptx",
)


@pytest.mark.parametrize(
    ("name", "page", "snippet"),
    [
        (NOTE, 3, "Det totale antal pixels for hele oversvømmelsens udbredelse er 4.997.802."),
        (NOTE, 5, "vil tage samlet set 7 - 14 dages intensivt arbejde"),
        (NOTE, 4, "Middelværdien = 0,56 meter."),
        (NOTE, 1, "1. Hvori består fejlen (teknisk)?"),
        (MANUAL, 1, "konfigurere denne adgang"),
        (MANUAL, 1, "Sikkerhedsopdateringer: Hold serveren opdateret med de nyeste sikkerhedsopdateringer."),
        (MANUAL, 2, "skal følgende værdier være sat i .env filen for NCP:"),
        (
            MESSAGE,
            3,
            "MedComs FHIR-standard for korrespondancemeddelelser, fremover refereret til som FHIR-KM",
        ),
        (MESSAGE, 3, "der udveksles årligt ca. 5 mio. korrespondancemeddelelser"),
        (MESSAGE, 7, "50 MB er den maksimale størrelse på hele FHIR-KM, som sendes over VANS"),
        (GUIDE, 6, "i de 6 måneder der er tilladt af it-sikkerhedsbekendtgørelsens §19"),
        (GUIDE, 9, "De to driftscentre ligger i Irland"),
        (TALK, 4, "nedsætte kørselstid fra 15 minutter til 6 sekunder for visse modeller"),
        (SLIDES, 2, "9 ESRI ArcGIS Python baserede scripts til beregning af i alt 13 forskellige modeller."),
    ],
)
def test_passage_holds_the_sentence_on_its_page(name: str, page: int, snippet: str) -> None:
    held = [p.text for p in cut_document(sample(name)) if p.page == page]
    assert any(snippet in fold(text) for text in held)


@pytest.mark.parametrize("name", [NOTE, MANUAL, MESSAGE, GUIDE, TALK, SLIDES])
def test_every_span_is_its_passage(name: str) -> None:
    document = sample(name)
    for passage in cut_document(document):
        page = document.page(passage.page)
        assert clean(page.text[passage.span.start : passage.span.end]) == passage.text


def test_page_that_pypdf_reads_badly_is_read_by_the_other_reader() -> None:
    assert {page.reader for page in sample(MANUAL).pages} == {"pypdfium2"}
    assert {page.reader for page in sample(NOTE).pages} == {"pypdf", "unread"}


@pytest.mark.parametrize(
    ("name", "running"), [(MANUAL, "Driftshaandbog.md"), (MANUAL, "2025-06-02"), (MESSAGE, "Side 3/9")]
)
def test_running_heads_are_no_passages(name: str, running: str) -> None:
    assert not [p.text for p in cut_document(sample(name)) if running in p.text]


def test_maps_are_named_as_unread() -> None:
    assert [page.number for page in sample(NOTE).pages if page.reader == "unread"] == list(range(6, 19))


def test_printed_numbers_are_labels() -> None:
    assert [page.label for page in sample(MESSAGE).pages] == [str(n) for n in range(1, 10)]
