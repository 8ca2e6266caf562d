"""The benches of growth, stages and peers on tiny sizes: what they hand over, never how long it took."""

from __future__ import annotations

import importlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.indexes.store import read_generation
from eval.bench import growth
from eval.bench.grown import CHUNK, PER_DOCUMENT, Seeds, grown, nearest_cosine
from eval.bench.kept import KeptEmbedder
from eval.bench.peers import quality, told
from eval.bench.stages import Embedded, Stages
from eval.bench.timing import Quantiles, quantiles

MARKS = "".join(
    f"<!-- tal: {name} -->\n<!-- slut: {name} -->\n"
    for name in ("maskine", "forhold", "trin", "vækst", "andre", "andre-maskine")
)


class Counting:
    """Embeds a text as its length, and counts how often it is asked."""

    fingerprint, dimension = "counting", 4

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_queries(self, texts: Any) -> np.ndarray:
        self.asked.extend(texts)
        return np.asarray([[len(text), 1, 0, 0] for text in texts], dtype=np.float32)

    embed_passages = embed_queries


@pytest.fixture
def seeds(monkeypatch: pytest.MonkeyPatch) -> Seeds:
    monkeypatch.setattr("eval.bench.grown.CHUNK", 200)
    random = np.random.default_rng(1)
    vectors = random.standard_normal((20, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = tuple(
        f"Den første sætning om emne {n} er lang nok. Den anden sætning om {n} er det også."
        for n in range(20)
    )
    return Seeds(texts, tuple(f"Emne {n}" for n in range(20)), vectors, vectors)


def test_grown_passages_begin_with_the_real_ones_and_are_never_the_same_text(seeds: Seeds) -> None:
    (chunk,) = grown(seeds, 130)
    texts = [passage.text for passage in chunk.passages]
    assert tuple(texts[:20]) == seeds.texts
    np.testing.assert_array_equal(chunk.vectors[:20], seeds.vectors)
    assert len(set(texts)) > 120
    assert len({passage.id for passage in chunk.passages}) == 130
    np.testing.assert_allclose(np.linalg.norm(chunk.vectors, axis=1), 1, rtol=1e-5)
    assert chunk.vectors.shape == chunk.heading_vectors.shape == (130, 4)


def test_a_grown_passage_stands_on_its_page_where_it_says(seeds: Seeds) -> None:
    (chunk,) = grown(seeds, 130)
    by_id = {document.id: document for document in chunk.documents}
    assert [len(chunk.documents), PER_DOCUMENT] == [3, 50]
    for passage in chunk.passages:
        page = by_id[passage.document_id].page(passage.page)
        assert page.text[passage.span.start : passage.span.end] == passage.text


def test_fewer_passages_are_the_first_of_more_and_chunks_differ(seeds: Seeds) -> None:
    few, many = list(grown(seeds, 60)), list(grown(seeds, 350))
    assert [passage.text for passage in few[0].passages] == [p.text for p in many[0].passages[:60]]
    assert [len(chunk.passages) for chunk in many] == [200, 150]
    assert many[0].passages[100].text != many[1].passages[100].text
    assert CHUNK % PER_DOCUMENT == 0  # a document is never cut by the end of a chunk


def test_the_nearest_of_a_vector_is_another_one() -> None:
    vectors = np.asarray([[1, 0], [0.6, 0.8]], dtype=np.float32)
    assert nearest_cosine(vectors, vectors) == pytest.approx(0.6)


def test_quantiles_are_in_milliseconds() -> None:
    assert quantiles([n / 1000 for n in range(1, 102)]) == Quantiles(1.0, 51.0, 96.0)
    assert quantiles([0.002]) == Quantiles(2.0, 2.0, 2.0)


def test_an_embedder_that_remembers_asks_once_and_gives_the_same() -> None:
    inner = Counting()
    embedder = Embedded(inner)
    np.testing.assert_array_equal(embedder.embed_queries(["ja"]), embedder.embed_queries(["ja"]))
    assert inner.asked == ["ja"]


def test_vectors_of_passages_are_kept_from_run_to_run_and_questions_are_not(tmp_path: Path) -> None:
    file, inner = tmp_path / "kept.npz", Counting()
    first = KeptEmbedder(inner, file).embed_passages(["en", "tre", "en"])
    again = KeptEmbedder(inner, file)
    np.testing.assert_array_equal(again.embed_passages(["en", "tre", "en"]), first)
    assert inner.asked == ["en", "tre", "en"]
    again.embed_queries(["en"])
    assert inner.asked[-1] == "en"
    assert again.seconds > 0


def test_the_rank_of_several_golds_is_the_last_one_less_the_others() -> None:
    gold = [[["a"]], [["b", "c"]], [["a"], ["b"]], [["z"]]]
    found = quality([["a", "b"], ["x", "c"], ["b", "a"], ["a"]], gold)
    assert found == {"hit@1": 0.5, "recall@5": 0.75, "mrr": 0.625}


def test_what_a_system_takes_besides_embedding_is_counted_question_by_question() -> None:
    figures = told([["a"]] * 3, [0.03, 0.02, 0.05], [0.01, 0.01, 0.01], megabytes=12.345)
    assert figures["besides_ms"]["p50"] == 20.0
    assert figures["over_embedding"] == 3.0
    assert figures["megabytes"] == pytest.approx(12.345, abs=0.006)


def test_a_size_is_measured_by_steps_in_order_and_stamped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "CACHE", tmp_path)
    steps: list[str] = []

    def run(step: str, size: int) -> dict[str, Any]:
        steps.append(f"{step} {size}")
        return {"step": step}

    figures = growth.measure(7, keep=False, run=run)
    assert steps == ["build 7", "bare 7", "ask 7"]
    assert figures["passages"] == 7
    assert figures["ask"] == {"step": "ask"}
    assert len(figures["stamp"]["load"]) == 2
    assert not (tmp_path / "growth" / "7").exists()
    growth.measure(7, keep=True, run=run)
    growth.measure(7, keep=True, run=run)
    assert steps.count("build 7") == 2  # once for each of the first two


def test_an_index_of_several_chunks_grows_by_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Seeds
) -> None:
    monkeypatch.setattr(growth, "CACHE", tmp_path)
    monkeypatch.setattr(growth, "_seeds", lambda _: (Counting(), seeds))

    assert growth.build(350)["megabytes"] > 0
    generation = read_generation(tmp_path / "growth" / "350" / "index", model="counting")
    assert len(generation.index) == 350
    assert len(generation.documents) == 350 / PER_DOCUMENT


