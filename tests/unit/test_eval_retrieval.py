"""A folder of passages, queries and judgments, searched by the product's own search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eval_world import words

from assistant.records import Hit, Passage, Query
from eval.catalogue import METRICS
from eval.errors import EvaluationError
from eval.lines import LinesError
from eval.resampling import differences
from eval.retrieval import (
    Benchmark,
    RetrievalRun,
    read_benchmark,
    retrieval_from_json,
    retrieval_json,
    retrieval_sheet,
    run_benchmark,
)
from eval.runs import RunStamp
from eval.summary import flat, summarise
from eval.table import metrics_table

STAMP = RunStamp("", "", "", "", "", "", "", "aftryk", "byer", "")


class WordSearcher:
    """Ranks passages by the words they share with the query, in their title or text."""

    def __init__(self, passages: tuple[Passage, ...]) -> None:
        self.passages = passages

    def search(self, query: Query, top_k: int = 10) -> tuple[Hit, ...]:
        wanted = words(query.text)
        scored = [(len(wanted & words(f"{p.heading} {p.text}")), p) for p in self.passages]
        scored.sort(key=lambda pair: -pair[0])
        return tuple(
            Hit(passage, float(score), rank) for rank, (score, passage) in enumerate(scored[:top_k], 1)
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cities = {"aarhus": "domkirke letbane", "odense": "eventyr museum", "aalborg": "fjorden akvavit"}
    passages = [{"id": name, "title": name.title(), "text": text} for name, text in cities.items()]
    passages += [{"id": f"fyld-{at}", "text": f"ingenting nummer {at}"} for at in range(30)]
    queries = [
        {"id": "k1", "text": "Hvilken by har en letbane?"},
        {"id": "k2", "text": "Hvor er fjorden og Odense?"},
        {"id": "k3", "text": "Hvor er hovedstaden?"},
    ]
    _lines(tmp_path / "corpus.jsonl", passages)
    _lines(tmp_path / "queries.jsonl", queries)
    (tmp_path / "qrels.tsv").write_text(
        "query_id\tpassage_id\trelevance\nk1\taarhus\t1\nk2\taalborg\t1\nk2\taarhus\t1\n", encoding="utf-8"
    )
    return tmp_path


def ranked(folder: Path) -> tuple[Benchmark, RetrievalRun]:
    benchmark = read_benchmark(folder)
    return benchmark, run_benchmark(WordSearcher(benchmark.passages), benchmark, STAMP)


def test_every_query_gets_a_ranking_of_twenty(folder: Path) -> None:
    _, run = ranked(folder)
    assert list(run.rankings) == ["k1", "k2", "k3"]
    assert all(len(ranking) == len(set(ranking)) == 20 for ranking in run.rankings.values())
    assert run.rankings["k1"][0] == "aarhus"


def test_passages_do_not_lift_each_other(folder: Path) -> None:
    benchmark, _ = ranked(folder)
    assert len({passage.section for passage in benchmark.passages}) == len(benchmark.passages)


def test_the_figures_are_those_of_the_judged_queries(folder: Path) -> None:
    _, run = ranked(folder)
    sheet = retrieval_sheet(run, "byer")
    assert sheet.ids == ("k1", "k2")
    # k2 ranks odense and aalborg first, then aarhus in the order of the corpus or after it.
    places = sorted(run.rankings["k2"].index(name) + 1 for name in ("aalborg", "aarhus"))
    summary = flat(summarise(sheet))
    assert summary["hit@1"] == (1 + (places[0] == 1)) / 2
    assert summary["mrr"] == pytest.approx((1 + 1 / places[0]) / 2)
    assert summary["recall@5"] == 1.0
    assert summary["questions"] == 2


def test_the_file_has_the_form_of_the_contract_and_can_be_compared(folder: Path) -> None:
    _, run = ranked(folder)
    content = json.loads(json.dumps(retrieval_json(run, flat(summarise(retrieval_sheet(run, "byer"))))))
    assert content["rankings"]["k1"][0] == "aarhus"
    assert all(isinstance(value, float) for value in content["summary"].values())
    again = retrieval_sheet(retrieval_from_json(content, "fil"), "byer")
    assert all(row.change == 0 for row in differences(METRICS, retrieval_sheet(run, "byer"), again))


def test_the_targets_of_question_sets_are_not_put_on_a_benchmark(folder: Path) -> None:
    _, run = ranked(folder)
    table = metrics_table([summarise(retrieval_sheet(run, "byer"))])
    assert "hit@1" in table
    assert "≥" not in table


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("corpus.jsonl", "{", r"corpus\.jsonl:34: linjen er ikke gyldig JSON"),
        ("corpus.jsonl", '{"id": "odense", "text": "x"}', r"corpus\.jsonl:34: .*to gange"),
        ("queries.jsonl", '{"id": "k9"}', r"queries\.jsonl:4: feltet text mangler"),
        ("qrels.tsv", "k1\taarhus", r"qrels\.tsv:5: linjen skal have tre felter"),
        ("qrels.tsv", "k9\taarhus\t1", r"qrels\.tsv:5: ukendt query »k9«"),
        ("qrels.tsv", "k1\tribe\t1", r"qrels\.tsv:5: ukendt passage »ribe«"),
        ("qrels.tsv", "k1\todense\tmeget", r"qrels\.tsv:5: relevance skal være et tal"),
        ("qrels.tsv", "k1\todense\tnan", r"qrels\.tsv:5: relevance skal være et tal fra 0"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, file: str, line: str, message: str) -> None:
    with (folder / file).open("a", encoding="utf-8") as content:
        content.write(line + "\n")
    with pytest.raises(LinesError, match=message):
        read_benchmark(folder)


@pytest.mark.parametrize("file", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_or_empty_file_is_named(folder: Path, file: str) -> None:
    (folder / file).write_text("", encoding="utf-8")
    with pytest.raises(LinesError, match=file):
        read_benchmark(folder)
    (folder / file).unlink()
    with pytest.raises(LinesError, match=file):
        read_benchmark(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="findes ikke"):
        read_benchmark(tmp_path / "mangler")


def _lines(path: Path, entries: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
