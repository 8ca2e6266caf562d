"""Who may read the numbers: this machine, whoever has the token, or everyone where that is set."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from assistant.errors import SettingsError
from assistant.settings import MetricsSettings, load_settings
from assistant.web import scraping
from assistant.web.metrics import shared
from assistant.web.scraping import Guard, refused
from tests.support.scraped import Scraped

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"
TOKEN = "en-lang-tilfældig-nøgle"


def status(settings: MetricsSettings, client: str = HERE, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in {"host": "127.0.0.1:8501", **headers}.items()}
    return refused(settings, client, Headers(named))


# --- the rule ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("client", "host"), [(HERE, "localhost:8501"), ("::1", "[::1]:8501"), (HERE, HERE)])
def test_this_machine_may_read(client: str, host: str) -> None:
    assert status(MetricsSettings(), client, host=host) == 0


@pytest.mark.parametrize("client", [ELSEWHERE, "", "10.0.0.3", "ukendt"])
def test_another_machine_may_not(client: str) -> None:
    assert status(MetricsSettings(), client) == 403


@pytest.mark.parametrize(
    "host", ["svar.example.dk", "angriber.example:8501", "", "127.0.0.1.angriber.example"]
)
def test_a_page_elsewhere_whose_name_points_here_may_not(host: str) -> None:
    assert status(MetricsSettings(), host=host) == 403


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip", "x_forwarded_host", "via"])
def test_a_proxy_on_this_machine_that_asks_for_another_may_not(header: str) -> None:
    assert status(MetricsSettings(), **{header: "192.0.2.7"}) == 403


def test_everyone_may_where_that_is_set() -> None:
    assert status(MetricsSettings(open=True), ELSEWHERE, host="svar.example.dk") == 0


@pytest.mark.parametrize("settings", [MetricsSettings(token=TOKEN), MetricsSettings(open=True, token=TOKEN)])
@pytest.mark.parametrize("client", [HERE, ELSEWHERE])
def test_a_token_is_asked_of_everyone(settings: MetricsSettings, client: str) -> None:
    assert status(settings, client) == 401
    assert status(settings, client, authorization="Bearer forkert") == 401
    assert status(settings, client, authorization=TOKEN) == 401


def test_whoever_has_the_token_may_read_from_anywhere() -> None:
    settings = MetricsSettings(token="abc")
    assert status(settings, ELSEWHERE, host="svar.example.dk", authorization="Bearer abc") == 0


# --- the address ------------------------------------------------------------------------------------


def own_numbers(request: Request) -> PlainTextResponse:
    return PlainTextResponse("Streamlits egne tal")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(str(sessions()))
    await socket.close()


def sessions() -> float | None:
    return Scraped(shared.page("")[0].decode()).value("assistant_sessions")


def client(address: str = HERE, host: str = "127.0.0.1:8501") -> TestClient:
    routes = [
        *scraping.ROUTES,
        Route("/_stcore/metrics", own_numbers),
        Route("/svar/_stcore/metrics", own_numbers),
        Route("/_stcore/agent/interact", own_numbers),
        Route("/_stcore/health", own_numbers),
        WebSocketRoute("/_stcore/stream", talk),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Guard)])
    return TestClient(app, base_url=f"http://{host}", client=(address, 50000))


def test_a_scrape_gets_numbers_that_no_cache_keeps() -> None:
    response = client().get("/metrics")

    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert Scraped(response.text).value("assistant_questions_total", outcome="failed") is not None


def test_a_scrape_that_asks_for_openmetrics_gets_it() -> None:
    response = client().get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics", "/svar/_stcore/metrics"])
def test_all_numbers_are_under_one_lock(path: str) -> None:
    assert client().get(path).status_code == 200
    response = client(ELSEWHERE).get(path)
    assert response.status_code == 403
    assert "metrics.token" in response.text
    assert "assistant_" not in response.text


def test_what_is_no_number_passes() -> None:
    assert client(ELSEWHERE).get("/_stcore/health").status_code == 200


def test_streamlits_way_in_for_programs_is_closed_to_all() -> None:
    assert client().post("/_stcore/agent/interact").status_code == 404


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_METRICS__TOKEN", "abc")

    response = client().get("/metrics")

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert client(ELSEWHERE).get("/metrics", headers={"authorization": "Bearer abc"}).status_code == 200


def test_settings_that_cannot_be_read_let_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_FINDES__IKKE", "x")

    assert client().get("/metrics").status_code == 503


def test_a_session_counts_while_it_is_connected() -> None:
    before = sessions() or 0.0
    with client().websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == str(before + 1)
    assert sessions() == before


def test_the_token_is_refused_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_text('[metrics]\ntoken = "abc"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="ASSISTANT_METRICS__TOKEN") as caught:
        load_settings(tmp_path, environ={})
    assert "abc" not in str(caught.value)
