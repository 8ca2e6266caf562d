"""Every page comes in Danish, with our style, and may fetch from its own server only."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.web.shell import MIDDLEWARE, ROUTES

SCRIPT = "window.prerenderReady = false"
PAGE = f"""<!DOCTYPE html><html lang="en"><head>
<link rel="shortcut icon" href="./favicon.png" />
<title>Streamlit</title><script>{SCRIPT}</script></head><body>{"x" * 2000}</body></html>"""


@pytest.fixture
def client() -> TestClient:
    def page(request: object) -> Response:
        return HTMLResponse(PAGE)

    def data(request: object) -> Response:
        return JSONResponse({"a": '<html lang="en">' + "x" * 2000})

    routes = [*ROUTES, Route("/", page), Route("/data", data)]
    return TestClient(Starlette(routes=routes, middleware=[*MIDDLEWARE, Middleware(GZipMiddleware)]))


def test_the_page_is_danish_and_has_our_title_style_and_icon(client: TestClient) -> None:
    text = client.get("/").text

    assert '<html lang="da">' in text
    assert "<title>Dokumentassistent</title>" in text
    assert './assets/page.css"' in text
    assert './assets/page.js"' in text
    assert './assets/clicks.js"' in text
    assert "favicon.png" not in text


def test_the_length_is_that_of_the_changed_page(client: TestClient) -> None:
    response = client.get("/")
    assert int(response.headers["content-length"]) == len(response.content)


def test_the_policy_names_no_other_server_and_no_inline_script_but_the_one_there(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()

    assert rules["default-src"] == "'self'"
    assert rules["script-src"].split() == ["'self'", f"'sha256-{digest}'"]
    assert "http" not in policy
    assert "*" not in policy


def test_what_is_not_a_page_is_left_alone(client: TestClient) -> None:
    response = client.get("/data")

    assert response.json()["a"].startswith('<html lang="en">')
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["page.css", "page.js", "clicks.js", "icon.svg"])
def test_what_the_page_refers_to_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 200
