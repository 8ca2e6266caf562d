"""What users wrote, as it is stored: without what points to a person.

Questions, comments, drafts and notes are masked alike. That is a choice for notes, which are a user's own:
they expect them back word for word. But a note is stored beside the others' and goes out in a document, and
a personal number belongs in neither; so it is masked, and ``save_basket`` returns the note as it was kept,
for the user to see at once and put in other words. Quotations of the documents are never touched.
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answering.rendering import plain_text
from assistant.masking import mask
from assistant.records import Answer, Block
from assistant.storage.base import BasketItem


def storable(text: str) -> str:
    """Return text masked, and without the characters that a database cannot hold."""
    return holdable(mask(text).text)


def holdable(text: str) -> str:
    """Return text with NUL and lone surrogates replaced, which PostgreSQL and UTF-8 have no place for."""
    return _UNHOLDABLE.sub("\ufffd", text)


def masked_answer(answer: Answer) -> Answer:
    """Return the answer with what the user wrote masked, wherever it is repeated.

    A model may repeat the question, so its sentences are masked as well where something in the question
    was; otherwise the answer is kept as it was given.
    """
    query = replace(
        answer.query,
        question=storable(answer.query.question),
        text=storable(answer.query.text),
        understood_as=answer.query.understood_as and storable(answer.query.understood_as),
        history=tuple(storable(each) for each in answer.query.history),
        addition=storable(answer.query.addition),
    )
    kept = replace(answer, question=storable(answer.question), query=query)
    if kept == answer:
        return answer
    blocks = tuple(_masked_block(block) for block in answer.blocks)
    ours = answer.text == plain_text(answer.blocks, answer.citations)
    return replace(
        kept,
        blocks=blocks,
        text=plain_text(blocks, answer.citations) if ours else storable(answer.text),
        notices=tuple(storable(each) for each in answer.notices),
    )


def masked_item(item: BasketItem) -> BasketItem:
    """Return the item with the user's own words masked: a note, what stands above it, a question."""
    answer = item.answer and masked_answer(item.answer)
    text = storable(item.text) if item.kind == "note" else item.text
    if item.answer is not None and item.text == item.answer.text and answer is not None:
        text = answer.text
    return replace(item, heading=storable(item.heading), text=text, answer=answer)


def _masked_block(block: Block) -> Block:
    return block if block.kind in ("quote", "item") else replace(block, text=storable(block.text))


_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
