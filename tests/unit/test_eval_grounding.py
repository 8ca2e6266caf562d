"""A run with a model that writes: how much of it is verified, and how well it cites."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.records import Answer, Document, Hit, Query, Stamp
from assistant.verifying.answer import verify
from assistant.verifying.sources import Source
from eval.cli import main
from eval.grounding import citation_precision, citation_recall, claiming_sentences, groundedness
from eval.runs import read_run
from eval.sheets import sheet_of
from eval.summary import flat, summarise
from tests.support.corpora import document, passages, write
from tests.support.model_server import Call, Reply, serving, words

PAGE = "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n\n• Låger skal kunne lukkes\n"
FENCES: Mapping[str, Document] = {"notat": document(PAGE)}


def answer(text: str) -> Answer:
    """What a model wrote of the two sources, verified as an answer is."""
    found = passages(PAGE)
    sources = [Source(n, p, PAGE, FENCES["notat"]) for n, p in enumerate(found, 1)]
    made = verify(text, sources)
    shown = tuple(Hit(p, 1.0, n) for n, p in enumerate(found, 1))
    query = Query("Hvad?", "Hvad?")
    return Answer(
        "Hvad?", text, made.blocks, made.citations, shown, "lille", False, Stamp("", "", "", ""), query
    )


def figures(text: str) -> tuple[float | None, float | None, float | None]:
    sentences = claiming_sentences(answer(text), FENCES)
    return groundedness(sentences), citation_precision(sentences), citation_recall(sentences)


def test_what_rests_on_what_it_cites_is_grounded() -> None:
    assert figures("Hegnspæle skal males hvert andet år [1]. Låger skal kunne lukkes [2].") == (1, 1, 1)


def test_what_is_made_up_is_neither_grounded_nor_could_it_be() -> None:
    assert figures("Hegnet er gratis for alle naboer [1].") == (0, 0, None)


def test_the_wrong_source_costs_precision_and_recall() -> None:
    assert figures("Hegnspæle skal males hvert andet år [2].") == (0, 0, 0)


def test_what_could_be_cited_and_is_not_costs_recall_alone() -> None:
    assert figures("Låger skal kunne lukkes. Hegnspæle skal males hvert andet år [1].") == (0.5, 1, 0.5)


def test_a_greeting_counts_for_nothing() -> None:
    assert figures("Hej!") == (None, None, None)


QUESTIONS = [
    {
        "id": "q1",
        "question": "Hvor tit skal hegnspæle males?",
        "kind": "fakta",
        "gold": [{"doc": "hegn", "any": ["males hvert andet år"]}],
    },
    {
        "id": "q2",
        "question": "Skal låger kunne lukkes?",
        "kind": "fakta",
        "gold": [{"doc": "hegn", "any": ["kunne lukkes"]}],
    },
]


def test_a_run_with_a_model_has_the_figures_in_its_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = write(tmp_path / "corpus", [("hegn.txt", PAGE)])
    questions = tmp_path / "spørgsmål.jsonl"
    questions.write_text("\n".join(json.dumps(q) for q in QUESTIONS), encoding="utf-8")
    output = tmp_path / "kørsel.json"
    with serving(_half_true) as server:
        monkeypatch.setenv("ASSISTANT_LLM__BASE_URL", server.url)
        monkeypatch.setenv("ASSISTANT_LLM__MODEL", "lille")
        given = ["--questions", str(questions), "--corpus", str(corpus), "--output", str(output)]
        status = main(["run", *given, "--answerer", "llm"])

    made = json.loads(output.read_text(encoding="utf-8"))
    assert status == 0
    assert made["stamp"]["answerer"] == "llm"
    assert {name: made["summary"][name] for name in FIGURES} == {
        "written": 1.0,
        "groundedness": 0.5,
        "citation_precision": 0.5,
        "citation_recall": 1.0,
    }
    assert made["questions"][0]["answer"]["mode"] == "lille"
    assert [s["verified"] for s in made["questions"][0]["answer"]["sentences"]] == [True, False]
    # And what is read back gives the same figures.
    again = flat(summarise(sheet_of(read_run(output), "igen")))
    assert [again[name] for name in FIGURES] == [made["summary"][name] for name in FIGURES]


FIGURES = ("written", "groundedness", "citation_precision", "citation_recall")


def _half_true(call: Call) -> Reply:
    """Repeats the first source, and adds a sentence that no source has."""
    prompt = "\n".join(message["content"] for message in call.body["messages"])
    first = re.search(r"^Tekst: (.+)$", prompt, re.MULTILINE)
    assert first is not None
    return Reply(words(f"{first[1]} [1]. Det er gratis for alle naboer [1]."))
