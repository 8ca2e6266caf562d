"""A disk of its own, small or read-only, on which an index is built; run by a test through ``unshare``.

The mount is seen by this process alone and is gone with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from durable_world import World, hashed_embedder, make_world, settings_of

from assistant.errors import IndexUnusable
from assistant.factory import build_index


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def tried(world: World) -> dict[str, str]:
    """Build on the disk as it is, and say what came of it and what a reader then sees."""
    try:
        build_index(settings_of(world.corpus("new"), world.index))
        message = ""
    except IndexUnusable as error:
        message = str(error)
    return {"message": message, "seen": world.seen()}


def main() -> None:
    outcomes = []
    with hashed_embedder(), TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        for order in sys.argv[1:]:
            world.index.mkdir(exist_ok=True)
            if order == "read-only":
                mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(world.index))
                world.fill()
                mount("-o", "remount,ro", str(world.index))
                outcomes.append(tried(world))
            else:
                mount("-t", "tmpfs", "-o", f"size={order}k", "tmpfs", str(world.index))
                try:
                    world.fill()
                except OSError:
                    outcomes.append({"message": "no room for the old index", "seen": "old"})
                else:
                    outcomes.append(tried(world))
                    # With room again, the next build needs no help.
                    mount("-o", "remount,size=8m", str(world.index))
                    outcomes[-1]["then"] = tried(world)["seen"]
                    outcomes[-1]["left"] = " ".join(world.leftovers())
            subprocess.run(["umount", str(world.index)], check=True)
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main()