@pytest.fixture(scope="module")
def report() -> Any:
    """The module that draws, imported where it is asked for: matplotlib takes longer than all else here."""
    return importlib.import_module("eval.bench.report")


def test_tables_and_plots_are_made_of_the_results(report: Any, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    for name, content in {"laptop": _laptop(), "growth": _growth(), "peers": _peers()}.items():
        (results / f"{name}.json").write_text(json.dumps(content))
    document = tmp_path / "performance.md"
    document.write_text(f"Før\n{MARKS}Efter\n")
    report.main(["--results", str(results), "--document", str(document)])
    text = document.read_text()
    assert text.startswith("Før\n")
    assert text.endswith("Efter\n")
    assert "| Svar fra kold start | 500,0 ms | import af torch: 4000,0 ms | 0,12 | ≤ 0,25 | ja |" in text
    assert "|  | 100 | 10.000 |" in text
    assert "| **alt andet end indlejringen** | 1,00 | 2,00 | 3,00 |" in text
    assert "| txtai, hybrid | 0,500 | 0,750 | 0,625 | 2,00 (3,00) |" in text
    for name in ("growth", "stages", "peers"):
        assert (tmp_path / "performance" / f"{name}.svg").read_text().count("<path") > 10
    before = text
    report.main(["--results", str(results), "--document", str(document)])
    assert document.read_text() == before  # made anew, not added to


def test_a_document_without_the_place_for_a_table_is_refused(report: Any) -> None:
    with pytest.raises(ValueError, match="tal: trin"):
        report.placed("intet", "trin", "| |")


_OF = asdict(Quantiles(1.0, 2.0, 3.0))
_STAMP = {"created": "2026-01-01T00:00:00+00:00", "code": "1", "machine": "en maskine", "load": [0.5, 1.0]}


def _laptop() -> dict[str, Any]:
    figure = {
        "label": "Svar fra kold start",
        "reference_label": "import af torch",
        "ours": 0.5,
        "reference": 4.0,
        "ratio": 0.12,
        "target": 0.25,
        "reached": True,
    }
    by_stage = {name: Quantiles(1.0, 2.0, 3.0) for name in ("embed", "search", "fuse", "answer")}
    stages = Stages(100, 50, by_stage, Quantiles(1.0, 2.0, 3.0), Quantiles(1.0, 2.0, 3.0))
    assert stages.reached
    page = {"first_byte": 1.0, "usable": None}
    return {"stamp": _STAMP, "figures": [figure], "stages": asdict(stages), "page": page}


def _growth() -> dict[str, Any]:
    def size(n: int) -> dict[str, Any]:
        memory = {"own": 50.0, "resident": 90.0}
        return {
            "passages": n,
            "stamp": _STAMP,
            "bare": {"flat_ms": _OF, "bm25s_ms": _OF},
            "build": {"seconds": 1.0, "one_document_seconds": 0.1, "megabytes": 2.0, "peak_megabytes": 99.0},
            "ask": {
                "stages_ms": dict.fromkeys(("embed", "search", "fuse", "answer"), _OF),
                "besides_embedding_ms": _OF,
                "processor_besides_embedding_ms": _OF,
                "embed_alone_ms": _OF,
                "recall": 1.0,
                "open_seconds": 0.1,
                "whole_memory_megabytes": memory,
            },
        }

    return {"sizes": [size(10_000), size(100)]}


def _peers() -> dict[str, Any]:
    system = {"hit@1": 0.5, "recall@5": 0.75, "mrr": 0.625, "besides_ms": _OF, "over_embedding": 1.2}
    systems = {key: {**system, "build_seconds": 0.5} for key in ("assistant", "txtai", "langchain")}
    return {"stamp": _STAMP, "sets": [{"name": "dev", "passages": 9, "queries": 4, "systems": systems}]}
