"""Whether a cluster is fit to take part in a build: every machine must have the same program and model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError, ClusterError
from assistant.progress import Progress, ProgressCallback
from assistant.spreading import tasks
from assistant.spreading.cluster import Cluster
from assistant.spreading.tasks import Terms, Worker

if TYPE_CHECKING:
    from distributed import Future

_SECONDS = 600.0
"""A worker may have to fetch the model first."""

_TICK = 0.05
_STAGE = "Undersøger Dask-arbejderne"
_UNCHANGED = "Intet er ændret."


def admitted(cluster: Cluster, terms: Terms, progress: ProgressCallback) -> tuple[Worker, ...]:
    """Wait for workers and return what they are, once each is what ``terms`` say.

    Raises:
        ClusterError: there are none, or one differs; the message names it.
    """
    _check_scheduler(cluster)
    while not cluster.workers:
        cluster.look()
        time.sleep(_TICK)
    asked = {on: cluster.submit(tasks.describe, terms.opening, terms.ocr, on=on) for on in cluster.workers}
    workers: list[Worker] = []
    deadline = time.monotonic() + _SECONDS
    progress(Progress(_STAGE, 0, len(asked)))
    while asked:
        for on in [on for on, future in asked.items() if future.done()]:
            workers.append(_fit(on, asked.pop(on), terms))
            progress(Progress(_STAGE, len(workers), len(workers) + len(asked)))
        cluster.look()
        for on in asked.keys() - cluster.workers.keys():
            # So does one that lacks the program: it cannot even read what it is sent.
            raise ClusterError(
                f"Dask-arbejderen {on} forsvandt, da den blev undersøgt. Er programmet installeret der? Det står i "
                f"dens log. Prøv igen, når den er startet rigtigt eller stoppet. {_UNCHANGED}"
            )
        if asked and time.monotonic() > deadline:
            raise ClusterError(
                f"Dask-arbejderen {next(iter(asked))} svarer ikke. Stop den, og prøv igen. {_UNCHANGED}"
            )
        time.sleep(_TICK)
    return tuple(workers)


# --- helpers --------------------------------------------------------------------------------------


def _check_scheduler(cluster: Cluster) -> None:
    """It passes on what it must be able to import, and nothing that it says of itself matters."""
    try:
        cluster.run_on_scheduler(tasks.rest)
    except OSError as error:
        raise cluster.lost() from error
    except Exception as error:  # of any kind: it is another program than was expected
        raise ClusterError(
            f"Dasks scheduler på {cluster.address} kan ikke bruge programmet ({_short(error)}). Installér den "
            f"samme udgave der, som her, og start den igen. {_UNCHANGED}"
        ) from error


def _fit(on: str, future: Future[Any], terms: Terms) -> Worker:
    try:
        worker = future.result()
    except AssistantError as error:
        raise ClusterError(f"Dask-arbejderen {on} kan ikke bruges. {error} {_UNCHANGED}") from error
    except Exception as error:  # of any kind: the worker may lack the program, or have another
        raise ClusterError(
            f"Dask-arbejderen {on} kan ikke bruge programmet ({_short(error)}). Installér den samme udgave der, "
            f"som her, og start den igen. {_UNCHANGED}"
        ) from error
    if not isinstance(worker, Worker):
        raise ClusterError(f"Dask-arbejderen {on} svarer noget andet, end den blev spurgt om. {_UNCHANGED}")
    difference = worker.facts.difference(terms.facts)
    if not difference and worker.fingerprint != terms.fingerprint:
        difference = tasks.another_model(worker.fingerprint, terms.fingerprint)
    if difference:
        raise ClusterError(f"{tasks.different(on, difference)} {_UNCHANGED}")
    return worker


def _short(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
