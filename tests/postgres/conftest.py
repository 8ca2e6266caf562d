"""A home of its own for each test, on the server of the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from support.postgres import Server

from assistant.indexes.postgres import revisions
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.servers import Servers


@pytest.fixture
def schema() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def home(postgres: Server, schema: str) -> Iterator[PostgresHome]:
    """Where there is no index yet."""
    home = PostgresHome(Servers(postgres.url, schema=schema))
    assert home.why_not() == ""
    yield home
    home.drop()
    home.close()


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few passages there are, they are searched as if they were too many to keep in memory."""
    monkeypatch.setattr(revisions, "EVERY_UP_TO", 0)
