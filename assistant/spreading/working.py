"""Work given to a cluster, a little more at a time than it has threads, until all of it is done.

Whatever a worker had when it died is given to another by the scheduler. What several workers died of, or
failed at, is tried once more alone, one item at a time with nothing else under way, so that nothing is
blamed for its neighbour; what fails even then has failed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from assistant.errors import AssistantError
from assistant.spreading.cluster import Cluster

if TYPE_CHECKING:
    from distributed import Future

Item = TypeVar("Item")

_TICK = 0.25
_AHEAD = 2
"""Tasks under way for each thread: while it does one, the next is on its way."""

_CANCELLED_TRIES = 3
_FETCHERS = 4


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """What is done in one go. ``weight`` is what it takes of the memory of everyone it passes, in bytes."""

    items: tuple[Item, ...]
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Why something could not be done: ``died`` if it took workers with it, and what the last one said."""

    died: bool
    reason: str


@dataclass(slots=True)
class _Flight(Generic[Item]):
    part: Part[Item]
    alone: bool
    cancelled: int = 0


def worked(
    cluster: Cluster,
    parts: Iterable[Part[Item]],
    submit: Callable[[tuple[Item, ...]], Future[Any]],
    most_weight: int = 256 * 2**20,
) -> Iterator[tuple[tuple[Item, ...], Any]]:
    """Yield the items of each part and what came of them, as they are done: a result, or :class:`Failed`.

    Args:
        cluster: whose workers do it.
        parts: what is to be done; the next is asked for when there is room for it.
        submit: gives items to the cluster.
        most_weight: of all that is under way at once, where it is more than one part.

    Raises:
        ClusterError: the scheduler has gone, no workers came back in time, or one differs.
    """
    yield from _Work(cluster, parts, submit, most_weight).run()


class _Work(Generic[Item]):
    def __init__(
        self,
        cluster: Cluster,
        parts: Iterable[Part[Item]],
        submit: Callable[[tuple[Item, ...]], Future[Any]],
        most_weight: int,
    ) -> None:
        self._cluster = cluster
        self._parts = iter(parts)
        self._next: Part[Item] | None = next(self._parts, None)
        self._submit = submit
        self._most_weight = most_weight
        self._flying: dict[Any, tuple[Future[Any], _Flight[Item]]] = {}
        self._weight = 0
        self._suspects: deque[Part[Item]] = deque()
        self._done: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        self._fetching = ThreadPoolExecutor(_FETCHERS, "dask-results")

    def run(self) -> Iterator[tuple[tuple[Item, ...], Any]]:
        try:
            while self._fill():
                self._cluster.look()
                try:
                    key, result = self._done.get(timeout=_TICK)
                except Empty:
                    if not self._cluster.is_connected:
                        raise self._cluster.lost() from None
                    continue
                yield from self._landed(key, result)
        finally:
            for future, _ in self._flying.values():
                future.cancel()
            self._fetching.shutdown(wait=False, cancel_futures=True)

    def _fill(self) -> bool:
        """Give the cluster as much as it can take; returns whether anything is under way."""
        most = _AHEAD * max(1, sum(self._cluster.workers.values()))
        while (
            self._next is not None
            and len(self._flying) < most
            and (not self._flying or self._weight + self._next.weight <= self._most_weight)
        ):
            self._start(_Flight(self._next, alone=False))
            self._next = next(self._parts, None)
        if not self._flying and self._suspects:
            self._start(_Flight(self._suspects.popleft(), alone=True))
        return bool(self._flying)

    def _start(self, flight: _Flight[Item]) -> None:
        future = self._submit(flight.part.items)
        self._flying[future.key] = future, flight
        self._weight += flight.part.weight
        future.add_done_callback(lambda done: self._fetching.submit(self._fetch, done))

    def _fetch(self, future: Future[Any]) -> None:
        """Fetch a result; while the worker that has it is dying this waits until another has made it anew."""
        self._done.put((future.key, _result(future)))

    def _landed(self, key: Any, result: Any) -> Iterator[tuple[tuple[Item, ...], Any]]:
        flight = self._flying.pop(key)[1]
        self._weight -= flight.part.weight
        if isinstance(result, AssistantError):
            raise result  # a worker that joined differs; others would fail alike
        if isinstance(result, _Cancelled):
            flight.cancelled += 1
            if not self._cluster.is_connected or flight.cancelled > _CANCELLED_TRIES:
                raise self._cluster.lost()
            self._start(flight)
        elif isinstance(result, Failed) and not flight.alone:
            share = flight.part.weight // len(flight.part.items)
            self._suspects.extend(Part((item,), share) for item in flight.part.items)
        else:
            yield flight.part.items, result


class _Cancelled:
    """The task was called off, as all are when a connection breaks."""


def _result(future: Future[Any]) -> Any:
    from distributed import KilledWorker

    try:
        return future.result()
    except AssistantError as error:
        return error
    except KilledWorker as error:
        return Failed(died=True, reason=_short(error))
    except CancelledError:
        return _Cancelled()
    except Exception as error:  # whatever the work raised
        return Failed(died=False, reason=_short(error)) if future.status == "error" else _Cancelled()


def _short(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
