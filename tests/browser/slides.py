"""The municipalities' slides as the PDF that they were."""

from __future__ import annotations

from pathlib import Path

from tests.support.pdfs import Look, slides_pdf

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


def komdir_slides() -> bytes:
    """Return them set as large as they go."""
    text = (CORPUS / "komdir-4-pejlemaerker.txt").read_text(encoding="utf-8")
    return slides_pdf(text.split("\f"), Look(size=14, heading_size=22, leading=1.25, blank=0.6))
