"""``python -m eval.verification``: how often verification is right; ``--fit`` fits it anew."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import AssistantError
from assistant.settings import load_settings
from assistant.verifying import measure
from eval.runs import write_json
from eval.table import aligned, number
from eval.verification.cases import HALVES, LABELS, Case, load_cases
from eval.verification.scoring import Score, fit, score


def main(arguments: Sequence[str] | None = None) -> int:
    """Print precision and recall and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.verification", description="Måler verificeringen.")
    parser.add_argument("--fit", action="store_true", help="afstem vægtene på den ene halvdel, og gem dem")
    parser.add_argument(
        "--errors", choices=HALVES, help="vis de tilfælde i denne halvdel, der dømmes forkert"
    )
    options = parser.parse_args(arguments)
    try:
        cases = load_cases(load_settings())
        if options.fit:
            fitted = fit([case for case in cases if case.half == "fitting"])
            stored = {
                "weights": [round(weight, 3) for weight in fitted.weights],
                "threshold": fitted.threshold,
            }
            write_json(Path(measure.__file__).with_name("measure.json"), stored)
            measure.load_weights.cache_clear()
    except AssistantError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    scores = {half: score([case for case in cases if case.half == half]) for half in HALVES}
    print(score_table(cases, scores))
    if options.errors:
        print("\n".join(_errors(scores[options.errors])))
    return 0


def score_table(cases: Sequence[Case], scores: dict[str, Score]) -> str:
    """Return precision and recall of each half, and how many of each label were verified."""
    rows = [["Halvdel", "antal", "præcision", "genkaldelse", *(f"{label} verificeret" for label in LABELS)]]
    for half, made in scores.items():
        counted = Counter(case.label for case in cases if case.half == half)
        wrong = Counter(case.label for case in made.wrong)
        cells = [
            f"{made.right if label == 'supported' else wrong[label]}/{counted[label]}" for label in LABELS
        ]
        rows.append([half, str(made.cases), number(made.precision), number(made.recall), *cells])
    return aligned(rows)


def _errors(made: Score) -> list[str]:
    return [
        f"{kind}: {case.id} ({case.label}, {case.kind}) {case.sentence}"
        for kind, cases in (("verificeret", made.wrong), ("ikke verificeret", made.missed))
        for case in cases
    ]
