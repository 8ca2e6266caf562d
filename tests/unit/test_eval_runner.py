"""A run asks every question as a user would and keeps what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eval_world import QUESTIONS, SET, WordAssistant, passages

from assistant.errors import QuestionError
from assistant.progress import Progress
from eval import stamps
from eval.errors import EvaluationError
from eval.questions import QuestionSet
from eval.runner import run_questions
from eval.runs import Run, read_run, run_json, write_json
from eval.sheets import sheet_of
from eval.summary import flat, summarise


@pytest.fixture(scope="module")
def run() -> Run:
    return run_questions(WordAssistant(), SET)


def written(run: Run, folder: Path) -> Path:
    path = folder / "run.json"
    write_json(path, run_json(run, flat(summarise(sheet_of(run, "run")))))
    return path


def test_every_question_is_asked_once_in_order_with_its_history() -> None:
    assistant = WordAssistant()
    run_questions(assistant, SET, answerer="llm")
    assert assistant.asked == [(question.text, question.history, "llm") for question in QUESTIONS]


def test_what_was_learnt_from_these_questions_is_forgotten_first() -> None:
    assistant = WordAssistant()
    run_questions(assistant, SET)
    assert assistant.forgotten == tuple((*question.history, question.text) for question in QUESTIONS)


def test_the_file_has_the_form_of_the_contract(run: Run, tmp_path: Path) -> None:
    content = json.loads(written(run, tmp_path).read_text(encoding="utf-8"))
    assert {"stamp", "summary", "questions"} <= set(content)
    assert all(isinstance(value, float) for value in content["summary"].values())
    assert all(isinstance(value, str) for value in content["stamp"].values())
    first = content["questions"][0]
    assert (first["id"], first["kind"]) == ("q1", "fakta")
    assert first["latency_ms"] > 0
    assert first["hits"][0]["document"] == "kyst"
    assert first["hits"][0]["page"] == 1
    assert first["hits"][0]["text"] == "Diget skal være tre meter højt"
    assert first["hits"][0]["score"] >= first["hits"][1]["score"]
    assert first["answer"]["abstained"] is False
    assert first["answer"]["mode"] == "extractive"
    citation = first["answer"]["citations"][0]
    assert (citation["document"], citation["page"], citation["verified"]) == ("kyst", 1, True)
    assert citation["quote"] == "Diget skal være tre meter højt"
    assert content["questions"][4]["answer"]["citations"] == []
    assert content["questions"][4]["answer"]["abstained"] is True


def test_a_run_read_back_is_the_run_written(run: Run, tmp_path: Path) -> None:
    again = read_run(written(run, tmp_path))
    assert again.stamp == run.stamp
    assert [result.question for result in again.results] == list(QUESTIONS)
    assert [result.hits for result in again.results] == [result.hits for result in run.results]
    assert [result.citations for result in again.results] == [result.citations for result in run.results]


def test_hits_that_the_answer_did_not_keep_follow_those_it_kept(run: Run) -> None:
    for result in run.results:
        texts = [hit.text for hit in result.hits]
        assert len(texts) == len(set(texts)) == len(passages())


def test_nothing_is_searched_again_where_the_answer_kept_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(WordAssistant):
        searches = 0

        def search(self, question, **options):  # type: ignore[no-untyped-def]
            self.searches += 1
            return super().search(question, **options)

    monkeypatch.setattr("eval.runner.HITS", 3)
    enough, too_few = Counting(kept_hits=3), Counting(kept_hits=2)
    run_questions(enough, SET)
    run_questions(too_few, SET)
    assert too_few.searches == enough.searches + len(QUESTIONS)


def test_a_misquotation_is_found_though_the_assistant_does_not_say_so() -> None:
    run = run_questions(WordAssistant(misquotes=True), SET)
    citations = [citation for result in run.results for citation in result.citations]
    assert citations
    assert all(citation.verified for citation in citations)
    assert not any(citation.valid for citation in citations)


def test_the_stamp_names_what_the_run_is_made_of(run: Run) -> None:
    stamp = run.stamp
    assert (stamp.index, stamp.model, stamp.settings) == ("indeks", "ordtælling", "ingen")
    assert (stamp.question_file, stamp.questions, stamp.answerer) == ("lille", SET.fingerprint, "extractive")
    assert stamp.code.startswith("0.")
    assert len(stamp.corpus) == 16


def test_progress_tells_how_far_it_is() -> None:
    seen: list[Progress] = []
    run_questions(WordAssistant(), SET, progress=seen.append)
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    assert {progress.total for progress in seen} == {5}


def test_a_question_that_cannot_be_asked_is_named() -> None:
    class Refusing(WordAssistant):
        def ask(self, question, **options):  # type: ignore[no-untyped-def]
            raise QuestionError("Spørgsmålet er for langt.")

    with pytest.raises(EvaluationError, match=r"spørgsmålet q1 kunne ikke stilles: Spørgsmålet er for langt"):
        run_questions(Refusing(), SET)


def test_a_defect_is_told_with_the_question_that_met_it() -> None:
    class Broken(WordAssistant):
        def ask(self, question, **options):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run_questions(Broken(), SET)
    assert caught.value.__notes__ == ["Ved spørgsmålet q1"]


def test_the_summary_has_figures_with_intervals_overall_and_by_kind(run: Run) -> None:
    summary = flat(summarise(sheet_of(run, "run")))
    assert summary["questions"] == 5
    assert summary["hit@1/low"] <= summary["hit@1"] <= summary["hit@1/high"]
    assert summary["fakta/questions"] == 2
    assert summary["fakta/hit@1"] == 1.0
    assert summary["ubesvarbar/abstention_recall"] == 1.0
    assert "ubesvarbar/hit@1" not in summary


def test_a_file_is_written_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    path = written(run, tmp_path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"summary": {"hit@1": float("nan")}})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"stamp": {}, "questions": []}', '{"stamp": 1}'])
def test_what_is_not_a_run_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "fil.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"fil\.json: filen er ikke"):
        read_run(path)


def test_an_empty_set_cannot_be_run() -> None:
    with pytest.raises(EvaluationError, match="tomt"):
        run_questions(WordAssistant(), QuestionSet("tom", (), "0"))


def test_code_that_is_not_committed_has_a_version_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr(stamps.assistant, "__file__", str(tmp_path / "__init__.py"))
    versions = {stamps.code_version()}
    for content in ("", "{}"):
        (tmp_path / "model.json").write_text(content)
        versions.add(stamps.code_version())
    assert len(versions) == 3
    assert all(version.startswith("0.1.0+") for version in versions)
