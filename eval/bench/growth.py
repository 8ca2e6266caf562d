"""How time and memory grow with the number of passages: ``python -m eval.bench.growth --sizes 100 10000``.

Every size is built, opened and asked in processes of its own, so that memory is that of the thing
measured. A size that was measured before is measured anew; the other sizes of the file stay.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.settings import PROJECT, Settings, load_settings
from assistant.timing import STAGES, Timing
from eval.bench.grown import grown, nearest_cosine, questions, read_seeds
from eval.bench.stages import Embedded
from eval.bench.timing import quantiles as _quantiles
from eval.runs import write_json
from eval.stamps import code_version, machine, now

CACHE = PROJECT / ".cache" / "bench"
RESULTS = Path(__file__).parent / "results" / "growth.json"
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
WARM_UP = 10
NEAREST = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the sizes asked for and add them to the file of results."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES[:3]), metavar="ANTAL")
    parser.add_argument("--output", type=Path, default=RESULTS, metavar="FIL")
    parser.add_argument("--keep", action="store_true", help="behold indekset, og brug det, der er")
    parser.add_argument("--step", choices=sorted(_STEPS), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        print(json.dumps(_STEPS[options.step](options.sizes[0])))
        return 0
    before = json.loads(options.output.read_text()) if options.output.is_file() else {"sizes": []}
    for size in options.sizes:
        figures = measure(size, keep=options.keep, run=_in_process)
        rest = [old for old in before["sizes"] if old["passages"] != figures["passages"]]
        before = {"sizes": sorted([*rest, figures], key=lambda one: int(one["passages"]))}
        write_json(options.output, before)
    return 0


def measure(size: int, *, keep: bool, run: Callable[[str, int], dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of one size; ``run`` carries out a step in a process of its own."""
    load = os.getloadavg()[0]
    built = _folder(size) / "built.json"
    if not (keep and built.is_file()):
        shutil.rmtree(_folder(size), ignore_errors=True)
        write_json(built, run("build", size))
    figures = {"bare": run("bare", size), "build": json.loads(built.read_text()), "ask": run("ask", size)}
    if not keep:
        shutil.rmtree(_folder(size))
    stamp = {"created": now(), "code": code_version(), "machine": machine()}
    return {
        "passages": size,
        "stamp": {**stamp, "load": [round(load, 1), round(os.getloadavg()[0], 1)]},
        **figures,
    }


def quantiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return least, median and 95th percentile in milliseconds, as they stand in the results."""
    return asdict(_quantiles(seconds))


# --- steps, each in a process of its own ----------------------------------------------------------


def build(size: int) -> dict[str, Any]:
    """Write an index of ``size`` passages, then add one document to it."""
    from assistant.indexes.home import Change
    from assistant.indexes.manifest import Origin
    from assistant.indexes.writing import FolderHome

    settings = _settings(size)
    embedder, seeds = _seeds(settings)
    documents: tuple[Any, ...] = ()
    seconds = 0.0
    origin = Origin(embedder.fingerprint, now())
    home = FolderHome(settings.index.path)
    for chunk in grown(seeds, size):
        started = time.perf_counter()
        with home.writing() as writer:
            writer.current(embedder.fingerprint)
            kept = frozenset(document.id for document in documents)
            documents = (*documents, *chunk.documents)
            change = Change(documents, kept, chunk.passages, chunk.vectors, chunk.heading_vectors)
            writer.write(change, origin)
        seconds += time.perf_counter() - started
        print(f"{len(documents)} dokumenter efter {seconds:.0f} s", file=sys.stderr, flush=True)
    peak = _peak()
    folder_bytes = sum(path.stat().st_size for path in settings.index.path.rglob("*") if path.is_file())
    started = time.perf_counter()
    last = documents[-1]
    rows = [i for i, passage in enumerate(chunk.passages) if passage.document_id == last.id]
    with home.writing() as writer:
        writer.current(embedder.fingerprint)
        change = Change(
            documents,
            frozenset(document.id for document in documents[:-1]),
            tuple(chunk.passages[i] for i in rows),
            chunk.vectors[rows],
            chunk.heading_vectors[rows],
        )
        writer.write(change, origin)
    return {
        "seconds": round(seconds, 2),
        "one_document_seconds": round(time.perf_counter() - started, 3),
        "megabytes": round(folder_bytes / 1e6, 1),
        "peak_megabytes": peak,
        "nearest_cosine": round(nearest_cosine(chunk.vectors[:500], chunk.vectors), 3),
    }


def ask(size: int) -> dict[str, Any]:
    """Open the index of ``size`` passages and ask it questions."""
    from assistant import factory
    from assistant.indexes.base import SearchQuery
    from assistant.indexes.writing import FolderHome

    settings = _settings(size)
    embedder = factory.open_embedder(settings)
    embedder.embed_queries(["Er alt indlæst?"])
    before = _memory()
    started = time.perf_counter()
    generation = FolderHome(settings.index.path).read(model=embedder.fingerprint)
    opened = time.perf_counter() - started
    timings: list[Timing] = []
    assistant = factory.assemble(settings, Embedded(embedder), generation, observe=timings.append)
    started = time.perf_counter()
    assistant.ask("Hvad er det første, der skal gøres?")
    first = time.perf_counter() - started
    totals, bare = [], []
    for question in questions():
        started = time.perf_counter()
        assistant.ask(question)
        asked = time.perf_counter()
        embedder.embed_queries([question])
        totals.append(asked - started)
        bare.append(time.perf_counter() - asked)
    asked_once = timings[1 + WARM_UP :]
    memory = _memory()
    processor = _processor_seconds(assistant)
    exact = json.loads((_folder(size) / "exact.json").read_text())
    vectors = embedder.embed_queries(questions())
    found = []
    for question, vector, wanted in zip(questions(), vectors, exact, strict=True):
        candidates = generation.index.search(SearchQuery(question, vector))
        best = np.argsort(-candidates.signals[:, 0], kind="stable")[: len(wanted)]
        near = {candidates.passages[row].id for row in best}
        found.append(len(near & set(wanted)) / len(wanted))
    return {
        "open_seconds": round(opened, 3),
        "first_question_ms": round(1000 * first, 1),
        "memory_megabytes": {key: round(memory[key] - before[key], 1) for key in memory},
        "whole_memory_megabytes": memory,
        "total_ms": quantiles(totals[WARM_UP:]),
        "embed_alone_ms": quantiles(bare[WARM_UP:]),
        "besides_embedding_ms": quantiles(
            [sum(one.of(stage) for stage in STAGES if stage != "embed") for one in asked_once]
        ),
        "processor_besides_embedding_ms": quantiles(processor[WARM_UP:]),
        "stages_ms": {
            stage: quantiles([one.of(stage) for one in asked_once]) for stage in STAGES if stage != "verify"
        },
        "recall": round(statistics.mean(found), 4),
        "vector_index": [fact.kind for fact in getattr(generation.manifest, "vectors", ())]
        or ["i hukommelsen"],
    }


def _processor_seconds(assistant: Any) -> list[float]:
    """Return the processor's time for questions that are embedded already; other load disturbs it less."""
    seconds = []
    for question in questions():
        started = time.process_time()
        assistant.ask(question)
        seconds.append(time.process_time() - started)
    return seconds


