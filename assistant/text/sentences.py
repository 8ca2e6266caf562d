"""Sentence ends in Danish running text."""

from __future__ import annotations

import re

_ABBREVIATIONS = frozenset(
    "adr afd art bl bl.a ca cand cirka co d dec dir div dr dvs e.g eks ekskl el etc evt f f.eks feb fig fhv fmd "
    "forf fr fsva ff g gl h hhv hr i.e ift ifm inkl ing jan jf jr kap kgl kl kr lign lb m m.a.o m.fl m.h.t m.m "
    "m.v max md mht mia mio min mm mr mv n nov nr o.a o.l o.lign obs okt osv p pct pga pr prof pkt red ref s sep "
    "sept skt sml st stk str t t.eks tab tlf tr u udg vedr vha vs årg".split()
)
_END = re.compile(r"[.!?…]+[)\]”“\"’»]*[⁰¹²³⁴-⁹]*(?=\s+[\"”“»(]?[A-ZÆØÅ0-9•–-])")
_LAST_WORD = re.compile(r"[\w.]*$")
_LONGEST_WORD = 20


def sentence_ends(text: str) -> list[int]:
    """Return the offsets just after each sentence of ``text``; the last is ``len(text)``.

    A full stop after an abbreviation, an ordinal number ("3. maj") or a single letter ends nothing.
    """
    ends: list[int] = []
    for match in _END.finditer(text):
        if match.group().startswith(".") and match.group().rstrip(')]”“"’»') == ".":
            word = _LAST_WORD.search(text, max(0, match.start() - _LONGEST_WORD), match.start())
            last = word.group().lower().rstrip(".") if word else ""
            if last in _ABBREVIATIONS or last.isdigit() or len(last) == 1:
                continue
        ends.append(match.end())
    if not ends or ends[-1] < len(text):
        ends.append(len(text))
    return ends
