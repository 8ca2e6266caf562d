"""The numbers of docs/reliability.md: which tests it names, and what they tried and held when they ran.

``files`` prints the files of those tests, for pytest; ``count REPORT`` sets what a JUnit report of them says
beside what the document says, and fails where they differ. ``make reliability`` does both.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "reliability.md"


@dataclass(frozen=True, slots=True)
class Named:
    """A test that the document names: its file, and its function, with parameters or a "*" at the end.

    An empty function stands for all of the file.
    """

    file: str
    function: str = ""

    def is_meant(self, file: str, name: str) -> bool:
        """Whether a test of ``file`` with this name, with its parameters if it has any, is meant."""
        if file != self.file:
            return False
        if self.function.endswith("*"):
            return name.startswith(self.function[:-1])
        return self.function in ("", name, name.partition("[")[0])


@dataclass(frozen=True, slots=True)
class Row:
    """One promise: the tests that prove it, and what is said of them."""

    promise: str
    tests: tuple[Named, ...]
    tried: str
    held: str


@dataclass(frozen=True, slots=True)
class Ran:
    """One test of a report, and how much it tried and held: once, where it does not say."""

    file: str
    name: str
    tried: int
    held: int


def rows(text: str) -> list[Row]:
    """Return the promises of the document in order."""
    found: list[Row] = []
    folder = file = ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if len(cells) != 4 or set(cells[0]) <= {"-"}:
            continue
        names = re.findall(r"`([^`]+)`", cells[1])
        if cells[2] == "forsøgt":
            folder = names[0] if names else ""  # "tests/durability/", or a file that they are all of
            file = folder if folder.endswith(".py") else ""
            continue
        tests = []
        for name in names:
            place, _, function = name.rpartition("::")
            if not place and name.endswith(".py"):
                place, function = name, ""
            if place and place != "…":
                file = place if place.startswith("tests/") else folder + place
            tests.append(Named(file, function.removeprefix("…")))
        found.append(Row(cells[0], tuple(tests), cells[2], cells[3]))
    return found


def read_report(path: Path) -> Iterator[Ran]:
    """Yield the tests of a JUnit report of pytest."""
    for case in ET.parse(path).iter("testcase"):  # noqa: S314, written by pytest on this machine
        module = case.get("classname", "")
        said = {p.get("name", ""): p.get("value", "") for p in case.iter("property")}
        if case.find("skipped") is not None:
            continue
        failed = case.find("failure") is not None or case.find("error") is not None
        tried = int(said.get("tried", 0)) or 1
        held = int(said.get("held", tried)) if "held" in said or not failed else 0
        yield Ran(module.replace(".", "/") + ".py", case.get("name", ""), tried, held)


def counted(row: Row, ran: Iterable[Ran]) -> tuple[int, int]:
    """Return how much the tests of a row tried and held."""
    meant = [r for r in ran if any(test.is_meant(r.file, r.name) for test in row.tests)]
    return sum(r.tried for r in meant), sum(r.held for r in meant)


def number(text: str) -> int | None:
    """Return "1.160" as a number; nothing for a cell that says more than one."""
    digits = text.replace(".", "")
    return int(digits) if digits.isdecimal() else None


def main(arguments: list[str]) -> int:
    """Do what the arguments ask for; returns 1 where a number differs."""
    said = rows(DOCUMENT.read_text(encoding="utf-8"))
    if arguments == ["files"]:
        print(*sorted({test.file for row in said for test in row.tests}))
        return 0
    if len(arguments) < 2 or arguments[0] != "count":
        print(__doc__, file=sys.stderr)
        return 2
    ran = [test for name in arguments[1:] for test in read_report(Path(name))]
    wrong = 0
    for row in said:
        tried, held = counted(row, ran)
        differs = (number(row.tried), number(row.held)) not in ((tried, held), (None, None))
        differs = differs or held != tried or tried == 0
        wrong += differs
        print(
            f"{'!' if differs else ' '} {tried:>6} {held:>6}  ({row.tried}, {row.held})  {row.promise[:90]}"
        )
    print(f"{len(said)} løfter, {wrong} med andre tal end i {DOCUMENT.relative_to(ROOT)}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
