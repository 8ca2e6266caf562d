"""axe-core over a page as it stands: what it finds that is serious or critical, in words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
"""WCAG 2.1 A and AA, which Danish public bodies owe, and the rules of good practice that axe-core adds."""

GRAVE = ("serious", "critical")


def findings(page: Any, impacts: tuple[str, ...] = GRAVE) -> list[str]:
    """Return what axe-core finds on the page now, one line for each element."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_axe())
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(r => r.violations)",
        list(STANDARD),
    )
    return [
        f"{rule['impact']}: {rule['id']} ({rule['help']}): {node['target']} {node['html'][:160]}"
        for rule in found
        if rule["impact"] in impacts
        for node in rule["nodes"]
    ]


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
