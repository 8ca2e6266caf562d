"""Embedding many passages: the engine for many beside the packaged one, on the same weights and passages.

``make bench`` calls these by ``--only bulk`` and ``--only bulk-mix``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.embedding.kept import user_cache
from assistant.embedding.packaged import MANY_CHARACTERS, PackagedEmbedder
from assistant.progress import Progress, ProgressCallback
from assistant.settings import Settings
from eval.bench.timing import Figure, paired
from eval.errors import EvaluationError

PASSAGES = Path(__file__).parent / "material" / "passages.tsv"
"""Real Danish passages, one a line: where it is from and its text."""

ROUNDS = 7
BATCH = 24
"""Passages a round: some seconds of the packaged engine."""

TARGET = 0.25
_WORDS = 95
"""Of a passage of some 150 tokens: this tokenizer takes three for two Danish words."""


def bulk_alike(_: Settings, progress: ProgressCallback) -> Figure:
    """Passages of some 150 tokens, by which engines are usually compared."""
    words = " ".join(_passages()).split()
    alike = [" ".join(words[at : at + _WORDS]) for at in range(0, len(words) - _WORDS, _WORDS)]
    return _figure("bulk", "150 tokens lange", alike, progress)


def bulk_mix(_: Settings, progress: ProgressCallback) -> Figure:
    """Passages of all lengths as they come, so that batches of one length are small."""
    return _figure("bulk-mix", "alle længder", _passages(), progress)


def _figure(name: str, kind: str, passages: Sequence[str], progress: ProgressCallback) -> Figure:
    packaged = PackagedEmbedder(user_cache())
    fast = packaged.for_many(MANY_CHARACTERS)
    if fast is packaged:
        raise EvaluationError(
            "Motoren til mange tekster kan ikke åbnes. Installér den med »pip install onnx onnxruntime«."
        )
    # Spread over the passages, and none of them twice, so that nothing is remembered.
    step = len(passages) // ROUNDS
    groups = [
        passages[at : at + step][:: max(1, step // BATCH)][:BATCH] for at in range(0, step * ROUNDS, step)
    ]
    fast.embed_passages(groups[0][:2])
    packaged.embed_passages(groups[0][:2])
    rounds = [
        (lambda some=some: fast.embed_passages(some), lambda some=some: packaged.embed_passages(some))
        for some in groups
    ]
    stage = f"Mange tekststykker, {kind}"
    pairs = paired(rounds, lambda done: progress(Progress(stage, done, len(rounds))))
    return Figure(name, stage, "den medfølgende motor", TARGET, pairs)


def _passages() -> list[str]:
    lines = PASSAGES.read_text(encoding="utf-8").splitlines()
    return [text for line in lines if (text := line.partition("\t")[2].strip())]
