"""What Prometheus may read of the running page: numbers, never words.

Labels are taken from short lists that stand in the program. No question, name, address or file is among
them, and their number does not grow with use.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant import __version__
from assistant.errors import AssistantError, LimitReached, QuestionError
from assistant.llm.faults import FaultKind
from assistant.progress import ProgressCallback
from assistant.records import Answer, Block, Delta, Query
from assistant.timing import STAGES, Timing

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

Part = TypeVar("Part", bound=Query | Block | Delta | Answer)
Result = TypeVar("Result")

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each series began is told by the process as a whole

STAGE_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""From a search on an idle machine to the longest that a language model may take."""

BUILD_SECONDS: Final = (1, 5, 15, 60, 300, 900, 3600, 14400)


class Serving(Protocol):
    """What is asked of a live assistant when the numbers are read."""

    @property
    def notice(self) -> str:
        """Empty while the newest index serves."""
        ...

    @property
    def serving(self) -> tuple[str, Assistant]:
        """The generation that serves, and the assistant over it."""
        ...


class Metrics:
    """The numbers of one process. Safe for many threads at once."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """Begin at nothing."""
        self.registry = CollectorRegistry()
        self._clock = clock
        self._live: Serving | None = None
        self._underway: Callable[[], Mapping[str, int]] = dict
        self._failed_parts: Callable[[], Mapping[str, bool]] = dict
        self._define()
        self.registry.register(_AtScrape(self))
        ProcessCollector(registry=self.registry)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return what a scrape gets, and its content type, in the format that it accepts."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    # --- what happens -----------------------------------------------------------------------------

    def counted(self, parts: Iterable[Part]) -> Generator[Part]:
        """Yield the parts of an answer as they come, and count how it went once it ends or is left."""
        started = self._clock()
        outcome = "stopped"
        try:
            for part in parts:
                if isinstance(part, Answer):
                    outcome = "abstained" if part.abstained else "answered"
                    self._seconds.labels(_answerer(part.mode)).observe(self._clock() - started)
                yield part
        except AssistantError as error:
            refused = isinstance(error, LimitReached | QuestionError)
            outcome = "refused" if refused else "failed"
            self.refused(error)
            raise
        except Exception:
            outcome = "failed"
            raise
        finally:
            if isinstance(parts, Generator):
                parts.close()
            self._questions.labels(outcome).inc()

    def timed(self, timing: Timing) -> None:
        """Take in the stages of one question; those that were not run do not count."""
        for stage in STAGES:
            if timing.of(stage) > 0:
                self._stages.labels(stage, _answerer(timing.mode)).observe(timing.of(stage))

    def refused(self, error: AssistantError) -> None:
        """Count a refusal by the limit that was met; other errors are none."""
        if isinstance(error, LimitReached):
            self._refusals.labels(error.limit or "other").inc()

    def model_fault(self, kind: FaultKind) -> None:
        """Count a call of the language model that failed."""
        self._model_faults.labels(kind).inc()

    def database_fault(self) -> None:
        """Count a failure of the database."""
        self._database_faults.inc()

    def build(self, work: Callable[[ProgressCallback], Result]) -> Callable[[ProgressCallback], Result]:
        """Return ``work``, which builds the index or changes it, so that it is counted and timed."""

        def counted(report: ProgressCallback) -> Result:
            started, result = self._clock(), "failed"
            try:
                done = work(report)
                result = "ok"
                return done
            finally:
                self._builds.labels(result).inc()
                self._build_seconds.observe(self._clock() - started)

        return counted

    def connected(self, change: int) -> None:
        """Note that a browser has opened (1) or closed (-1) its connection."""
        self._sessions.inc(change)

    # --- what is looked at when the numbers are read ----------------------------------------------

    def watch(
        self,
        live: Serving | None = None,
        *,
        underway: Callable[[], Mapping[str, int]] | None = None,
        failed_parts: Callable[[], Mapping[str, bool]] | None = None,
    ) -> None:
        """Look at these from now on; what is left out stays as it was."""
        self._live = live or self._live
        self._underway = underway or self._underway
        self._failed_parts = failed_parts or self._failed_parts

    @property
    def serving(self) -> bool:
        """Whether an index has been opened and answers."""
        return self._live is not None

    def at_scrape(self) -> Iterator[Metric]:
        """Yield what is not counted but looked up."""
        underway = _family("assistant_underway", "Answers and jobs that are being made", "kind")
        for kind, number in self._underway().items():
            underway.add_metric([kind], number)
        parts = _family("assistant_part_failed", "1 where a part does not work, as /healthz says", "part")
        for part, failed in self._failed_parts().items():
            parts.add_metric([part], float(failed))
        yield underway
        yield parts
        if self._live is not None:
            yield from _index(self._live)
            yield from _breaker(self._live)

    def _define(self) -> None:
        registry = self.registry
        Gauge("assistant_info", "1, with the version", ["version"], registry=registry).labels(
            __version__
        ).set(1)
        self._questions = Counter(
            "assistant_questions", "Questions by how they went", ["outcome"], registry=registry
        )
        self._refusals = Counter(
            "assistant_refusals", "What was refused, by the limit that was met", ["limit"], registry=registry
        )
        self._seconds = Histogram(
            "assistant_question_seconds",
            "From the question to its whole answer",
            ["answerer"],
            buckets=STAGE_SECONDS,
            registry=registry,
        )
        self._stages = Histogram(
            "assistant_stage_seconds",
            "How long each stage of a question took",
            ["stage", "answerer"],
            buckets=STAGE_SECONDS,
            registry=registry,
        )
        self._model_faults = Counter(
            "assistant_llm_faults", "Failed calls of the language model", ["kind"], registry=registry
        )
        self._database_faults = Counter(
            "assistant_database_faults", "Failures of the database", registry=registry
        )
        self._builds = Counter(
            "assistant_builds", "Builds and changes of documents", ["result"], registry=registry
        )
        self._build_seconds = Histogram(
            "assistant_build_seconds",
            "How long builds and changes of documents took",
            buckets=BUILD_SECONDS,
            registry=registry,
        )
        self._sessions = Gauge("assistant_sessions", "Browsers that are connected now", registry=registry)
        for outcome in ("answered", "abstained", "refused", "stopped", "failed"):
            self._questions.labels(outcome)  # there from the start, so that the first one is seen to rise
        for result in ("ok", "failed"):
            self._builds.labels(result)


class _AtScrape(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        """Nothing is looked up before it is asked for."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Look everything up."""
        return self._metrics.at_scrape()


