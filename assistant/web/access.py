"""Who may do what, and whether the page may start as it is set up.

Sign-in is Streamlit's own, through OpenID Connect: ``[auth]`` in ``.streamlit/secrets.toml``. Without it the
page is open, and serves this machine only unless ``access.open`` says otherwise.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from assistant.errors import AccessDenied
from assistant.settings import AccessSettings, load_settings
from assistant.web.identity import signed_in
from assistant.web.markup import foreign, label, show, tag


class Role(Enum):
    """What not everybody may do."""

    UPLOAD = "tilføje, erstatte og fjerne dokumenter"
    EVALUATE = "køre spørgsmålssæt"
    ADMINISTER = "vælge sprogmodel"


def may(role: Role) -> bool:
    """Return whether the user of this browser session may do that.

    Without sign-in everybody at this machine may do everything, and nobody elsewhere may do any of it.
    """
    user = signed_in()
    access = load_settings().access
    return _at_this_machine() if user is None else permitted(role, user, access)


def demand(role: Role) -> None:
    """Return if the user may do that; raises ``AccessDenied`` otherwise."""
    if not may(role):
        raise AccessDenied(f"Du har ikke adgang til at {role.value}. Spørg den, der driver siden.")


def permitted(role: Role, user: Mapping[str, Any], access: AccessSettings) -> bool:
    """Return whether somebody with these claims has the role.

    An address that the provider itself calls unverified is nobody's: anyone could have written it.
    """
    if not user.get("is_logged_in"):
        return False
    lists = {Role.UPLOAD: access.uploaders, Role.EVALUATE: access.evaluators, Role.ADMINISTER: ()}
    named = {each.casefold() for each in (*lists[role], *access.administrators)}
    email = str(user.get("email") or "").strip().casefold()
    known = bool(email) and user.get("email_verified") not in (False, "false")
    return "*" in named or (known and email in named)


def require_sign_in() -> None:
    """Draw the page to sign in on and end this run, where sign-in is configured and nobody is signed in."""
    user = signed_in()
    if user is None or user.get("is_logged_in"):
        return
    with st.container(key="sign-in"):
        show(tag("h1", "Log ind"))
        show(tag("p", "Siden er kun for dem, der har adgang. Log ind med din organisations konto."))
        for provider, name in _providers():
            st.button(
                label(f"Log ind med {name}") if name else "Log ind",
                key=f"sign-in-{provider or 'default'}",
                on_click=st.login,
                args=(provider,) if provider else (),
            )
    st.stop()


def draw_status() -> None:
    """Say in the sidebar who is signed in, or that the page is open."""
    user = signed_in()
    with st.sidebar, st.container(key="access"):
        if user is None:
            show(tag("p", _open_to(), class_="muted"))
            return
        name = str(user.get("name") or user.get("email") or "ukendt bruger")
        show(tag("p", "Logget ind som ", foreign(name), class_="muted"))
        st.button("Log ud", key="sign-out", on_click=st.logout, icon=":material/logout:", type="tertiary")


def _at_this_machine() -> bool:
    """Whether the browser runs where the page does.

    The server knows where a connection comes from. A proxy that does not say for whom it asks would look
    like this machine; the name that the browser asked for tells it apart.
    """
    asked = st.context.headers.get("Host")
    return st.context.ip_address is None and (
        asked is None or is_local(urlsplit(f"//{asked}").hostname or "")
    )


def _open_to() -> str:
    if _at_this_machine():
        return "Uden log ind: åben for alle, der bruger denne computer."
    return "Uden log ind: åben for alle, der kan nå siden. Skriv intet fortroligt."


def _providers() -> list[tuple[str, str]]:
    """Return (key, name) of each provider; the key of the only one may be empty."""
    section = sign_in_section() or {}
    named = [(key, key.capitalize()) for key, value in section.items() if _is_provider(value)]
    return [*([("", "")] if "client_id" in section else []), *named]


# --- whether to start at all ------------------------------------------------------------------------


def refuse_unsafe_start() -> None:
    """End the program with one line, where the page as it is set up would let in or hide too much."""
    reason = unsafe(
        load_settings().access,
        sign_in_section(),
        str(st.get_option("server.address") or ""),
        guarded=bool(st.get_option("server.enableXsrfProtection") and st.get_option("server.enableCORS")),
    )
    if reason:
        raise SystemExit(f"Siden starter ikke: {reason}")


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
    access: AccessSettings, section: Mapping[str, Any] | None, address: str, *, guarded: bool = True
) -> str:
    """Return in one Danish sentence why the page must not start; empty where it may.

    Args:
        access: the lists of who may do what.
        section: ``[auth]`` of the secrets, ``None`` without sign-in.
        address: what the server listens on; empty is every address of the machine.
        guarded: whether Streamlit's protection against other sites' requests is on.
    """
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


_ADDRESS = re.compile(r"[^@\s,;*]+@[^@\s,;*]+\.[^@\s,;*]+")
_SECRET_CHARACTERS = 32
_NEEDED = ("client_id", "client_secret", "server_metadata_url")


def _is_provider(value: object) -> bool:
    return isinstance(value, Mapping) and "client_id" in value


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
