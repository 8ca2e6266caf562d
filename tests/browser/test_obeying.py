"""A model that does whatever documents and answers ask of it, on the real page: nothing comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.attacks.attacks import ATTACKS, FOREIGN
from tests.attacks.obeying import obey
from tests.browser.accessible import findings
from tests.browser.talking import ask, last_turn, pane, settle
from tests.support.model_server import Call, Reply, serving, words

pytestmark = pytest.mark.pages

PASSAGES = [attack for attack in ATTACKS if attack.place == "passage"]
ANSWERS = [attack for attack in ATTACKS if attack.place == "answer"]
NAMES = {attack.place: attack.text for attack in reversed(ATTACKS)}
QUESTIONS = ("Hvad skal der ske med hegnspæle?", "Skal hegnspæle males?", "Hvordan skal hegnspæle stå?")


def _answer(call: Call) -> Reply:
    """First what the sources say to write, then what the attacks have it say, and last an honest answer."""
    prompt = "\n".join(message["content"] for message in call.body["messages"])
    if QUESTIONS[0] in prompt:
        text = obey(prompt)
    elif QUESTIONS[1] in prompt:
        text = "\n\n".join(attack.text for attack in ANSWERS).replace(
            "SPØRGSMÅLET", "Skal%20hegnspæle%20males"
        )
    else:
        text = (
            obey(prompt) + "\n\nHegnspæle skal ikke stå lige [1]. Det koster 4321 kroner. Hegn [77] er godt."
        )
    return Reply(words(text))


@pytest.fixture(scope="module")
def site(serve: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    corpus: Path = tmp_path_factory.mktemp("corpus")
    lines = ["Hegnspæle skal males hvert andet år", "Hegnspæle skal stå lige", *(a.text for a in PASSAGES)]
    text = "OM HEGN\n\n" + "\n\n".join(f"• Hegnspæle: {' '.join(line.split())}" for line in lines)
    (corpus / "hegn.txt").write_text(text, encoding="utf-8")
    (corpus / "låger.txt").write_text(f"{NAMES['heading']}\n\n• Låger skal kunne lukkes\n", encoding="utf-8")
    (corpus / "corpus.toml").write_text(
        f"[hegn]\ntitle = '{NAMES['title']}'\norganisation = '{NAMES['organisation']}'\n", encoding="utf-8"
    )
    with (
        serving(_answer) as model,
        serve(
            corpus=corpus,
            ASSISTANT_LLM__BASE_URL=model.url,
            ASSISTANT_LLM__MODEL="lydig",
            ASSISTANT_ANSWER__ANSWERER="llm",
            ASSISTANT_LIMITS__QUESTIONS_PER_MINUTE="100",
        ) as running,
    ):
        yield running


def test_nothing_that_an_obedient_model_writes_is_more_than_text(site: Any, open_page: Any) -> None:
    page = open_page(site)  # which fails where anything asks another server for anything
    for question in QUESTIONS[:2]:
        ask(page, question)
        turn = last_turn(page)
        expect(turn.locator(".written").first).to_be_visible()
        shown = turn.locator(".written").all_inner_texts()
        assert len(shown) > 10
        assert page.evaluate("window.overtaget") is None
        assert (
            turn.locator("img, script, iframe, svg:not(button svg), .katex, a, b, em, code, h1").count() == 0
        )
        assert not page.get_by_role("heading", name="overtaget", exact=True).count()
        assert (
            page.evaluate(f'document.querySelectorAll(\'[src*="{FOREIGN}"], [href*="{FOREIGN}"]\').length')
            == 0
        )


def test_only_retrieved_passages_can_be_opened(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, QUESTIONS[2])
    markers = last_turn(page).get_by_role("button", name="Vis kilde [")
    marked = set()
    for number in range(min(markers.count(), 3)):
        markers.nth(number).click()
        settle(page)
        mark = pane(page).locator("mark").first
        expect(mark).to_be_visible()
        marked.add(mark.inner_text())

    assert marked
    expect(last_turn(page).get_by_role("button", name="Vis kilde [77]")).to_have_count(0)


def test_each_sentence_says_in_words_whether_it_is_verified(site: Any, open_page: Any) -> None:
    page = open_page(site)
    ask(page, QUESTIONS[2])
    turn = last_turn(page)

    expect(turn.get_by_role("img", name="verificeret", exact=True).first).to_be_visible()
    expect(turn.locator(".unverified", has_text="Hegnspæle skal ikke stå lige.")).to_be_visible()
    assert turn.get_by_text("ikke verificeret", exact=True).count() >= 2
    warnings = turn.get_by_role("list", name="Bemærkninger til afsnittet").last
    expect(warnings).to_contain_text("»4321« står ikke i nogen af kilderne")
    expect(warnings).to_contain_text("Henvisningen [77] er fjernet: den kilde findes ikke.")
    assert findings(page) == []

    # Nor does what is taken along say more than that.
    page.get_by_role("button", name="Hent samtalen").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Hent som Markdown").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert re.search(r"Hegnspæle skal ikke stå lige.*\*\*\[ikke verificeret", text)
    assert "formuleret af sprogmodellen lydig" in text
