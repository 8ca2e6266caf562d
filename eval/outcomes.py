"""Files that hold a sheet: runs over questions, retrieval runs and baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from eval.errors import EvaluationError
from eval.retrieval import retrieval_from_json, retrieval_sheet
from eval.runs import Run, read_json, run_from_json
from eval.sheets import Column, Sheet, sheet_of

# Latencies belong to a machine, and confidences to one fit of the abstention: neither is kept.
BASELINE_COLUMNS: tuple[Column, ...] = tuple(
    column for column in get_args(Column) if column not in ("latency_ms", "confidence", "error")
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The figures of an earlier run, without any text."""

    sheet: Sheet
    corpus: str
    made_by: str


def read_sheet(path: Path) -> Sheet:
    """Read the sheet of a run, a retrieval run or a baseline; raises ``EvaluationError``."""
    content = read_json(path)
    if "rankings" in content:
        return retrieval_sheet(retrieval_from_json(content, str(path)), path.stem)
    if "columns" in content:
        return baseline_from_json(content, str(path)).sheet
    return sheet_of(run_from_json(content, str(path)), path.stem)


def baseline_text(run: Run) -> str:
    """Return the file of a baseline: for every question, on a line of its own, its kind and figures."""
    sheet = sheet_of(run, run.stamp.question_file)
    head = {
        "question_set": run.stamp.questions,
        "question_file": run.stamp.question_file,
        "made_by": {
            key: value
            for key, value in asdict(run.stamp).items()
            if key in ("created", "code", "corpus", "index", "model", "settings", "answerer")
        },
        "columns": ["kind", *BASELINE_COLUMNS],
    }
    rows = [
        (question, [kind, *(_kept(sheet.columns[column][at]) for column in BASELINE_COLUMNS)])
        for at, (question, kind) in enumerate(zip(sheet.ids, sheet.kinds, strict=True))
    ]
    # A line a question: what a new baseline changes can be read in its diff.
    fields = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    body = ",\n  ".join(f"{_json(question)}: {_json(row)}" for question, row in rows)
    return "{{\n{},\n{}\n}}\n".format(",\n".join(fields), f'"questions": {{\n  {body}\n}}')


def baseline_from_json(content: Mapping[str, Any], source: str) -> Baseline:
    """Return the baseline that ``baseline_text`` gave; raises ``EvaluationError``."""
    try:
        names = list(content["columns"])
        rows: dict[str, list[Any]] = content["questions"]
        kinds = names.index("kind")
        if any(len(row) != len(names) for row in rows.values()):
            raise ValueError("a row has too few or too many figures")
        columns: dict[Column, Any] = {
            name: np.array(
                [np.nan if row[at] is None else row[at] for row in rows.values()], dtype=np.float64
            )
            for at, name in enumerate(names)
            if name in BASELINE_COLUMNS
        }
        sheet = Sheet(
            str(content["question_file"]),
            str(content["question_set"]),
            tuple(rows),
            tuple(str(row[kinds]) for row in rows.values()),
            columns,
        )
        made_by = content["made_by"]
        return Baseline(sheet, str(made_by["corpus"]), f"{made_by['code']}, {made_by['created']}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(
            f"{source}: filen er ikke en baseline. Lav en med: python -m eval baseline KØRSEL -o FIL.json"
        ) from error


def _kept(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
