"""The command line over the real documents: what each command prints, to the letter of the contract."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from support.command import run_assistant

from assistant.cli import main
from assistant.pipeline import Assistant

KOMDIR, STATEN = "komdir-4-pejlemaerker", "staten-styring-og-ledelse"

Run = Callable[..., str]


@pytest.fixture
def run(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command that must succeed without a word on stderr; returns its output."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def ran(*arguments: str) -> str:
        assert main(arguments) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return ran


def as_json(run: Run, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments))
    return found


# --- in a process of its own ----------------------------------------------------------------------


def test_an_answer_is_printed_with_its_references(environment: Mapping[str, str]) -> None:
    done = run_assistant(environment, "ask", "Hvad er de fire pejlemærker?")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "KOMDIR skriver i debatoplægget under overskriften »4 pejlemærker«: [1]\n"
        "1. Den demokratisk funderede forvaltning\n"
        "2. Den kompetente forvaltning\n"
        "3. Den værdiskabende forvaltning\n"
        "4. Den kulturbærende forvaltning\n"
        "\n"
        "[1] KOMDIR, 4 pejlemærker for en sammenhængende offentlig sektor, slide 3\n"
    )


def test_a_chat_over_a_pipe_answers_and_remembers(environment: Mapping[str, str]) -> None:
    typed = "Hvad indebærer den kompetente forvaltning?\n\nOg hvad med den kulturbærende?\nslut\nHvad?\n"
    done = run_assistant(environment, "chat", typed=typed)

    assert done.returncode == 0
    assert "Vi udviser ordentlighed, saglighed og kompetence" in done.stdout
    assert "Forstået som: Hvad indebærer den kulturbærende forvaltning?" in done.stdout
    assert "Vi taler kommunen op" in done.stdout
    assert done.stderr.splitlines() == ["Spørgsmålet er tomt. Skriv et spørgsmål, og prøv igen."]


# --- ask ------------------------------------------------------------------------------------------

HIT_KEYS = {"document", "page", "text", "score"}
ANSWER_KEYS = {"text", "abstained", "mode", "citations"}
CITATION_KEYS = {"document", "page", "quote", "verified"}


def test_an_answer_as_json_has_what_the_contract_names(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad er de fire pejlemærker?")

    assert {"hits", "answer"} <= set(found)
    assert len(found["hits"]) >= 10
    assert all(set(hit) >= HIT_KEYS for hit in found["hits"])
    assert set(found["answer"]) >= ANSWER_KEYS
    assert all(set(citation) >= CITATION_KEYS for citation in found["answer"]["citations"])
    assert (found["answer"]["abstained"], found["answer"]["mode"]) == (False, "extractive")


def test_the_types_of_the_contract(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad siger staten om driftsledelse?")
    hit, citation = found["hits"][0], found["answer"]["citations"][0]

    assert [type(hit[key]) for key in ("document", "page", "text", "score")] == [str, int, str, float]
    assert [type(citation[key]) for key in ("document", "page", "quote", "verified")] == [str, int, str, bool]
    assert (citation["document"], citation["page"], citation["verified"]) == (STATEN, 2, True)


def test_hits_stand_best_first_where_one_point_is_asked_for(run: Run) -> None:
    scores = [
        hit["score"] for hit in as_json(run, "ask", "--json", "Hvad siger staten om driftsledelse?")["hits"]
    ]

    assert scores == sorted(scores, reverse=True)


def test_the_span_of_a_citation_is_where_its_quote_stands(run: Run, assistant: Assistant) -> None:
    (citation,) = as_json(run, "ask", "--json", "Hvad siger staten om driftsledelse?")["answer"]["citations"][
        :1
    ]
    page = assistant.document(citation["document"]).page(citation["page"])

    assert " ".join(page.text[citation["start"] : citation["end"]].split()) == citation["quote"]


def test_to_decline_is_no_error(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad er hovedstaden i Frankrig?")

    assert (found["answer"]["abstained"], found["answer"]["citations"]) == (True, [])
    assert len(found["hits"]) >= 10


def test_a_declined_question_is_followed_by_questions_that_can_be_asked(run: Run) -> None:
    out = run("ask", "Hvad er hovedstaden i Frankrig?")

    assert out.startswith("Det svarer dokumenterne ikke på.\n")
    assert len(out.partition("Spørg for eksempel:\n")[2].splitlines()) == 3


def test_earlier_questions_complete_a_follow_up(run: Run) -> None:
    earlier = "Hvad indebærer den kompetente forvaltning?"
    arguments = ("--history", earlier, "--history", "Og hvad med den værdiskabende?", "Og den kulturbærende?")
    found = as_json(run, "ask", "--json", *arguments)

    assert found["question"] == "Og den kulturbærende?"
    assert found["answer"]["understood_as"] == "Hvad indebærer den kulturbærende forvaltning?"
    assert {c["page"] for c in found["answer"]["citations"]} == {7}


def test_a_question_that_was_completed_says_so(run: Run) -> None:
    out = run("ask", "Og den kulturbærende?", "--history", "Hvad indebærer den kompetente forvaltning?")

    assert out.startswith("Forstået som: Hvad indebærer den kulturbærende forvaltning?\n\n")


def test_a_document_filter_keeps_to_its_document(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad er vigtigt for ledelse?", "--document", STATEN)

    assert {hit["document"] for hit in found["hits"]} == {STATEN}


def test_two_document_filters_are_both_searched(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad er ledelse?", "--document", STATEN, "--document", KOMDIR)

    assert {hit["document"] for hit in found["hits"]} == {STATEN, KOMDIR}


def test_the_answerer_can_be_named(run: Run) -> None:
    found = as_json(run, "ask", "--json", "Hvad er de fire pejlemærker?", "--answerer", "extractive")

    assert found["answer"]["mode"] == "extractive"


def test_markers_in_the_text_are_those_of_the_references(run: Run) -> None:
    text, _, references = run("ask", "Hvordan ser kommunerne og staten på styring efter mål?").rpartition(
        "\n\n"
    )

    assert set(re.findall(r"«? \[(\d+)\]$", text, re.MULTILINE)) == set(
        re.findall(r"^\[(\d+)\]", references, re.M)
    )


# --- search, documents, doctor, chat --------------------------------------------------------------


def test_a_search_as_json_gives_the_hits(run: Run) -> None:
    hits = as_json(run, "search", "--json", "Hvad siger staten om driftsledelse?")["hits"]

    assert len(hits) == 10
    assert all(set(hit) >= HIT_KEYS for hit in hits)
    assert "driftsledelse" in hits[0]["text"]


def test_a_search_gives_as_many_hits_as_wanted(run: Run) -> None:
    assert len(as_json(run, "search", "--json", "--top-k", "3", "tillid")["hits"]) == 3


def test_a_search_is_printed_with_references(run: Run) -> None:
    first, second, *_ = run("search", "Hvad siger staten om driftsledelse?").splitlines()

    assert first.startswith(" 1. ")
    assert second.strip() == "Staten, Hvordan styrker vi sammenhæng styrings- og ledelsesmæssigt?, slide 2"


def test_the_documents_as_json_say_what_is_indexed(run: Run, assistant: Assistant) -> None:
    found = as_json(run, "documents", "--json")

    assert [row["id"] for row in found["documents"]] == [KOMDIR, STATEN]
    assert [row["passages"] for row in found["documents"]] == [
        len(assistant.passages(d)) for d in (KOMDIR, STATEN)
    ]
    assert [row["pages"] for row in found["documents"]] == [8, 7]
    assert found["problems"] == []


def test_the_documents_are_listed_for_people(run: Run) -> None:
    out = run("documents")

    assert (
        f"{KOMDIR}\n    KOMDIR: 4 pejlemærker for en sammenhængende offentlig sektor (debatoplæg), 8 slides"
        in out
    )


def test_the_doctor_finds_everything_well(run: Run) -> None:
    lines = run("doctor").splitlines()

    assert [line.split()[0] for line in lines[1:]] == ["OK", "OK", "OK", "OK", "-"]


def test_a_build_of_what_is_built_embeds_nothing(run: Run, assistant: Assistant) -> None:
    passages = sum(len(assistant.passages(d.id)) for d in assistant.documents)

    assert run("build").startswith(
        f"2 dokumenter, {passages} tekststykker (0 indlejret, {passages} genbrugt)"
    )


def test_a_chat_that_is_as_long_as_it_may_be_says_so(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ASSISTANT_LIMITS__CONVERSATION_TURNS", "1")
    monkeypatch.setattr("sys.stdin", io.StringIO("Hvad er tillid?\nOg mål?\n"))

    assert main(["chat"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n[1] ") == 1
    assert "Begynd en ny samtale" in err


def test_a_chat_tells_first_that_a_machine_answers_from_these_documents_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    first, *rest = run("chat").splitlines()

    assert first == "Svarene er lavet af en maskine og bygger kun på disse dokumenter:"
    assert rest[0] == "  KOMDIR: 4 pejlemærker for en sammenhængende offentlig sektor"
