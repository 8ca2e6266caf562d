"""How often verification is right on cases, and the fitting of what it weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.verifying.alignment import align
from assistant.verifying.answer import verify
from assistant.verifying.holding import evidence_of
from assistant.verifying.measure import FEATURES, NOT_COVERED, Weights, features, judge
from assistant.verifying.reading import read
from eval.verification.cases import Case

Values = NDArray[np.float64]

PENALTY = 0.1
"""Of the squared weights; there are few cases."""

WRONG_COSTS = 5.0
"""A sentence that is verified and should not be is as bad as so many that are not and should."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of verified sentences. ``wrong`` are verified and should not be, ``missed`` the reverse."""

    cases: int
    right: int
    wrong: tuple[Case, ...]
    missed: tuple[Case, ...]

    @property
    def precision(self) -> float:
        """The share of the verified that deserve it."""
        verified = self.right + len(self.wrong)
        return self.right / verified if verified else float("nan")

    @property
    def recall(self) -> float:
        """The share of those that deserve it that are verified."""
        deserving = self.right + len(self.missed)
        return self.right / deserving if deserving else float("nan")


def score(cases: Sequence[Case]) -> Score:
    """Verify each case as an answer of one sentence, through the code that answers go through."""
    verified = [verify(f"{case.sentence} [1]", [case.source]).supported for case in cases]
    return Score(
        len(cases),
        sum(v and c.supported for v, c in zip(verified, cases, strict=True)),
        tuple(c for v, c in zip(verified, cases, strict=True) if v and not c.supported),
        tuple(c for v, c in zip(verified, cases, strict=True) if not v and c.supported),
    )


def fit(cases: Sequence[Case]) -> Weights:
    """Fit the weights on those cases that nothing else speaks against, and choose the threshold.

    It is the one that costs least, see :data:`WRONG_COSTS`, when every fifth passage is judged by
    weights fitted on the others.
    """
    rows, labels, groups = _matrix(cases)
    probabilities = np.zeros(len(labels))
    for fold in range(_FOLDS):
        inside = groups % _FOLDS == fold
        probabilities[inside] = _sigmoid(rows[inside] @ _logistic(rows[~inside], labels[~inside]))
    return Weights(tuple(float(w) for w in _logistic(rows, labels)), _threshold(probabilities, labels))


_FOLDS = 5
_STEPS = 50


def _matrix(cases: Sequence[Case]) -> tuple[Values, Values, NDArray[np.int64]]:
    rows, labels, groups = [], [], []
    passages = list(dict.fromkeys(case.source.passage.text for case in cases))
    for case in cases:
        claim, evidence = read(case.sentence), evidence_of(case.source)
        if any(reason != NOT_COVERED for reason in judge(claim, evidence).against):
            continue
        rows.append(features(claim, align(claim, evidence)))
        labels.append(float(case.supported))
        groups.append(passages.index(case.source.passage.text))
    return np.asarray(rows), np.asarray(labels), np.asarray(groups)


def _logistic(rows: Values, labels: Values) -> Values:
    """Return weights by Newton's method with a penalty on all but the constant."""
    weights = np.zeros(len(FEATURES))
    penalty = np.diag([0.0, *[PENALTY] * (len(FEATURES) - 1)]) * 1.0
    for _ in range(_STEPS):
        chance = _sigmoid(rows @ weights)
        gradient = rows.T @ (labels - chance) - penalty @ weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + penalty + 1e-9 * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, gradient)
    return weights


def _sigmoid(values: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))))


def _threshold(probabilities: Values, labels: Values) -> float:
    def cost(threshold: float) -> float:
        chosen = probabilities >= threshold
        return float(WRONG_COSTS * np.sum(chosen & (labels == 0)) + np.sum(~chosen & (labels == 1)))

    return float(min(np.round(np.arange(0.3, 0.96, 0.01), 2), key=cost))
