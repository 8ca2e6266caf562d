"""Blocks as plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.records import Block, Citation

UNVERIFIED = "[ikke verificeret]"
_END = re.compile(r"[.!?…:]*[”\"»«)]*$")


def plain_text(blocks: Sequence[Block], citations: Sequence[Citation] = ()) -> str:
    """Return an answer as text that can be read aloud or pasted.

    A line a block, markers in brackets; the sentences of a model run on to a line a paragraph, their
    markers before the full stop, and those that could not be verified say so.
    """
    lines: list[str] = []
    running = False
    for block in blocks:
        if block.kind == "text":
            text = _sentence(block, citations)
            if running and not block.opens:
                lines[-1] = f"{lines[-1]} {text}"
            else:
                lines.append(text)
            running = True
            continue
        running = False
        text = block.text
        if block.kind == "quote":
            text = f"»{text}«"
        elif block.kind == "item" and not text[:1].isdigit():
            text = f"– {text}"
        if block.marker:
            text = f"{text} [{block.marker}]"
        if block.kind == "heading" and lines:
            lines.append("")
        lines.append(text)
    return "\n".join(lines)


def _sentence(block: Block, citations: Sequence[Citation]) -> str:
    """A model's sentence with its markers before the full stop, as in "Diget er højt [1].", and its state."""
    markers = dict.fromkeys(citations[i].marker for i in block.cites if i < len(citations))
    notes = [f"[{', '.join(map(str, markers))}]"] if markers else []
    if block.state == "unverified":
        notes.append(UNVERIFIED)
    if not notes:
        return block.text
    end = _END.search(block.text)
    start = end.start() if end else len(block.text)
    return f"{block.text[:start]} {' '.join(notes)}{block.text[start:]}"
