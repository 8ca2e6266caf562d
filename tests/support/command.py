"""The command line in a process of its own, as a user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from assistant.settings import PROJECT


def run_assistant(
    environment: Mapping[str, str],
    *arguments: str | bytes,
    typed: str | bytes = "",
    encoding: str | None = "utf-8",
) -> subprocess.CompletedProcess[Any]:
    """Run a command to its end with ``typed`` on its input; without ``encoding`` all of it is bytes."""
    return subprocess.run(
        [sys.executable, "-m", "assistant", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        input=typed,
        capture_output=True,
        encoding=encoding,
        timeout=120,
        check=False,
    )
