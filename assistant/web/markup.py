"""The only place where HTML and Markdown are made.

Text from documents and from users is foreign: it is shown as text whatever it holds. ``Html`` is not
a ``str``, so foreign text cannot slip into markup by concatenation: ``tag`` escapes every child that
is not ``Html``, and ``label`` escapes what Streamlit would read as Markdown.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True, slots=True)
class Html:
    """Markup that is safe to send to the browser."""

    source: str


EMPTY = Html("")


def tag(name: str, *children: str | Html, **attributes: str) -> Html:
    """Return element ``name``; ``str`` children and attribute values are escaped.

    Attribute names are written with underscores: ``class_`` and ``data_key`` become ``class`` and
    ``data-key``.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"' for key, value in attributes.items()
    )
    return Html(f"<{name}{written}>{join(*children).source}</{name}>")


def join(*parts: str | Html) -> Html:
    """Return the parts one after the other; ``str`` parts are escaped."""
    return Html("".join(part.source if isinstance(part, Html) else _escape(part) for part in parts))


def foreign(text: str) -> Html:
    """Return foreign text on one line, its writing direction kept apart from ours."""
    return tag("bdi", " ".join(text.split()))


def label(text: str) -> str:
    """Return foreign text as a Streamlit label (button, tooltip, alert) that shows it as it stands.

    A backslash disarms Markdown, HTML and LaTeX. Emoji codes, icons, links and arrows are found by
    Streamlit after the backslashes are gone; an invisible word joiner breaks those.
    """
    folded = " ".join(printable(text).split())
    return _JOINED.sub(lambda found: f"{found.group()}\u2060", _PUNCTUATION.sub(r"\\\g<0>", folded))


def printable(text: str) -> str:
    """Replace what must not reach a browser, one character for one, so that offsets still hold.

    These are control characters, lone surrogates (they cannot be encoded) and the marks that turn
    the writing direction of everything after them.
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def show(content: Html) -> None:
    """Put ``content`` on the page."""
    # Streamlit would take a string without a tag for the name of a file.
    st.html(tag("div", content).source)


_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_JOINED = re.compile(r":|@|www|[-<>~=](?=\\[-<>~=])", re.IGNORECASE)


def _escape(text: str) -> str:
    # st.html trims blank lines, which a reference instead of a line break survives.
    return html.escape(printable(text), quote=True).replace("\n", "&#10;")
