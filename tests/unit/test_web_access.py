"""Who may do what, and which ways of setting up the page are refused."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.errors import AccessDenied
from assistant.settings import AccessSettings
from assistant.web import access, safety
from assistant.web.access import Role, permitted
from assistant.web.safety import is_local, sign_in_section, unsafe

SECRET = "c9b1f0a37d5e48260718293a4b5c6d7e"
SECTION = {
    "redirect_uri": "https://svar.example.dk/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "assistent",
    "client_secret": "x",
    "server_metadata_url": "https://log.example.dk/.well-known/openid-configuration",
}
NOBODY = AccessSettings()
NAMED = AccessSettings(
    uploaders=("Anna@Example.dk",), evaluators=("bo@example.dk",), administrators=("dea@example.dk",)
)


def claims(email: str, **more: Any) -> dict[str, Any]:
    return {"is_logged_in": True, "email": email, **more}


@pytest.mark.parametrize(
    ("email", "roles"),
    [
        ("anna@example.dk", {Role.UPLOAD}),
        ("ANNA@EXAMPLE.DK ", {Role.UPLOAD}),
        ("bo@example.dk", {Role.EVALUATE}),
        ("dea@example.dk", set(Role)),
        ("anna@example.dk.evil.dk", set()),
        ("", set()),
    ],
)
def test_a_role_goes_with_the_address(email: str, roles: set[Role]) -> None:
    assert {role for role in Role if permitted(role, claims(email), NAMED)} == roles


def test_a_star_is_everybody_signed_in_and_nobody_else() -> None:
    everybody = AccessSettings(uploaders=("*",))
    assert permitted(Role.UPLOAD, claims("hvem@example.dk"), everybody)
    assert permitted(Role.UPLOAD, {"is_logged_in": True}, everybody)
    assert not permitted(Role.UPLOAD, {"is_logged_in": False}, everybody)
    assert not permitted(Role.EVALUATE, claims("hvem@example.dk"), everybody)
    assert not permitted(Role.ADMINISTER, claims("hvem@example.dk"), everybody)


def test_an_address_that_the_provider_has_not_verified_gives_no_role() -> None:
    assert not permitted(Role.UPLOAD, claims("anna@example.dk", email_verified=False), NAMED)
    assert not permitted(Role.UPLOAD, claims("anna@example.dk", email_verified="false"), NAMED)
    assert permitted(Role.UPLOAD, claims("anna@example.dk", email_verified=True), NAMED)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("", False),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.4", False),
        ("localhost.evil.dk", False),
        ("svar.example.dk", False),
    ],
)
def test_only_loopback_is_this_machine(host: str, local: bool) -> None:
    assert is_local(host) is local


@pytest.mark.parametrize(
    ("given", "section", "address"),
    [
        (NOBODY, None, "127.0.0.1"),
        (NOBODY, None, "localhost"),
        (AccessSettings(open=True), None, "0.0.0.0"),
        (NOBODY, SECTION, "0.0.0.0"),
        (NAMED, SECTION, ""),
        (AccessSettings(evaluators=("*",)), SECTION, "0.0.0.0"),
        (NOBODY, {**SECTION, "redirect_uri": "http://localhost:8501/oauth2callback"}, "127.0.0.1"),
    ],
)
def test_what_is_safe_starts(given: AccessSettings, section: Any, address: str) -> None:
    assert unsafe(given, section, address) == ""


PROVIDER = {key: SECTION[key] for key in ("client_id", "client_secret", "server_metadata_url")}
SHARED = {key: SECTION[key] for key in ("redirect_uri", "cookie_secret")}


def test_several_providers_may_be_named() -> None:
    assert unsafe(NOBODY, {**SHARED, "stat": PROVIDER, "kommune": PROVIDER}, "0.0.0.0") == ""


@pytest.mark.parametrize(
    ("given", "section", "address", "named"),
    [
        (NOBODY, None, "0.0.0.0", "server.address"),
        (NOBODY, None, "", "server.address"),
        (NOBODY, None, "svar.example.dk", "server.address"),
        (NAMED, None, "127.0.0.1", "access.uploaders"),
        (AccessSettings(administrators=("*",), open=True), None, "0.0.0.0", "access.administrators"),
        (AccessSettings(uploaders=("anna",)), SECTION, "0.0.0.0", "»anna«"),
        (AccessSettings(uploaders=("*@example.dk",)), SECTION, "0.0.0.0", "»*@example.dk«"),
        (AccessSettings(uploaders=("a@b.dk;c@d.dk",)), SECTION, "0.0.0.0", "access.uploaders"),
        (AccessSettings(evaluators=("*", "a@b.dk")), SECTION, "0.0.0.0", "access.evaluators"),
        (NOBODY, {}, "0.0.0.0", "cookie_secret"),
        (NOBODY, "ja", "0.0.0.0", "[auth]"),
        (NOBODY, {**SECTION, "cookie_secret": ""}, "0.0.0.0", "cookie_secret"),
        (NOBODY, {**SECTION, "cookie_secret": SECRET[:31]}, "0.0.0.0", "cookie_secret"),
        (NOBODY, {**SECTION, "cookie_secret": "x" * 64}, "0.0.0.0", "cookie_secret"),
        (NOBODY, {**SECTION, "cookie_secret": 7}, "0.0.0.0", "cookie_secret"),
        (NOBODY, {**SECTION, "redirect_uri": "http://svar.example.dk/oauth2callback"}, "", "redirect_uri"),
        (NOBODY, {**SECTION, "redirect_uri": "https://svar.example.dk/"}, "", "redirect_uri"),
        (NOBODY, {**SECTION, "client_id": " "}, "", "auth.client_id"),
        (NOBODY, {**SECTION, "server_metadata_url": "http://log.example.dk/x"}, "", "server_metadata_url"),
        (NOBODY, SHARED, "", "auth.client_id"),
        (NOBODY, {**SHARED, "stat": {**PROVIDER, "client_secret": ""}}, "", "auth.stat.client_secret"),
    ],
)
def test_what_is_unsafe_is_refused_by_name(
    given: AccessSettings, section: Any, address: str, named: str
) -> None:
    reason = unsafe(given, section, address)
    assert named in reason
    assert "\n" not in reason
    assert SECRET not in reason


def test_protection_against_other_sites_cannot_be_off() -> None:
    assert "enableXsrfProtection" in unsafe(NOBODY, None, "127.0.0.1", guarded=False)


def test_a_way_in_beside_the_page_or_its_sign_in_is_refused() -> None:
    for door in safety._SIDE_DOORS:
        assert unsafe(NOBODY, SHARED, "0.0.0.0", side_doors=[door]).startswith(door)


@pytest.mark.parametrize("door", safety._SIDE_DOORS)
def test_every_way_in_that_is_looked_for_is_known_to_streamlit_and_off(door: str) -> None:
    assert not st.get_option(door)


def test_the_start_looks_for_ways_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: name == "server.enableAgentApi" or asked(name))

    with pytest.raises(SystemExit, match=r"server\.enableAgentApi"):
        safety.refuse_unsafe_start()


_AT_THIS_MACHINE = access._at_this_machine


@pytest.mark.parametrize(
    ("address", "asked", "here"),
    [
        (None, "localhost:8501", True),
        (None, "127.0.0.1:8501", True),
        (None, "[::1]:8501", True),
        (None, None, True),
        (None, "svar.example.dk", False),  # through a proxy that says no more
        ("10.0.0.4", "localhost:8501", False),  # whoever asks may write any name
        ("10.0.0.4", None, False),
    ],
)
def test_the_connection_tells_whether_the_browser_is_here(
    monkeypatch: pytest.MonkeyPatch, address: str | None, asked: str | None, here: bool
) -> None:
    headers = {} if asked is None else {"Host": asked}
    world = types.SimpleNamespace(context=types.SimpleNamespace(ip_address=address, headers=headers))
    monkeypatch.setattr(access, "st", world)
    assert _AT_THIS_MACHINE() is here


@pytest.mark.parametrize("role", Role)
def test_without_sign_in_this_machine_may_do_everything_and_no_other_anything(
    monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    monkeypatch.setattr(access, "signed_in", lambda: None)
    assert access.may(role)
    access.demand(role)
    monkeypatch.setattr(access, "_at_this_machine", lambda: False)
    assert not access.may(role)
    with pytest.raises(AccessDenied, match="Du har ikke adgang til at"):
        access.demand(role)


@pytest.fixture
def secrets_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "secrets.toml"
    monkeypatch.setattr(st, "get_option", lambda name: [str(path)] if name == "secrets.files" else None)
    return path


def test_secrets_are_looked_up_where_streamlit_does(secrets_file: Path) -> None:
    assert sign_in_section() is None
    secrets_file.write_text('[auth]\nclient_id = "assistent"', encoding="utf-8")
    assert sign_in_section() == {"client_id": "assistent"}


def test_secrets_that_cannot_be_read_never_mean_an_open_page(secrets_file: Path) -> None:
    secrets_file.write_text("[auth\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"secrets\.toml kan ikke læses"):
        sign_in_section()


def test_the_program_ends_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"secrets.files": [], "server.address": "0.0.0.0"}
    guards = ("server.enableCORS", "server.enableXsrfProtection")
    monkeypatch.setattr(st, "get_option", lambda name: options.get(name, name in guards))
    with pytest.raises(SystemExit) as ended:
        safety.refuse_unsafe_start()
    assert str(ended.value).startswith("Siden starter ikke: den ville være åben uden log ind")


def served(host: str) -> TestClient:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).accept()
        else:
            await PlainTextResponse("siden")(scope, receive, send)

    return TestClient(safety.OwnMachineOnly(page), base_url=f"http://{host}")


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "[::1]:8501", "testserver"])
def test_this_machine_is_answered(host: str) -> None:
    assert served(host).get("/").text == "siden"


def test_a_page_without_sign_in_answers_nobody_elsewhere_however_it_was_started() -> None:
    elsewhere = served("10.0.0.4")
    response = elsewhere.get("/")
    assert response.status_code == 403
    assert response.text == "Siden er kun åben på den maskine, den kører på.\n"
    with pytest.raises(WebSocketDisconnect), elsewhere.websocket_connect("ws://10.0.0.4/_stcore/stream"):
        pass


@pytest.mark.parametrize("way", ["open", "sign-in"])
def test_a_page_that_is_meant_for_others_answers_them(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    if way == "open":
        monkeypatch.setenv("ASSISTANT_ACCESS__OPEN", "true")
    else:
        monkeypatch.setattr(safety, "sign_in_section", lambda: SECTION)
    elsewhere = served("10.0.0.4")
    assert elsewhere.get("/").text == "siden"
    with elsewhere.websocket_connect("ws://10.0.0.4/_stcore/stream"):
        pass
