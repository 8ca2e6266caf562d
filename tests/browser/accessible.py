"""axe-core over a page as it stands: what it finds that is serious or critical, in words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice")
"""WCAG 2.1 A and AA, which Danish public bodies owe, and the rules of good practice that axe-core adds."""

GRAVE = ("serious", "critical")
SHOWN = """() => document.getAnimations().every(each =>
    each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity)
  && [...document.querySelectorAll(".stApp .element-container, .stApp .stVerticalBlock")]
    .every(element => getComputedStyle(element).opacity === "1")"""


def findings(page: Any, impacts: tuple[str, ...] = GRAVE) -> list[str]:
    """Return what axe-core finds on the page, one line for each element.

    What fades in or is drawn anew has its colours at the end: until then, they are nobody's.
    """
    page.wait_for_function(SHOWN, polling=30)
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
