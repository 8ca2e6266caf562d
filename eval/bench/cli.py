"""``python -m eval.bench``: prints one table, and writes the measurements with ``--output``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import load_settings
from eval.bench.benches import BENCHES, warm_stages
from eval.bench.page import PageStart, page_start
from eval.bench.stages import TARGET_MS, Stages
from eval.bench.timing import Figure
from eval.progress import ProgressLine
from eval.runs import ensure_writable, write_json
from eval.stamps import code_version, machine, now
from eval.table import aligned, number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benches and return the exit status: 2 with one line when one cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="Måler tider.")
    names = [bench.name for bench in BENCHES]
    parser.add_argument(
        "--only", choices=[*names, "stages", "page"], action="append", help="kun denne måling"
    )
    parser.add_argument("--output", "-o", type=Path, metavar="FIL", help="målingerne som JSON")
    options = parser.parse_args(arguments)
    try:
        if options.output:
            ensure_writable(options.output)
        settings = load_settings()
        progress = ProgressLine()
        wanted = options.only or [*names, "stages", "page"]
        load = os.getloadavg()[0]
        figures = [bench.run(settings, progress) for bench in BENCHES if bench.name in wanted]
        stages = warm_stages(settings, progress) if "stages" in wanted else None
        page = page_start(settings, progress) if "page" in wanted else None
        if options.output:
            write_json(options.output, bench_json(figures, stages, page, load))
    except AssistantError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    if figures:
        print(bench_table(figures))
    if stages:
        print(f"\n{stage_table(stages)}")
    if page:
        print(f"\n{page_line(page)}")
    return 0


def bench_table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table, medians in milliseconds."""
    rows = [["Måling", "i forhold til", "antal", "ms", "reference, ms", "forhold", "mål", "nået"]]
    rows += [
        [
            figure.label,
            figure.reference_label,
            str(len(figure.pairs)),
            number(figure.ours * 1000, 1),
            number(figure.reference * 1000, 1),
            number(figure.ratio),
            f"≤ {number(figure.target)}",
            "ja" if figure.reached else "nej",
        ]
        for figure in figures
    ]
    return (
        f"{aligned(rows, left=2)}\n\n"
        "Tiderne er medianer; forholdet er medianen af de parvise forhold.\n"
        f"{machine()}, kode {code_version()}"
    )


def stage_table(stages: Stages) -> str:
    """Return a warm question by stage, in milliseconds."""
    rows = [["Varmt spørgsmål, ms", "mindst", "median", "95 %"]]
    rows += [
        [label, *(number(value, 2) for value in (of.least, of.p50, of.p95))]
        for label, of in (
            *((STAGE_LABELS[name], of) for name, of in stages.by_stage.items()),
            ("alt andet end indlejringen", stages.besides),
            ("det samme, processortid", stages.processor),
        )
    ]
    reached = "ja" if stages.reached else "nej"
    return (
        f"{aligned(rows)}\n\n{stages.passages} tekststykker, {stages.questions} spørgsmål. Målet, højst "
        f"{number(TARGET_MS, 0)} ms processortid ved siden af indlejringen: {reached}."
    )


STAGE_LABELS = {
    "embed": "indlejring",
    "search": "søgning",
    "fuse": "sammenvejning og bedømmelse",
    "answer": "svar",
}


def page_line(page: PageStart) -> str:
    """Return how long the page takes from a cold start."""
    usable = "ikke målt (Chromium mangler)" if page.usable is None else f"{number(page.usable)} s"
    return f"Websiden fra kold start: første byte {number(page.first_byte)} s, til at spørge i {usable}."


def bench_json(
    figures: Sequence[Figure],
    stages: Stages | None = None,
    page: PageStart | None = None,
    load: float | None = None,
) -> dict[str, Any]:
    """Return the figures with every measurement, in seconds; ``load`` is the machine's at the start."""
    loads = [] if load is None else [round(load, 1), round(os.getloadavg()[0], 1)]
    return {
        "stamp": {"created": now(), "code": code_version(), "machine": machine(), "load": loads},
        "stages": None if stages is None else {**asdict(stages), "reached": stages.reached},
        "page": None if page is None else asdict(page),
        "figures": [
            {
                **asdict(figure),
                "ours": figure.ours,
                "reference": figure.reference,
                "ratio": figure.ratio,
                "reached": figure.reached,
            }
            for figure in figures
        ],
    }
