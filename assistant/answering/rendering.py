"""Blocks as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.records import Block


def plain_text(blocks: Sequence[Block]) -> str:
    """Return an answer as text that can be read aloud or pasted: a line a block, markers in brackets."""
    lines: list[str] = []
    for block in blocks:
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
