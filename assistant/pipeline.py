"""A question in, an answer out: what the command line, the page and the evaluation use."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TypeVar

from assistant import __version__
from assistant.answering.base import Answerer, Draft, Rewriter
from assistant.answering.choice import Choice, Writing
from assistant.answering.rendering import plain_text
from assistant.answering.suggestions import Section, follow_ups, suggest
from assistant.errors import QuestionError, SettingsError, UnknownDocument
from assistant.indexes.base import PassageIndex
from assistant.loading.reader import Problem
from assistant.records import Answer, Block, Delta, Document, Hit, Passage, Query, Stamp
from assistant.retrieval.search import Ranking, Searcher
from assistant.retrieval.understanding import understand
from assistant.timing import Observer, Stopwatch

STARTERS = 4
SUGGESTIONS = 3
HITS = 20
"""Hits kept with an answer."""

_SUGGESTED_FROM = 5_000
"""So many passages are looked through for questions to begin with."""

_SUGGESTING = 12
"""So many documents of an index with more passages than that are asked about."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What an assistant answers from: one generation of the index."""

    documents: tuple[Document, ...]
    index: PassageIndex
    problems: tuple[Problem, ...]
    identity: str
    model: str
    created: str


class Assistant:
    """Answers questions from one corpus. Holds no conversation; safe for many threads at once."""

    def __init__(
        self,
        corpus: Corpus,
        searcher: Searcher,
        answerers: Mapping[str, Answerer],
        *,
        default_answerer: str = "extractive",
        question_characters: int = 2000,
        writing: Writing | None = None,
        observe: Observer | None = None,
    ) -> None:
        """Answer with ``answerers[default_answerer]`` unless a question names another.

        Args:
            corpus: what is answered from.
            searcher: ranks its passages.
            answerers: by name; "llm" is taken from ``writing`` unless it is among them.
            default_answerer: holds where there is no ``writing``.
            question_characters: the longest question.
            writing: which language model writes, shared with other assistants and changed at run time.
            observe: told how long each question took that was answered.
        """
        self._corpus = corpus
        self._searcher = searcher
        self._answerers = dict(answerers)
        self.writing = writing or Writing(Choice(answerer=default_answerer))
        self._observe = observe
        self._longest = question_characters
        self._by_id = {document.id: document for document in corpus.documents}
        self._led: dict[str, bool] = {}

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents of the index."""
        return self._corpus.documents

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The documents that could not be read when the index was built."""
        return self._corpus.problems

    @property
    def passage_count(self) -> int:
        """How many passages the index has."""
        return len(self._corpus.index)

    @property
    def index_identity(self) -> str:
        """A short name for exactly this index."""
        return self._corpus.identity

    @property
    def index_created(self) -> str:
        """When the index was built, in ISO 8601."""
        return self._corpus.created

    @property
    def stamp(self) -> Stamp:
        """What answers from this index can be reproduced from."""
        return Stamp(__version__, self._corpus.identity, self._corpus.model, self._settings_digest)

    @property
    def searcher(self) -> Searcher:
        """What ranks the passages, for fitting and measuring."""
        return self._searcher

    def forgetting(self, questions: Collection[tuple[str, ...]]) -> Assistant:
        """Return an assistant to which these questions are new, so that it can be measured with them.

        Args:
            questions: each with the questions before it in its conversation, oldest first.
        """
        other = copy(self)
        other._searcher = self._searcher.with_known(self._searcher.known.without(questions))
        other._led = {}
        return other

    def document(self, document_id: str) -> Document:
        """Return a document; raises :class:`UnknownDocument`."""
        try:
            return self._by_id[document_id]
        except KeyError:
            known = ", ".join(self._by_id)
            raise UnknownDocument(
                f"Dokumentet »{document_id[:100]}« findes ikke i indekset. Kendte dokumenter: {known}."
            ) from None

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        """Return the passages of a document in reading order; raises :class:`UnknownDocument`."""
        self.document(document_id)
        return self._corpus.index.passages_of(document_id)

    def search(
        self, question: str, *, history: Sequence[str] = (), documents: Sequence[str] = (), top_k: int = 10
    ) -> tuple[Query, tuple[Hit, ...]]:
        """Return the question as understood and the best ``top_k`` hits.

        Raises:
            QuestionError: the question is empty or too long.
            UnknownDocument: a document of the filter is not in the index.
        """
        ranking = self._searcher.rank(self.understand(question, history, documents))
        return ranking.query, ranking.hits[:top_k]

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        documents: Sequence[str] = (),
        answerer: str | None = None,
    ) -> Answer:
        """Return the answer; raises as :meth:`search`, and ``SettingsError`` for an unknown answerer."""
        for part in self.stream(question, history=history, documents=documents, answerer=answerer):
            if isinstance(part, Answer):
                return part
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        documents: Sequence[str] = (),
        answerer: str | None = None,
    ) -> Iterator[Query | Block | Delta | Answer]:
        """Yield the question as understood, the answer as it is made, and last the whole answer.

        Where a language model writes, its text comes first as :class:`Delta`. A :class:`Block` replaces
        all text since the block before it; what of that text is not settled yet comes again as the next
        ``Delta``. The whole answer replaces everything: it may be another than was begun.
        """
        writer, watch = self._answerer(answerer), Stopwatch()
        with watch.stage("answer"):
            query = self._completed(writer, self.understand(question, history, documents))
        with watch.stage("fuse"):
            ranking = self._searcher.rank(query, watch)
        yield ranking.query
        for part in _timed(writer.answer(ranking, self._by_id), watch):
            if isinstance(part, Draft):
                mode = part.mode or writer.mode
                with watch.stage("answer"):
                    answer = self._finished(question, ranking, part, mode)
                if self._observe:
                    watch.move(part.verify_seconds, "answer", "verify")
                    self._observe(watch.timing(mode))
                yield answer
            else:
                yield part

    @cached_property
    def questions(self) -> tuple[str, ...]:
        """Questions that the documents answer, each one asked before it is offered."""
        asked = suggest(*self._to_suggest_from())
        answered = (question for question in asked if not self._declines(question))
        return tuple(islice(answered, max(STARTERS, SUGGESTIONS)))

    def starter_questions(self) -> tuple[str, ...]:
        """Return questions to begin with."""
        return self.questions[:STARTERS]

    def follow_ups(self, answer: Answer, history: Sequence[str] = ()) -> tuple[str, ...]:
        """Return questions that lead on from ``answer``, each one asked before it is offered.

        A question is offered where its answer cites the section that it was made from, and where it was
        not among ``history``. None for an answer that abstains: it has suggestions of its own.
        """
        if answer.abstained or answer.query.language != "da":
            return ()
        asked = {" ".join(question.casefold().split()) for question in (*history, answer.question)}
        near = [c.passage for c in answer.citations] + [hit.passage for hit in answer.hits]
        names = dict.fromkeys(passage.document_id for passage in near)
        passages = (p for name in names for p in self._corpus.index.passages_of(name))
        found = follow_ups(self._by_id, passages, answer)
        led = (q for q, section in found if q.casefold() not in asked and self._leads_to(q, section))
        return tuple(islice(led, SUGGESTIONS))

    def _to_suggest_from(self) -> tuple[Sequence[Document], Sequence[Passage]]:
        """Return all documents and passages, or a few documents of a large index with what they begin with."""
        documents, index = self._corpus.documents, self._corpus.index
        if len(index) <= _SUGGESTED_FROM:
            return documents, index.sample(_SUGGESTED_FROM)
        few = documents[:: -(-len(documents) // _SUGGESTING)]
        share = _SUGGESTED_FROM // len(few)
        return few, [p for document in few for p in index.passages_of(document.id)[:share]]

    def _leads_to(self, question: str, section: Section) -> bool:
        if question not in self._led:
            draft = self._draft(question)
            cited = () if draft is None else draft.citations
            self._led[question] = section in {(c.passage.document_id, c.passage.heading) for c in cited}
        return self._led[question]

    def _declines(self, question: str) -> bool:
        return self._draft(question) is None

    def _draft(self, question: str) -> Draft | None:
        """Return the verbatim answer to a question, or ``None`` where the documents do not answer it."""
        ranking = self._searcher.rank(self.understand(question, (), ()))
        *_, draft = self._answerers["extractive"].answer(ranking, self._by_id)
        return draft if isinstance(draft, Draft) and draft.supported else None

    def understand(self, question: str, history: Sequence[str] = (), documents: Sequence[str] = ()) -> Query:
        """Return a question as it will be searched; raises as :meth:`search`."""
        question = _readable(question)
        if not question:
            raise QuestionError("Spørgsmålet er tomt. Skriv et spørgsmål, og prøv igen.")
        if len(question) > self._longest:
            raise QuestionError(
                f"Spørgsmålet er på {_number(len(question))} tegn, men må højst være på {_number(self._longest)}. "
                "Forkort det, og prøv igen."
            )
        for document_id in documents:
            self.document(document_id)
        return understand(
            question,
            history=[_readable(past)[: self._longest] for past in history if past.strip()],
            documents=tuple(dict.fromkeys(documents)),
            speakers=self._searcher.speakers,
            all_documents=tuple(self._by_id),
        )

    def _completed(self, writer: Answerer, query: Query) -> Query:
        """Let the model complete a question that the rules could only put an earlier one behind."""
        if not isinstance(writer, Rewriter) or query.understood_as in (None, query.text):
            return query
        whole = writer.rewrite(query)
        if whole is None:
            return query
        alone = self.understand(whole, (), query.documents)
        return replace(alone, question=query.question, history=query.history, understood_as=whole)

    def _answerer(self, name: str | None) -> Answerer:
        name = name or self.writing.choice.answerer
        if name not in self._answerers:
            writer = self.writing.writer(self._answerers["extractive"]) if name == "llm" else None
            if writer is not None:
                return writer
            raise SettingsError(
                "Der er ikke valgt nogen sprogmodel til at skrive svar. Sæt llm.base_url og llm.model "
                "(eller llm.model_path), eller brug »extractive«."
                if name == "llm"
                else f"Svarformen »{name}« er ukendt. Kendte: {', '.join(self._answerers)}."
            )
        return self._answerers[name]

    def _finished(self, question: str, ranking: Ranking, draft: Draft, mode: str) -> Answer:
        return Answer(
            question=question,
            text=plain_text(draft.blocks, draft.citations),
            blocks=draft.blocks,
            citations=draft.citations,
            hits=ranking.hits[:HITS],
            mode=mode,
            abstained=not draft.supported,
            stamp=self.stamp,
            query=ranking.query,
            confidence=round(ranking.confidence, 4),
            notices=draft.notices,
            suggestions=() if draft.supported else self.questions[:SUGGESTIONS],
        )

    @property
    def _settings_digest(self) -> str:
        choice = self.writing.choice
        model = choice.model.name if choice.model else ""
        basis = f"{choice.answerer}|{self._longest}|{sorted(self._answerers)}|{model}|{choice.limits}"
        return hashlib.sha256(basis.encode()).hexdigest()[:12]


Part = TypeVar("Part")


def _timed(parts: Iterator[Part], watch: Stopwatch) -> Iterator[Part]:
    """Yield ``parts`` and count the waiting for each; what is done with it meanwhile does not count."""
    with closing(parts) if isinstance(parts, Generator) else nullcontext():
        while True:
            with watch.stage("answer"):
                try:
                    part = next(parts)
                except StopIteration:
                    return
            yield part


def _readable(text: str) -> str:
    """Return ``text`` on one line, without NUL and without bytes that were no text."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(text.replace("\x00", " ").split())


def _number(n: int) -> str:
    return f"{n:,}".replace(",", ".")
