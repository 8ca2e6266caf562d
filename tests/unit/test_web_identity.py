"""A browser gets a value of its own with the page, which no script and no other site can use."""

from __future__ import annotations

import types
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.errors import AccessDenied
from assistant.web import identity
from assistant.web.identity import COOKIE, BrowserCookie


@pytest.fixture
def client() -> TestClient:
    def page(request: object) -> Response:
        return HTMLResponse("<html></html>")

    def data(request: object) -> Response:
        return JSONResponse({})

    app = Starlette(routes=[Route("/", page), Route("/data", data)], middleware=[Middleware(BrowserCookie)])
    return TestClient(app, base_url="https://testserver")


def given(response: Any) -> Any:
    return SimpleCookie(response.headers["set-cookie"])[COOKIE]


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: TestClient) -> None:
    cookie = given(client.get("/"))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert len(cookie.value) == 43


def test_without_https_the_cookie_still_reaches_the_browser(client: TestClient) -> None:
    client.base_url = "http://testserver"  # type: ignore[assignment]
    assert not given(client.get("/"))["secure"]
    assert given(client.get("/", headers={"x-forwarded-proto": "https"}))["secure"]


def test_a_browser_keeps_its_value_and_another_gets_another(client: TestClient) -> None:
    first = given(client.get("/")).value
    assert given(client.get("/")).value == first
    client.cookies.clear()
    assert given(client.get("/")).value != first


@pytest.mark.parametrize("made_up", ["kort", "x" * 44, "x" * 42 + '"', "../" + "x" * 40])
def test_a_made_up_value_is_replaced(client: TestClient, made_up: str) -> None:
    response = client.get("/", headers={"cookie": f"andet=1; {COOKIE}={made_up}"})
    assert given(response).value != made_up


def test_only_pages_carry_the_cookie(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/data").headers


_BROWSER = identity._browser


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch, browser_at_this_machine: None) -> types.SimpleNamespace:
    """What Streamlit knows of the session: its cookies, its user and its state."""
    world = types.SimpleNamespace(
        context=types.SimpleNamespace(cookies={COOKIE: "a" * 43}), user={}, session_state={}
    )
    monkeypatch.setattr(identity, "st", world)
    monkeypatch.setattr(identity, "_browser", _BROWSER)
    return world


def user(**more: Any) -> Mapping[str, Any]:
    return {"is_logged_in": True, "iss": "https://log", "sub": "7", "email": "anna@example.dk", **more}


def test_without_sign_in_the_browser_is_the_owner(browser: types.SimpleNamespace) -> None:
    first = identity.owner()
    assert identity.owner() == first
    assert "a" * 43 not in first
    browser.context.cookies = {COOKIE: "b" * 43}
    assert identity.owner() != first


def test_a_browser_without_cookies_is_one_of_its_own_for_this_session(browser: types.SimpleNamespace) -> None:
    browser.context.cookies = {}
    first = identity.owner()
    assert identity.owner() == first
    browser.session_state = {}
    assert identity.owner() != first


def test_a_user_is_known_by_issuer_and_subject_on_every_browser(browser: types.SimpleNamespace) -> None:
    browser.user = user()
    first = identity.owner()
    browser.context.cookies = {COOKIE: "b" * 43}
    browser.user = user(email="ny@example.dk")
    assert identity.owner() == first
    browser.user = user(sub="8")
    assert identity.owner() != first
    browser.user = user(iss="https://andet")
    assert identity.owner() != first


def test_nobody_owns_anything_before_signing_in(browser: types.SimpleNamespace) -> None:
    browser.user = {"is_logged_in": False}
    with pytest.raises(AccessDenied):
        identity.owner()
