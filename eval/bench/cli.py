"""``python -m eval.bench``: prints one table, and writes the measurements with ``--output``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import load_settings
from eval.bench.benches import BENCHES
from eval.bench.timing import Figure
from eval.progress import ProgressLine
from eval.runs import ensure_writable, write_json
from eval.stamps import code_version, machine, now
from eval.table import aligned, number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benches and return the exit status: 2 with one line when one cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description="Måler tider.")
    names = [bench.name for bench in BENCHES]
    parser.add_argument("--only", choices=names, action="append", help="kun denne måling")
    parser.add_argument("--output", "-o", type=Path, metavar="FIL", help="målingerne som JSON")
    options = parser.parse_args(arguments)
    try:
        if options.output:
            ensure_writable(options.output)
        settings = load_settings()
        progress = ProgressLine()
        figures = [
            bench.run(settings, progress)
            for bench in BENCHES
            if not options.only or bench.name in options.only
        ]
        if options.output:
            write_json(options.output, bench_json(figures))
    except AssistantError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    print(bench_table(figures))
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


def bench_json(figures: Sequence[Figure]) -> dict[str, Any]:
    """Return the figures with every measurement, in seconds."""
    return {
        "stamp": {"created": now(), "code": code_version(), "machine": machine()},
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
