"""Progress on stderr: one line that is rewritten on a terminal, few lines elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

from assistant.progress import Progress

_STEPS = 10


class ProgressLine:
    """Writes progress to a stream, stderr if none is given."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._last = ("", -1)

    def __call__(self, progress: Progress) -> None:
        """Show progress, at most a handful of times a stage where nobody is watching."""
        share = progress.done / progress.total if progress.total else 1.0
        if self._stream.isatty():
            end = "\n" if progress.done >= progress.total else ""
            self._stream.write(f"\r\x1b[K{progress.heading}: {progress.done}/{progress.total}{end}")
        else:
            step = (progress.stage, int(share * _STEPS))
            if step == self._last:
                return
            self._last = step
            self._stream.write(f"{progress.heading}: {progress.done}/{progress.total}\n")
        self._stream.flush()
