"""Answers written by a language model: verified sentence by sentence, and verbatim quotes where that fails."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.answering.base import Answerer, Draft, WritingLimits
from assistant.answering.prompting import prompt
from assistant.answering.rewriting import rewrite
from assistant.answering.thoughts import spoken
from assistant.errors import AssistantError
from assistant.llm.base import Deadline, LanguageModel, Message
from assistant.llm.faults import ModelFault
from assistant.masking import mask
from assistant.records import Block, Delta, Document, Passage, Query
from assistant.retrieval.search import Ranking
from assistant.retrieval.standing import is_fragment
from assistant.verifying.answer import Verified, Verifier
from assistant.verifying.sources import Source
from assistant.verifying.splitting import Sentence, Splitter

MAX_SOURCES = 8
"""Passages that a model is given; more of them slow it down and answer nothing."""

_LEAST_SUPPORT = 0.1
_REWRITE_SECONDS = 4.0

INSTEAD = "Svaret er derfor sat sammen af citater fra dokumenterne."
NOTHING_VERIFIED = "Intet af det, sprogmodellen skrev, kunne bekræftes i kilderne."
UNEXPECTED = "Der skete en uventet fejl, mens sprogmodellen svarede."
MASKED = "Før spørgsmål og kilder blev sendt til sprogmodellen på {server}, blev {kinds} skjult i dem."

_log = logging.getLogger(__name__)


class LlmAnswerer:
    """Writes one answer with a language model; make a new one for each question.

    It answers where the extractive answerer does and is silent where that is. Whenever the model fails, or
    nothing that it wrote can be verified, the extractive answer takes its place with one line about why.
    """

    def __init__(self, model: LanguageModel, extractive: Answerer, limits: WritingLimits) -> None:
        """Write with ``model``; the clock of the whole answer starts now."""
        self._model = model
        self._extractive = extractive
        self._limits = limits
        self._deadline = Deadline(limits.first_text_seconds, limits.answer_seconds)

    @property
    def mode(self) -> str:
        """The name of the model."""
        return self._model.name

    def rewrite(self, query: Query) -> str | None:
        """Return a follow-up as a question that stands alone; ``None`` where the rules should complete it."""
        left = min(_REWRITE_SECONDS, self._deadline.left() / 4)
        try:
            return rewrite(query, self._model, Deadline(left, left, hurried=True))
        except AssistantError as error:
            _log.info("Spørgsmålet blev fuldstændiggjort uden sprogmodel: %s", type(error).__name__)
            return None

    def answer(self, ranking: Ranking, documents: Mapping[str, Document]) -> Iterator[Block | Delta | Draft]:
        """Yield text as it is written and blocks as they are verified, and last the whole draft.

        A block replaces all text yielded before it; what of that text is not settled yet is yielded again.
        """
        *verbatim, plain = self._extractive.answer(ranking, documents)
        assert isinstance(plain, Draft)  # noqa: S101 - an answerer ends with its draft
        plain = replace(plain, mode=self._extractive.mode)
        if not plain.supported:
            yield from verbatim
            yield plain
            return
        shown, notices, reason = False, list[str](), NOTHING_VERIFIED
        try:
            for part in self._written(ranking.query, _sources(ranking, plain, documents), notices):
                if not isinstance(part, Draft):
                    shown = True
                    yield part
                elif part.supported:
                    yield replace(part, notices=(*notices, *part.notices), mode=self.mode)
                    return
        except AssistantError as error:
            reason = str(error)
            _log.warning("Sprogmodellen gav intet svar: %s", reason)
        except Exception:
            reason = UNEXPECTED
            _log.exception("Uventet fejl i et svar fra sprogmodellen")
        if not shown:
            yield from verbatim
        yield replace(plain, notices=(*plain.notices, f"{reason} {INSTEAD}", *notices))

    def _written(
        self, query: Query, sources: Sequence[Source], notices: list[str]
    ) -> Iterator[Block | Delta | Draft]:
        model, deadline = self._model, self._deadline
        model.prepare(deadline)
        deadline.wait_anew()
        told = prompt(
            query,
            sources,
            window=model.window(deadline),
            answer_tokens=self._limits.answer_tokens,
            count=lambda text: model.count_tokens(text, deadline),
        )
        notices.extend(self._notices(told.messages))
        verifier, splitter = _Timed(Verifier(told.sources)), Splitter()
        begun = False
        for text in spoken(model.stream(told.messages, max_tokens=told.answer_tokens, deadline=deadline)):
            begun = begun or bool(text.strip())
            settled = verifier.settled(splitter.feed(text))
            yield Delta(text)
            if settled:
                yield from settled
                yield Delta(splitter.rest)
        if not begun:
            raise ModelFault("empty")
        yield from verifier.settled(splitter.finish())
        verified = verifier.finish()
        yield Draft(
            verified.blocks,
            verified.citations,
            verified.supported,
            verified.notices,
            verify_seconds=verifier.seconds,
        )

    def _notices(self, messages: Sequence[Message]) -> list[str]:
        """What the user is told of what was masked; the model itself masks what leaves the machine."""
        if self._model.location == "this machine":
            return []
        kinds = mask("\n".join(message.content for message in messages)).kinds
        return [MASKED.format(server=self._model.server, kinds=kinds)] if kinds else []


class _Timed:
    """A verifier that counts the seconds that it takes."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self.seconds = 0.0

    def settled(self, sentences: Iterable[Sentence]) -> list[Block]:
        started = time.perf_counter()
        blocks = (self._verifier.sentence(sentence.text, sentence.opens) for sentence in sentences)
        settled = [block for block in blocks if block is not None]
        self.seconds += time.perf_counter() - started
        return settled

    def finish(self) -> Verified:
        started = time.perf_counter()
        verified = self._verifier.finish()
        self.seconds += time.perf_counter() - started
        return verified


def _sources(ranking: Ranking, plain: Draft, documents: Mapping[str, Document]) -> tuple[Source, ...]:
    """What the extractive answer quotes, and then the other passages that may support an answer."""
    chosen: dict[str, Passage] = {c.passage.id: c.passage for c in plain.citations}
    for hit, support in zip(ranking.hits, ranking.support, strict=False):
        if support >= _LEAST_SUPPORT and not is_fragment(hit.passage):
            chosen.setdefault(hit.passage.id, hit.passage)
    first = list(chosen.values())[: max(MAX_SOURCES, len(plain.citations))]
    return tuple(
        Source(
            number,
            passage,
            documents[passage.document_id].page(passage.page).text,
            documents[passage.document_id],
        )
        for number, passage in enumerate(first, 1)
    )
