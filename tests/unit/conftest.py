"""What Streamlit's own test of a page leaves out: the browser that it is opened in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from assistant.web import access, identity


@pytest.fixture(scope="session", autouse=True)
def packages_are_looked_through_once() -> Iterator[None]:
    """Streamlit looks for components in every installed package, as a server does once, at each test of a page."""
    with pytest.MonkeyPatch.context() as patch:
        looked = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", looked)
        yield


@pytest.fixture(autouse=True)
def browser_at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is a browser of its own, on the machine that the page runs on."""
    value = secrets.token_urlsafe(32)
    monkeypatch.setattr(identity, "_browser", lambda: value)
    monkeypatch.setattr(access, "_at_this_machine", lambda: True)
