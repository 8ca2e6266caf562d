"""What can go wrong in a call of a language model, each in one Danish line that may be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from assistant.errors import ModelError

FaultKind = Literal[
    "unreachable",
    "untrusted",
    "unauthorised",
    "unknown_model",
    "redirected",
    "rejected",
    "busy",
    "failed",
    "slow",
    "late",
    "stalled",
    "cut",
    "garbled",
    "empty",
    "too_long",
    "prompt_too_long",
    "filtered",
    "forbidden",
    "paused",
    "loading",
    "unusable_file",
]

FaultObserver = Callable[[FaultKind], None]
"""Told of every call that failed, from the thread that made it. It must not fail or wait."""

_LINES: dict[FaultKind, str] = {
    "unreachable": "Sprogmodellens server på {server} kan ikke nås. Start den, eller ret llm.base_url.",
    "untrusted": "Certifikatet på {server} kan ikke godkendes. Ret llm.base_url, eller installér udstederens "
    "certifikat på maskinen.",
    "unauthorised": "Sprogmodellens server på {server} afviste nøglen (fejl {status}). Ret ASSISTANT_LLM__API_KEY.",
    "unknown_model": "Serveren på {server} kender ikke »{model}« (fejl {status}). Ret llm.model eller llm.base_url.",
    "redirected": "Serveren på {server} viser videre til en anden adresse, og den følges ikke. Ret llm.base_url.",
    "rejected": "Sprogmodellens server på {server} afviste kaldet (fejl {status}).",
    "busy": "Sprogmodellens server på {server} har for travlt (fejl {status}).",
    "failed": "Sprogmodellens server på {server} meldte om en fejl hos sig selv (fejl {status}).",
    "slow": "Sprogmodellen begyndte ikke at svare inden for {seconds} sekunder.",
    "late": "Sprogmodellen blev ikke færdig inden for {seconds} sekunder.",
    "stalled": "Sprogmodellen gik i stå midt i svaret.",
    "cut": "Forbindelsen til sprogmodellen på {server} blev afbrudt.",
    "garbled": "Sprogmodellens server på {server} sendte noget, der ikke kan læses som et svar.",
    "empty": "Sprogmodellen svarede ikke noget.",
    "too_long": "Sprogmodellens svar blev længere end de {tokens} tokens, der er plads til (llm.answer_tokens).",
    "prompt_too_long": "Spørgsmål og kilder er længere, end modellen kan læse. Sæt llm.window til modellens vindue.",
    "filtered": "Tjenesten bag sprogmodellen ville ikke svare på spørgsmålet.",
    "forbidden": "Serveren på {server} står uden for denne maskine, og kald ud af den er slået fra (llm.outside).",
    "paused": "Sprogmodellen er sat på pause efter gentagne fejl og prøves igen om {seconds} sekunder. {last}",
    "loading": "Sprogmodellen er ved at blive indlæst. Prøv igen om lidt.",
    "unusable_file": "Filen {server} kan ikke bruges som sprogmodel. Ret llm.model_path, så den peger på en GGUF-fil.",
}
_PERMANENT = frozenset(
    {
        "untrusted",
        "unauthorised",
        "unknown_model",
        "redirected",
        "prompt_too_long",
        "forbidden",
        "unusable_file",
    }
)
_PASSING = frozenset({"busy", "failed", "cut"})
_NOT_THE_SERVER = frozenset({"too_long", "prompt_too_long", "filtered", "forbidden", "loading", "paused"})


class ModelFault(ModelError):
    """A call that gave no answer; its message is one Danish line."""

    def __init__(self, kind: FaultKind, *, wait: float | None = None, **facts: object) -> None:
        """Say what happened.

        Args:
            kind: what happened.
            wait: seconds that the server asked to be left alone for.
            facts: what the line of ``kind`` names: server, status, model, seconds, tokens, last.
        """
        super().__init__(_LINES[kind].format(**facts).strip())
        self.kind = kind
        self.wait = wait

    @property
    def permanent(self) -> bool:
        """Whether only a change of the settings helps."""
        return self.kind in _PERMANENT

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed a moment later."""
        return self.kind in _PASSING

    @property
    def of_server(self) -> bool:
        """Whether it says that the server is in trouble, rather than something about this question."""
        return self.kind not in _NOT_THE_SERVER
