"""Retrieval benchmarks: passages and queries of a folder through the product's own search.

A folder has ``corpus.jsonl`` {id, title, text}, ``queries.jsonl`` {id, text} and ``qrels.tsv``
(query, passage and relevance, below a header line).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Hit, Passage, Query, Span
from assistant.text.folding import fold
from eval import lines, metrics
from eval.errors import EvaluationError
from eval.lines import LineProblem, LinesError, WrongLineError
from eval.runs import RunStamp
from eval.sheets import Column, Sheet

DEPTH = 20
"""How many passages a query's ranking has, fewer only where the corpus has fewer."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What a folder holds. ``judged`` has the relevance of passages by query id."""

    name: str
    passages: tuple[Passage, ...]
    queries: tuple[tuple[str, str], ...]
    judged: Mapping[str, Mapping[str, float]]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RetrievalRun:
    """What was found: passage ids by query id, best first."""

    stamp: RunStamp
    rankings: Mapping[str, tuple[str, ...]]
    judged: Mapping[str, Mapping[str, float]]


class Searches(Protocol):
    """What a benchmark needs of the product."""

    def search(self, query: Query, top_k: int = 10) -> tuple[Hit, ...]:
        """Return the best passages."""
        ...


def read_benchmark(folder: Path) -> Benchmark:
    """Read a folder; raises ``LinesError`` naming the file and the line that is wrong."""
    if not folder.is_dir():
        raise EvaluationError(
            f"{folder}: mappen findes ikke. Angiv en mappe med corpus.jsonl, queries.jsonl og qrels.tsv"
        )
    digest = hashlib.sha256()
    passages = tuple(
        _passage(entry["id"], entry["title"], entry["text"], order)
        for order, entry in enumerate(_entries(folder / "corpus.jsonl", digest))
    )
    queries = tuple((entry["id"], entry["text"]) for entry in _entries(folder / "queries.jsonl", digest))
    judged = _judgments(
        folder / "qrels.tsv", {query for query, _ in queries}, {passage.id for passage in passages}, digest
    )
    return Benchmark(folder.resolve().name, passages, queries, judged, digest.hexdigest()[:16])


def run_benchmark(
    searcher: Searches, benchmark: Benchmark, stamp: RunStamp, *, progress: ProgressCallback = silent
) -> RetrievalRun:
    """Search for every query and return the rankings."""
    rankings: dict[str, tuple[str, ...]] = {}
    total = len(benchmark.queries)
    for done, (query, text) in enumerate(benchmark.queries, start=1):
        hits = searcher.search(Query(question=text, text=text), top_k=DEPTH)
        rankings[query] = tuple(hit.passage.id for hit in hits)
        progress(Progress("Søger", done, total))
    return RetrievalRun(stamp, rankings, benchmark.judged)


def retrieval_sheet(run: RetrievalRun, name: str) -> Sheet:
    """Score every judged query. Recall is here the share of the relevant passages found."""
    ids = tuple(query for query in run.rankings if any(run.judged.get(query, {}).values()))
    scored = [_score(run.rankings[query], run.judged[query]) for query in ids]
    columns: dict[Column, Any] = {
        column: np.array([row[column] for row in scored], dtype=np.float64)
        for column in ("hit_1", "recall_5", "recall_10", "reciprocal_rank", "ndcg_10")
    }
    return Sheet(name, run.stamp.questions, ids, ("",) * len(ids), columns)


def retrieval_json(run: RetrievalRun, summary: Mapping[str, float]) -> dict[str, Any]:
    """Return the run in the form of its file."""
    return {
        "stamp": asdict(run.stamp),
        "summary": dict(summary),
        "rankings": {query: list(ranking) for query, ranking in run.rankings.items()},
        "judged": {query: dict(passages) for query, passages in run.judged.items()},
    }


