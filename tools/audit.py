"""``make audit``: known vulnerabilities in what constraints.txt pins, by pip-audit.

Fails only on one that a newer version fixes. pip-audit alone cannot be trusted to have looked: where the service has
never heard of a package, as behind a mirror, it says "No known vulnerabilities found" just the same. So it is asked
about a package with known vulnerabilities too (never installed), and whoever does not know that one is not believed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lock import CONSTRAINTS, pins

CANARY = ("jinja2", "2.10")
"""Vulnerable since 2019 (CVE-2019-10906), and in every database."""

SERVICES = ("pypi", "osv")
_SECONDS = 600


@dataclass(frozen=True)
class Found:
    """What a service said: fixable and other vulnerabilities as lines, and what it did not know."""

    fixable: tuple[str, ...]
    other: tuple[str, ...]
    unknown: tuple[str, ...]
    audited: int


def read(report: dict[str, Any]) -> Found | None:
    """Return what a report of pip-audit says, or ``None`` where the service did not look."""
    entries = {entry["name"].lower(): entry for entry in report["dependencies"]}
    canary = entries.pop(f"{CANARY[0]}-canary", None) or {}
    if not canary.get("vulns"):
        return None
    fixable, other = [], []
    for name, entry in sorted(entries.items()):
        for vulnerability in entry.get("vulns", ()):
            fixed = ", ".join(vulnerability["fix_versions"])
            line = f"{name} {entry['version']}: {vulnerability['id']}"
            (fixable if fixed else other).append(f"{line}, rettet i {fixed}" if fixed else line)
    unknown = tuple(name for name, entry in entries.items() if "skip_reason" in entry)
    return Found(tuple(fixable), tuple(other), unknown, len(entries) - len(unknown))


def ask(service: str) -> Found | None:
    """Ask a service about everything that is pinned."""
    pinned = pins(CONSTRAINTS.read_text(encoding="utf-8"))
    report = _report(service, [f"{name}=={version}" for name, version in pinned.items()])
    canary = _report(service, [f"{CANARY[0]}=={CANARY[1]}"])
    if report is None or canary is None:
        return None
    for entry in canary["dependencies"]:
        report["dependencies"].append({**entry, "name": f"{CANARY[0]}-canary"})
    return read(report)


def _report(service: str, requirements: list[str]) -> dict[str, Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requirements.txt"
        path.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "-r", str(path), "-s", service, "-f", "json"]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                [*command, "--no-deps", "--disable-pip", "--progress-spinner", "off"],
                capture_output=True,
                encoding="utf-8",
                timeout=_SECONDS,
                check=False,
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            return None
    return found


def main() -> int:
    """Print what was found; returns 1 where something can be fixed."""
    for service in SERVICES:
        found = ask(service)
        if found is not None:
            return tell(service, found)
        print(f"Sårbarhedstjenesten »{service}« kan ikke nås herfra.", flush=True)
    print("IKKE UNDERSØGT: ingen sårbarhedstjeneste kunne nås. Kør »make audit«, hvor der er net.")
    return 0


def tell(service: str, found: Found) -> int:
    """Print it; returns the exit status."""
    for line in found.fixable:
        print(f"KAN RETTES  {line}")
    for line in found.other:
        print(f"uden rettelse  {line}")
    if found.unknown:
        print(f"Ukendt for tjenesten: {', '.join(found.unknown)}")
    print(
        f"{found.audited} pakker undersøgt hos »{service}«: {len(found.fixable)} kan rettes, "
        f"{len(found.other)} uden rettelse."
    )
    return 1 if found.fixable else 0


if __name__ == "__main__":
    sys.exit(main())
