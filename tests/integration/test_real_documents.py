"""Public documents as people make them, indexed as a user does: passages on their pages, and found.

The questions were written from what the files show, before anything was searched for. The files were there
while the reading was developed, so this says less than files that nobody has seen.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.factory import build_index, open_assistant
from assistant.pipeline import Assistant
from assistant.settings import CorpusSettings, IndexSettings, Settings
from assistant.text.folding import fold

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "real-documents"
QUESTIONS = Path(__file__).with_name("real_questions.jsonl")
FIRST = 5
VERBATIM_OF_15, FOUND_OF_15 = 14, 13


@dataclass(frozen=True)
class Asked:
    """A question, and what answers it: one of these snippets, white space folded, on a page of a document."""

    question: str
    document: str
    page: int
    snippets: tuple[str, ...]

    def is_in(self, document: str, page: int, text: str) -> bool:
        here = (document, page) == (self.document, self.page)
        return here and any(fold(snippet) in fold(text) for snippet in self.snippets)


def asked() -> Iterator[Asked]:
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        yield Asked(said["question"], said["doc"], said["page"], tuple(said["any"]))


@pytest.mark.soak
def test_what_is_asked_stands_on_its_page_and_is_among_the_first_five(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not FOLDER.exists():
        pytest.skip("no sample documents")
    corpus = tmp_path / "corpus"
    shutil.copytree(FOLDER, corpus, ignore=shutil.ignore_patterns("README.md"))
    corpus.chmod(0o755)
    settings = Settings(corpus=CorpusSettings(corpus), index=IndexSettings(tmp_path / "index"))
    build_index(settings)
    assistant = open_assistant(settings)
    questions = list(asked())
    verbatim = [one for one in questions if stands(assistant, one)]
    found = [one for one in questions if is_found(assistant, one)]
    request.node.user_properties += [
        ("tried", len(questions)),
        ("held", len(found)),
        ("verbatim", len(verbatim)),
    ]
    assert len(verbatim) >= VERBATIM_OF_15 / 15 * len(questions)
    assert len(found) >= FOUND_OF_15 / 15 * len(questions)


def stands(assistant: Assistant, one: Asked) -> bool:
    return any(one.is_in(one.document, p.page, p.text) for p in assistant.passages(one.document))


def is_found(assistant: Assistant, one: Asked) -> bool:
    _, hits = assistant.search(one.question, top_k=FIRST)
    return any(one.is_in(h.passage.document_id, h.passage.page, h.passage.text) for h in hits)
