"""Tokens counted without a tokenizer: a number that no tokenizer in use can exceed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from assistant.llm.base import Message

MESSAGE_OVERHEAD = 16
"""Tokens that a chat template puts around one message, with room to spare."""

CHAT_OVERHEAD = 64
"""Tokens that it puts around the chat: a date, a standing instruction, the opening of the answer."""


def upper_bound(text: str) -> int:
    """Return a number of tokens that ``text`` cannot exceed.

    Byte-level BPE (GPT-2 and on, Llama 3, Qwen, Mistral's Tekken) and SentencePiece with byte fallback
    (Llama 2, Gemma, Mistral) begin with one symbol a byte, or a character, and only ever join symbols;
    so there are never more tokens than bytes of UTF-8. SentencePiece may put one space in front, and
    some models normalise to NFKC first, which can lengthen a text.
    """
    composed = unicodedata.normalize("NFKC", text)
    return max(len(text.encode("utf-8", "replace")), len(composed.encode("utf-8", "replace"))) + 1


def overhead(messages: Sequence[Message]) -> int:
    """Return an allowance of tokens for what the chat template adds."""
    return CHAT_OVERHEAD + MESSAGE_OVERHEAD * len(messages)
