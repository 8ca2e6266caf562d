"""What the project installs: the packages of each set, followed through what they require."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parent.parent
OWN = "dokumentassistent"
SETS = {"run": "", "eval": "eval", "test": "test", "lint": "lint"}
"""The sets that the Makefile installs, and the extra of each."""

BUILD = ("setuptools",)
"""What builds the project itself, in every set."""

PER_MACHINE = re.compile(r"torch$|nvidia-|cuda-|triton$")
"""Not the same file on every machine: torch comes for the processor alone or with CUDA, and CUDA with it."""


def canonical(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def closure(extra: str = "") -> frozenset[str]:
    """Return the canonical names of what the project and one of its extras need, as installed here."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    found: set[str] = set()
    extras = [extra] if extra else []
    while extras:
        for requirement in map(Requirement, project["optional-dependencies"][extras.pop()]):
            if canonical(requirement.name) == OWN:
                extras.extend(requirement.extras)
            else:
                wanted.append(requirement)
    seen: set[tuple[str, str]] = set()
    while wanted:
        requirement = wanted.pop()
        name = canonical(requirement.name)
        for chosen in ("", *requirement.extras):
            if not _applies(requirement, "") or (name, chosen) in seen:
                continue
            seen.add((name, chosen))
            try:
                needed = distribution(name).requires or []
            except PackageNotFoundError:
                continue
            found.add(name)
            wanted.extend(each for each in map(Requirement, needed) if _applies(each, chosen))
    return frozenset(found) - {"pip"}  # which installs the others, and comes with Python


def _applies(requirement: Requirement, extra: str) -> bool:
    if requirement.marker is None:
        return True
    return requirement.marker.evaluate({**default_environment(), "extra": extra})
