"""Which sentences claim something, and so must be held against what they cite."""

from __future__ import annotations

import re

from assistant.verifying import wording
from assistant.verifying.measure import particulars
from assistant.verifying.reading import Reading

# "Nej." after a question is the whole answer.
_VERDICT = re.compile(
    r"^\W*(?:ja|jo|nej|korrekt|rigtigt|forkert|sandt|falsk|yes|no|true|false)\b", re.IGNORECASE
)


def claims_nothing(reading: Reading, text: str) -> bool:
    """Whether a sentence is only a greeting, a transition or a question back.

    Where in doubt it claims: a sentence that is held against nothing is shown without a state.
    """
    if _VERDICT.match(text) or particulars(reading):
        return False
    if reading.asks and all(reading.asks):
        return True
    return all(token.stem in wording.META or token.lower in wording.META for token in reading.content)
