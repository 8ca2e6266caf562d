"""Questions that were judged before, and what they tell of a new one.

Of the questions in the sets for development it is known which passages answer them, and of some that none does.
A new question that lies near one of them most often wants the same: query association (Scholer and Williams 2002,
"Query Association for Effective Retrieval"). What it tells is one signal among the others; whoever asks something
that is near no known question is answered as before, and documents that no known question is about are too.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import blake2b
from importlib.resources import files
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.indexes.arrays import array_in
from assistant.indexes.local import heading_text
from assistant.indexes.runs import starts_of
from assistant.indexes.whitening import Whitening
from assistant.records import Passage
from assistant.retrieval.expanded import ExpandedPassages, term_keys
from assistant.retrieval.learned import LearnedWords, Wordings, learn, likeness
from assistant.retrieval.products import products_of
from assistant.text.danish import Terms, terms, vocabulary
from assistant.text.folding import fold

FILE_NAME = "known_questions.npz"

KNOWN_FEATURES = (
    "known",
    "known_near",
    "known_whitened",
    "known_words",
    "known_level",
    "known_unanswered",
    "known_passage",
    "known_close",
    "known_declined",
    "known_learned",
    "known_score",
    "known_refused",
)
"""Columns of :meth:`KnownQuestions.features`.

