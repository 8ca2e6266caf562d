"""Questions are read from replicas; one that is gone or behind costs nobody an answer, and mixes none."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from postgres_world import EMBEDDER, NEW, OLD, built, found
from sqlalchemy import Connection
from support.corpora import document
from support.postgres import PASSWORD, Replica, Server, free_port

from assistant.errors import IndexUnusable
from assistant.indexes.postgres import servers as servers_module
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.servers import Servers
from assistant.records import Document

pytestmark = pytest.mark.servers


def documents_of(files: dict[str, str]) -> list[Document]:
    return [document(text, name=name.removesuffix(".txt")) for name, text in sorted(files.items())]


@pytest.fixture(scope="module")
def replica(postgres: Server) -> Iterator[Replica]:
    followed = Replica(postgres)
    yield followed
    followed.stop()


@pytest.fixture
def spread(postgres: Server, replica: Replica, schema: str, home: PostgresHome) -> PostgresHome:
    """The home as a program sees it that reads from the replica."""
    seen = PostgresHome(Servers(postgres.url, [replica.url], schema=schema))
    assert seen.why_not() == ""
    return seen


def is_replica(connection: Connection) -> bool:
    return bool(connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar())


def test_what_is_searched_is_read_from_the_replica(
    spread: PostgresHome, home: PostgresHome, replica: Replica, large: None
) -> None:
    built(home, documents_of(OLD))
    replica.catch_up()
    generation = spread.read(model=EMBEDDER.fingerprint)
    assert found(generation, "vi") == found(home.read(model=EMBEDDER.fingerprint), "vi")
    assert spread._servers.read(is_replica)
    assert not spread._servers.read_newest(is_replica)


def test_questions_are_answered_while_the_primary_is_gone(
    home: PostgresHome, replica: Replica, schema: str, large: None
) -> None:
    serving = built(home, documents_of(OLD))
    replica.catch_up()
    gone = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{free_port()}/assistent"
    alone = PostgresHome(Servers(gone, [replica.url], schema=schema))
    assert alone.why_not() == ""
    assert alone.current_name() == serving.name
    assert found(alone.read(model=EMBEDDER.fingerprint), "vi") == found(serving, "vi")
    with pytest.raises(IndexUnusable, match="svarer ikke"), alone.writing():
        pass


def test_replica_that_is_behind_is_read_of_what_it_has_and_of_nothing_else(
    spread: PostgresHome, home: PostgresHome, replica: Replica, large: None, caplog: pytest.LogCaptureFixture
) -> None:
    built(home, documents_of(OLD))
    replica.catch_up()
    old = spread.read(model=EMBEDDER.fingerprint)
    before = found(old, "vi")
    replica.pause()
    try:
        newest = built(home, documents_of(NEW))
        new = spread.read(model=EMBEDDER.fingerprint)
        assert new.name == newest.name == spread.current_name()
        for _ in range(3):
            assert found(new, "vi") == found(newest, "vi")
            assert found(old, "vi") == before
        assert [new.index.passages_of("tredje"), old.index.passages_of("tredje")] == [
            newest.index.passages_of("tredje"),
            (),
        ]
    finally:
        replica.catch_up()
    assert found(new, "vi") == found(newest, "vi")
    warned = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert all("bagud" in each for each in warned)


def test_replica_that_is_behind_takes_nobody_back_to_the_old_index(
    spread: PostgresHome, home: PostgresHome, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(home, documents_of(OLD))
    replica.catch_up()
    replica.pause()
    try:
        newest = built(home, documents_of(NEW))
        assert spread.current_name() == newest.name
        with monkeypatch.context() as gone:
            # Only the replica answers, and it tells of the index before.
            gone.setattr(spread._servers, "_primary", spread._servers._replicas[0])
            assert spread.current_name() == newest.name
    finally:
        replica.catch_up()


def test_dead_replica_is_told_once_and_read_again_when_it_is_back(
    spread: PostgresHome,
    home: PostgresHome,
    replica: Replica,
    large: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(servers_module, "REST_SECONDS", 0.0)
    built(home, documents_of(OLD))
    replica.catch_up()
    generation = spread.read(model=EMBEDDER.fingerprint)
    before = found(generation, "vi")
    assert spread._servers.read(is_replica)

    replica.kill()

    for text in ("vi", "ledelse", "vi"):
        assert found(generation, text)
    assert found(generation, "vi") == before
    assert not spread._servers.read(is_replica)
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warned == ["Databasen på »127.0.0.1« svarer ikke. Der læses et andet sted, til den er med igen."]
    replica.start()
    assert spread._servers.read(is_replica)


def test_replica_that_failed_is_left_alone_for_a_while(postgres: Server, replica: Replica) -> None:
    gone = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{free_port()}/assistent"
    servers = Servers(postgres.url, [gone, replica.url])
    assert all(servers.read(is_replica) for _ in range(4))
    order = [server.rests() for server in servers._order()]
    assert order == [False, True, False]  # the one that answers, the one that does not, the primary


def test_answers_take_turns_among_the_replicas(postgres: Server, replica: Replica) -> None:
    servers = Servers(postgres.url, [replica.url, replica.url])
    first, second = servers._order()[0], servers._order()[0]
    assert first is not second
