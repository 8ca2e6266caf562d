"""The whole way: hostile files among good ones, through the build to an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from crafted_office import refused_office
from crafted_pdf import crafted_pdfs
from crafted_text import good_pdf
from support.corpora import write

from assistant.factory import build_index, open_assistant
from assistant.settings import CorpusSettings, IndexSettings, LimitSettings, Settings

BAD = ("sidetrae-i-ring.pdf", "flate-bombe.pdf", "dybe-lister.pdf", "afkortet.pdf")
BAD_OFFICE = ("bombe.docx", "latter.docx", "op-af-stien.pptx", "fremmed-fil.docx")


def test_the_good_files_are_indexed_and_answer_and_each_bad_one_is_named(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.node.user_properties.append(("tried", 2 + len(BAD) + len(BAD_OFFICE)))
    corpus = write(
        tmp_path / "corpus", [("god.pdf", good_pdf()), ("zz.txt", "Tillid\n\nTillid er mål nummer ét.")]
    )
    write(corpus, [(name, crafted_pdfs()[name]()) for name in BAD])
    write(corpus, [(name, refused_office()[name][0]()) for name in BAD_OFFICE])
    settings = Settings(
        corpus=CorpusSettings(corpus),
        index=IndexSettings(tmp_path / "index"),
        limits=LimitSettings(read_seconds=30, read_memory_megabytes=512, read_unpacked_megabytes=50),
    )

    report = build_index(settings)

    assert report.documents == 2
    assert {problem.source for problem in report.problems} == {*BAD, *BAD_OFFICE}
    assert all(problem.message.startswith(f"{problem.source}: ") for problem in report.problems)
    assistant = open_assistant(settings, build_if_missing=False)
    assert {hit.passage.document_id for hit in assistant.search("Hvad er tillid?")[1]} == {"god", "zz"}
