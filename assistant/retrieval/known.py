"""Questions that were judged before, and what they tell of a new one.

Of the questions in the sets for development it is known which passages answer them, and of some that none does.
A new question that lies near one of them most often wants the same: query association (Scholer and Williams 2002,
"Query Association for Effective Retrieval"). What it tells is one signal among the others; whoever asks something
that is near no known question is answered as before, and documents that no known question is about are too.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.local import heading_text
from assistant.records import Passage
from assistant.text.folding import fold

FILE_NAME = "known_questions.npz"

KNOWN_FEATURES = ("known", "known_near", "known_level", "known_unanswered", "known_passage")
"""Columns of :meth:`KnownQuestions.features`.

``known``: the share of the near known questions that the passage answers; ``known_near``: how near the nearest
of those lies, less ``known_level``, which is the mean of that over such passages; ``known_unanswered``: the share
of the near ones that nothing answers; ``known_passage``: 1. All are 0 for a passage that no known question is
about, so that of those nothing is concluded.
"""

_WIDTH = 0.01
_NEAR = 0.87
"""A known question with this cosine to the asked one weighs as much as knowing none at all. E5 gives questions
about the same matter .90 to .97, others some .80."""
_FAR = 0.8

Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class KnownQuestions:
    """Known questions by what they mean, and the passages that answer each.

    ``vectors``: shape (n, dimension), unit length; ``texts``: a key of each question, shape (n,);
    ``answers``: keys of passages, ``starts[i]:starts[i + 1]`` those of question i.
    """

    model: str
    vectors: NDArray[np.float32]
    texts: Keys
    starts: NDArray[np.int64]
    answers: Keys

    @classmethod
    def of(
        cls,
        model: str,
        vectors: NDArray[np.float32],
        texts: Sequence[tuple[str, ...]],
        answers: Sequence[Sequence[Passage]],
    ) -> KnownQuestions:
        """Keep questions with what answers each.

        Args:
            model: fingerprint of the embedder that gave ``vectors``.
            vectors: as the searcher embeds the questions, shape (n, dimension).
            texts: each question with the questions before it in its conversation, oldest first.
            answers: the passages that answer each; none where nothing does.
        """
        keys = [sorted({_passage_key(_told(p)) for p in own}) for own in answers]
        return cls(
            model,
            np.asarray(vectors, dtype=np.float32),
            np.asarray([question_key(text) for text in texts], dtype=np.uint64),
            np.cumsum([0, *map(len, keys)], dtype=np.int64),
            np.asarray([key for own in keys for key in own], dtype=np.uint64),
        )

    def __len__(self) -> int:
        """Return the number of known questions."""
        return len(self.texts)

    def without(self, texts: Collection[tuple[str, ...]]) -> KnownQuestions:
        """Return what is known but for these questions, so that they can be measured with."""
        kept = ~np.isin(self.texts, np.asarray([question_key(text) for text in texts], dtype=np.uint64))
        counts = np.diff(self.starts)
        return KnownQuestions(
            self.model,
            self.vectors[kept],
            self.texts[kept],
            np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int64),
            self.answers[np.repeat(kept, counts)],
        )

    def features(self, vector: NDArray[np.float32], passages: Sequence[Passage]) -> NDArray[np.float32]:
        """Return what is known of a question for each passage; shape (len(passages), len(KNOWN_FEATURES)).

        Args:
            vector: the question as the searcher embeds it, shape (dimension,).
            passages: the candidates.
        """
        found = np.zeros((len(passages), len(KNOWN_FEATURES)), dtype=np.float32)
        if not len(self.answers) or not passages:
            return found
        keys, column = self._answering
        own = np.asarray([_passage_key(_told(p)) for p in passages], dtype=np.uint64)
        at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
        known = keys[at] == own
        if not known.any():
            return found
        cosines = self.vectors @ vector
        weights = np.exp((cosines.astype(np.float64) - _NEAR) / _WIDTH)
        counts = np.diff(self.starts)
        shares = np.bincount(column, np.repeat(weights / np.maximum(counts, 1), counts), len(keys))
        nearest = np.full(len(keys), _FAR)
        np.maximum.at(nearest, column, np.repeat(cosines, counts))
        whole = 1 + weights.sum()
        found[known, 0] = (shares / whole)[at[known]]
        near = (nearest - _FAR)[at[known]] * 10
        found[known, 1] = near - near.mean()
        found[known, 2] = near.mean()
        found[known, 3] = weights[counts == 0].sum() / whole
        found[known, 4] = 1
        return found

    @cached_property
    def _answering(self) -> tuple[Keys, NDArray[np.int64]]:
        """The distinct keys of passages, ascending, and for each of ``answers`` its number among them."""
        keys, column = np.unique(self.answers, return_inverse=True)
        return keys, column.astype(np.int64)

    def to_bytes(self) -> bytes:
        """Return all of it as a file, vectors with a byte a number; :meth:`from_bytes` reads it."""
        out = io.BytesIO()
        largest = np.abs(self.vectors).max(axis=1, keepdims=True, initial=1e-9)
        np.savez_compressed(
            out,
            model=np.asarray(self.model),
            vectors=np.rint(self.vectors / largest * 127).astype(np.int8),
            texts=self.texts,
            starts=self.starts,
            answers=self.answers,
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> KnownQuestions:
        """Read what :meth:`to_bytes` gave."""
        with np.load(io.BytesIO(data), allow_pickle=False) as raw:
            vectors = raw["vectors"].astype(np.float32)
            return cls(
                str(raw["model"]),
                vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9),
                raw["texts"],
                raw["starts"],
                raw["answers"],
            )


def question_key(text: tuple[str, ...]) -> int:
    """Return a key of a question and those before it; equal for texts that differ in white space and case."""
    return _key("\n".join(fold(part).lower() for part in text))


def load_known(model: str) -> KnownQuestions:
    """Return the committed questions; none for another embedder than the one that they were embedded with."""
    known = _committed()
    return known if known.model == model else NOTHING_KNOWN


@lru_cache(maxsize=1)
def _committed() -> KnownQuestions:
    return KnownQuestions.from_bytes((files("assistant.retrieval") / FILE_NAME).read_bytes())


def _told(passage: Passage) -> tuple[str, str]:
    return heading_text(passage), passage.text


@lru_cache(maxsize=20_000)
def _passage_key(told: tuple[str, str]) -> int:
    return _key("\n".join(told))


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


NOTHING_KNOWN = KnownQuestions.of("", np.zeros((0, 0), dtype=np.float32), (), ())
