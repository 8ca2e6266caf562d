"""Whom the browser session belongs to."""

from __future__ import annotations


def owner() -> str:
    """Return the opaque name that the store keeps this user's things under.

    It stands for who is signed in, or else for this browser.
    """
    raise NotImplementedError
