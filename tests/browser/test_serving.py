"""The page as it is run: what Prometheus reads of it, and how it stops. Every test has a real process."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from talking import FIELD, ask

from assistant.factory import build_index
from assistant.settings import load_settings
from tests.support.scraped import Scraped

pytestmark = pytest.mark.pages

SOON = 60.0
ENDED_BY_SIGTERM = (-signal.SIGTERM, 128 + signal.SIGTERM)
"""By the server, or by the page where the server is slow to close its connections."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the project's own documents, built once for all servers."""
    folder = tmp_path_factory.mktemp("indeks")
    build_index(load_settings(environ={"ASSISTANT_INDEX__PATH": str(folder)}))
    return folder


def get(site: Any, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"{site.url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=SOON) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def scrape(site: Any) -> Scraped:
    status, page = get(site, "/metrics")
    assert status == 200
    return Scraped(page)


def opened(page: Any) -> Any:
    """A page that has drawn itself, which takes its time where others work too."""
    page.get_by_role("textbox", name=FIELD).wait_for(timeout=120_000)
    return page


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "det skete ikke i tide"
        time.sleep(0.05)


# --- numbers ----------------------------------------------------------------------------------------


def test_what_was_asked_on_the_page_is_counted(
    serve: Callable[..., Any], open_page: Any, index: Path
) -> None:
    with serve(index=index, ASSISTANT_LIMITS__QUESTIONS_PER_MINUTE="3") as site:
        before = scrape(site)
        page = opened(open_page(site))
        ask(page, "Hvad indebærer den kompetente forvaltning?")
        ask(page, "Hvad er de fire pejlemærker?")
        ask(page, "Hvad er hovedstaden i Frankrig?")
        field = page.get_by_role("textbox", name=FIELD)
        field.fill("Hvad er tillid?")
        field.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("3 spørgsmål i minuttet")

        seen = scrape(site)

        def questions(outcome: str) -> float | None:
            return seen.value("assistant_questions_total", outcome=outcome)

        assert before.value("assistant_questions_total", outcome="answered") == 0
        assert [questions(o) for o in ("answered", "abstained", "refused", "failed")] == [2, 1, 1, 0]
        assert seen.value("assistant_refusals_total", limit="questions_per_minute") == 1
        for stage in ("embed", "search", "fuse", "answer"):
            assert seen.value("assistant_stage_seconds_count", stage=stage, answerer="extractive") == 3
        # The stages are parts of the whole, and nothing is counted twice.
        stages = sum(
            seen.value("assistant_stage_seconds_sum", stage=s, answerer="extractive") or 0
            for s in ("embed", "search", "fuse", "answer")
        )
        assert 0 < stages < (seen.value("assistant_question_seconds_sum", answerer="extractive") or 0)
        assert seen.value("assistant_sessions") == 1
        assert seen.value("assistant_index_documents") == 2
        assert (seen.value("assistant_index_passages") or 0) > 50
        assert seen.value("assistant_index_generation") == 1
        assert (seen.value("process_resident_memory_bytes") or 0) > 2**26
        assert not [word for word in seen.words() if "pejle" in word or "Frankrig" in word]
        page.close()
        until(lambda: scrape(site).value("assistant_sessions") == 0)


def test_nobody_reads_the_numbers_through_a_proxy_unless_they_have_the_token(
    serve: Callable[..., Any], index: Path
) -> None:
    through = {"X-Forwarded-For": "192.0.2.7"}
    with serve(index=index) as site:
        for path in ("/metrics", "/_stcore/metrics"):
            assert get(site, path)[0] == 200
            assert get(site, path, **through)[0] == 403
            assert get(site, path, Host="angriber.example")[0] == 403
    with serve(index=index, ASSISTANT_METRICS__TOKEN="abc") as site:
        assert get(site, "/metrics")[0] == 401
        assert get(site, "/metrics", Authorization="Bearer abc", **through)[0] == 200


# --- stopping ---------------------------------------------------------------------------------------


def begin(page: Any, question: str = "Hvad så?") -> None:
    field = page.get_by_role("textbox", name=FIELD)
    expect(field).to_be_enabled()
    field.fill(question)
    field.press("Enter")
    expect(page.get_by_text("Første halvdel, 15. linje.").last).to_be_attached()


def ended(site: Any) -> int | None:
    """How the process ended, ``None`` while it runs."""
    status: int | None = site.server.poll()
    return status


def log(site: Any) -> list[dict[str, Any]]:
    lines = site.log.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def said(site: Any, beginning: str) -> list[dict[str, Any]]:
    return [line for line in log(site) if line["message"].startswith(beginning)]


def test_a_stop_lets_the_answer_under_way_reach_its_reader(
    serve: Callable[..., Any], context: Any, tmp_path: Path
) -> None:
    second_half = tmp_path / "second half"
    with serve(script="tests/browser/slow_app.py", SECOND_HALF=str(second_half)) as site:
        first, second = context.new_page(), context.new_page()
        for page in (first, second):
            page.goto(site.url)
        begin(first)
        expect(second.get_by_role("textbox", name=FIELD)).to_be_enabled()

        os.kill(site.process, signal.SIGTERM)
        until(lambda: get(site, "/healthz")[0] == 503)
        assert json.loads(get(site, "/healthz")[1])["status"] == "closing"
        second.get_by_role("textbox", name=FIELD).fill("Og nu?")
        second.get_by_role("textbox", name=FIELD).press("Enter")
        expect(second.get_by_role("alert")).to_contain_text("ved at lukke ned")
        assert ended(site) is None

        second_half.touch()
        expect(first.get_by_text("Anden halvdel, 15. linje.")).to_be_attached()
        until(lambda: ended(site) is not None)

        assert ended(site) in ENDED_BY_SIGTERM
        assert "1 svar og 0 andre opgaver" in said(site, "Lukker ned")[0]["message"]
        (last,) = said(site, "Siden er lukket ned")
        assert last["broken_off"] == 0
        assert not [line for line in log(site) if line["level"] == "ERROR"]
        for page in (first, second):
            page.close()


def test_what_does_not_end_in_time_does_not_keep_the_process(
    serve: Callable[..., Any], context: Any, tmp_path: Path
) -> None:
    settings = {"SECOND_HALF": str(tmp_path / "aldrig"), "ASSISTANT_SERVER__STOP_SECONDS": "1"}
    with serve(script="tests/browser/slow_app.py", **settings) as site:
        page = context.new_page()
        page.goto(site.url)
        begin(page)

        os.kill(site.process, signal.SIGTERM)
        until(lambda: ended(site) is not None)

        (last,) = said(site, "Siden er lukket ned")
        assert last["broken_off"] == 1
        page.close()


def test_a_second_signal_ends_it_at_once(serve: Callable[..., Any], context: Any, tmp_path: Path) -> None:
    with serve(script="tests/browser/slow_app.py", SECOND_HALF=str(tmp_path / "aldrig")) as site:
        page = context.new_page()
        page.goto(site.url)
        begin(page)
        os.kill(site.process, signal.SIGTERM)
        until(lambda: bool(said(site, "Lukker ned")))
        assert ended(site) is None

        os.kill(site.process, signal.SIGTERM)
        until(lambda: ended(site) is not None)

        assert ended(site) == 128 + signal.SIGTERM
        assert "kom et signal mere" in site.log.read_text(encoding="utf-8")
        page.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_page_with_a_browser_closes_with_one_line(
    serve: Callable[..., Any], context: Any, index: Path, number: signal.Signals
) -> None:
    with serve(index=index) as site:
        page = context.new_page()
        page.goto(site.url)
        opened(page)

        os.kill(site.process, number)
        until(lambda: ended(site) is not None)

        assert len(said(site, "Siden er lukket ned")) == 1
        assert said(site, "Lukker ned") == []
        assert "Traceback" not in site.log.read_text(encoding="utf-8")
        page.close()
