"""A small world to evaluate: two documents, and an assistant that goes by the words it shares.

Worse on purpose where a test asks for it: ``shuffled`` puts the best passages last, ``threshold``
makes it decline more or fewer questions, ``misquotes`` makes it quote what does not stand there, and say that it does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from assistant.records import (
    Answer,
    Block,
    Citation,
    Document,
    Hit,
    Page,
    Passage,
    Query,
    Span,
    Stamp,
)
from eval.questions import Gold, Question, QuestionSet

COAST = (
    "Kommunen passer på kysten\n"
    "• Diget skal være tre meter højt\n"
    "• Stranden renses hver uge om sommeren\n"
    "• Borgerne betaler ikke for at parkere\n"
)
FOREST = (
    "Staten passer på skoven\n"
    "• Træerne fældes kun om vinteren\n"
    "• Borgerne må samle svampe\n"
    "• Hunde skal føres i snor hele året\n"
)
DOCUMENTS = tuple(
    Document(name, name, name, "oplæg", "da", sha256=name, pages=(Page(1, text),))
    for name, text in (("kyst", COAST), ("skov", FOREST))
)

QUESTIONS = (
    Question(
        "q1", "Hvor højt skal diget være?", "fakta", (Gold("kyst", ("Diget skal være tre meter højt",)),)
    ),
    Question("q2", "Hvornår fældes træerne?", "fakta", (Gold("skov", ("fældes kun om vinteren",)),)),
    Question(
        "q3",
        "Hvad må og betaler borgerne?",
        "sammenligning",
        (Gold("kyst", ("betaler ikke for at parkere",)), Gold("skov", ("må samle svampe",))),
    ),
    Question("q4", "Og hunde?", "opfølgning", (Gold("skov", ("føres i snor",)),), ("Hvad gælder i skoven?",)),
    Question("q5", "Hvem er fyrste af Monaco?", "ubesvarbar", ()),
)
SET = QuestionSet("lille", QUESTIONS, "0123456789abcdef")


def passages() -> tuple[Passage, ...]:
    """Every bullet of the two documents."""
    found = []
    for document in DOCUMENTS:
        text = document.pages[0].text
        for order, match in enumerate(re.finditer(r"• (.+)", text)):
            span = Span(match.start(1), match.end(1))
            own = f"{document.id}-{order}"
            found.append(Passage(own, document.id, 1, "", match[1], span, document.id, "bullet", order))
    return tuple(found)


def words(text: str) -> set[str]:
    """The words of a text, short ones left out."""
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 4}


@dataclass
class WordAssistant:
    """Scores a passage by the share of the question's words that it has; remembers its calls."""

    threshold: float = 0.3
    shuffled: bool = False
    misquotes: bool = False
    kept_hits: int = 3
    asked: list[tuple[str, tuple[str, ...], str | None]] = field(default_factory=list)
    documents: tuple[Document, ...] = DOCUMENTS
    forgotten: tuple[tuple[str, ...], ...] = ()

    def forgetting(self, questions: Collection[tuple[str, ...]]) -> WordAssistant:
        self.forgotten = tuple(questions)
        return self

    def search(
        self, question: str, *, history: Sequence[str] = (), documents: Sequence[str] = (), top_k: int = 10
    ) -> tuple[Query, tuple[Hit, ...]]:
        wanted = words(question) or {""}
        scored = [(len(wanted & words(passage.text)) / len(wanted), passage) for passage in passages()]
        scored.sort(key=lambda pair: pair[0], reverse=not self.shuffled)
        hits = tuple(
            Hit(passage, score, rank, (("ord", score),))
            for rank, (score, passage) in enumerate(scored[:top_k], start=1)
        )
        return Query(question, question, history=tuple(history)), hits

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        documents: Sequence[str] = (),
        answerer: str | None = None,
    ) -> Answer:
        self.asked.append((question, tuple(history), answerer))
        query, hits = self.search(question, history=history)
        abstained = hits[0].score < self.threshold
        citations = (
            () if abstained else tuple(self._cite(at, hit) for at, hit in enumerate(hits[:2], start=1))
        )
        blocks = tuple(Block("quote", citation.quote, citation.marker) for citation in citations)
        return Answer(
            question=question,
            text="\n".join(block.text for block in blocks) or "Det står ikke i dokumenterne.",
            blocks=blocks,
            citations=citations,
            hits=hits[: self.kept_hits],
            mode="extractive",
            abstained=abstained,
            stamp=Stamp("kode", "indeks", "ordtælling", "ingen"),
            query=query,
            confidence=hits[0].score,
        )

    def _cite(self, marker: int, hit: Hit) -> Citation:
        quote = f"ikke {hit.passage.text}" if self.misquotes else hit.passage.text
        return Citation(marker, hit.passage, quote, hit.passage.span, verified=True)