def _answerer(mode: str) -> str:
    """The name of a model is somebody's own word, so it is no label."""
    return "extractive" if mode == "extractive" else "llm"


def _index(live: Serving) -> Iterator[Metric]:
    name, assistant = live.serving
    number = re.match(r"\d+", name)
    if number:
        yield _gauge("assistant_index_generation", "Number of the generation that serves", int(number[0]))
    yield _gauge("assistant_index_passages", "Passages of the index", assistant.passage_count)
    yield _gauge("assistant_index_documents", "Documents of the index", len(assistant.documents))
    unread = sum(problem.kind == "unread" for problem in assistant.problems)
    yield _gauge("assistant_index_unread_documents", "Documents that could not be read", unread)
    made = datetime.fromisoformat(assistant.index_created).timestamp()
    yield _gauge("assistant_index_created_timestamp_seconds", "When the index was built", made)
    degraded = bool(live.notice)
    yield _gauge("assistant_index_degraded", "1 where an older index than the newest serves", degraded)


def _breaker(live: Serving) -> Iterator[Metric]:
    state = getattr(live.serving[1].writing.choice.model, "breaker_state", None)
    if state is not None:
        family = _family("assistant_llm_breaker", "1 at the state of the circuit breaker", "state")
        for each in ("closed", "half_open", "open"):
            family.add_metric([each], float(each == state))
        yield family


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, value=float(value))


def _family(name: str, told: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=[label])


shared: Final = Metrics()
"""The numbers of this process."""
