"""Given to a worker to load before all else: a file of one name takes the worker itself with it.

No file is known that does: it is read in a child. This is what a shortage of memory on the machine looks like.
"""

import os
import signal
from typing import Any

from assistant.spreading import tasks

read_bytes = tasks.read_bytes


def _read_or_die(name: str, *arguments: Any) -> Any:
    if name == "ond.txt":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_bytes(name, *arguments)


tasks.read_bytes = _read_or_die
