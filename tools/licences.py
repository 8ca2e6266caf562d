"""``docs/licences.md``: the licence of every package that is installed to run the product.

``licences.py`` writes it from what the installed packages say of themselves; ``licences.py --check`` fails if it is
not current. A package that says nothing, or nothing clear, needs a line in ``_SAID_ELSEWHERE`` with where it stands.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distribution

from packages import PER_MACHINE, PROJECT, closure

FILE = PROJECT / "docs" / "licences.md"
UNKNOWN = "ukendt"

_SAID_ELSEWHERE: dict[str, str] = {
    # Its own code is under either; PDFium and what is built into it is listed in its BUILD_LICENSES.
    "pypdfium2": "(BSD-3-Clause OR Apache-2.0) AND BSD-3-Clause AND Apache-2.0",
}
"""Licences of packages whose metadata does not say, as read in the files that they ship."""

_SPDX = {
    "apache 2.0": "Apache-2.0",
    "apache-2.0": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "bsd": "BSD",
    "bsd license": "BSD",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "mit": "MIT",
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "expat license": "MIT",
    "isc license (iscl)": "ISC",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl-2.0": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "psf-2.0": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
    "zope public license": "ZPL-2.1",
}
_EXPRESSION = re.compile(
    r"[A-Za-z0-9.+-]+(?: WITH [A-Za-z0-9.-]+)?(?:\s+(?:AND|OR)\s+\(?[A-Za-z0-9.+-]+\)?)*"
)


def licence(package: Distribution) -> str:
    """Return a package's licence as an SPDX expression where it says so, or ``UNKNOWN``."""
    name = package.metadata["Name"]
    if name in _SAID_ELSEWHERE:
        return _SAID_ELSEWHERE[name]
    expression = package.metadata.get("License-Expression")
    if expression:
        return " ".join(expression.split())
    said = (package.metadata.get("License") or "").strip()
    known = _SPDX.get(said.lower())
    if known and known != "BSD":
        return known
    classifiers = package.metadata.get_all("Classifier") or []
    names = [each.split(" :: ")[-1] for each in classifiers if each.startswith("License ::")]
    found = dict.fromkeys(_SPDX.get(each.lower(), "") for each in names)
    found.pop("", None)
    if found:
        return " OR ".join(found)
    if known:
        return known
    return said if said and len(said) < 80 and _EXPRESSION.fullmatch(said) else UNKNOWN


def table() -> str:
    """Return the whole document."""
    rows = []
    for name in sorted(closure()):
        if PER_MACHINE.match(name) and name != "torch":
            continue
        package = distribution(name)
        version = package.version.partition("+")[0]
        rows.append(f"| {package.metadata['Name']} | {version} | {licence(package)} |\n")
    return _HEAD.format(count=len(rows)) + "".join(rows)


_HEAD = """\
# Licenser

Det, der installeres for at køre produktet (`make chat`), med den licens, som hver pakke selv angiver. Skrevet af
`make licences`; en prøve fejler, hvis listen ikke passer, eller hvis en pakkes licens er ukendt. Med CUDA-udgaven af
`torch` følger desuden NVIDIAs egne pakker på NVIDIAs vilkår. Det, der kun bruges til prøver og udvikling, er ikke med.

{count} pakker.

| pakke | version | licens |
|---|---|---|
"""

if __name__ == "__main__":
    made = table()
    unknown = [line for line in made.splitlines() if line.endswith(f"| {UNKNOWN} |")]
    if unknown:
        raise SystemExit("Pakker uden kendt licens:\n" + "\n".join(unknown))
    if "--check" in sys.argv:
        if FILE.read_text(encoding="utf-8") != made:
            raise SystemExit(f"{FILE.name} passer ikke med det, der er installeret. Kør »make licences«.")
    else:
        FILE.write_text(made, encoding="utf-8")
