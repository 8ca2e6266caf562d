"""docs/reliability.md names tests that exist, and its numbers can be counted anew."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import reliability  # noqa: E402

TABLE = """
| løfte | prøve (`tests/durability/`) | forsøgt | holdt |
|---|---|---:|---:|
| Drab | `test_kills.py::test_killed[100]` | 1.100 | 1.100 |
| Skade | `…::test_damaged_*`, `tests/unit/test_other.py` | 3 | 3 |
"""
REPORT = """<testsuites><testsuite>
<testcase classname="tests.durability.test_kills" name="test_killed[6]"/>
<testcase classname="tests.durability.test_kills" name="test_killed[100]">
  <properties><property name="tried" value="1100"/><property name="held" value="{held}"/></properties>
</testcase>
<testcase classname="tests.durability.test_kills" name="test_damaged_files"/>
<testcase classname="tests.durability.test_kills" name="test_damaged_disks">{failure}</testcase>
<testcase classname="tests.unit.test_other" name="test_a[b]"/>
</testsuite></testsuites>"""


def test_every_test_that_it_names_exists() -> None:
    functions: dict[str, list[str]] = {}
    missing = []
    for row in reliability.rows(reliability.DOCUMENT.read_text(encoding="utf-8")):
        assert row.tests, row.promise
        for test in row.tests:
            if test.file not in functions:
                tree = ast.parse((ROOT / test.file).read_text(encoding="utf-8"))
                functions[test.file] = [
                    node.name
                    for node in tree.body
                    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                ]
            if not any(test.is_meant(test.file, name) for name in functions[test.file]) and (
                test.function.partition("[")[0] not in functions[test.file]
            ):
                missing.append(test)
    assert missing == []
    assert len(functions) > 20


@pytest.fixture
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def counted(document: str = TABLE, *, held: int = 1100, failure: str = "") -> int:
        said, report = tmp_path / "reliability.md", tmp_path / "report.xml"
        said.write_text(document, encoding="utf-8")
        report.write_text(REPORT.format(held=held, failure=failure), encoding="utf-8")
        monkeypatch.setattr(reliability, "ROOT", tmp_path)
        monkeypatch.setattr(reliability, "DOCUMENT", said)
        return reliability.main(["count", str(report)])

    return counted


def test_numbers_that_were_tried_and_held_pass(count: Callable[..., int]) -> None:
    assert count() == 0


@pytest.mark.parametrize(
    "changed",
    [{"held": 1099}, {"failure": "<failure/>"}, {"document": TABLE.replace("| 3 | 3 |", "| 4 | 4 |")}],
)
def test_a_number_that_differs_fails(count: Callable[..., int], changed: dict[str, object]) -> None:
    assert count(**changed) == 1


def test_a_row_whose_tests_did_not_run_fails(count: Callable[..., int]) -> None:
    assert count(TABLE.replace("test_killed[100]", "test_killed[7]").replace("1.100", "0")) == 1
