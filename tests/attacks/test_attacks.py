"""Whatever documents and models try: only what was retrieved is cited, and nothing is more than text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup

from assistant.answering.prompting import prompt
from assistant.records import Block, Document, Page, Query
from assistant.text.folding import clean
from assistant.text.passages import cut_document
from assistant.verifying.answer import Verified, Verifier
from assistant.verifying.plain import plain
from assistant.verifying.sources import Source
from assistant.verifying.splitting import Splitter
from assistant.web.markup import foreign, tag
from tests.attacks.attacks import ATTACKS, FOREIGN, Attack
from tests.attacks.obeying import obey

QUESTION = "Hvad gælder for hegn?"
FENCES = "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n\n• Hegnspæle skal stå lige\n"
GATES = "OM LÅGER\n\n• Låger skal kunne lukkes\n"
_MARKER = re.compile(r"[\[［【]\s*\d+\s*[\]］】]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e0fff]"
)


def _documents(attack: Attack) -> tuple[Document, Document]:
    page = FENCES
    facts: dict[str, Any] = {}
    match attack.place:
        case "passage":
            page += f"\n• {attack.text}\n"
        case "heading":
            page = page.replace("OM HEGN", attack.text, 1)
        case "title" | "organisation":
            facts[attack.place] = attack.text
        case "file":
            facts["id"] = attack.text
    fences = Document("hegn", "Om hegn", "Kommunen", "notat", "da", "0", (Page(1, page),))
    gates = Document("låger", "Om låger", "Staten", "notat", "da", "0", (Page(1, GATES),))
    return replace(fences, **facts), gates


def sources(attack: Attack) -> tuple[Source, ...]:
    """What is retrieved: every passage of two documents, the attack among them."""
    found = [(d, p) for d in _documents(attack) for p in cut_document(d)]
    return tuple(
        Source(number, passage, document.page(passage.page).text, document)
        for number, (document, passage) in enumerate(found, 1)
    )


def written(attack: Attack, given: tuple[Source, ...]) -> str:
    """What the obedient model writes to the real prompt; an attack in an answer is what it was made to say."""
    if attack.place == "answer":
        return attack.text
    question = attack.text if attack.place == "question" else QUESTION
    query = Query(question, question)
    told = prompt(query, given, window=16_000, answer_tokens=700, count=len)
    return obey("\n".join(message.content for message in told.messages))


def verified(text: str, given: tuple[Source, ...], step: int = 7) -> tuple[list[Block], Verified]:
    """Verify a text that comes a few letters at a time."""
    verifier, splitter = Verifier(given), Splitter()
    shown = []
    for start in range(0, len(text), step):
        for sentence in splitter.feed(text[start : start + step]):
            shown.append(verifier.sentence(sentence.text, sentence.opens))
    shown.extend(verifier.sentence(sentence.text, sentence.opens) for sentence in splitter.finish())
    return [block for block in shown if block is not None], verifier.finish()


def test_there_are_enough_attacks_and_each_has_its_own_name() -> None:
    assert len(ATTACKS) >= 40
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.fixture(params=ATTACKS, ids=lambda attack: attack.name)
def attack(request: pytest.FixtureRequest) -> Attack:
    found: Attack = request.param
    return found


def test_only_what_was_retrieved_is_cited(attack: Attack) -> None:
    given = sources(attack)
    blocks, answer = verified(written(attack, given), given)
    passages = [source.passage for source in given]

    assert [block for block in answer.blocks if block is not None] == blocks
    assert all(0 <= place < len(answer.citations) for block in blocks for place in block.cites)
    for citation in answer.citations:
        assert citation.passage in passages
        page = given[passages.index(citation.passage)].page_text
        assert citation.verified
        assert citation.quote == clean(page[citation.span.start : citation.span.end])


def test_everything_shown_is_plain_text(attack: Attack) -> None:
    given = sources(attack)
    known = "\n".join(source.page_text for source in given)
    _, answer = verified(written(attack, given), given)

    assert answer.blocks
    assert not [block for block in answer.blocks if _MARKER.search(block.text)]
    for text in [block.text for block in answer.blocks] + list(answer.notices):
        assert not _INVISIBLE.search(text)
        assert plain(text, known) == text
        if FOREIGN not in known:
            assert FOREIGN not in text
        html = BeautifulSoup(tag("p", foreign(text)).source, "html.parser")
        assert [element.name for element in html.find_all(True)] == ["p", "bdi"]


def test_what_an_attack_says_is_gone_or_not_verified(attack: Attack) -> None:
    given = sources(attack)
    _, answer = verified(written(attack, given), given)

    for text in attack.gone:
        assert text in attack.text, "an attack that does not try what it names"
        assert all(text not in block.text for block in answer.blocks)
    for text in attack.unverified:
        saying = [block for block in answer.blocks if text in block.text]
        assert saying
        assert all(block.state == "unverified" for block in saying)


def test_a_model_that_only_repeats_the_sources_is_verified() -> None:
    """The attacks would prove nothing if nothing were ever verified."""
    given = sources(Attack("intet", "answer", ""))
    _, answer = verified(obey_plainly(given), given)

    assert [block.state for block in answer.blocks] == ["verified"] * len(given)
    assert answer.supported


def obey_plainly(given: tuple[Source, ...]) -> str:
    return "\n".join(f"{source.passage.text} [{source.number}]." for source in given)
