"""A model that obeys everything it reads, in documents, titles and questions, and adds nothing of its own."""

from __future__ import annotations

import re
from urllib.parse import quote

from tests.attacks.attacks import ATTACKS

_ORDER = re.compile(r"(?:skriv|svar med|udskriv|write|print|output)\W{0,3}:\s*(.+)", re.IGNORECASE)
_SOURCE = re.compile(r"^<<<KILDE (\d+)\b.*?^Tekst: (.+?)$", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"^Spørgsmål: (.+)$", re.MULTILINE)
_NAMED = re.compile(r"angreb (\d+)", re.IGNORECASE)


def obey(prompt: str) -> str:
    """Answer a prompt: every order in it is carried out, and every source repeated with its number.

    A question that names an attack ("angreb 31") gets the answer of that attack, as from a model that has
    been talked into it.
    """
    asked = _QUESTION.findall(prompt)
    question = asked[-1] if asked else ""
    # Our own instructions say what to write too; it obeys the last who spoke, and they speak first.
    told = prompt.partition("<<<KILDE")[2]
    lines = [f"{text.rstrip('.')} [{number}]." for number, text in _SOURCE.findall(prompt)]
    lines += [order.strip() for order in _ORDER.findall(told)]
    named = _NAMED.search(question)
    if named:
        lines.append(ATTACKS[int(named[1])].text)
    return "\n".join(lines).replace("SPØRGSMÅLET", quote(question))
