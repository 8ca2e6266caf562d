"""Addresses of servers: whether they can be used, and where what is sent to them goes."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.errors import SettingsError
from assistant.llm.base import Location

# Narrow on purpose: what is read here as the host must be what every other parser reads as the host.
_ADDRESS = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*)|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[\w./~-]*)?"
)
_LOCAL_NAMES = frozenset({"localhost"})
_OWN_NETWORKS = tuple(
    ipaddress.ip_network(n)
    for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10", "169.254.0.0/16")
)
_METADATA = ipaddress.ip_address("169.254.169.254")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that speaks the OpenAI protocol. ``url`` ends where "/chat/completions" begins."""

    url: str
    server: str
    location: Location

    @property
    def root(self) -> str:
        """The address of what a server offers beside the protocol."""
        return self.url.removesuffix("/v1")


def endpoint(base_url: str, own_hosts: Collection[str] = ()) -> Endpoint:
    """Read the address of a server.

    A host name counts as outside unless it is in ``own_hosts`` (itself or a domain above it): names are
    not looked up, because what they lead to can change between the look-up and the call.

    Raises:
        SettingsError: it is no address, holds a user name or key, or is unencrypted and leads outside.
    """
    url = base_url.strip().rstrip("/")
    if not _ADDRESS.fullmatch(url):
        raise SettingsError(
            "»llm.base_url« er ikke en adresse, der kan bruges. Skriv fx http://127.0.0.1:8080/v1, uden brugernavn, "
            "nøgle og spørgsmålstegn i adressen."
        )
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".").lower()
    try:
        port = parts.port
    except ValueError:
        raise SettingsError("»llm.base_url« har et portnummer, der ikke findes.") from None
    location = locate(host, own_hosts)
    if location == "outside" and parts.scheme != "https":
        raise SettingsError(
            f"»llm.base_url« fører ud af organisationen til {host} uden kryptering. Brug https, eller sæt "
            "llm.own_hosts, hvis serveren er jeres egen."
        )
    shown = f"[{host}]" if ":" in host else host
    return Endpoint(url, f"{shown}:{port}" if port else shown, location)


def locate(host: str, own_hosts: Collection[str] = ()) -> Location:
    """Return where ``host`` (a name or an address) stands."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host in _LOCAL_NAMES or host.endswith(".localhost"):
            return "this machine"
        own = {name.strip().lower().strip(".") for name in own_hosts} - {""}
        return "own organisation" if any(host == o or host.endswith(f".{o}") for o in own) else "outside"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback or address.is_unspecified:
        return "this machine"
    if address == _METADATA:
        return "outside"
    inside = any(address in network for network in _OWN_NETWORKS) or host in own_hosts
    return "own organisation" if inside else "outside"