``known``: the share of the near known questions that the passage answers; ``known_near``: how near the nearest
of those lies, less ``known_level``, which is the mean of that over such passages; ``known_whitened``: how near by
whitened vectors, and ``known_words``: the BM25 score of the words of all questions that it answers, as in document
expansion by queries (Nogueira et al. 2019, "Document Expansion by Query Prediction"), both standardised over the
passages that known questions are about; ``known_unanswered``: the share of the near ones that nothing answers;
``known_passage``: 1; ``known_close``: the whitened cosine of the nearest that the passage answers, and
``known_declined``: of the nearest that nothing does. ``known_score``: the share that the passage should have in the
answer by what was learnt of all of them (:mod:`assistant.retrieval.learned`), ``known_learned``: the same standardised,
and ``known_refused``: the share that no answer should have. All are 0 for a passage that no known question is about,
so that of those nothing is concluded.
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
    ``answers``: keys of passages, ``starts[i]:starts[i + 1]`` those of question i; ``terms`` and ``term_starts``: keys
    of its terms in the same way. ``stems``: what compounds are split by; ``whitening``: of the vectors, and
    ``lengths``: theirs when it has turned them, shape (n,). ``learnt``: the weights of the questions for each passage
    by its key, ascending, and for no answer, shape (n, passages + 1); worked out once needed where it is ``None``.
    """

    model: str
    vectors: NDArray[np.float32]
    texts: Keys
    starts: NDArray[np.int64]
    answers: Keys
    terms: NDArray[np.uint32]
    term_starts: NDArray[np.int64]
    stems: frozenset[str]
    whitening: Whitening
    lengths: NDArray[np.float32]
    learnt: NDArray[np.float32] | None = None

    @classmethod
    def of(
        cls,
        model: str,
        vectors: NDArray[np.float32],
        texts: Sequence[tuple[str, ...]],
        answers: Sequence[Sequence[Passage]],
        wordings: Sequence[str],
    ) -> KnownQuestions:
        """Keep questions with what answers each.

        Args:
            model: fingerprint of the embedder that gave ``vectors``.
            vectors: as the searcher embeds the questions, shape (n, dimension).
            texts: each question with the questions before it in its conversation, oldest first.
            answers: the passages that answer each; none where nothing does.
            wordings: each question as it was completed.
        """
        vectors = np.asarray(vectors, dtype=np.float32)
        whitening = Whitening.learn(vectors)
        keys = [sorted({_passage_key(_told(p)) for p in own}) for own in answers]
        stems = vocabulary(wordings)
        spoken = [term_keys(terms(wording, stems)) for wording in wordings]
        return cls(
            model,
            vectors,
            np.asarray([question_key(text) for text in texts], dtype=np.uint64),
            np.cumsum([0, *map(len, keys)], dtype=np.int64),
            np.asarray([key for own in keys for key in own], dtype=np.uint64),
            np.asarray([key for own in spoken for key in own], dtype=np.uint32),
            np.cumsum([0, *map(len, spoken)], dtype=np.int64),
            stems,
            whitening,
            _lengths(vectors, whitening),
        )

    def __len__(self) -> int:
        """Return the number of known questions."""
        return len(self.texts)

    def without(self, texts: Collection[tuple[str, ...]]) -> KnownQuestions:
        """Return what is known but for these questions, so that they can be measured with."""
        kept = ~np.isin(self.texts, np.asarray([question_key(text) for text in texts], dtype=np.uint64))
        counts, spoken = np.diff(self.starts), np.diff(self.term_starts)
        return replace(
            self,
            vectors=self.vectors[kept],
            texts=self.texts[kept],
            starts=starts_of(counts[kept]),
            answers=self.answers[np.repeat(kept, counts)],
            terms=self.terms[np.repeat(kept, spoken)],
            term_starts=starts_of(spoken[kept]),
            lengths=self.lengths[kept],
            learnt=None,
        )

    def features(
        self, vector: NDArray[np.float32], wording: str, passages: Sequence[Passage]
    ) -> NDArray[np.float32]:
        """Return what is known of a question for each passage; shape (len(passages), len(KNOWN_FEATURES)).

        Args:
            vector: the question as the searcher embeds it, shape (dimension,).
            wording: the question as it was completed.
            passages: the candidates.
        """
        found = np.zeros((len(passages), len(KNOWN_FEATURES)), dtype=np.float32)
        if not len(self.answers) or not passages:
            return found
        _, asked, first = self._answering
        at, known = self._places_of(passages)
        if not len(at):
            return found
        # The matrix of the whitening is wanted twice, once turned round: M (M^T x) / |M^T x|.
        centred = vector - self.whitening.mean
        turned = self._twice @ centred
        turned /= max(float(centred @ turned), 1e-24) ** 0.5
        cosines, whitened = products_of(self.vectors, np.stack([vector, turned]))
        alike = (whitened - self.whitening.mean @ turned) / self.lengths  # whitened cosines by associativity
        weights = np.exp((cosines.astype(np.float64) - _NEAR) / _WIDTH)
        unanswered, parts = self._shared
        shares = np.add.reduceat(weights[asked] * parts, first)
        nearest = np.maximum(np.maximum.reduceat(cosines[asked], first), _FAR)
        whole = 1 + weights.sum()
        near = (nearest - _FAR)[at] * 10
        close = np.maximum.reduceat(alike[asked], first).astype(np.float64)
        spoken = term_keys(self._taken_apart(wording))
        learnt = likeness(alike) @ self._weights + self._learnt_words.scores(spoken)
        alike_by = _standardised(np.stack([close, self._expansion.scores(spoken), learnt[:-1]]))
        columns = {
            "known": (shares / whole)[at],
            "known_near": near - near.mean(),
            "known_whitened": alike_by[0, at],
            "known_words": alike_by[1, at],
            "known_level": near.mean(),
            "known_unanswered": weights[unanswered].sum() / whole,
            "known_passage": 1,
            "known_close": close[at],
            "known_declined": alike[unanswered].max(initial=0.0),
            "known_learned": alike_by[2, at],
            "known_score": learnt[:-1][at],
            "known_refused": learnt[-1],
        }
        own = np.empty((len(KNOWN_FEATURES), len(at)), dtype=np.float32)
        for row, name in enumerate(KNOWN_FEATURES):
            own[row] = columns[name]
        found[known] = own.T
        return found

    def _places_of(self, passages: Sequence[Passage]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where the keys of those passages that are known stand in ``_answering``, and which these are.

        Kept for the passages that were asked for last: those of a small index are the same for every question.
        """
        kept = self._kept[0] if self._kept else None
        if kept is None or kept[0] is not passages:
            keys = self._answering[0]
            own = np.asarray([_passage_key(_told(p)) for p in passages], dtype=np.uint64)
            at = np.minimum(np.searchsorted(keys, own), len(keys) - 1)
            known = np.flatnonzero(keys[at] == own)
            kept = passages, at[known], known
            self._kept[:] = [kept]  # what another thread keeps there meanwhile is not returned
        return kept[1:]

    @cached_property
    def _kept(self) -> list[tuple[Sequence[Passage], NDArray[np.int64], NDArray[np.int64]]]:
        return []

    @cached_property
    def _shared(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The questions that nothing answers; the part that each answer in ``_answering`` has in its question's."""
        counts = np.diff(self.starts)
        return np.flatnonzero(counts == 0), 1 / np.maximum(counts, 1)[self._answering[1]]

    @cached_property
    def _twice(self) -> NDArray[np.float32]:
        """The matrix of the whitening times itself turned round, shape (dimension, dimension)."""
        return self.whitening.matrix @ self.whitening.matrix.T

    @cached_property
    def _taken_apart(self) -> Terms:
        return Terms(self.stems)

    @cached_property
    def _expansion(self) -> ExpandedPassages:
        keys, column = self._passages
        return ExpandedPassages.of(self.terms, self.term_starts, np.diff(self.starts), column, len(keys))

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings.of(self.terms, self.term_starts)

    @cached_property
    def _learnt_words(self) -> LearnedWords:
        return LearnedWords(self._wordings, self._weights)

    @cached_property
    def _weights(self) -> NDArray[np.float32]:
        if self.learnt is not None:
            return self.learnt
        keys, column = self._passages
        counts = np.diff(self.starts)
        shares = np.zeros((len(self), len(keys) + 1), dtype=np.float32)
        question = np.repeat(np.arange(len(self)), counts)
        shares[question, column] = (1 / np.maximum(counts, 1))[question]
        shares[counts == 0, -1] = 1
        whitened = _turned(self.vectors, self.whitening) / self.lengths[:, None]
        return learn(likeness(whitened @ whitened.T) + self._wordings.among_themselves(), shares)

    @cached_property
    def _passages(self) -> tuple[Keys, NDArray[np.int64]]:
        """The distinct keys of passages, ascending, and the place there of each of ``answers``."""
        return np.unique(self.answers, return_inverse=True)

    @cached_property
    def _answering(self) -> tuple[Keys, NDArray[np.int64], NDArray[np.int64]]:
        """The distinct keys of passages, ascending; the questions that each answers; where those of each begin."""
        keys, column = self._passages
        question = np.repeat(np.arange(len(self)), np.diff(self.starts))
        return keys, question[np.argsort(column, kind="stable")], starts_of(np.bincount(column))[:-1]

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
            terms=self.terms,
            term_starts=self.term_starts,
            stems=np.asarray("\n".join(sorted(self.stems))),
            mean=self.whitening.mean,
            matrix=self.whitening.matrix.astype(np.float16),
            lengths=self.lengths,
            learnt=self._weights.astype(np.float16),
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> KnownQuestions:
        """Read what :meth:`to_bytes` gave."""
        with ZipFile(io.BytesIO(data)) as file:
            raw = {name.removesuffix(".npy"): array_in(file.read(name), name) for name in file.namelist()}
        vectors = raw["vectors"].astype(np.float32)
        return cls(
            str(raw["model"]),
            vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9),
            raw["texts"],
            raw["starts"],
            raw["answers"],
            raw["terms"],
            raw["term_starts"],
            frozenset(str(raw["stems"]).split("\n")),
            Whitening(raw["mean"], raw["matrix"].astype(np.float32)),
            raw["lengths"],
            raw["learnt"].astype(np.float32),
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


def _lengths(vectors: NDArray[np.float32], whitening: Whitening) -> NDArray[np.float32]:
    turned = _turned(vectors, whitening)
    return np.asarray(np.maximum(np.linalg.norm(turned, axis=1), 1e-9), dtype=np.float32)


def _turned(vectors: NDArray[np.float32], whitening: Whitening) -> NDArray[np.float32]:
    return np.asarray((vectors - whitening.mean) @ whitening.matrix, dtype=np.float32)


def _standardised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row less its mean, in its own standard deviations."""
    apart = rows - rows.mean(axis=1, keepdims=True)
    spread = np.sqrt((apart * apart).mean(axis=1, keepdims=True))
    return np.asarray(apart / np.maximum(spread, 1e-6))


def _told(passage: Passage) -> tuple[str, str]:
    return heading_text(passage), passage.text


@lru_cache(maxsize=20_000)
def _passage_key(told: tuple[str, str]) -> int:
    return _key("\n".join(told))


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


NOTHING_KNOWN = KnownQuestions.of("", np.zeros((0, 0), dtype=np.float32), (), (), ())
