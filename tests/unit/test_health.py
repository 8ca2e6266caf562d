"""Index, search model, database and language model, told apart: by the command and by an address."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from assistant import health
from assistant.errors import StorageError
from assistant.health import Part, Watch, quick_check, serving
from assistant.indexes.manifest import FILE_NAME, SCHEMA, Manifest
from assistant.settings import (
    DatabaseSettings,
    EmbeddingSettings,
    IndexSettings,
    LlmSettings,
    Settings,
)
from assistant.storage.base import ConversationStore
from assistant.web import probes
from assistant.web.stopping import Work

SECRETS = ("hemmelig", "intranet", "kode")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A set-up with a search model and a database, but no index and no language model."""
    return Settings(
        index=IndexSettings(tmp_path / "index"),
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'a.sqlite3'}"),
    )


def write_index(folder: Path, manifest: bytes, name: str = "000001-0123abcd") -> None:
    home = folder / "generations" / name
    home.mkdir(parents=True)
    (home / FILE_NAME).write_bytes(manifest)
    (folder / "CURRENT").write_text(home.name)


def states(settings: Settings) -> dict[str, str]:
    return {part.name: part.state for part in quick_check(settings)}


# --- the parts --------------------------------------------------------------------------------------


def test_each_part_is_told_apart(settings: Settings) -> None:
    assert states(settings) == {"index": "failed", "model": "ok", "database": "ok", "llm": "off"}


def test_an_index_is_found(settings: Settings) -> None:
    write_index(settings.index.path, Manifest(SCHEMA, "m", "c", "2026-01-01", 0, {}, "", (), {}).to_json())
    assert states(settings)["index"] == "ok"


@pytest.mark.parametrize(
    "manifest",
    [b"{", Manifest(SCHEMA - 1, "m", "c", "2026-01-01", 0, {}, "", (), {}).to_json()],
    ids=["damaged", "old"],
)
def test_an_index_that_cannot_serve_has_failed(settings: Settings, manifest: bytes) -> None:
    write_index(settings.index.path, manifest)
    assert states(settings)["index"] == "failed"


def newest(folder: Path, manifest: bytes, *, aside: bool) -> None:
    """Put a second generation in front of the first, damaged or moved aside already."""
    write_index(folder, manifest, "000002-4567cdef")
    if aside:
        (folder / "quarantine").mkdir()
        gone = folder / "quarantine" / "000002-4567cdef"
        (folder / "generations" / "000002-4567cdef").rename(gone)
        (gone / "REASON.txt").write_text("filen vectors.faiss er beskadiget\n2026-11-22\n", encoding="utf-8")


@pytest.mark.parametrize(("aside", "why"), [(True, "vectors.faiss"), (False, "manifest.json")])
def test_an_older_index_that_serves_for_a_damaged_one_is_degraded_and_says_so(
    settings: Settings, aside: bool, why: str
) -> None:
    write_index(settings.index.path, Manifest(SCHEMA, "m", "c", "2026-01-01", 0, {}, "", (), {}).to_json())
    newest(settings.index.path, b"{", aside=aside)

    (index,) = [part for part in quick_check(settings) if part.name == "index"]

    assert index.state == "degraded"
    assert why in index.message
    assert "bygget 2026-01-01" in index.message
    assert serving(quick_check(settings))


def test_a_pointer_that_is_lost_while_generations_are_there_is_degraded(settings: Settings) -> None:
    write_index(settings.index.path, Manifest(SCHEMA, "m", "c", "2026-01-01", 0, {}, "", (), {}).to_json())
    (settings.index.path / "CURRENT").unlink()

    assert states(settings)["index"] == "degraded"


def test_where_every_generation_is_damaged_the_index_has_failed(settings: Settings) -> None:
    write_index(settings.index.path, b"{")
    newest(settings.index.path, b"{", aside=False)

    assert states(settings)["index"] == "failed"


def test_a_model_folder_that_is_missing_has_failed(settings: Settings, tmp_path: Path) -> None:
    missing = EmbeddingSettings("sentence-transformers", str(tmp_path / "findes-ikke"))
    assert states(replace(settings, embedding=missing))["model"] == "failed"


