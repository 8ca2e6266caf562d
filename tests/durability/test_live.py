"""A running program takes up a new index by itself, and keeps the one it has where the new one is no good."""

from __future__ import annotations

import gc
import logging
import threading
from pathlib import Path

import pytest
from build_server import BuildServer
from durable_world import EMBEDDER, World, settings_of

from assistant import live
from assistant.errors import IndexMissing, UnknownDocument
from assistant.factory import build_index
from assistant.live import LiveAssistant
from assistant.records import Answer
from assistant.settings import Settings


@pytest.fixture
def settings(world: World, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(live, "open_embedder", lambda _: EMBEDDER)
    return settings_of(world.corpus("old"), world.index)


def ids(assistant: LiveAssistant) -> list[str]:
    return [document.id for document in assistant.current().documents]


OLD_IDS, NEW_IDS = ["andet", "første"], ["første", "tredje"]


def test_a_build_by_another_process_is_taken_up(
    world: World, server: BuildServer, settings: Settings
) -> None:
    running = LiveAssistant(settings)
    assert ids(running) == OLD_IDS
    assert server.run(world.order()) == [0]
    assert ids(running) == NEW_IDS
    assert running.notice == ""


def test_nothing_is_opened_while_nothing_changes(settings: Settings) -> None:
    running = LiveAssistant(settings)
    assert running.current() is running.current()


def test_an_answer_begun_before_the_switch_ends_as_it_began(
    world: World, server: BuildServer, settings: Settings
) -> None:
    running = LiveAssistant(settings)
    before = running.current()
    expected = before.ask("Hvad er kultur?")
    parts = before.stream("Hvad er kultur?")
    next(parts)
    assert server.run(world.order()) == [0]
    assert running.current() is not before
    *_, answer = parts
    assert isinstance(answer, Answer)
    assert answer == expected
    assert before.document("andet").title
    with pytest.raises(UnknownDocument, match="findes ikke"):
        running.current().document("andet")


def test_a_damaged_new_index_leaves_the_one_in_use_and_says_so_until_it_is_mended(
    world: World, settings: Settings
) -> None:
    running = LiveAssistant(settings)
    serving = running.current()
    build_index(settings_of(world.corpus("new"), world.index))
    home = world.index / "generations" / (world.index / "CURRENT").read_text()
    (home / "vectors.faiss").write_bytes(b"")
    assert running.current() is serving
    assert "vectors.faiss" in running.notice
    assert running.current() is serving
    build_index(settings_of(world.corpus("new"), world.index))
    assert ids(running) == NEW_IDS
    assert running.notice == ""


def test_a_new_index_that_cannot_be_read_for_a_moment_is_tried_again(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.read_bytes

    def too_many(path: Path) -> bytes:
        if path.name == "passages.jsonl":
            raise OSError(24, "Too many open files")
        return whole(path)

    running = LiveAssistant(settings)
    build_index(settings_of(world.corpus("new"), world.index))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", too_many)
        assert ids(running) == OLD_IDS
    assert "Too many open files" in running.notice
    assert ids(running) == OLD_IDS  # it is too soon
    monkeypatch.setattr(live, "RETRY_SECONDS", 0.0)
    assert ids(running) == NEW_IDS
    assert running.notice == ""


def test_an_index_of_another_model_leaves_the_one_in_use_and_says_so(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = LiveAssistant(settings)
    with monkeypatch.context() as patched:
        patched.setattr(EMBEDDER, "fingerprint", "en-anden-model")
        build_index(settings_of(world.corpus("new"), world.index))
    assert ids(running) == OLD_IDS
    assert "en-anden-model" in running.notice
    assert "bygger på det forrige" in running.notice


def test_an_index_that_is_taken_away_leaves_the_one_in_use(world: World, settings: Settings) -> None:
    running = LiveAssistant(settings)
    (world.index / "CURRENT").unlink()
    assert ids(running) == OLD_IDS
    assert "CURRENT" in running.notice


def test_a_mistake_of_our_own_leaves_the_one_in_use_and_is_logged(
    world: World,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    running = LiveAssistant(settings)
    build_index(settings_of(world.corpus("new"), world.index))
    monkeypatch.setattr(live, "assemble", fail)
    with caplog.at_level(logging.ERROR, "assistant.live"):
        assert ids(running) == OLD_IDS
    assert "ZeroDivisionError" in caplog.text
    assert "Fejlen står i loggen" in running.notice


def test_many_threads_open_a_new_index_once(
    world: World, server: BuildServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    assemble = live.assemble

    def counted(*arguments: object) -> object:
        opened.append("opened")
        return assemble(*arguments)  # type: ignore[arg-type]

    running = LiveAssistant(settings)
    assert server.run(world.order()) == [0]
    monkeypatch.setattr(live, "assemble", counted)
    seen: list[list[str]] = []
    threads = [threading.Thread(target=lambda: seen.append(ids(running))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [NEW_IDS] * 8
    assert opened == ["opened"]


def test_old_generations_are_let_go_of(world: World, settings: Settings) -> None:
    running = LiveAssistant(settings)
    for _ in range(3):
        for which in ("new", "old"):
            build_index(settings_of(world.corpus(which), world.index))
            running.current()
            gc.collect()
    assert len(list((world.index / "generations").iterdir())) == 2


def test_a_missing_index_is_refused_where_it_is_not_to_be_built(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        LiveAssistant(settings_of(settings.corpus.path, tmp_path / "index"), build_if_missing=False)
