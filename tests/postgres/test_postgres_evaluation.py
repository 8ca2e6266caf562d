"""The figures of the evaluation are the same, wherever the index lives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from postgres_world import EMBEDDER, settings_of
from support.corpora import CORPUS
from support.postgres import Server

from assistant import factory
from assistant.factory import open_assistant
from assistant.indexes.postgres.home import PostgresHome
from assistant.settings import PROJECT, CorpusSettings, Settings
from eval.opening import current_assistant, read_documents, temporary_index
from eval.questions import load_questions
from eval.runner import run_questions
from eval.runs import QuestionResult, Run
from eval.sheets import sheet_of
from eval.summary import flat, summarise

pytestmark = pytest.mark.servers

KINDS = 8


@pytest.fixture
def settings(postgres: Server, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(factory, "open_embedder", lambda _: EMBEDDER)
    return replace(settings_of(tmp_path, postgres.url, schema), corpus=CorpusSettings(CORPUS))


def outlined(run: Run) -> list[QuestionResult]:
    """The results without times, and without the last digits of what is added up in another order."""
    return [
        replace(
            result,
            latency_ms=1.0,
            confidence=0.0,
            hits=tuple(replace(hit, score=0.0, signals=()) for hit in result.hits),
        )
        for result in run.results
    ]


def scores(run: Run) -> list[float]:
    return [
        score for result in run.results for score in (result.confidence, *(hit.score for hit in result.hits))
    ]


def test_questions_of_every_kind_have_the_same_hits_answers_and_figures(
    settings: Settings, home: PostgresHome
) -> None:
    every = load_questions(PROJECT / "eval" / "questions" / "dev.jsonl", read_documents(settings))
    by_kind = {question.kind: question for question in every.questions}
    asked = replace(every, questions=tuple(by_kind.values()))
    assert len(by_kind) == KINDS
    there = replace(settings, database=replace(settings.database, url=""))

    ours, theirs = (run_questions(open_assistant(each), asked) for each in (settings, there))

    assert outlined(ours) == outlined(theirs)
    assert scores(ours) == pytest.approx(scores(theirs), abs=1e-3)
    assert ours.stamp.index == theirs.stamp.index
    figures = [flat(summarise(sheet_of(run, "dev"))) for run in (ours, theirs)]
    untimed = [{name: value for name, value in each.items() if "latency" not in name} for each in figures]
    assert untimed[0] == pytest.approx(untimed[1], abs=1e-3)


def test_index_of_an_evaluation_is_gone_afterwards_and_the_one_in_use_is_left(
    settings: Settings, home: PostgresHome, postgres: Server
) -> None:
    open_assistant(settings)
    name = home.current_name()
    with temporary_index(settings) as own:
        open_assistant(own)
        assert own.database.schema != settings.database.schema
    documents = read_documents(settings)
    with current_assistant(settings, documents, lambda _: None, own_index=True) as assistant:
        assert assistant.documents == documents
    assert home.current_name() == name
    assert postgres.run("SELECT nspname FROM pg_namespace WHERE nspname ^@ 'eval'") == []
