"""The committed coefficients are exactly those that the code names."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from assistant.retrieval.fusion import FEATURES
from assistant.retrieval.model import FILE_NAME, RankingModel, load_model
from assistant.retrieval.sections import SECTION_FEATURES
from assistant.retrieval.support import SUPPORT_FEATURES


@pytest.fixture
def raw() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((files("assistant.retrieval") / FILE_NAME).read_text(encoding="utf-8"))
    return found


def test_every_coefficient_is_there_and_no_other(raw: dict[str, Any]) -> None:
    assert set(raw["fusion"]) == {"prose", "da", "en", "da_known", "en_known"}
    for language in raw["fusion"].values():
        assert set(language) == set(FEATURES)
    assert set(raw["section"]) == set(SECTION_FEATURES)
    assert set(raw["support"]) == set(SUPPORT_FEATURES)


def test_no_feature_has_the_name_of_another() -> None:
    for names in (FEATURES, SECTION_FEATURES, SUPPORT_FEATURES):
        assert len(set(names)) == len(names)


def test_thresholds_on_probabilities_are_probabilities() -> None:
    model = load_model()

    assert 0 < model.comparison_threshold <= model.answer_threshold < 1
    assert 0 < model.section_threshold < 1


def test_every_coefficient_is_finite() -> None:
    model = load_model()

    for vector in (*model.fusion.values(), model.section, model.support):
        assert np.isfinite(vector).all()
        assert vector.any()


def test_a_model_written_and_read_again_is_the_same(raw: dict[str, Any]) -> None:
    assert RankingModel.from_json(raw).to_json() == raw


def test_coefficients_are_read_by_name_not_by_place(raw: dict[str, Any]) -> None:
    turned = {**raw, "support": dict(reversed(list(raw["support"].items())))}

    assert RankingModel.from_json(turned).support.tolist() == RankingModel.from_json(raw).support.tolist()


def test_a_missing_coefficient_is_an_error_that_names_it(raw: dict[str, Any]) -> None:
    del raw["section"]["ordinal"]

    with pytest.raises(KeyError, match="ordinal"):
        RankingModel.from_json(raw)
