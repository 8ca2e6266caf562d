"""Which clusters a build may be given to: what they send can run code here, so the way there must be safe."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assistant.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a cluster: its address, the files of certificates for tls://, and what is allowed.

    ``open`` allows tcp:// to other machines. ``wait_seconds`` is how long to wait for workers, when there are
    none to begin with and when all have gone.
    """

    address: str
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    open: bool = False
    wait_seconds: float = 120.0


def checked(access: Access) -> str:
    """Return the address with its scheme.

    Raises:
        SettingsError: it is none, or the way there is not safe.
    """
    reason = unsafe(access)
    if reason:
        raise SettingsError(f"Byggeriet begynder ikke: {reason}")
    return _with_scheme(access.address)


def unsafe(access: Access) -> str:
    """Return in one Danish sentence why the cluster must not be used; empty where it may."""
    address = _with_scheme(access.address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or not port or address != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc:
        shown = re.sub(r"[^/]*@", "…@", access.address)  # before it may stand a password
        return f"»{shown}« er ingen adresse på en Dask-klynge. Skriv den som tls://vært:8786."
    if parts.scheme not in ("tcp", "tls"):
        return (
            f"Dask-klyngens adresse begynder med {parts.scheme}://, men skal begynde med tls:// eller tcp://."
        )
    if parts.scheme == "tls":
        return _without_certificates(access)
    if not is_local(host) and not access.open:
        return (
            f"forbindelsen til {address} er ikke krypteret, og andre kan læse dokumenterne og bestemme, hvad der "
            "køres her. Brug tls:// (»dask.ca_file«, »dask.cert_file« og »dask.key_file«) eller en SSH-tunnel, "
            "eller sæt »dask.open« til true på et lukket net."
        )
    return ""


def is_local(host: str) -> bool:
    """Return whether a host name or address is this machine and no other can reach it."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"tcp://{address}"


def _without_certificates(access: Access) -> str:
    """Say which certificate is missing; the key may stand in the file of the certificate."""
    for name, path in (("ca_file", access.ca_file), ("cert_file", access.cert_file)):
        if path is None:
            return f"»dask.{name}« mangler; en adresse med tls:// skal have certifikater."
    for name in ("ca_file", "cert_file", "key_file"):
        path = getattr(access, name)
        if path is None:
            continue
        try:
            path.open("rb").close()
        except OSError as error:
            return f"filen i »dask.{name}« ({path}) kan ikke læses ({error.strerror})."
    return ""
