"""Signing in through a provider, and what is whose afterwards; setups that are not safe do not start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import talking
from accessible import findings
from playwright.sync_api import expect
from support.identity_provider import CLIENT, SECRET, IdentityProvider
from talking import settle

pytestmark = pytest.mark.pages

ROOT = Path(__file__).resolve().parents[2]
FIELD = "Stil et spørgsmål til dokumenterne"
QUESTION = "Hvad er de fire pejlemærker?"
PATIENCE_MS = 120_000


def secrets_file(folder: Path, provider: str, **changes: str) -> Path:
    values = {
        "redirect_uri": "https://svar.example.dk/oauth2callback",
        "cookie_secret": "c9b1f0a37d5e48260718293a4b5c6d7e",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "server_metadata_url": f"{provider}/.well-known/openid-configuration",
        **changes,
    }
    path = folder / "secrets.toml"
    lines = (f'{name} = "{value}"' for name, value in values.items())
    path.write_text("\n".join(["[auth]", *lines]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    running = IdentityProvider()
    yield running
    running.close()
    assert running.problems == []


@pytest.fixture(scope="module")
def site(
    serve: Callable[..., Any], provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    back = f"http://127.0.0.1:{port}/oauth2callback"
    secrets = secrets_file(tmp_path_factory.mktemp("secrets"), provider.url, redirect_uri=back)
    roles = {
        "ASSISTANT_ACCESS__UPLOADERS": "anna@example.dk",
        "ASSISTANT_ACCESS__EVALUATORS": "eva@example.dk",
        "ASSISTANT_ACCESS__ADMINISTRATORS": "dea@example.dk",
    }
    with serve(port=port, STREAMLIT_SECRETS_FILES=str(secrets), **roles) as served:
        yield served


@pytest.fixture
def open_browser(browser: Any, site: Any) -> Iterator[Callable[[], Any]]:
    contexts: list[Any] = []

    def opening() -> Any:
        context = browser.new_context(locale="da-DK", viewport={"width": 1400, "height": 1000})
        context.set_default_timeout(talking.PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(site.url)
        return page

    yield opening
    for context in contexts:
        context.close()


def sign_in(page: Any, provider: IdentityProvider, subject: str, name: str, **claims: Any) -> None:
    provider.user = {"sub": subject, "name": name, "email": f"{name.lower()}@example.dk", **claims}
    page.get_by_role("heading", name="Log ind").wait_for()
    page.get_by_role("button", name="Log ind").click()
    page.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)


def test_before_signing_in_there_is_nothing_but_the_way_in(open_browser: Callable[[], Any]) -> None:
    page = open_browser()
    page.get_by_role("heading", name="Log ind").wait_for()
    settle(page)
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.get_by_text("pejlemærker")).to_have_count(0)
    assert findings(page) == []


def test_conversations_follow_the_user_and_not_the_browser(
    open_browser: Callable[[], Any], provider: IdentityProvider
) -> None:
    page = open_browser()
    sign_in(page, provider, "7", "Anna")
    expect(page.get_by_text("Logget ind som Anna")).to_be_visible()
    field = page.get_by_role("textbox", name=FIELD)
    field.fill(QUESTION)
    field.press("Enter")
    page.wait_for_url("**samtale=**", timeout=PATIENCE_MS)
    kept = page.url

    page.get_by_role("button", name="Log ud").click()
    sign_in(page, provider, "8", "Bo")
    expect(page.get_by_text("Logget ind som Bo")).to_be_visible()
    settle(page)
    expect(page.locator(".st-key-earlier").get_by_role("button")).to_have_count(0)
    page.goto(kept)
    expect(page.get_by_role("alert")).to_contain_text("Samtalen findes ikke længere")

    other = open_browser()
    sign_in(other, provider, "7", "Anna")
    expect(other.locator(".st-key-earlier").get_by_role("button", name=QUESTION)).to_be_visible()


def visit(page: Any, name: str) -> None:
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    settle(page)


def expect_to_read_only(page: Any) -> None:
    """The page "Dokumenter" as it is for whoever may not change it."""
    visit(page, "Dokumenter")
    expect(page.get_by_role("button", name="Læs dokumentet")).to_have_count(2)
    expect(page.get_by_role("button", name="Ret, erstat eller fjern")).to_have_count(0)
    expect(page.get_by_role("heading", name="Tilføj dokumenter")).to_have_count(0)
    expect(page.locator("input[type=file]")).to_have_count(0)


def expect_no_evaluation(page: Any, site: Any) -> None:
    """There is no way to the page "Evaluering", nor is its address one."""
    expect(page.get_by_role("link", name="Evaluering")).to_have_count(0)
    page.goto(f"{site.url}/evaluering")
    expect(page.get_by_role("dialog")).to_contain_text("Siden findes ikke")
    page.get_by_role("dialog").get_by_role("button", name="Luk").click()
    expect(page.get_by_role("heading", name="Spørg dokumenterne")).to_be_visible()
    expect(page.get_by_role("heading", name="Kør et spørgsmålssæt")).to_have_count(0)
    settle(page)


def test_without_a_role_there_is_only_what_can_be_read(
    open_browser: Callable[[], Any], provider: IdentityProvider, site: Any
) -> None:
    page = open_browser()
    sign_in(page, provider, "8", "Bo")
    expect_to_read_only(page)
    expect_no_evaluation(page, site)
    visit(page, "Indstillinger")
    expect(page.get_by_role("region", name="Nuværende valg")).to_be_visible()
    expect(page.get_by_label("Serverens adresse")).to_have_count(0)


def test_an_uploader_changes_documents_and_evaluates_nothing(
    open_browser: Callable[[], Any], provider: IdentityProvider, site: Any
) -> None:
    page = open_browser()
    sign_in(page, provider, "7", "Anna")
    visit(page, "Dokumenter")
    expect(page.get_by_role("button", name="Ret, erstat eller fjern")).to_have_count(2)
    file = {"name": "hegn.txt", "mimeType": "text/plain", "buffer": b"OM HEGN\n\nHegn skal males.\n"}
    page.get_by_label("Filer", exact=True).set_input_files(file)
    page.get_by_role("button", name="Tilføj 1 dokument").click()
    added = page.get_by_role("status").filter(has_text="Tilføjet: hegn.txt.")
    expect(added).to_be_visible(timeout=PATIENCE_MS)
    settle(page)
    (Path(site.corpus) / "hegn.txt").read_text(encoding="utf-8")

    listed = page.locator("[class*='st-key-document-']").filter(has_text="hegn.txt")
    listed.get_by_role("button", name="Ret, erstat eller fjern").click()
    page.get_by_text("Ja, jeg vil fjerne dokumentet").click()
    page.get_by_role("button", name="Fjern dokumentet").click()
    expect(listed).to_have_count(0, timeout=PATIENCE_MS)
    settle(page)
    expect_no_evaluation(page, site)


def test_an_evaluator_runs_questions_and_changes_no_documents(
    open_browser: Callable[[], Any], provider: IdentityProvider
) -> None:
    page = open_browser()
    sign_in(page, provider, "9", "Eva")
    expect_to_read_only(page)
    visit(page, "Evaluering")
    expect(page.get_by_role("heading", name="Kør et spørgsmålssæt")).to_be_visible()
    expect(page.get_by_role("button", name="Kør", exact=True)).to_be_enabled()
    expect(page.get_by_role("heading", name="Kladder til prøvespørgsmål")).to_be_visible()
    visit(page, "Indstillinger")
    expect(page.get_by_label("Serverens adresse")).to_have_count(0)


def test_an_administrator_does_all_of_it(open_browser: Callable[[], Any], provider: IdentityProvider) -> None:
    page = open_browser()
    sign_in(page, provider, "10", "Dea")
    visit(page, "Dokumenter")
    expect(page.get_by_role("heading", name="Tilføj dokumenter")).to_be_visible()
    visit(page, "Evaluering")
    expect(page.get_by_role("button", name="Kør", exact=True)).to_be_enabled()
    visit(page, "Indstillinger")
    expect(page.get_by_label("Serverens adresse")).to_be_visible()


def test_an_address_that_the_provider_does_not_vouch_for_has_no_role(
    open_browser: Callable[[], Any], provider: IdentityProvider
) -> None:
    page = open_browser()
    sign_in(page, provider, "11", "Anna", email_verified=False)
    expect_to_read_only(page)


# --- without sign-in --------------------------------------------------------------------------------


def test_without_sign_in_the_page_says_so_and_only_this_machine_reaches_it(
    library: Any, open_page: Any
) -> None:
    page = open_page(library)
    page.get_by_role("textbox", name=FIELD).wait_for(timeout=PATIENCE_MS)
    told = page.get_by_text("Uden log ind: åben for alle, der bruger denne computer.")
    expect(told).to_be_visible()
    expect(page.get_by_role("button", name="Log ud")).to_have_count(0)

    port = int(library.url.rpartition(":")[2])
    assert listens("127.0.0.1", port)
    # Another address of this machine: whoever listens on all of them answers there.
    assert not listens("127.0.0.2", port)


def listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


# --- setups that do not start -----------------------------------------------------------------------


def started(tmp_path: Path, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0", *options],
        cwd=ROOT,
        env={**os.environ, "ASSISTANT_INDEX__PATH": str(tmp_path / "index"), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


OTHERS = "https://log.example.dk"
UNSAFE = {
    "open to the network": "åben uden log ind",
    "secrets that cannot be read": "secrets.toml kan ikke læses",
    "a short cookie secret": "cookie_secret",
    "a way back that others can read": "redirect_uri",
    "roles without sign-in": "access.uploaders",
    "everybody and somebody": "access.evaluators",
    "other sites let in": "server.enableXsrfProtection",
    "a header that says who is signed in": "server.trustedUserHeaders",
}


@pytest.mark.parametrize("case", UNSAFE)
def test_an_unsafe_setup_ends_with_one_danish_line(tmp_path: Path, case: str) -> None:
    options: list[str] = []
    environ: dict[str, str] = {}
    broken = tmp_path / "secrets.toml"
    match case:
        case "open to the network":
            options = ["--server.address", "0.0.0.0"]
        case "secrets that cannot be read":
            broken.write_text("[auth", encoding="utf-8")
            environ = {"STREAMLIT_SECRETS_FILES": str(broken)}
        case "a short cookie secret":
            path = secrets_file(tmp_path, OTHERS, cookie_secret="kort")
            environ = {"STREAMLIT_SECRETS_FILES": str(path)}
        case "a way back that others can read":
            path = secrets_file(tmp_path, OTHERS, redirect_uri="http://svar.example.dk/oauth2callback")
            environ = {"STREAMLIT_SECRETS_FILES": str(path)}
        case "roles without sign-in":
            environ = {"ASSISTANT_ACCESS__UPLOADERS": "anna@example.dk"}
        case "everybody and somebody":
            path = secrets_file(tmp_path, OTHERS)
            environ = {
                "STREAMLIT_SECRETS_FILES": str(path),
                "ASSISTANT_ACCESS__EVALUATORS": "*,eva@example.dk",
            }
        case "other sites let in":
            options = ["--server.enableXsrfProtection", "false"]
        case _:
            environ = {"STREAMLIT_SERVER_TRUSTED_USER_HEADERS": '{"X-Bruger": "email"}'}
    ended = started(tmp_path, *options, **environ)
    reason = UNSAFE[case]
    assert ended.returncode != 0
    lines = [line for line in ended.stderr.splitlines() if line.startswith("Siden starter ikke: ")]
    assert len(lines) == 1
    assert reason in lines[0]
    assert "Traceback" not in ended.stderr
