"""The fitted coefficients of retrieval: data, written by ``python -m eval.fit``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.fusion import FEATURES
from assistant.retrieval.sections import SECTION_FEATURES
from assistant.retrieval.support import SUPPORT_FEATURES

FILE_NAME = "model.json"


@dataclass(frozen=True, slots=True)
class RankingModel:
    """Weights of fusion (by language), section choice and support, and the thresholds on them."""

    fusion: dict[str, NDArray[np.float32]]
    section: NDArray[np.float32]
    support: NDArray[np.float32]
    section_threshold: float
    answer_threshold: float
    comparison_threshold: float
    quote_enough: float

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> RankingModel:
        """Read what :meth:`to_json` gave; raises ``KeyError`` for a coefficient that is missing."""
        return cls(
            fusion={language: _vector(w, FEATURES) for language, w in raw["fusion"].items()},
            section=_vector(raw["section"], SECTION_FEATURES),
            support=_vector(raw["support"], SUPPORT_FEATURES),
            section_threshold=float(raw["section_threshold"]),
            answer_threshold=float(raw["answer_threshold"]),
            comparison_threshold=float(raw["comparison_threshold"]),
            quote_enough=float(raw["quote_enough"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the coefficients by name."""
        return {
            "fusion": {language: _named(w, FEATURES) for language, w in self.fusion.items()},
            "section": _named(self.section, SECTION_FEATURES),
            "support": _named(self.support, SUPPORT_FEATURES),
            "section_threshold": self.section_threshold,
            "answer_threshold": self.answer_threshold,
            "comparison_threshold": self.comparison_threshold,
            "quote_enough": self.quote_enough,
        }


def load_model() -> RankingModel:
    """Return the committed coefficients."""
    text = (files("assistant.retrieval") / FILE_NAME).read_text(encoding="utf-8")
    return RankingModel.from_json(json.loads(text))


def _vector(named: dict[str, float], names: tuple[str, ...]) -> NDArray[np.float32]:
    return np.asarray([named[name] for name in names], dtype=np.float32)


def _named(vector: NDArray[np.float32], names: tuple[str, ...]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, vector, strict=True)}
