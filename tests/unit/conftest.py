"""What Streamlit's own test of a page leaves out: the browser that it is opened in."""

from __future__ import annotations

import secrets

import pytest

from assistant.web import access, identity


@pytest.fixture(autouse=True)
def browser_at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is a browser of its own, on the machine that the page runs on."""
    value = secrets.token_urlsafe(32)
    monkeypatch.setattr(identity, "_browser", lambda: value)
    monkeypatch.setattr(access, "_at_this_machine", lambda: True)