def bare(size: int) -> dict[str, Any]:
    """Time FAISS and bm25s alone on the same passages, and keep what the exact search finds."""
    import bm25s
    import faiss
    import Stemmer

    settings = _settings(size)
    embedder, seeds = _seeds(settings)
    asked = embedder.embed_queries(questions())
    texts: list[str] = []
    ids: list[str] = []
    vectors = np.empty((size, asked.shape[1]), dtype=np.float32)
    for chunk in grown(seeds, size):
        vectors[len(ids) : len(ids) + len(chunk.passages)] = chunk.vectors
        ids.extend(passage.id for passage in chunk.passages)
        texts.extend(passage.text for passage in chunk.passages)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    _, rows = flat.search(asked, min(NEAREST, size))
    write_json(_folder(size) / "exact.json", [[ids[row] for row in found] for found in rows])
    figures: dict[str, Any] = {"flat_ms": quantiles(_each(lambda v: flat.search(v[None, :], 200), asked))}
    if size >= SIZES[3]:
        lists = int(4 * size**0.5)
        started = time.perf_counter()
        inverted = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
        inverted.cp.niter = 8
        inverted.train(vectors[:: max(1, size // (40 * lists))])
        inverted.add(vectors)
        figures["inverted_build_seconds"] = round(time.perf_counter() - started, 1)
        # As few lists as find .98 of the ten nearest: what a caller of FAISS would have to find out too.
        for probes in (8, 16, 32, 64, 128, 256):
            inverted.nprobe = probes
            _, near = inverted.search(asked, NEAREST)
            recall = statistics.mean(
                len({*a.tolist()} & {*b.tolist()}) / NEAREST for a, b in zip(near, rows, strict=True)
            )
            if recall >= 0.98:
                break
        figures["inverted"] = {"probes": probes, "recall": round(recall, 4)}
        figures["inverted_ms"] = quantiles(_each(lambda v: inverted.search(v[None, :], 200), asked))
    stemmer = Stemmer.Stemmer("danish")
    started = time.perf_counter()
    words = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
    words.index(
        bm25s.tokenize(texts, stopwords=None, stemmer=stemmer, show_progress=False), show_progress=False
    )
    figures["bm25s_build_seconds"] = round(time.perf_counter() - started, 1)

    def search(question: str) -> object:
        tokens = bm25s.tokenize([question], stopwords=None, stemmer=stemmer, show_progress=False)
        return words.retrieve(tokens, k=min(200, size), show_progress=False)

    figures["bm25s_ms"] = quantiles(_each(search, questions()))
    return figures


_STEPS: dict[str, Callable[[int], dict[str, Any]]] = {"build": build, "ask": ask, "bare": bare}


def _in_process(step: str, size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval.bench.growth", "--step", step, "--sizes", str(size)]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _folder(size: int) -> Path:
    return CACHE / "growth" / str(size)


def _settings(size: int) -> Settings:
    settings = load_settings()
    return replace(settings, index=replace(settings.index, path=_folder(size) / "index"))


def _seeds(settings: Settings) -> tuple[Any, Any]:
    from assistant import factory

    embedder = factory.open_embedder(settings)
    return embedder, read_seeds(embedder, CACHE)


def _each(work: Callable[[Any], object], over: Sequence[Any] | np.ndarray[Any, Any]) -> list[float]:
    seconds = []
    for one in over:
        started = time.perf_counter()
        work(one)
        seconds.append(time.perf_counter() - started)
    return seconds[WARM_UP:]


def _peak() -> float:
    """Return the most memory that this process ever held, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3), 1)


def _memory() -> dict[str, float]:
    """Return the memory of this process in megabytes; ``own`` is without what is mapped from files."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return {"resident": _peak(), "own": _peak()}
    held = dict(
        line.split(":", 1) for line in status.read_text().splitlines() if line.startswith(("Rss", "VmRSS"))
    )
    figures = {key: int(value.split()[0]) / 1e3 for key, value in held.items()}
    return {"resident": round(figures["VmRSS"], 1), "own": round(figures["RssAnon"], 1)}


if __name__ == "__main__":
    sys.exit(main())
