"""docs/performance.md and its plots from the committed results: ``python -m eval.bench.report``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.settings import PROJECT
from eval.bench.cli import STAGE_LABELS
from eval.bench.plots import SYSTEMS, draw_growth, draw_peers, draw_stages
from eval.table import number

RESULTS = Path(__file__).parent / "results"
DOCUMENT = PROJECT / "docs" / "performance.md"
BEGIN, END = "<!-- tal: {name} -->", "<!-- slut: {name} -->"


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the plots and put the tables in their places in the document."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.report", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="MAPPE")
    parser.add_argument("--document", type=Path, default=DOCUMENT, metavar="FIL")
    options = parser.parse_args(arguments)
    text = options.document.read_text(encoding="utf-8")
    for name, table in tables(options.results, options.document.parent / "performance").items():
        text = placed(text, name, table)
    options.document.write_text(text, encoding="utf-8")
    return 0


def tables(results: Path, pictures: Path) -> dict[str, str]:
    """Return Markdown by the name of its place, for each result that is there, and draw the plots."""
    held = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in results.glob("*.json")}
    made: dict[str, str] = {}
    if laptop := held.get("laptop"):
        made["forhold"] = ratios(laptop)
        if laptop["stages"]:
            made["trin"] = stages(laptop["stages"])
            draw_stages(laptop["stages"], pictures / "stages.svg")
        made["maskine"] = stamp(laptop["stamp"])
    if growth := held.get("growth"):
        made["vækst"] = grown(growth["sizes"])
        draw_growth(growth["sizes"], pictures / "growth.svg")
    if peers := held.get("peers"):
        made["andre"] = "\n\n".join(of_set(one) for one in peers["sets"])
        made["andre-maskine"] = stamp(peers["stamp"])
        draw_peers(peers["sets"], pictures / "peers.svg")
    return made


def placed(text: str, name: str, table: str) -> str:
    """Return ``text`` with ``table`` between the two marks of ``name``; raises ``ValueError`` without them."""
    begin, end = BEGIN.format(name=name), END.format(name=name)
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"expected the marks {begin} and {end}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def ratios(laptop: Mapping[str, Any]) -> str:
    """Return the benches that have a reference in the same run."""
    rows = [
        [
            figure["label"],
            f"{number(figure['ours'] * 1000, 1)} ms",
            f"{figure['reference_label']}: {number(figure['reference'] * 1000, 1)} ms",
            number(figure["ratio"]),
            f"≤ {number(figure['target'])}",
            "ja" if figure["reached"] else "nej",
        ]
        for figure in laptop["figures"]
    ]
    page = laptop["page"]
    lines = [table(["måling", "median", "i forhold til", "forhold", "mål", "nået"], rows)]
    if page:
        usable = "ikke målt" if page["usable"] is None else f"{number(page['usable'], 1)} s"
        lines.append(
            f"Websiden fra kold start: første byte efter {number(page['first_byte'], 1)} s, klar til et "
            f"spørgsmål i Chromium efter {usable}."
        )
    return "\n\n".join(lines)


def stages(held: Mapping[str, Any]) -> str:
    """Return a warm question by stage."""
    rows = [[STAGE_LABELS[name], *_three(of)] for name, of in held["by_stage"].items()]
    rows.append(["**alt andet end indlejringen**", *_three(held["besides"])])
    rows.append(["**det samme, processortid**", *_three(held["processor"])])
    head = f"{held['passages']} tekststykker, {held['questions']} spørgsmål, ms"
    return table([head, "mindst", "median", "95 %"], rows)


def grown(sizes: Sequence[Mapping[str, Any]]) -> str:
    """Return how everything grows, a column a size, and under which load each was measured."""
    sizes = sorted(sizes, key=lambda one: int(one["passages"]))

    def row(label: str, values: Iterable[str]) -> list[str]:
        return [label, *values]

    asked = [one["ask"] for one in sizes]
    rows = [
        row("søgning, median (95 %), ms", [_two(a["stages_ms"]["search"]) for a in asked]),
        row("sammenvejning og bedømmelse, ms", [_two(a["stages_ms"]["fuse"]) for a in asked]),
        row("svar, ms", [_two(a["stages_ms"]["answer"]) for a in asked]),
        row("alt andet end indlejringen, ms", [_two(a["besides_embedding_ms"]) for a in asked]),
        row("det samme, processortid, ms", [_two(a["processor_besides_embedding_ms"]) for a in asked]),
        row("indlejring alene, ms", [_two(a["embed_alone_ms"]) for a in asked]),
        row("FAISS alene, alle sammenlignet, ms", [_two(one["bare"]["flat_ms"]) for one in sizes]),
        row("FAISS alene, inverteret fil, ms", [_two(one["bare"].get("inverted_ms")) for one in sizes]),
        row("bm25s alene, ms", [_two(one["bare"]["bm25s_ms"]) for one in sizes]),
        row("vektorer: recall@10 mod eksakt", [number(a["recall"], 3) for a in asked]),
        row("indeks åbnet, s", [number(a["open_seconds"]) for a in asked]),
        row("egen hukommelse / i alt, MB", [_memory(a["whole_memory_megabytes"]) for a in asked]),
        row("filer, MB", [number(one["build"]["megabytes"], 0) for one in sizes]),
        row("indeks skrevet (uden indlejring), s", [number(one["build"]["seconds"], 1) for one in sizes]),
        row("ét dokument lagt til, s", [number(one["build"]["one_document_seconds"], 2) for one in sizes]),
        row(
            "mest hukommelse under skrivning, MB",
            [number(one["build"]["peak_megabytes"], 0) for one in sizes],
        ),
        row("maskinens belastning, før–efter", [_load(one["stamp"]["load"]) for one in sizes]),
    ]
    return table(["", *(f"{one['passages']:,}".replace(",", ".") for one in sizes)], rows)


def of_set(one: Mapping[str, Any]) -> str:
    """Return quality and time of the systems on one set."""
    rows = []
    for system, label in SYSTEMS.items():
        of = one["systems"][system]
        rows.append(
            [
                label,
                *(number(of[key], 3) for key in ("hit@1", "recall@5", "mrr")),
                _two(of["besides_ms"]),
                number(of["over_embedding"]),
                number(of["build_seconds"], 1),
                _starts(of.get("start_seconds")),
            ]
        )
    head = [
        f"{one['name']}: {one['queries']} spørgsmål, {one['passages']} tekststykker",
        *("hit@1", "recall@5", "MRR", "ms ud over indlejring", "× indlejring", "bygning, s", "kold start, s"),
    ]
    return table(head, rows)


def stamp(held: Mapping[str, Any]) -> str:
    """Return when, on what and under which load something was measured."""
    return f"Målt {held['created']} med kode {held['code']} på {held['machine']}; belastning {_load(held['load'])}."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, figures to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _two(of: Mapping[str, float] | None) -> str:
    return "–" if of is None else f"{_short(of['p50'])} ({_short(of['p95'])})"


def _three(of: Mapping[str, float]) -> list[str]:
    return [_short(of[key]) for key in ("least", "p50", "p95")]


def _short(value: float) -> str:
    return number(value, 2 if value < 10 else 0 if value >= 100 else 1)


def _memory(of: Mapping[str, float]) -> str:
    return f"{number(of['own'], 0)} / {number(of['resident'], 0)}"


def _load(of: Sequence[float]) -> str:
    return "–".join(number(value, 1) for value in of) or "ukendt"


def _starts(seconds: Sequence[float] | None) -> str:
    return "–" if not seconds else number(sorted(seconds)[len(seconds) // 2])


if __name__ == "__main__":
    sys.exit(main())
