"""Which files are tried again when a run of the tests failed among others."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from failed import failed_files  # noqa: E402


def test_each_file_with_a_failure_is_tried_once(tmp_path: Path) -> None:
    listed = tmp_path / "lastfailed"
    tests = ("tests/b.py::test_second", "tests/a.py::test_case[x::y]", "tests/b.py::test_first", "tests/c.py")
    listed.write_text(json.dumps(dict.fromkeys(tests, True)), encoding="utf-8")
    assert failed_files(listed) == ["tests/a.py", "tests/b.py", "tests/c.py"]


def test_where_no_test_ever_failed_there_are_none(tmp_path: Path) -> None:
    assert failed_files(tmp_path / "lastfailed") == []
