"""A home of its own for each test, on the server of the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from support.postgres import Server

from assistant.indexes.postgres import revisions
from assistant.indexes.postgres.home import PostgresHome, postgres_home
from assistant.indexes.postgres.servers import Servers


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test connected to, however it ended."""
    made: list[Servers] = []
    prepare = Servers.__init__

    def remembered(self: Servers, *arguments: Any, **options: Any) -> None:
        prepare(self, *arguments, **options)
        made.append(self)

    monkeypatch.setattr(Servers, "__init__", remembered)
    postgres_home.cache_clear()
    yield
    for servers in made:
        servers.close()


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


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few passages there are, they are searched as if they were too many to keep in memory."""
    monkeypatch.setattr(revisions, "EVERY_UP_TO", 0)
