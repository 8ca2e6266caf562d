"""The cases: a passage, a sentence about it, and whether the passage supports it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.records import Document, Page, Passage
from assistant.settings import Settings
from assistant.text.passages import cut_document
from assistant.verifying.sources import Source
from eval.errors import EvaluationError
from eval.opening import read_documents

FILE = Path(__file__).with_name("cases.jsonl")
Label = Literal["supported", "contradicted", "half", "invented"]
LABELS: tuple[Label, ...] = ("supported", "contradicted", "half", "invented")
HALVES = ("fitting", "held-out")


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence and what it cites. ``kind`` says how it was made: "negation", "tal", "omskrivning", ...

    All cases about one passage are in the same half.
    """

    id: str
    half: str
    sentence: str
    label: Label
    kind: str
    source: Source

    @property
    def supported(self) -> bool:
        """Whether it should be verified; a half-supported one should not."""
        return self.label == "supported"


def load_cases(settings: Settings, path: Path = FILE) -> tuple[Case, ...]:
    """Read the cases; raises ``EvaluationError`` naming the line where one is wrong.

    A passage of a document of the corpus is that document's own, with its heading and speaker. The others are
    short quotes from Microsoft's Danish documentation (CC BY 4.0), as in the set msdocs-faq-da.
    """
    documents = {document.id: document for document in read_documents(settings)}
    passages = {(p.document_id, p.text): p for document in documents.values() for p in cut_document(document)}
    cases: list[Case] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            entry = json.loads(line)
            source = _source(entry, documents, passages)
            label = LABELS[LABELS.index(entry["label"])]
            half = HALVES[HALVES.index(entry["half"])]
            cases.append(Case(entry["id"], half, entry["sentence"], label, entry["kind"], source))
        except (ValueError, KeyError, TypeError) as error:
            raise EvaluationError(f"{path}, linje {number}: {error!r}") from error
    return tuple(cases)


def _source(
    entry: dict[str, str], documents: dict[str, Document], passages: dict[tuple[str, str], Passage]
) -> Source:
    if entry["document"] in documents:
        document = documents[entry["document"]]
        passage = passages[entry["document"], entry["passage"]]
        return Source(1, passage, document.page(passage.page).text, document)
    page = Page(1, entry["passage"])
    document = Document(entry["document"], "", "", "", "da", "", (page,))
    (passage,) = cut_document(document)
    return Source(1, passage, page.text, document)
