"""``python -m eval``: check question sets, run them, compare, gate and report.

Results go to stdout, progress and errors to stderr. Exit status 0 when all is well, 1 when the
gate is closed, 2 with one line on stderr when something cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from assistant.errors import AssistantError
from eval import commands


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: forkert brug ({message}). Se {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except AssistantError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nAfbrudt; intet er skrevet.", file=sys.stderr)
        return 130


def _parser() -> _Parser:
    parser = _Parser(prog="python -m eval", description="Måler, hvor god assistenten er.")
    subparsers = parser.add_subparsers(required=True, metavar="KOMMANDO")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = subparsers.add_parser(name, help=text, description=text)
        added.set_defaults(command=command)
        return added

    validate = add("validate", commands.validate, "Kontrollerer filer med spørgsmål")
    validate.add_argument("files", nargs="+", type=Path, metavar="FIL")
    _corpus(validate)

    run = add("run", commands.run, "Stiller alle spørgsmål og skriver kørslen")
    what = run.add_mutually_exclusive_group(required=True)
    what.add_argument("--questions", type=Path, metavar="FIL", help="spørgsmål, ét JSON-objekt pr. linje")
    what.add_argument(
        "--retrieval", type=Path, metavar="MAPPE", help="corpus.jsonl, queries.jsonl og qrels.tsv"
    )
    _corpus(run)
    run.add_argument("--answerer", choices=("extractive", "llm"), help="hvem der svarer")
    run.add_argument("--output", "-o", type=Path, required=True, metavar="FIL", help="kørslen som JSON")

    compare = add("compare", commands.compare_runs, "Sammenligner to kørsler over de samme spørgsmål")
    compare.add_argument("before", type=Path, metavar="FØR")
    compare.add_argument("after", type=Path, metavar="EFTER")
    compare.add_argument("--limit", type=int, metavar="N", help="vis højst N ændrede spørgsmål")

    gate = add("gate", commands.gate, "Slutter med 1, hvis en kørsel er sikkert dårligere end sin baseline")
    gate.add_argument("runs", nargs="+", type=Path, metavar="KØRSEL")
    gate.add_argument("--baseline", type=Path, metavar="FIL", help="standard: eval/baselines/SPØRGSMÅL.json")

    baseline = add("baseline", commands.baseline, "Gemmer en kørsels tal som baseline")
    baseline.add_argument("run", type=Path, metavar="KØRSEL")
    baseline.add_argument(
        "--output", "-o", type=Path, metavar="FIL", help="standard: eval/baselines/SPØRGSMÅL.json"
    )

    report = add("report", commands.report, "Skriver en kørsel som én HTML-side")
    report.add_argument("run", type=Path, metavar="KØRSEL")
    report.add_argument("--output", "-o", type=Path, metavar="FIL", help="standard: kørslens navn med .html")

    table = add("table", commands.table, "Viser tallene for en eller flere kørsler")
    table.add_argument("runs", nargs="+", type=Path, metavar="KØRSEL")
    return parser


def _corpus(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, metavar="MAPPE", help="en anden mappe med dokumenter")