def test_a_database_that_cannot_be_opened_has_failed(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b.sqlite3").write_bytes(b"ingen database" * 100)
    broken = DatabaseSettings(url=f"sqlite:///{tmp_path / 'b.sqlite3'}")
    assert states(replace(settings, database=broken))["database"] == "failed"


def test_a_language_model_server_is_reached_without_asking_it(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        llm = LlmSettings(base_url=f"http://127.0.0.1:{server.getsockname()[1]}/v1", model="m", api_key="k")
        assert states(replace(settings, llm=llm))["llm"] == "ok"
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b""
    assert states(replace(settings, llm=llm))["llm"] == "failed"


def test_a_model_file_that_is_missing_has_failed(settings: Settings) -> None:
    assert states(replace(settings, llm=LlmSettings(model_path="/findes/ikke.gguf")))["llm"] == "failed"


def test_a_check_that_breaks_is_news_of_its_part_alone(settings: Settings) -> None:
    def broken() -> ConversationStore:
        raise RuntimeError("hemmelig")

    parts = {part.name: part for part in quick_check(settings, broken)}
    assert (parts["database"].state, parts["model"].state) == ("failed", "ok")
    assert "hemmelig" not in parts["database"].message


def test_only_index_and_model_are_needed_to_serve() -> None:
    fine = tuple(Part(name, "ok", "") for name in ("index", "model", "database", "llm"))
    assert serving(fine)
    for name, serves in (("index", False), ("model", False), ("database", True), ("llm", True)):
        parts = tuple(replace(part, state="failed") if part.name == name else part for part in fine)
        assert serving(parts) is serves


def test_asking_often_checks_seldom() -> None:
    now, checks = [0.0], []

    def check() -> tuple[Part, ...]:
        checks.append(1)
        return ()

    watch = Watch(check, seconds=5, clock=lambda: now[0])
    for now[0] in (0, 1, 4.9, 5, 6, 10):
        watch.parts()
    assert len(checks) == 3


# --- the addresses ----------------------------------------------------------------------------------


@pytest.fixture
def client() -> Iterator[TestClient]:
    probes._watch.cache_clear()
    yield TestClient(Starlette(routes=probes.ROUTES))
    probes._watch.cache_clear()


def found(monkeypatch: pytest.MonkeyPatch, **states: str) -> None:
    parts = tuple(
        Part(name, states.get(name, "ok"), f"{' '.join(SECRETS)} /srv/indeks")
        for name in ("index", "model", "database", "llm")
    )
    monkeypatch.setattr(health, "quick_check", lambda *_: parts)


@pytest.mark.parametrize(
    ("failed", "status", "code"),
    [
        ({}, "ok", 200),
        ({"llm": "off"}, "ok", 200),
        ({"llm": "failed"}, "degraded", 200),
        ({"database": "failed"}, "degraded", 200),
        ({"index": "failed"}, "failed", 503),
        ({"model": "failed"}, "failed", 503),
        ({"index": "degraded"}, "degraded", 200),
    ],
)
def test_the_address_tells_the_parts_apart(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, failed: dict[str, str], status: str, code: int
) -> None:
    found(monkeypatch, **failed)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["status"]) == (code, status)
    assert response.json()["parts"] == {"index": "ok", "model": "ok", "database": "ok", "llm": "ok"} | failed
    assert response.headers["cache-control"] == "no-store"


def test_the_address_says_nothing_but_states(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, index="failed", database="failed", llm="failed")

    text = client.get("/healthz").text

    assert not [word for word in (*SECRETS, "/srv") if word in text]


def test_an_index_that_is_gone_but_still_in_memory_goes_on_serving(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch, index="failed")
    monkeypatch.setattr(type(probes.metrics.shared), "serving", True)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["parts"]["index"] == "degraded"


def test_a_page_that_is_closing_asks_to_be_left_alone(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch)
    closing = Work()
    closing.finish(0)
    monkeypatch.setattr(probes.stopping, "shared", closing)

    response = client.get("/healthz")

    assert (response.status_code, response.json()["status"]) == (503, "closing")
    assert client.get("/livez").status_code == 200


def test_settings_that_cannot_be_read_are_a_failure_and_no_crash(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_FINDES__IKKE", "x")

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json()["parts"] == {"index": "failed", "model": "failed"}


def test_the_process_says_that_it_lives(client: TestClient) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.text) == (200, "ok")


def test_a_database_that_fails_is_told_without_its_address(settings: Settings) -> None:
    def locked() -> ConversationStore:
        raise StorageError("Databasen er låst.")

    (part,) = [part for part in quick_check(settings, locked) if part.name == "database"]
    assert (part.state, part.message, part.label) == ("failed", "Databasen er låst.", "database")
