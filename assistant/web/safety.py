"""Whether the page may start as it is set up, and for whom it answers once it has.

Sign-in is Streamlit's own, through OpenID Connect: ``[auth]`` in ``.streamlit/secrets.toml``. Without it the
page serves this machine only, unless ``access.open`` says otherwise.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assistant.errors import SettingsError
from assistant.settings import AccessSettings, load_settings


def refuse_unsafe_start() -> None:
    """End the program with one line, where the page as it is set up would let in or hide too much."""
    try:
        access = load_settings().access
    except SettingsError:
        return  # the page says which setting it is, and nothing else
    reason = unsafe(
        access,
        sign_in_section(),
        str(st.get_option("server.address") or ""),
        guarded=bool(st.get_option("server.enableXsrfProtection") and st.get_option("server.enableCORS")),
        side_doors=[name for name in _SIDE_DOORS if st.get_option(name)],
    )
    if reason:
        raise SystemExit(f"Siden starter ikke: {reason}")


class OwnMachineOnly:
    """Middleware that answers nobody elsewhere, where the page has no sign-in and is not meant to be open.

    The start is checked against Streamlit's settings; another server (``uvicorn app:app --host 0.0.0.0``)
    listens where it is told to. A proxy on this machine is let in: who comes through it is its matter.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self.app = app
        self._closed: bool | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] in ("http", "websocket") and _is_elsewhere(scope):
            if self._closed is None:
                self._closed = sign_in_section() is None and not load_settings().access.open
            if self._closed:
                refused = PlainTextResponse(f"{_CLOSED}\n", status_code=403)
                await (WebSocketClose() if scope["type"] == "websocket" else refused)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def sign_in_section() -> Mapping[str, Any] | None:
    """Return ``[auth]`` of the secrets, ``None`` where there is none.

    A file of secrets that cannot be read ends the program: Streamlit would go on without sign-in.
    """
    found: Mapping[str, Any] | None = None
    for name in st.get_option("secrets.files"):
        path = Path(name)
        if not path.is_file():
            continue
        try:
            secrets = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SystemExit(
                f"Siden starter ikke: {path.name} kan ikke læses som TOML, så det vides ikke, om der skal "
                "logges ind. Ret filen."
            ) from error
        found = secrets.get("auth", found)
    return found


def unsafe(
    access: AccessSettings,
    section: Mapping[str, Any] | None,
    address: str,
    *,
    guarded: bool = True,
    side_doors: Sequence[str] = (),
) -> str:
    """Return in one Danish sentence why the page must not start; empty where it may.

    Args:
        access: the lists of who may do what.
        section: ``[auth]`` of the secrets, ``None`` without sign-in.
        address: what the server listens on; empty is every address of the machine.
        guarded: whether Streamlit's protection against other sites' requests is on.
        side_doors: options of Streamlit that are on and let somebody in beside the page or its sign-in.
    """
    if side_doors:
        return (
            f"{side_doors[0]} er slået til. Den lukker programmer ind uden om siden eller tror på, hvad en "
            "browser selv skriver om, hvem den er. Fjern den."
        )
    if not guarded:
        return (
            "server.enableCORS og server.enableXsrfProtection skal være slået til, ellers kan andre websteder "
            "bruge siden gennem brugernes browsere."
        )
    lists = {"uploaders": access.uploaders, "evaluators": access.evaluators}
    lists["administrators"] = access.administrators
    malformed = [
        f"»access.{name}« indeholder »{each}«, som hverken er en e-mailadresse eller »*«."
        for name, entries in lists.items()
        for each in entries
        if each != "*" and not _ADDRESS.fullmatch(each)
    ]
    if malformed:
        return malformed[0]
    mixed = [name for name, entries in lists.items() if "*" in entries and len(entries) > 1]
    if mixed:
        return f"»access.{mixed[0]}« har både »*« (alle) og navngivne. Skriv det ene eller det andet."
    if section is not None:
        return _unsafe_sign_in(section)
    if any(lists.values()):
        name = next(name for name, entries in lists.items() if entries)
        return (
            f"»access.{name}« giver nogen særlig adgang, men der er ikke sat log ind op, så ingen kan kendes. "
            "Sæt [auth] op i .streamlit/secrets.toml, eller tøm listen."
        )
    if not is_local(address) and not access.open:
        return (
            f"den ville være åben uden log ind for alle, der kan nå maskinen (server.address er »{address}«). "
            "Sæt [auth] op i .streamlit/secrets.toml, lyt på 127.0.0.1, eller sæt »access.open« til true."
        )
    return ""


def is_local(host: str) -> bool:
    """Return whether a host name or address is this machine and no other can reach it."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_provider(value: object) -> bool:
    """Return whether an entry of ``[auth]`` is a provider of its own."""
    return isinstance(value, Mapping) and "client_id" in value


_SIDE_DOORS = (
    "server.enableAgentApi",  # programs drive the page, each as a session of its own
    "server.trustedUserHeaders",  # a header says who is signed in
    "server.unsafeMetricsUserAttributes",  # users' names among Streamlit's own numbers
)

_CLOSED = "Siden er kun åben på den maskine, den kører på."


def _is_elsewhere(scope: Scope) -> bool:
    """Whether the connection came in at an address that other machines can reach."""
    host = (scope.get("server") or ("",))[0]
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


_ADDRESS = re.compile(r"[^@\s,;*]+@[^@\s,;*]+\.[^@\s,;*]+")
_SECRET_CHARACTERS = 32
_NEEDED = ("client_id", "client_secret", "server_metadata_url")


def _unsafe_sign_in(section: object) -> str:
    if not isinstance(section, Mapping):
        return "[auth] i secrets.toml er ikke et afsnit."
    secret = section.get("cookie_secret", "")
    if not isinstance(secret, str) or len(secret) < _SECRET_CHARACTERS or len(set(secret)) < 10:
        return (
            f"»auth.cookie_secret« i secrets.toml mangler eller er let at gætte; brug mindst "
            f"{_SECRET_CHARACTERS} tilfældige tegn."
        )
    back = section.get("redirect_uri", "")
    if not _is_safe(back) or not urlsplit(back).path.endswith("/oauth2callback"):
        return (
            "»auth.redirect_uri« i secrets.toml skal være sidens egen adresse med https og slutte på "
            "/oauth2callback."
        )
    named = {key: value for key, value in section.items() if isinstance(value, Mapping)}
    named.pop("client_kwargs", None)
    if "client_id" in section or not named:
        named[""] = section
    for name, provider in named.items():
        where = f"auth.{name}" if name else "auth"
        for key in _NEEDED:
            if not isinstance(provider.get(key), str) or not provider[key].strip():
                return f"»{where}.{key}« mangler i secrets.toml."
        if not _is_safe(provider["server_metadata_url"]):
            return f"»{where}.server_metadata_url« i secrets.toml skal være en adresse med https."
    return ""


def _is_safe(address: object) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local(host)))
