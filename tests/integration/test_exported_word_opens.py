"""The Word file in another program than the one that wrote it: LibreOffice, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

from assistant.exporting.paper import basket_paper
from assistant.exporting.word import word
from tests.support.collected import QUOTED, STAMP, WRITTEN, WRITTEN_BY_MODEL, collected, item, lookup

PATIENCE_SECONDS = 120


@pytest.mark.soak
def test_libreoffice_opens_it_and_sets_it_with_footnotes_and_page_numbers(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice")
    items = [item("note", "Til mødet.", heading="Formål"), collected(QUOTED), collected(WRITTEN_BY_MODEL)]
    file = tmp_path / "oplaeg.docx"
    file.write_bytes(word(basket_paper(items, "Mit oplæg", lookup, WRITTEN, STAMP)))
    subprocess.run(
        [
            office,
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            file.name,
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
    )
    (page,) = PdfReader(tmp_path / "oplaeg.pdf").pages
    text = " ".join(page.extract_text().split())

    order = [
        "Mit oplæg",
        "21. november 2026",
        "Formål",
        "»Diget er tre meter højt«1",
        "ikke verificeret",
        "Kilder",
        "1 Kystrådet, Kystens fremtid, s. 1.",
        "Side 1 af 1",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    fields = PdfReader(tmp_path / "oplaeg.pdf").trailer["/Root"]
    assert str(fields["/Lang"]).lower().startswith("da")