def retrieval_from_json(content: Mapping[str, Any], source: str) -> RetrievalRun:
    """Return the run that ``retrieval_json`` wrote; raises ``EvaluationError`` naming the file."""
    try:
        return RetrievalRun(
            RunStamp(**{key: str(value) for key, value in content["stamp"].items()}),
            {str(query): tuple(ranking) for query, ranking in content["rankings"].items()},
            {
                str(query): {str(passage): float(gain) for passage, gain in passages.items()}
                for query, passages in content["judged"].items()
            },
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(
            f"{source}: filen er ikke en søgekørsel. Lav en med: "
            "python -m eval run --retrieval MAPPE --output FIL.json"
        ) from error


def _score(ranking: Sequence[str], judged: Mapping[str, float]) -> dict[Column, float]:
    relevant = {passage for passage, gain in judged.items() if gain > 0}
    places = [at for at, passage in enumerate(ranking, start=1) if passage in relevant]
    first = places[0] if places else None
    return {
        "hit_1": metrics.within(first, 1),
        "recall_5": sum(at <= 5 for at in places) / len(relevant),
        "recall_10": sum(at <= 10 for at in places) / len(relevant),
        "reciprocal_rank": metrics.reciprocal_rank(first),
        "ndcg_10": metrics.graded_gain(ranking, judged, 10),
    }


def _passage(passage: str, title: str, text: str, order: int) -> Passage:
    """A passage that is a document of its own, so that none lifts another."""
    folded = fold(text)
    return Passage(
        id=passage,
        document_id=passage,
        page=1,
        heading=fold(title),
        text=folded,
        span=Span(0, len(folded)),
        section=passage,
        order=order,
        alone=bool(title),
    )


def _entries(path: Path, digest: Any) -> list[dict[str, str]]:
    data = lines.read_bytes(path)
    digest.update(data)
    entries: dict[str, dict[str, str]] = {}
    for number, line in lines.numbered_lines(data, str(path)):
        try:
            entry = lines.json_object(line)
            own = lines.string_field(entry, "id")
            if own in entries:
                raise WrongLineError(f"id'et {lines.shown(own)} er brugt to gange")
            title = lines.checked_text(entry["title"], "title") if entry.get("title") else ""
            # A heading with nothing below it can still be found, by its own words.
            text = title if title and entry.get("text") == "" else lines.string_field(entry, "text")
            entries[own] = {"id": own, "title": title, "text": text}
        except WrongLineError as wrong:
            raise LinesError([LineProblem(str(path), number, str(wrong))]) from wrong
    if not entries:
        raise LinesError([LineProblem(str(path), 1, "filen er tom")])
    return list(entries.values())


def _judgments(path: Path, queries: set[str], passages: set[str], digest: Any) -> dict[str, dict[str, float]]:
    data = lines.read_bytes(path)
    digest.update(data)
    judged: dict[str, dict[str, float]] = {}
    for at, (number, line) in enumerate(lines.numbered_lines(data, str(path))):
        if at == 0:
            continue
        try:
            query, passage, gain = _judgment(line, queries, passages)
        except WrongLineError as wrong:
            raise LinesError([LineProblem(str(path), number, str(wrong))]) from wrong
        judged.setdefault(query, {})[passage] = gain
    if not any(gain > 0 for gains in judged.values() for gain in gains.values()):
        raise LinesError([LineProblem(str(path), 1, "filen har ingen relevante tekststykker")])
    return judged


def _judgment(line: str, queries: set[str], passages: set[str]) -> tuple[str, str, float]:
    cells = line.split("\t")
    if len(cells) != 3:
        raise WrongLineError("linjen skal have tre felter med tabulator imellem: query, passage, relevance")
    query, passage, relevance = (cell.strip() for cell in cells)
    if query not in queries:
        raise WrongLineError(f"ukendt query {lines.shown(query)}")
    if passage not in passages:
        raise WrongLineError(f"ukendt passage {lines.shown(passage)}")
    try:
        gain = float(relevance)
    except ValueError as error:
        raise WrongLineError(f"relevance skal være et tal, ikke {lines.shown(relevance)}") from error
    if not 0 <= gain < float("inf"):
        raise WrongLineError(f"relevance skal være et tal fra 0, ikke {lines.shown(relevance)}")
    return query, passage, gain
