"""Whether what a model wrote rests on what it cites: judged here sentence by sentence, citation by citation.

Precision and recall are in the spirit of ALCE (Gao et al. 2023, https://arxiv.org/abs/2305.14627), with the
measure of ``assistant.verifying`` in place of an entailment model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.records import Answer, Block, Document, Passage
from assistant.verifying.answer import verify
from assistant.verifying.sources import Source

GIVEN = 10
"""So many of the first hits could have been cited."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that claims something.

    ``verified`` is what the answer says of it; ``citations`` says of each of its citations whether it
    supports the sentence; ``supportable`` whether any passage found for the question does.
    """

    text: str
    verified: bool
    citations: tuple[bool, ...]
    supportable: bool


def claiming_sentences(answer: Answer, documents: Mapping[str, Document]) -> tuple[Sentence, ...]:
    """Return the sentences of an answer that claim something; none for one made of quotes."""
    return tuple(
        _sentence(block, answer, documents) for block in answer.blocks if block.kind == "text" and block.state
    )


def groundedness(sentences: tuple[Sentence, ...]) -> float | None:
    """Return the share of the sentences that are verified; ``None`` where there are none."""
    return _share([sentence.verified for sentence in sentences])


def citation_precision(sentences: tuple[Sentence, ...]) -> float | None:
    """Return the share of the citations that support their sentence; ``None`` where there are none."""
    return _share([right for sentence in sentences for right in sentence.citations])


def citation_recall(sentences: tuple[Sentence, ...]) -> float | None:
    """Return how many of the sentences that a passage supports are cited with one that does."""
    return _share([any(sentence.citations) for sentence in sentences if sentence.supportable])


def _sentence(block: Block, answer: Answer, documents: Mapping[str, Document]) -> Sentence:
    verified = block.state == "verified"
    cited = [answer.citations[place].passage for place in block.cites]
    # Two passages may support together what neither does alone; the answer keeps no others then.
    alone = [_supports(block.text, passage, documents) for passage in cited]
    right = tuple(alone) if any(alone) or not verified else tuple(True for _ in cited)
    found = [hit.passage for hit in answer.hits[:GIVEN] if hit.passage not in cited]
    supportable = verified or any(right) or any(_supports(block.text, p, documents) for p in found)
    return Sentence(block.text, verified, right, supportable)


def _supports(text: str, passage: Passage, documents: Mapping[str, Document]) -> bool:
    document = documents[passage.document_id]
    source = Source(1, passage, document.page(passage.page).text, document)
    return any(block.state == "verified" for block in verify(f"{text} [1]", [source]).blocks)


def _share(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None
