"""A paper as Markdown. Text of users, documents and models stays text: no link, no picture, no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.exporting.paper import Paper, Piece, Run, danish_date
from assistant.exporting.printing import printable


def markdown(paper: Paper) -> str:
    """Return ``paper`` as Markdown with footnotes (as GitHub and pandoc read them)."""
    parts = [f"# {escape(paper.title)}", escape(danish_date(paper.written))]
    parts += _pieces(paper.pieces)
    if paper.sources:
        parts += ["## Kilder", "\n".join(f"- {escape(source)}" for source in paper.sources)]
    parts += ["## Om denne udskrift", *(escape(line) for line in paper.made)]
    if paper.notes:
        parts.append("\n".join(f"[^{n}]: {escape(note)}" for n, note in enumerate(paper.notes, 1)))
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Return foreign text on one line so that Markdown shows it as it stands.

    Beside what CommonMark reads, this disarms the links that GitHub finds by itself: addresses of the
    web and of e-mail.
    """
    line = " ".join(printable(text).split())
    line = _ACTIVE.sub(r"\\\g<0>", line)
    line = _SCHEME.sub(r"\\:", line)
    line = _WWW.sub(r"\g<0>\\", line)
    return _AT_START.sub(r"\g<1>\\\g<2>", line)


_ACTIVE = re.compile(r"[\\`*_{}\[\]<>&~|$@!#]")
_SCHEME = re.compile(r":(?=\S)")
_WWW = re.compile(r"\bwww(?=\.)", re.IGNORECASE)
# What begins a list, a heading or a rule only where it begins the line: "-", "+", "=", "1.", "1)", ":".
_AT_START = re.compile(r"^(\d*)([-+=.):])")


def _pieces(pieces: Iterable[Piece]) -> list[str]:
    """Return the blocks; points that follow one another are one list."""
    blocks: list[str] = []
    in_list = False
    for piece in pieces:
        written = _piece(piece)
        is_item = piece.kind in ("bullet", "numbered")
        if is_item and in_list:
            blocks[-1] += f"\n{written}"
        else:
            blocks.append(written)
        in_list = is_item
    return blocks


def _piece(piece: Piece) -> str:
    text = " ".join(_run(run) for run in piece.runs)
    match piece.kind:
        case "heading":
            return f"{'#' * (piece.level + 1)} {text}"
        case "quote":
            return f"> {text}"
        case "bullet" | "numbered":
            return f"- {text}"
        case "remark":
            return f"*{text}*"
        case "note":
            lines = piece.runs[0].text.split("\n")
            return "\\\n".join(escape(line) for line in lines if line.strip())
        case _:
            return text


def _run(run: Run) -> str:
    notes = "".join(f"[^{number}]" for number in run.notes)
    mark = f" **[{escape(run.mark)}]**" if run.mark else ""
    return f"{escape(run.text)}{notes}{mark}"
