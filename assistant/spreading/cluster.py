"""A connection to a Dask cluster."""

from __future__ import annotations

import logging
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from assistant.durable.files import why
from assistant.errors import ClusterError, MissingExtra
from assistant.progress import Progress, ProgressCallback
from assistant.spreading import tasks
from assistant.spreading.address import Access, checked

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT_SECONDS = 10
_CLOSE_SECONDS = 5
_LOOK_SECONDS = 1.0
"""So often it is seen which workers there are."""

_WAITING = "Venter på Dask-arbejdere"
_KEPT = "Intet er tabt: kør den samme kommando igen, så fortsætter byggeriet, hvor det slap."


@contextmanager
def connected(access: Access, progress: ProgressCallback) -> Iterator[Cluster]:
    """Connect to a cluster; ``progress`` is told while it has no workers.

    Raises:
        MissingExtra: Dask is not installed. SettingsError: the way to the cluster is not safe.
        ClusterError: it does not answer.
    """
    address = checked(access)
    client = _client(address, access)
    try:
        yield Cluster(client, address, access.wait_seconds, progress)
    finally:
        _rest(client)
        with suppress(Exception):  # what was to be done is done
            client.close(timeout=_CLOSE_SECONDS)


class Cluster:
    """The workers of a cluster, as they come and go. For one thread."""

    def __init__(self, client: Client, address: str, wait_seconds: float, progress: ProgressCallback) -> None:
        """Use ``client``, which is connected to ``address``."""
        self.address = address
        self.workers: dict[str, int] = {}
        """The threads of each worker by its address, when they were last looked at."""
        self._client = client
        self._wait_seconds = wait_seconds
        self._progress = progress
        self._name = uuid.uuid4().hex[:8]
        self._submitted = 0
        self._looked = float("-inf")
        self._gone_since: float | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler is there."""
        return bool(self._client.status == "running")

    def submit(self, function: Callable[..., Any], *arguments: Any, on: str = "") -> Future[Any]:
        """Let a worker call a function, the one at the address ``on`` where that is given."""
        self._submitted += 1
        key = f"{function.__name__}-{self._name}-{self._submitted}"
        return self._client.submit(function, *arguments, key=key, pure=False, workers=[on] if on else None)

    def run_on_scheduler(self, function: Callable[[], Any]) -> None:
        """Let the scheduler call a function; raises what that raises."""
        self._client.run_on_scheduler(function)

    def look(self) -> None:
        """See, at most once a second, which workers there are.

        Raises:
            ClusterError: the scheduler has gone, or the workers have for longer than is waited for.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        try:
            self.workers = dict(self._client.nthreads())
        except (OSError, RuntimeError, ValueError) as error:
            raise self.lost() from error
        if self.workers:
            self._gone_since = None
            return
        if self._gone_since is None:
            self._gone_since = now
            self._progress(Progress(_WAITING, 0, 1))
        if now - self._gone_since >= self._wait_seconds:
            raise ClusterError(
                f"Dask-klyngen på {self.address} har ikke haft nogen arbejdere i {self._wait_seconds:.0f} "
                f"sekunder. Start dem med »dask worker {self.address}«. {_KEPT}"
            )

    def lost(self) -> ClusterError:
        """Return what is told when the scheduler is gone."""
        return ClusterError(f"Forbindelsen til Dask-klyngen på {self.address} gik tabt. {_KEPT}")


# --- helpers --------------------------------------------------------------------------------------


def _client(address: str, access: Access) -> Client:
    try:
        import dask
        from distributed import Client, Security
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        raise MissingExtra(
            "Dask er ikke installeret. Installér det med »pip install 'dokumentassistent[dask]'«, eller byg uden "
            "--dask."
        ) from error
    # It logs in English to the terminal what is told in Danish by us.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    # A file goes to its worker with the task that reads it, so that it can go to another if that one dies.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    try:
        security = _security(Security, access) if address.startswith("tls://") else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # we look ourselves, and say it in Danish
            return Client(
                address, timeout=_CONNECT_SECONDS, security=security, set_as_default=False, name="assistant"
            )
    except (OSError, ImportError, RuntimeError, ValueError) as error:
        raise ClusterError(
            f"Der svarer ingen Dask-klynge på {address} ({_reason(error)}). Start en med »dask scheduler« og "
            "»dask worker«, eller ret adressen. Intet er ændret."
        ) from error


def _rest(client: Client) -> None:
    """Let the workers end what waits for files; one that has stopped answering is not waited for."""

    def ask() -> None:
        with suppress(Exception):
            client.run(tasks.rest, on_error="ignore")

    if client.status == "running":
        thread = threading.Thread(target=ask, name="dask-rest", daemon=True)
        thread.start()
        thread.join(_CLOSE_SECONDS)


def _security(security: Callable[..., Any], access: Access) -> Any:
    return security(
        require_encryption=True,
        tls_ca_file=str(access.ca_file),
        tls_client_cert=str(access.cert_file),
        tls_client_key=str(access.key_file or access.cert_file),
    )


def _reason(error: BaseException) -> str:
    """What the system said at the bottom of it; what Dask puts above that is English and long."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, TimeoutError) or not str(error):
        return "tiden løb ud"
    if isinstance(error, ConnectionRefusedError):
        return "forbindelsen blev afvist"
    return " ".join(why(error).split())[:200]
