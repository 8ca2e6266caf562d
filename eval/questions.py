"""Question sets: JSON Lines with verbatim gold snippets, checked against the documents.

A snippet is compared with white space folded, nothing else changed, so a judgment survives any
way of cutting the documents into passages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.records import Document
from assistant.storage.drafts import KINDS
from assistant.text.folding import fold
from eval import lines
from eval.lines import LineProblem, LinesError, WrongLineError


@dataclass(frozen=True, slots=True)
class Gold:
    """One thing that must be found: any of the snippets ``any``, in the document ``document``."""

    document: str
    any: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One judged question. An empty ``gold`` means that the right reaction is to abstain.

    ``history`` is the conversation's earlier questions, oldest first.
    """

    id: str
    text: str
    kind: str
    gold: tuple[Gold, ...]
    history: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The question behind those before it."""
        return (*self.history, self.text)

    @property
    def answerable(self) -> bool:
        """Whether the documents hold an answer."""
        return bool(self.gold)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of one file. ``fingerprint`` is equal for equal questions in any order."""

    name: str
    questions: tuple[Question, ...]
    fingerprint: str


def load_questions(path: Path, documents: Sequence[Document]) -> QuestionSet:
    """Read and check a question file; raises ``LinesError`` naming the file and the line."""
    return parse_questions(lines.read_bytes(path), str(path), documents)


def parse_questions(data: bytes, source: str, documents: Sequence[Document]) -> QuestionSet:
    """Check the bytes of a question file; ``source`` is the name that errors give it.

    Raises ``LinesError`` with the problems of all lines, in their order.
    """
    texts = {document.id: _document_text(document) for document in documents}
    questions: list[Question] = []
    problems: list[LineProblem] = []
    first_line: dict[str, int] = {}
    for number, line in lines.numbered_lines(data, source):
        try:
            question = _question(lines.json_object(line), texts)
            if question.id in first_line:
                earlier = first_line[question.id]
                raise WrongLineError(f"id'et {lines.shown(question.id)} er allerede brugt i linje {earlier}")
        except WrongLineError as wrong:
            problems.append(LineProblem(source, number, str(wrong)))
            continue
        first_line[question.id] = number
        questions.append(question)
    if not questions and not problems:
        message = "filen har ingen spørgsmål. Skriv ét JSON-objekt pr. linje"
        problems.append(LineProblem(source, 1, message))
    if problems:
        raise LinesError(problems)
    return QuestionSet(Path(source).stem, tuple(questions), _fingerprint(questions))


def _question(entry: Mapping[str, object], texts: Mapping[str, str]) -> Question:
    kind = lines.string_field(entry, "kind")
    if kind not in KINDS:
        raise WrongLineError(f"ukendt kind {lines.shown(kind)}. Brug {', '.join(KINDS)}")
    history = lines.list_field(entry, "history", required=False)
    question = Question(
        id=lines.string_field(entry, "id"),
        text=lines.string_field(entry, "question"),
        kind=kind,
        gold=tuple(_gold(item, texts) for item in lines.list_field(entry, "gold")),
        history=tuple(lines.checked_text(item, "history") for item in history),
    )
    if kind == "ubesvarbar" and question.gold:
        raise WrongLineError("et spørgsmål af kind »ubesvarbar« skal have en tom gold")
    return question


def _gold(item: object, texts: Mapping[str, str]) -> Gold:
    if not isinstance(item, dict):
        raise WrongLineError('et led i gold er ikke et objekt. Skriv {"doc": ..., "any": [...]}')
    document = lines.string_field(item, "doc")
    if document not in texts:
        known = ", ".join(sorted(texts)) or "ingen"
        raise WrongLineError(f"ukendt dokument {lines.shown(document)}. Der er: {known}")
    snippets = tuple(lines.checked_text(snippet, "any") for snippet in lines.list_field(item, "any"))
    if not snippets:
        raise WrongLineError(f"any er tom for dokumentet {lines.shown(document)}. Skriv mindst ét uddrag")
    for snippet in snippets:
        if fold(snippet) not in texts[document]:
            raise WrongLineError(
                f"uddraget {lines.shown(snippet)} står ikke i dokumentet {lines.shown(document)}"
            )
    return Gold(document, snippets)


def _document_text(document: Document) -> str:
    """All pages: a snippet may run over a page break, though no passage can then hold it."""
    return fold("\n".join(page.text for page in document.pages))


def _fingerprint(questions: Sequence[Question]) -> str:
    rows = [
        [q.id, q.text, q.kind, [[gold.document, *gold.any] for gold in q.gold], q.history]
        for q in sorted(questions, key=lambda question: question.id)
    ]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[:16]
