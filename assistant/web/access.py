"""Who may do what, the page to sign in on, and who is told to be signed in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from assistant.errors import AccessDenied
from assistant.settings import AccessSettings, load_settings
from assistant.web.identity import signed_in
from assistant.web.markup import foreign, label, show, tag
from assistant.web.safety import is_local, is_provider, sign_in_section


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
        show(tag("header", tag("p", "Dokumentassistent", class_="kicker"), tag("h1", "Log ind")))
        show(tag("p", "Siden er kun for dem, der har adgang. Log ind med din organisations konto."))
        for provider, name in _providers():
            st.button(
                label(f"Log ind med {name}") if name else "Log ind",
                key=f"sign-in-{provider or 'default'}",
                on_click=st.login,
                args=(provider,) if provider else (),
                type="primary",
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
    named = [(key, key.capitalize()) for key, value in section.items() if is_provider(value)]
    return [*([("", "")] if "client_id" in section else []), *named]
