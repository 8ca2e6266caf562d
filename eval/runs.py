"""A run: what the assistant found and answered for every question of a set, and its file."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.errors import EvaluationError, because
from eval.grounding import Sentence
from eval.metrics import Text, positions, question_rank
from eval.questions import Gold, Question


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A passage found. ``score`` is higher for better; ``signals`` are the parts of it."""

    document: str
    page: int
    text: str
    score: float
    signals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation of an answer.

    ``verified`` is what the assistant says; ``valid`` whether the quote was found, by this
    package, at its span of its page.
    """

    document: str
    page: int
    quote: str
    verified: bool
    valid: bool


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What one question gave.

    ``hits`` are best first; ``latency_ms`` is the whole answer's; ``sentences`` are those of a model that
    claim something.
    """

    question: Question
    latency_ms: float
    hits: tuple[FoundHit, ...]
    text: str
    abstained: bool
    mode: str
    confidence: float
    citations: tuple[Quote, ...]
    understood_as: str | None = None
    sentences: tuple[Sentence, ...] = ()

    @property
    def hit_texts(self) -> tuple[Text, ...]:
        """The hits as document and text, best first."""
        return tuple((hit.document, hit.text) for hit in self.hits)

    @property
    def quotes(self) -> tuple[Text, ...]:
        """The quotes as document and text, in the order of the answer."""
        return tuple((quote.document, quote.quote) for quote in self.citations)

    @property
    def found(self) -> tuple[int | None, ...]:
        """The position of each gold entry among the hits, see ``metrics.positions``."""
        return positions(self.question.gold, self.hit_texts)

    @property
    def rank(self) -> int | None:
        """The question's rank; ``None`` if something was not found or there is no gold."""
        return question_rank(self.found) if self.question.gold else None


@dataclass(frozen=True, slots=True)
class RunStamp:
    """What a run can be reproduced from, and which questions it answers.

    ``questions`` is the fingerprint of the set, ``question_file`` the stem of its name.
    """

    created: str
    code: str
    corpus: str
    index: str
    model: str
    settings: str
    answerer: str
    questions: str
    question_file: str
    machine: str


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run over a question set, in the order of its file."""

    stamp: RunStamp
    results: tuple[QuestionResult, ...]


def run_json(run: Run, summary: Mapping[str, float]) -> dict[str, Any]:
    """Return the run in the form of its file."""
    return {
        "stamp": asdict(run.stamp),
        "summary": dict(summary),
        "questions": [_result_json(result) for result in run.results],
    }


def read_run(path: Path) -> Run:
    """Read the file of a run; raises ``EvaluationError`` if it is not one."""
    return run_from_json(read_json(path), str(path))


def run_from_json(content: Mapping[str, Any], source: str) -> Run:
    """Return the run that ``run_json`` wrote; ``source`` is the name that errors give it."""
    try:
        return Run(
            RunStamp(**{key: str(value) for key, value in content["stamp"].items()}),
            tuple(_result(entry) for entry in content["questions"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(
            f"{source}: filen er ikke en kørsel over et spørgsmålssæt. Lav en med: "
            "python -m eval run --questions FIL --output FIL.json"
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; raises ``EvaluationError`` naming the file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{path}: filen kan ikke læses ({because(error)})") from error
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: filen er ikke gyldig JSON") from error
    if not isinstance(content, dict):
        raise EvaluationError(f"{path}: filen er ikke et JSON-objekt")
    return content


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all; raises ``EvaluationError`` naming the file."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    write_text(path, f"{text}\n")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, as UTF-8; raises ``EvaluationError`` naming it."""
    ensure_writable(path)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp gives 0600; the result is as readable as any other new file.
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EvaluationError(f"{path}: kan ikke skrives ({because(error)})") from error


def ensure_writable(path: Path) -> None:
    """Make the folder of ``path``; raises ``EvaluationError`` where nothing can be written.

    Called before a long run, so that its result is not lost at the end of it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EvaluationError(f"{path}: kan ikke skrives ({because(error)})") from error
    if path.is_dir():
        raise EvaluationError(f"{path}: er en mappe. Angiv navnet på en fil")
    if not os.access(path.parent, os.W_OK):
        raise EvaluationError(f"{path}: mappen {path.parent} er skrivebeskyttet")


def _result_json(result: QuestionResult) -> dict[str, Any]:
    question = result.question
    return {
        "id": question.id,
        "kind": question.kind,
        "question": question.text,
        "history": list(question.history),
        "gold": [{"doc": gold.document, "any": list(gold.any)} for gold in question.gold],
        "understood_as": result.understood_as,
        "latency_ms": round(result.latency_ms, 3),
        "rank": result.rank,
        "found": list(result.found),
        "hits": [
            {
                "document": hit.document,
                "page": hit.page,
                "text": hit.text,
                "score": hit.score,
                "signals": dict(hit.signals),
            }
            for hit in result.hits
        ],
        "answer": {
            "text": result.text,
            "abstained": result.abstained,
            "mode": result.mode,
            "confidence": result.confidence,
            "citations": [asdict(quote) for quote in result.citations],
            "sentences": [asdict(sentence) for sentence in result.sentences],
        },
    }


def _result(entry: Mapping[str, Any]) -> QuestionResult:
    answer = entry["answer"]
    return QuestionResult(
        question=Question(
            id=str(entry["id"]),
            text=str(entry["question"]),
            kind=str(entry["kind"]),
            gold=tuple(Gold(str(gold["doc"]), tuple(gold["any"])) for gold in entry["gold"]),
            history=tuple(entry["history"]),
        ),
        latency_ms=float(entry["latency_ms"]),
        hits=tuple(
            FoundHit(
                str(hit["document"]),
                int(hit["page"]),
                str(hit["text"]),
                float(hit["score"]),
                tuple((str(name), float(value)) for name, value in hit["signals"].items()),
            )
            for hit in entry["hits"]
        ),
        text=str(answer["text"]),
        abstained=bool(answer["abstained"]),
        mode=str(answer["mode"]),
        confidence=float(answer["confidence"]),
        citations=tuple(Quote(**quote) for quote in answer["citations"]),
        understood_as=entry["understood_as"],
        # Runs from before models could write have none.
        sentences=tuple(_sentence(each) for each in answer.get("sentences", ())),
    )


def _sentence(entry: Mapping[str, Any]) -> Sentence:
    return Sentence(
        str(entry["text"]),
        bool(entry["verified"]),
        tuple(bool(right) for right in entry["citations"]),
        bool(entry["supportable"]),
    )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
