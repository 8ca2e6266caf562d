"""Fit the coefficients of retrieval and abstention: ``python -m eval.fit``.

Reads question sets for development (never the test set), sees what the searcher sees for each question,
and writes ``assistant/retrieval/model.json``:

- fusion: a softmax over the candidates, the gold passages against the rest, signals kept from going
  negative (a passage must not lose by matching);
- section choice: a conditional logit over the sections of a question, "none" being one choice;
- support: a logistic regression over passages, the gold ones against the best of the others and
  against the best of every question that has no answer.

Beside it goes ``assistant/retrieval/known_questions.npz``: the questions of these sets and of those in ``eval/known``
as they are embedded, and what answers each. While fitting, each set is seen as by an assistant that knows the
other sets only.

All with an L2 penalty. With ``--check`` nothing is written and five-fold cross-validation is reported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.embedding.base import Embedder, Vectors
from assistant.factory import open_assistant, open_embedder, open_passages
from assistant.records import Passage, Query
from assistant.retrieval.fusion import FEATURES
from assistant.retrieval.known import FILE_NAME as KNOWN_FILE_NAME
from assistant.retrieval.known import NOTHING_KNOWN, KnownQuestions
from assistant.retrieval.model import FILE_NAME, RankingModel, load_model
from assistant.retrieval.search import KNOWN, Features, Searcher, confidence_of, scores_of
from assistant.retrieval.sections import SECTION_FEATURES, choose_section
from assistant.retrieval.support import JUDGED_FOR_CONFIDENCE, SUPPORT_FEATURES
from assistant.settings import Settings, load_settings
from assistant.text.folding import fold
from eval.questions import Question, load_questions
from eval.retrieval import read_benchmark

Array = NDArray[np.float64]
MODEL_FILE = Path(__file__).resolve().parent.parent / "assistant" / "retrieval" / FILE_NAME
KNOWN_FILE = MODEL_FILE.with_name(KNOWN_FILE_NAME)
KNOWN_SETS = tuple(sorted((Path(__file__).resolve().parent / "known").glob("*.jsonl")))
DEFAULT_SETS = tuple(
    f"eval/questions/{name}.jsonl"
    for name in ("dev", "validation", "everyday", "leaders", "staff", "conversations", "directors")
)
MEASURING_SETS = ("test", "unseen")

# Named so that the sign is known beforehand; the rest may go either way.
_NEVER_NEGATIVE = (
    "dense",
    "dense_heading",
    "terms",
    "terms_heading",
    "chars",
    "chars_heading",
    "synonyms",
    "speaker",
    "known",
    "known_near",
    "known_whitened",
    "known_words",
    "known_learned",
    "known_score",
)
# Zero for most passages of most questions, so that the common penalty would hold them near zero.
_RARE = (
    "fragment",
    "why_parent",
    "lean_parent",
    "title",
    "numbered",
    "earlier",
    "after_earlier",
    "beside_earlier",
    "again_earlier",
    "again_after_earlier",
    "again_beside_earlier",
    "document_earlier",
)
_RARE_L2 = 0.1
# Says nothing of a passage but that others like it are known; what is new must not lose by that.
_NO_SIGNAL = (
    "known_level",
    "known_unanswered",
    "known_passage",
    "known_close",
    "known_declined",
    "known_refused",
)
# Holds of every question that was ever seen, so nothing needs to hold it back.
_CERTAIN = ("not_asked",)
_CERTAIN_L2 = 0.001
_FROM_SECTION = 3  # gold entries in one section that make a question one for the whole section


@dataclass(frozen=True, slots=True)
class Example:
    """One question with what the models see; ``gold`` has for each entry the candidate rows that hold it."""

    question: Question
    query: Query
    seen: Features
    gold: tuple[tuple[int, ...], ...]

    @property
    def positive(self) -> list[int]:
        """Rows of all gold passages."""
        return sorted({row for entry in self.gold for row in entry})

    @property
    def section(self) -> int:
        """The section that was asked for, or -1."""
        if self.query.intent == "comparison" or len(self.gold) < _FROM_SECTION:
            return -1
        fits = [
            i
            for i, section in enumerate(self.seen.sections)
            if sum(any(row in section.rows for row in entry) for entry in self.gold) >= 0.75 * len(self.gold)
        ]
        return min(fits, key=lambda i: len(self.seen.sections[i].rows), default=-1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write, or only check; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m eval.fit", description=__doc__)
    parser.add_argument("questions", nargs="*", type=Path, default=[Path(p) for p in DEFAULT_SETS])
    parser.add_argument(
        "--prose", type=Path, action="append", default=[], metavar="FOLDER",
        help="a retrieval benchmark to fit the weights for running text on; without one they stay as they are",
    )  # fmt: skip
    parser.add_argument("--check", action="store_true", help="cross-validate, write nothing")
    options = parser.parse_args(arguments)
    if any(path.stem in MEASURING_SETS for path in options.questions):
        print(f"{' and '.join(MEASURING_SETS)} are for measuring; fit on the others.", file=sys.stderr)
        return 2
    settings = load_settings()
    assistant = open_assistant(settings)
    sets = [load_questions(path, assistant.documents).questions for path in options.questions]
    given = {path.resolve() for path in options.questions}
    known_only = [
        load_questions(path, assistant.documents).questions for path in KNOWN_SETS if path not in given
    ]

    def understood(questions: Sequence[Question]) -> Pairs:
        return [(q, assistant.understand(q.text, history=q.history)) for q in questions]

    queries = understood([q for questions in sets for q in questions])
    remembered = _Remembered(open_embedder(settings))
    searcher = assistant.searcher.with_embedder(remembered)
    prepare = _Preparation(searcher, load_model())
    passages = [p for d in assistant.documents for p in assistant.passages(d.id)]
    all_known = [*queries, *understood([q for questions in known_only for q in questions])]
    known = _known(all_known, searcher, passages, remembered.fingerprint)
    others = [(questions, known.without([q.asked for q in questions])) for questions in sets]
    prepare = replace(prepare, known={q.id: rest for questions, rest in others for q in questions})
    if options.check:
        print(_cross_validated(queries, prepare))
        return 0
    model = _fit(queries, prepare)
    if options.prose:
        choices = [choice for folder in options.prose for choice in _benchmark_choices(settings, folder)]
        weights = _softmax(choices, np.zeros(len(FEATURES)), _PROSE_L2)
        model = replace(model, fusion={**model.fusion, "prose": weights.astype(np.float32)})
    MODEL_FILE.write_text(json.dumps(model.to_json(), indent=2) + "\n", encoding="utf-8")
    KNOWN_FILE.write_bytes(known.to_bytes())
    print(json.dumps(model.to_json(), indent=2))
    return 0


class _Remembered:
    """Embeds every question once, for fitting looks at them many times."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}
        self.dimension = embedder.dimension
        self.fingerprint = embedder.fingerprint

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._embedder.embed_queries([text])[0]
        return np.vstack([self._vectors[text] for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError("fitting embeds no passages")


Pairs = Sequence[tuple[Question, Query]]


@dataclass(frozen=True, slots=True)
class _Preparation:
    """Sees questions with a given model: sections and support depend on the fused scores.

    ``known`` holds by a question's id what else is known when it is asked.
    """

    searcher: Searcher
    start: RankingModel
    known: dict[str, KnownQuestions] = field(default_factory=dict)

    def both(self, queries: Pairs, model: RankingModel) -> dict[str, list[Example]]:
        """Return each question as seen with nothing known, and with what is known, by the names of weights."""
        return {
            "": replace(self, known={}).examples(queries, model),
            KNOWN: self.examples(queries, model),
        }

    def examples(self, queries: Pairs, model: RankingModel) -> list[Example]:
        searcher = self.searcher.with_model(model).with_known(NOTHING_KNOWN)
        examples = []
        for question, query in queries:
            known = self.known.get(question.id, NOTHING_KNOWN)
            if searcher.known is not known:
                searcher = searcher.with_known(known)
            seen = searcher.examine(query)
            examples.append(Example(question, query, seen, _gold_rows(question, seen.candidates.passages)))
        return examples


def _known(
    queries: Pairs, searcher: Searcher, passages: Sequence[Passage], fingerprint: str
) -> KnownQuestions:
    """Return questions as the searcher embeds them, with the passages that hold their gold."""
    answers = [
        [passages[row] for row in sorted({row for entry in _gold_rows(question, passages) for row in entry})]
        for question, _ in queries
    ]
    # A question whose gold is in no passage is neither answered nor unanswerable.
    sure = [i for i, (question, _) in enumerate(queries) if answers[i] or not question.answerable]
    return KnownQuestions.of(
        fingerprint,
        np.stack([searcher.vector(queries[i][1]) for i in sure]),
        [queries[i][0].asked for i in sure],
        [answers[i] for i in sure],
        [queries[i][1].text for i in sure],
    )


def _gold_rows(question: Question, passages: Sequence[Passage]) -> tuple[tuple[int, ...], ...]:
    folded = [fold(p.text) for p in passages]
    return tuple(
        tuple(
            row
            for row, passage in enumerate(passages)
            if passage.document_id == gold.document and any(fold(s) in folded[row] for s in gold.any)
        )
        for gold in question.gold
    )


def _fit(queries: Pairs, prepare: _Preparation) -> RankingModel:
    """Fit in the order in which the parts depend on each other.

    Each question counts twice: as by an assistant that knows others like it, and as it is over documents of which
    nothing is known. Fusion has weights of its own for each.
    """
    fusion = {"prose": prepare.start.fusion["prose"]}
    for kind, examples in prepare.both(queries, prepare.start).items():
        fusion |= {f"{language}{kind}": w for language, w in _fit_fusion(examples).items()}
    model = replace(prepare.start, fusion=fusion)
    examples = [e for own in prepare.both(queries, model).values() for e in own]
    model = replace(model, section=_fit_section(examples))
    model = replace(model, support=_fit_support(examples))
    return replace(model, answer_threshold=_threshold(examples, model))


def _fit_fusion(examples: Sequence[Example], l2: float = 0.008) -> dict[str, NDArray[np.float32]]:
    """Softmax regression per language; English has few questions and is drawn towards the rest."""
    used = [e for e in examples if e.positive and e.section < 0]
    danish = _softmax([_choice(e) for e in used], np.zeros(len(FEATURES)), l2)
    english = _softmax([_choice(e) for e in used if e.query.language == "en"], danish, 5 * l2)
    return {"da": danish.astype(np.float32), "en": english.astype(np.float32)}


def _choice(e: Example) -> Choice:
    return Choice(e.seen.fusion, e.positive)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a softmax is fitted on: features of the candidates, and which of them are right."""

    features: NDArray[np.float32]
    right: list[int]
    weight: float = 1.0


_PROSE_L2 = 0.002


def _benchmark_choices(settings: Settings, folder: Path) -> list[Choice]:
    """The queries of a benchmark, weighted so that each benchmark counts the same."""
    benchmark = read_benchmark(folder)
    searcher = open_passages(settings, benchmark.passages)
    choices: list[Choice] = []
    for query_id, text in benchmark.queries:
        if benchmark.judged.get(query_id):
            candidates, matrix = searcher.features(Query(text, text))
            right = [i for i, p in enumerate(candidates.passages) if p.id in benchmark.judged[query_id]]
            choices.append(Choice(matrix, right))
    return [replace(choice, weight=1 / len(choices)) for choice in choices if choice.right]


def _softmax(choices: Sequence[Choice], towards: Array, l2: float) -> Array:
    def loss(w: Array) -> tuple[float, Array]:
        total, gradient = 0.0, np.zeros_like(w)
        for choice in choices:
            x = choice.features.astype(np.float64)
            p = _softened(x @ w)
            mass = p[choice.right]
            total -= choice.weight * np.log(mass.sum() + 1e-12)
            gradient += choice.weight * (p @ x - (mass / (mass.sum() + 1e-12)) @ x[choice.right])
        n = max(sum(choice.weight for choice in choices), 1e-9)
        away = w - towards
        return total / n + float(penalty @ away**2), gradient / n + 2 * penalty * away

    penalty = np.asarray([l2 * _held_back(name) for name in FEATURES])
    bounds = [_bounds(name) for name in FEATURES]
    start = np.maximum(towards, 0.05)
    start[[FEATURES.index(name) for name in _NO_SIGNAL]] = 0.0
    return _minimum(loss, start, bounds)


def _bounds(feature: str) -> tuple[float | None, float | None]:
    if feature in _NO_SIGNAL:
        return 0.0, 0.0
    return (0.0, None) if feature in _NEVER_NEGATIVE else (None, None)


def _held_back(feature: str) -> float:
    return _CERTAIN_L2 if feature in _CERTAIN else _RARE_L2 if feature in _RARE else 1.0


def _fit_section(examples: Sequence[Example], l2: float = 0.001) -> NDArray[np.float32]:
    used = [e for e in examples if e.seen.sections and e.query.intent != "comparison"]

    def loss(w: Array) -> tuple[float, Array]:
        total, gradient = 0.0, np.zeros_like(w)
        for e in used:
            x = np.vstack([e.seen.section.astype(np.float64), np.zeros(len(w))])  # the last row: none
            p = _softened(x @ w)
            total -= np.log(p[e.section] + 1e-12)  # -1 is the last row
            gradient += p @ x - x[e.section]
        return total / len(used) + l2 * float(w @ w), gradient / len(used) + 2 * l2 * w

    return _minimum(loss, np.zeros(len(SECTION_FEATURES)), None).astype(np.float32)


def _fit_support(examples: Sequence[Example], l2: float = 0.0003, rounds: int = 6) -> NDArray[np.float32]:
    """Fit what decides whether to answer: the best of a question's first passages.

    Each round takes from every question the passage that the last round thought best (gold ones where
    there are any among them), as in multiple-instance learning (Andrews et al. 2002).
    """
    w = np.zeros(len(SUPPORT_FEATURES))
    w[SUPPORT_FEATURES.index("cosine")] = w[SUPPORT_FEATURES.index("covered")] = 1.0
    for _ in range(rounds):
        rows: list[Array] = []
        labels: list[float] = []
        weights: list[float] = []
        for e in examples:
            x = e.seen.support[:JUDGED_FOR_CONFIDENCE].astype(np.float64)
            order = [int(i) for i in e.seen.order[: len(x)]]
            gold = [k for k, row in enumerate(order) if row in set(e.positive)]
            best = max(gold or range(len(x)), key=lambda k: float(x[k] @ w))
            rows.append(x[best])
            labels.append(float(e.question.answerable))
            weights.append(1.0 if e.question.answerable else _UNANSWERABLE_WEIGHT)
            if gold and len(gold) < len(x):
                # Passages beside the gold ones often answer too, so they count for little.
                other = max((k for k in range(len(x)) if k not in gold), key=lambda k: float(x[k] @ w))
                rows.append(x[other])
                labels.append(0.0)
                weights.append(_BESIDE_GOLD_WEIGHT)
        w = _logistic(np.asarray(rows), np.asarray(labels), np.asarray(weights), l2)
    return w.astype(np.float32)


_UNANSWERABLE_WEIGHT = 3.0  # there are fewer of them
_BESIDE_GOLD_WEIGHT = 0.1


def _logistic(x: Array, y: Array, c: Array, l2: float) -> Array:
    def loss(w: Array) -> tuple[float, Array]:
        p = 1 / (1 + np.exp(-(x @ w)))
        value = -float(c @ (y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))) / c.sum()
        return value + l2 * float(w[1:] @ w[1:]), x.T @ (c * (p - y)) / c.sum() + 2 * l2 * np.r_[0, w[1:]]

    return _minimum(loss, np.zeros(x.shape[1]), None)


def confidence(e: Example, model: RankingModel) -> float:
    """Return what the answerer compares with the threshold, as ``Searcher.rank`` has it."""
    return confidence_of(e.query, e.seen, model)


def _threshold(examples: Sequence[Example], model: RankingModel, declined_answerable: float = 0.03) -> float:
    """The threshold that declines at most this share of the answerable questions."""
    answerable = sorted(confidence(e, model) for e in examples if e.question.answerable)
    return round(float(answerable[int(declined_answerable * len(answerable))]), 3)


def _cross_validated(queries: Pairs, prepare: _Preparation, folds: int = 5) -> str:
    order = np.random.default_rng(0).permutation(len(queries))
    lines = []
    ranks: dict[str, list[float]] = {}
    kept: list[tuple[float, bool]] = []
    sections: list[tuple[bool, bool, bool]] = []
    curve: list[tuple[float, bool, bool]] = []
    for fold_number in range(folds):
        held = {int(i) for i in order[fold_number::folds]}
        model = _fit([q for i, q in enumerate(queries) if i not in held], prepare)
        for e in prepare.examples([q for i, q in enumerate(queries) if i in held], model):
            kept.append((confidence(e, model), e.question.answerable))
            if e.seen.sections and e.query.intent != "comparison":
                row, chance = choose_section(e.seen.section, model.section)
                asked, given = e.section >= 0, chance >= model.section_threshold
                sections.append((asked, given, given and row == e.section))
                curve.append((chance, asked, row == e.section))
            if len(e.gold) == 1 and e.query.intent != "comparison":
                fused = scores_of(e.query, model, e.seen.fusion, e.seen.candidates.passages, prose=False)
                rank = min(int((fused > fused[r]).sum()) + 1 for r in e.gold[0])
                ranks.setdefault(e.question.kind, []).append(rank)
    everything = [v for values in ranks.values() for v in values]
    for kind, values in [*sorted(ranks.items()), ("one gold", everything)]:
        r = np.asarray(values)
        figures = f"hit@1 {(r == 1).mean():.3f}  r@5 {(r <= 5).mean():.3f}  mrr {(1 / r).mean():.3f}"
        lines.append(f"{kind:14} n={len(r):3}  {figures}")
    asked = [s for s in sections if s[0]]
    lines.append(
        f"sections: {len(asked)} asked, {sum(s[2] for s in asked)} given right, "
        f"{sum(s[1] and not s[0] for s in sections)} of {len(sections) - len(asked)} others taken for one"
    )
    for threshold in (0.2, 0.3, 0.4, 0.5):
        right = sum(c >= threshold and r for c, a, r in curve if a)
        wrong = sum(c >= threshold for c, a, _ in curve if not a)
        lines.append(f"  at {threshold}: {right} right, {wrong} taken for one")
    good = np.sort([c for c, a in kept if a])
    bad = np.asarray([c for c, a in kept if not a])
    for share in (0.02, 0.03, 0.04, 0.06, 0.1):
        declined = (bad < good[int(share * len(good))]).mean()
        lines.append(f"declining {share:.0%} of the answerable declines {declined:.3f} of the others")
    auc = np.mean([(g > b) + 0.5 * (g == b) for g in good for b in bad])
    lines.append(f"AUC {auc:.3f}")
    return "\n".join(lines)


def _softened(utility: Array) -> Array:
    e = np.exp(utility - utility.max())
    return np.asarray(e / e.sum())


def _minimum(
    loss: Callable[[Array], tuple[float, Array]],
    start: Array,
    bounds: list[tuple[float | None, float | None]] | None,
) -> Array:
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


if __name__ == "__main__":
    raise SystemExit(main())
