"""Asks the assistant every question of a set and keeps what it found and answered."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import Protocol

from assistant.errors import AssistantError
from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Answer, Citation, Document, Hit, Query
from assistant.text.folding import clean
from eval.errors import EvaluationError
from eval.grounding import claiming_sentences
from eval.questions import Question, QuestionSet
from eval.runs import FoundHit, QuestionResult, Quote, Run
from eval.stamps import stamp_run

HITS = 20
"""How many hits a question's result has: enough for the rank of a list of ten."""

_WARM_UP = "Hvad handler dokumenterne om?"


class Asked(Protocol):
    """What a run needs of the assistant."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents, in the order of the corpus."""
        ...

    def search(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        documents: Sequence[str] = (),
        top_k: int = 10,
    ) -> tuple[Query, tuple[Hit, ...]]:
        """Return the question as understood and the best passages."""
        ...

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        documents: Sequence[str] = (),
        answerer: str | None = None,
    ) -> Answer:
        """Return the answer."""
        ...

    def forgetting(self, questions: Collection[tuple[str, ...]]) -> Asked:
        """Return an assistant to which these questions, each with those before it, are new."""
        ...


def run_questions(
    assistant: Asked,
    questions: QuestionSet,
    *,
    answerer: str | None = None,
    progress: ProgressCallback = silent,
) -> Run:
    """Ask every question, a follow-up with its history, and return the run.

    What the assistant learnt from these very questions it is made to forget first.
    The time told is that of the whole answer, warm. Raises ``EvaluationError`` naming the
    question that could not be asked.
    """
    assistant = assistant.forgetting([question.asked for question in questions.questions])
    assistant.search(_WARM_UP)
    total = len(questions.questions)
    pages = {
        (document.id, page.number): page.text for document in assistant.documents for page in document.pages
    }
    by_id = {document.id: document for document in assistant.documents}
    results: list[QuestionResult] = []
    stamp = None
    for done, question in enumerate(questions.questions, start=1):
        try:
            started = time.perf_counter()
            answer = assistant.ask(question.text, history=question.history, answerer=answerer)
            latency = (time.perf_counter() - started) * 1000.0
            hits = _enough_hits(assistant, question, answer)
        except AssistantError as error:
            raise EvaluationError(f"spørgsmålet {question.id} kunne ikke stilles: {error}") from error
        except Exception as error:
            error.add_note(f"Ved spørgsmålet {question.id}")
            raise
        stamp = stamp or answer.stamp
        results.append(
            QuestionResult(
                question=question,
                latency_ms=latency,
                hits=tuple(_found(hit) for hit in hits),
                text=answer.text,
                abstained=answer.abstained,
                mode=answer.mode,
                confidence=float(answer.confidence),
                citations=tuple(_quote(citation, pages) for citation in answer.citations),
                understood_as=answer.query.understood_as,
                sentences=claiming_sentences(answer, by_id),
            )
        )
        # Told afterwards: a first question that cannot be asked is one line on stderr, not two.
        progress(Progress("Stiller spørgsmål", done, total))
    if stamp is None:
        raise EvaluationError("spørgsmålssættet er tomt")
    mode = answerer or results[0].mode
    return Run(stamp_run(questions, assistant.documents, stamp, mode), tuple(results))


def _enough_hits(assistant: Asked, question: Question, answer: Answer) -> tuple[Hit, ...]:
    """The answer's own hits, followed by the search's where the answer kept fewer than asked."""
    if len(answer.hits) >= HITS:
        return answer.hits[:HITS]
    _, found = assistant.search(question.text, history=question.history, top_k=HITS)
    known = {hit.passage.id for hit in answer.hits}
    return (answer.hits + tuple(hit for hit in found if hit.passage.id not in known))[:HITS]


def _found(hit: Hit) -> FoundHit:
    passage = hit.passage
    return FoundHit(
        passage.document_id,
        passage.page,
        passage.text,
        float(hit.score),
        tuple((name, float(value)) for name, value in hit.signals),
    )


def _quote(citation: Citation, pages: dict[tuple[str, int], str]) -> Quote:
    """Check for ourselves that the quote is its span of its page."""
    place = (citation.passage.document_id, citation.passage.page)
    span = citation.span
    standing = clean(pages.get(place, "")[span.start : span.end])
    return Quote(
        document=citation.passage.document_id,
        page=citation.passage.page,
        quote=citation.quote,
        verified=citation.verified,
        valid=bool(standing) and standing == clean(citation.quote),
    )
