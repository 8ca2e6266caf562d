"""What a build needs of a cluster, from its address."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from assistant.embedding.base import Embedder
from assistant.progress import ProgressCallback
from assistant.spreading.address import Access
from assistant.spreading.admission import admitted
from assistant.spreading.cluster import connected
from assistant.spreading.embedding import SpreadEmbedder, Unembeddable
from assistant.spreading.facts import facts
from assistant.spreading.reading import SpreadReader
from assistant.spreading.tasks import Opening, Terms

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Spread:
    """A cluster at work: ``read`` reads files and ``embedder`` embeds passages on its workers."""

    read: SpreadReader
    embedder: SpreadEmbedder

    def done(self, build: Callable[[], Result]) -> Result:
        """Build; where workers died of a passage, build again without the documents that have it.

        What the others gave is kept by the build, so that it is not embedded twice.
        """
        while True:
            try:
                return build()
            except Unembeddable as error:
                if not self.read.refuse(error.texts):
                    raise


@contextmanager
def spreading(
    access: Access,
    opening: Opening,
    embedder: Embedder,
    progress: ProgressCallback,
    *,
    ocr: bool,
    most_bytes: int,
) -> Iterator[Spread]:
    """Connect to a cluster and see that each of its workers has what this process has.

    Args:
        access: where it is.
        opening: how a worker opens ``embedder``.
        embedder: the configured one.
        progress: told while it waits.
        ocr: whether text is to be recognised on scanned pages.
        most_bytes: of a file that is sent to a worker; a larger one is read here.

    Raises:
        MissingExtra: Dask is not installed. SettingsError: the way to the cluster is not safe.
        ClusterError: it does not answer, has no workers, or one that differs.
    """
    with connected(access, progress) as cluster:
        terms = Terms(facts(ocr=ocr), ocr, embedder.fingerprint, opening)
        workers = admitted(cluster, terms, progress)
        with_gpu = sum(worker.device.startswith("cuda") for worker in workers)
        _log.info("Bygger over %d Dask-arbejdere, %d med GPU", len(workers), with_gpu)
        yield Spread(
            SpreadReader(cluster, terms, most_bytes),
            SpreadEmbedder(cluster, terms, embedder, gpu=with_gpu == len(workers)),
        )
