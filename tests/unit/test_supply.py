"""What is installed: every file by its hash, every licence known, and no audit that only seems to be one."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tools"))

import audit  # noqa: E402
import licences  # noqa: E402
import lock  # noqa: E402
import packages  # noqa: E402

LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
PINNED = lock.pins((PROJECT / "constraints.txt").read_text(encoding="utf-8"))
PINNED = {packages.canonical(name): version for name, version in PINNED.items()}


def locked(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", text, re.MULTILINE))


# --- hashes -----------------------------------------------------------------------------------------


def test_every_pinned_package_is_locked_at_its_version() -> None:
    wanted = {name: version for name, version in PINNED.items() if not packages.PER_MACHINE.match(name)}
    assert locked(LOCK) == wanted, "kør »make pins«"


def test_what_is_pinned_can_be_installed_with_the_python_of_debian_12() -> None:
    refused = {
        each.metadata["Name"]: wanted
        for each in distributions()
        if packages.canonical(each.metadata["Name"]) in PINNED
        and (wanted := each.metadata["Requires-Python"])
        and "3.11.2" not in SpecifierSet(wanted)
    }
    assert refused == {}


def test_every_locked_package_has_the_hashes_of_its_files() -> None:
    blocks = re.split(r"^# sets: .*\n", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(locked(LOCK))
    for block in blocks:
        assert re.fullmatch(r"[^\n]+==[^\n]+( \\\n    --hash=sha256:[0-9a-f]{64})+\n", block), block[:80]


@pytest.mark.parametrize("name", packages.SETS)
def test_what_a_set_needs_is_in_its_part_of_the_lock(name: str) -> None:
    needed = packages.closure(packages.SETS[name])
    missing = {each for each in needed if not packages.PER_MACHINE.match(each)} - locked(
        lock.select([name], LOCK)
    ).keys()
    assert not missing, "kør »make pins«"


def test_selecting_takes_the_wanted_sets_and_nothing_else() -> None:
    text = "# head\n# sets: run test\na==1 \\\n    --hash=sha256:0\n# sets: lint\nb==2\n# sets: none\nc==3\n"
    assert lock.select(["run"], text) == "a==1 \\\n    --hash=sha256:0\n"
    assert locked(lock.select(["run", "lint"], text)).keys() == {"a", "b"}


def test_selecting_needs_nothing_but_python() -> None:
    """It comes before anything is installed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(PROJECT / "tools" / "lock.py"), "select", "run"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "streamlit==" in done.stdout
    assert "pytest==" not in done.stdout


# --- licences ---------------------------------------------------------------------------------------


def test_the_list_of_licences_is_current_and_none_is_unknown() -> None:
    assert licences.FILE.read_text(encoding="utf-8") == licences.table(), "kør »make licences«"
    assert f"| {licences.UNKNOWN} |" not in licences.table()


def test_nothing_that_is_shipped_must_be_given_on_under_its_own_terms() -> None:
    strong = re.findall(r"^\| .*\b(?:A?GPL|SSPL|EUPL)\b.*$", licences.table(), re.MULTILINE)
    assert strong == []


# --- audit ------------------------------------------------------------------------------------------

CANARY = {"name": "jinja2-canary", "version": "2.10", "vulns": [{"id": "CVE-1", "fix_versions": ["2.10.1"]}]}


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": [*entries], "fixes": []}


def test_a_service_that_does_not_know_an_old_vulnerability_is_not_believed() -> None:
    skipped = {"name": "jinja2-canary", "skip_reason": "not found"}
    assert audit.read(report({"name": "a", "version": "1", "vulns": []}, skipped)) is None
    assert audit.read(report({"name": "a", "version": "1", "vulns": []})) is None


def test_only_what_can_be_fixed_fails(capsys: pytest.CaptureFixture[str]) -> None:
    found = audit.read(
        report(
            {"name": "a", "version": "1", "vulns": [{"id": "CVE-2", "fix_versions": ["2", "3"]}]},
            {"name": "b", "version": "1", "vulns": [{"id": "CVE-3", "fix_versions": []}]},
            {"name": "c", "skip_reason": "not found"},
            {"name": "d", "version": "1", "vulns": []},
            CANARY,
        )
    )
    assert found == audit.Found(("a 1: CVE-2, rettet i 2, 3",), ("b 1: CVE-3",), ("c",), 3)
    assert audit.tell("x", found) == 1
    assert audit.tell("x", audit.Found((), found.other, (), 3)) == 0
    assert "KAN RETTES  a 1: CVE-2" in capsys.readouterr().out


def test_an_audit_without_a_service_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "_report", lambda *_: None)
    assert audit.main() == 0
    assert "IKKE UNDERSØGT" in capsys.readouterr().out


def test_a_fixable_vulnerability_ends_the_audit_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_service: str, requirements: list[str]) -> dict[str, Any]:
        canary = {**CANARY, "name": "jinja2"}
        bad = {"name": "pypdf", "version": "7", "vulns": [{"id": "CVE-4", "fix_versions": ["8"]}]}
        return report(canary) if len(requirements) == 1 else report(bad)

    monkeypatch.setattr(audit, "_report", answer)
    assert audit.main() == 1


# --- threat model -----------------------------------------------------------------------------------


def test_every_row_of_the_threat_model_names_a_test_that_is_there() -> None:
    rows = re.findall(r"^\|(.*)\|$", (PROJECT / "SECURITY.md").read_text(encoding="utf-8"), re.MULTILINE)
    threats = [row for row in rows if row.count("|") == 2 and not re.match(r"[ -]*trussel|---", row)]
    assert len(threats) > 15
    for row in threats:
        named = re.findall(r"`(tests/[^`]+)`", row.rpartition("|")[2])
        assert named, row
        assert [each for each in named if not (PROJECT / each).is_file()] == []
