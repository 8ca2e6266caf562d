"""Danish passages by the hundred thousand: real sentences put together anew, vectors sampled around real ones.

The first passages are real ones with their real vectors. Every further one is made of sentences of two or
three of them; its vector is the mean of theirs by length, moved by noise that spreads as real vectors do
(:data:`NOISE` of their covariance). The same number of passages is always the same passages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.embedding.base import Embedder, Vectors
from assistant.records import Document, Page, Passage, Span
from assistant.text.sentences import sentence_ends

MATERIAL = Path(__file__).parent / "material"
CHUNK = 50_000
"""So many passages are made at a time; each chunk has random numbers of its own."""

NOISE = 0.7
"""Standard deviations of the noise in units of the real vectors' own, along each of their axes.

With .7 two passages taken at random are as alike (cosine .84) as two real ones (.83), and the nearest of
20,000 is as near (.93) as the nearest real passage of such a crowd may be expected to be (.90 among 1,000).
"""

PER_DOCUMENT = 50
PER_PAGE = 5
_SEED = 20_261_122
_ORGANISATIONS = ("Kommunen", "Regionen", "Styrelsen", "Ministeriet", "Direktoratet")


@dataclass(frozen=True, slots=True)
class Seeds:
    """The real passages, their headings, and the vectors of both; row by row."""

    texts: tuple[str, ...]
    titles: tuple[str, ...]
    vectors: Vectors
    title_vectors: Vectors


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole documents with their passages and both kinds of vectors, shape (len(passages), dimension)."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    vectors: Vectors
    heading_vectors: Vectors


def questions() -> list[str]:
    """Return real questions to the real passages."""
    return (MATERIAL / "questions.txt").read_text(encoding="utf-8").splitlines()


def read_seeds(embedder: Embedder, cache: Path) -> Seeds:
    """Return the real passages; their vectors are kept in ``cache``."""
    data = (MATERIAL / "passages.tsv").read_bytes()
    rows = [line.split("\t") for line in data.decode("utf-8").splitlines()]
    titles, texts = (tuple(column) for column in zip(*rows, strict=True))
    unique = tuple(dict.fromkeys(titles))
    basis = hashlib.sha256(data + embedder.fingerprint.encode()).hexdigest()[:16]
    kept = cache / f"seeds-{basis}.npz"
    if not kept.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        by_title = dict(zip(unique, embedder.embed_passages(unique), strict=True))
        np.savez(kept, vectors=embedder.embed_passages(texts), titles=np.stack([by_title[t] for t in titles]))
    with np.load(kept) as arrays:
        return Seeds(texts, titles, arrays["vectors"], arrays["titles"])


def grown(seeds: Seeds, size: int) -> Iterator[Chunk]:
    """Yield ``size`` passages in chunks of whole documents."""
    sentences = [
        (row, part) for row, text in enumerate(seeds.texts) for part in _sentences(text) if len(part) >= 25
    ]
    spread = _spread(seeds.vectors)
    for number, start in enumerate(range(0, size, CHUNK)):
        random = np.random.default_rng([_SEED, number])
        texts, sources, vectors = _chunk(seeds, sentences, spread, random, real=number == 0)
        held = min(CHUNK, size - start)
        pages = [sources[i - i % PER_PAGE] for i in range(held)]
        documents, passages = _documents(texts[:held], [seeds.titles[row] for row in pages], start)
        yield Chunk(documents, passages, vectors[:held], seeds.title_vectors[pages])


def nearest_cosine(vectors: Vectors, among: Vectors) -> float:
    """Return the median cosine of each vector with the nearest other one: how realistic the noise is."""
    likeness = vectors @ among.T
    likeness[likeness > 1 - 1e-5] = -1.0  # itself
    return float(np.median(likeness.max(axis=1)))


def _chunk(
    seeds: Seeds,
    sentences: list[tuple[int, str]],
    spread: Vectors,
    random: np.random.Generator,
    *,
    real: bool,
) -> tuple[list[str], list[int], Vectors]:
    """Return texts, the row of the real passage that each begins with, and vectors."""
    n, dimension = CHUNK, seeds.vectors.shape[1]
    picked = random.integers(0, len(sentences), size=(n, 3))
    third = random.random(n) < 0.5
    of = np.asarray([row for row, _ in sentences])[picked]
    length = np.asarray([len(text) for _, text in sentences], dtype=np.float32)[picked]
    length[~third, 2] = 0
    vectors = np.einsum("nk,nkd->nd", length / length.sum(axis=1, keepdims=True), seeds.vectors[of])
    vectors += NOISE * (random.standard_normal((n, dimension), dtype=np.float32) @ spread)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        " ".join(sentences[i][1] for i in (row if three else row[:2]))
        for row, three in zip(picked.tolist(), third.tolist(), strict=True)
    ]
    sources = of[:, 0].tolist()
    if real:
        texts[: len(seeds.texts)] = seeds.texts
        sources[: len(seeds.texts)] = range(len(seeds.texts))
        vectors[: len(seeds.texts)] = seeds.vectors
    return texts, sources, np.ascontiguousarray(vectors, dtype=np.float32)


def _spread(vectors: Vectors) -> Vectors:
    """Return a matrix that turns standard normal rows into ones with the covariance of ``vectors``."""
    centred = vectors - vectors.mean(axis=0)
    values, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    scale = np.sqrt(np.maximum(values, 0.0))
    return np.asarray((directions * scale).T, dtype=np.float32)


def _sentences(text: str) -> list[str]:
    ends = sentence_ends(text)
    return [text[start:end].strip() for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _documents(
    texts: list[str], headings: list[str], start: int
) -> tuple[tuple[Document, ...], tuple[Passage, ...]]:
    documents: list[Document] = []
    passages: list[Passage] = []
    for first in range(0, len(texts), PER_DOCUMENT):
        name = f"dokument-{(start + first) // PER_DOCUMENT:06d}"
        inside = range(first, min(first + PER_DOCUMENT, len(texts)))
        pages: list[Page] = []
        for top in inside[::PER_PAGE]:
            rows = range(top, min(top + PER_PAGE, inside.stop))
            number, at = len(pages) + 1, 0
            for row in rows:
                passages.append(_passage(name, number, row - first, headings[row], texts[row], at))
                at += len(texts[row]) + 1
            pages.append(Page(number, "\n".join(texts[row] for row in rows)))
        documents.append(_document(name, tuple(pages)))
    return tuple(documents), tuple(passages)


def _passage(document: str, page: int, order: int, heading: str, text: str, at: int) -> Passage:
    return Passage(
        id=f"{document}:{page}:{order}",
        document_id=document,
        page=page,
        heading=heading,
        text=text,
        span=Span(at, at + len(text)),
        section=f"{document}:{page}",
        order=order,
    )


def _document(name: str, pages: tuple[Page, ...]) -> Document:
    digest = hashlib.sha256(name.encode()).hexdigest()
    organisation = _ORGANISATIONS[int(digest[:4], 16) % len(_ORGANISATIONS)]
    return Document(name, name.capitalize(), organisation, "vejledning", "da", digest, pages)
