"""The page "Evaluering": a set is run and watched, a file is refused line by line, a run is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from eval.web.page import RUNS

pytestmark = pytest.mark.pages

BUILD_PATIENCE_MS = 120_000
RUN_PATIENCE_MS = 120_000
NAME = "prøvesæt-fra-browseren"


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("evaluering")
    (folder / "hegn.txt").write_text(
        "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n• Lågen skal kunne låses\n", encoding="utf-8"
    )
    with serve(corpus=folder) as running:
        yield running
    for kept in RUNS.glob(f"{NAME}-*.json"):
        kept.unlink()


@pytest.fixture
def page(site: Any, open_page: Any) -> Any:
    opened = open_page(site)
    opened.get_by_role("heading", name="Spørg dokumenterne").wait_for(timeout=BUILD_PATIENCE_MS)
    opened.get_by_role("link", name="Evaluering").click()
    expect(opened.get_by_role("heading", level=1, name="Evaluering")).to_be_visible()
    return opened


def line(own: str, question: str, kind: str = "fakta", gold: str | None = None, doc: str = "hegn") -> str:
    entries = [{"doc": doc, "any": [gold]}] if gold else []
    return json.dumps({"id": own, "question": question, "kind": kind, "gold": entries}, ensure_ascii=False)


GOOD = (
    line("q1", "Hvor tit skal hegnspæle males?", gold="Hegnspæle skal males hvert andet år"),
    line("q2", "Skal lågen kunne låses?", gold="Lågen skal kunne låses"),
    line("q3", "Hvem vandt EM i 1992?", "ubesvarbar"),
)


def choose(page: Any, *lines: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": f"{NAME}.jsonl", "mimeType": "application/octet-stream", "buffer": "\n".join(lines).encode()}
    )


def test_wrong_lines_are_named_and_nothing_of_the_file_is_used(page: Any) -> None:
    choose(page, GOOD[0], "{", line("q3", "Hvad?", "gåde"), line("q4", "Hvad?", gold="står her ikke"))
    told = page.get_by_role("region", name="Fejl i filen")
    expect(told).to_contain_text("3 linjer er forkerte")
    for number, reason in (
        ("2", "ikke gyldig JSON"),
        ("3", "ukendt kind »gåde«"),
        ("4", "står ikke i dokumentet"),
    ):
        row = told.get_by_role("row").filter(has=page.get_by_role("cell", name=number, exact=True))
        expect(row).to_contain_text(reason)
    page.get_by_role("combobox", name="Spørgsmålssæt").click()
    expect(page.get_by_role("option", name=NAME)).to_have_count(0)


def test_a_set_is_run_and_read_and_taken_along(page: Any) -> None:
    choose(page, *GOOD)
    expect(page.get_by_role("combobox", name="Spørgsmålssæt")).to_have_value(f"{NAME} (indlæst): 3 spørgsmål")
    page.get_by_role("button", name="Kør", exact=True).click()
    expect(page.get_by_text("Kørslen er færdig og gemt.")).to_be_visible(timeout=RUN_PATIENCE_MS)
    quality = page.get_by_role("region", name="Mål for kvalitet")
    found = quality.get_by_role("row", name="Blandt de fem første (recall@5)")
    expect(found).to_contain_text("1,00")
    expect(quality.get_by_role("row", name="Citater, der står på deres side")).to_contain_text("ja")
    expect(page.get_by_role("region", name="Slags").get_by_role("row", name="ubesvarbar")).to_be_visible()
    expect(page.get_by_role("img", name="Kvalitet efter slags spørgsmål")).to_be_visible()
    expect(page.get_by_role("img", name="Risiko og dækning")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som CSV").click()
    text = Path(download.value.path()).read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["id"] for row in rows] == ["q1", "q2", "q3"]
    assert rows[0]["spørgsmål"] == "Hvor tit skal hegnspæle males?"
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent rapporten").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert report.lstrip().lower().startswith("<!doctype html>")
    assert "Hvem vandt EM i 1992?" in report or "3 spørgsmål" in report


def test_a_run_can_be_stopped(page: Any) -> None:
    many = [
        line(f"q{n}", f"Skal lågen kunne låses i {n}?", gold="Lågen skal kunne låses") for n in range(3000)
    ]
    choose(page, *many)
    expect(page.get_by_role("combobox", name="Spørgsmålssæt")).to_have_value(
        f"{NAME} (indlæst): 3000 spørgsmål"
    )
    page.get_by_role("button", name="Kør", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Kørslen blev stoppet. Intet er gemt.")).to_be_visible(timeout=RUN_PATIENCE_MS)
