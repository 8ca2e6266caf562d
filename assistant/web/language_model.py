"""The page "Indstillinger": which language model answers, where it stands, and whether it can be reached."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import streamlit as st

from assistant.errors import AssistantError, SettingsError
from assistant.settings import LlmSettings, load_settings
from assistant.web import access, metrics
from assistant.web.access import Role
from assistant.web.markup import EMPTY, Html, foreign, join, show, tag
from assistant.web.shell import unexpected

if TYPE_CHECKING:
    from assistant.answering.choice import Choice
    from assistant.llm.base import LanguageModel, Location
    from assistant.llm.steady import SteadyModel
    from assistant.pipeline import Assistant

TITLE: Final = "Indstillinger"

_SENT = "Spørgsmål og kilder sendes til den; CPR-numre, e-mailadresser og telefonnumre skjules først."
_PLACES: Final[dict[Location, str]] = {
    "this machine": " står på denne maskine. Intet forlader den.",
    "own organisation": f" står i organisationen. {_SENT}",
    "outside": f" står uden for organisationen. {_SENT}",
}
_LASTING = (
    "Valget gælder for alle, indtil programmet startes igen. Skriv det i assistant.toml for at beholde det."
)
_KEY_ONLY_THERE = (
    "En nøgle kan kun sættes i miljøvariablen ASSISTANT_LLM__API_KEY. Den vises aldrig her og sendes kun til den "
    "server, der står i programmets egne indstillinger."
)
_FILES = (
    "En model i en GGUF-fil, der regnes i programmet selv, vælges i assistant.toml (llm.model_path) og ikke her: Mens "
    "filen indlæses, står siden stille for alle, og fylder den mere end maskinens hukommelse, stopper programmet."
)
_NOT_ALLOWED = "Kun administratorer kan vælge sprogmodel. Spørg den, der driver siden."
_TRIED = "language-model-tried"
_ADDRESS, _MODEL = "language-model-address", "language-model-name"


@dataclass(frozen=True, slots=True)
class _Tried:
    """How the last try went."""

    message: str
    well: bool
    said: str = ""


def draw(assistant: Assistant) -> None:
    """Draw the page."""
    show(tag("h1", TITLE))
    show(tag("h2", "Hvem skriver svarene"))
    show(current(assistant.writing.choice))
    if not access.may(Role.ADMINISTER):
        show(tag("p", _NOT_ALLOWED, class_="notice"))
        return
    _draw_switch(assistant)
    _draw_form(assistant)


def current(choice: Choice) -> Html:
    """Return who answers now, and where a chosen model stands."""
    model = choice.model
    if model is None or choice.answerer != "llm":
        lines = [tag("p", tag("strong", "Ordrette citater."), " Ingen sprogmodel skriver med.")]
        if model is not None:
            lines.append(tag("p", "Sprogmodellen ", foreign(model.name), " står klar, men bruges ikke."))
    else:
        lines = [tag("p", tag("strong", "Sprogmodellen ", foreign(model.name)), " skriver svarene.")]
    if model is not None:
        lines.append(_where(model))
    return tag("section", *lines, class_="notice note", aria_label="Nuværende valg")


def requested(configured: LlmSettings, address: str, model: str) -> LlmSettings:
    """Return the settings of a model that was typed in.

    The key goes only where the program's own settings send it: whoever types another address must not
    get it.

    Raises:
        SettingsError: something is missing, or the address leads outside and that is not allowed.
    """
    address, model = address.strip(), model.strip()
    if not address or not model:
        raise SettingsError("Skriv både serverens adresse og modellens navn.")
    from assistant.llm.endpoints import endpoint

    where = endpoint(address, configured.own_hosts)
    if where.location != "this machine" and not configured.outside:
        raise SettingsError(
            f"Serveren på {where.server} står uden for denne maskine, og kald ud af den er slået fra "
            "(llm.outside). Vælg en server på denne maskine."
        )
    key = configured.api_key if _origin(address) == _origin(configured.base_url) else ""
    return replace(configured, base_url=address, model=model, model_path="", api_key=key)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address.strip())
    return parts.scheme.lower(), parts.netloc.lower()


def _where(model: LanguageModel) -> Html:
    place = _PLACES[model.location]
    if not model.server:
        return EMPTY
    return tag("p", "Serveren ", tag("strong", foreign(model.server)), place)


def _draw_switch(assistant: Assistant) -> None:
    choice = assistant.writing.choice
    if choice.model is None:
        return
    if choice.answerer == "llm":
        st.button("Brug ordrette citater", key="use-extractive", on_click=_use_extractive, args=(assistant,))
    else:
        st.button("Lad sprogmodellen svare", key="use-model", on_click=_use_model, args=(assistant,))


def _draw_form(assistant: Assistant) -> None:
    configured = load_settings().llm
    show(tag("h2", "Brug en sprogmodel"))
    show(
        tag(
            "p",
            "Enhver server, der taler OpenAI-protokollen, kan bruges: llama.cpp, Ollama, vLLM og LM Studio på denne "
            "maskine, eller en tjeneste. Svarets sætninger holdes op mod kilderne, før de vises som verificeret.",
            class_="muted",
        )
    )
    with st.form("language-model"):
        address = st.text_input(
            "Serverens adresse",
            value=configured.base_url,
            key=_ADDRESS,
            placeholder="http://127.0.0.1:8080/v1",
            autocomplete="off",
        )
        model = st.text_input(
            "Modellens navn",
            value=configured.model,
            key=_MODEL,
            placeholder="gemma-3-4b-it",
            autocomplete="off",
        )
        left, right = st.columns(2)
        tried = left.form_submit_button("Prøv forbindelsen", width="stretch")
        used = right.form_submit_button("Brug sprogmodellen", type="primary", width="stretch")
    if tried or used:
        _try(assistant, address, model, use=used)
    outcome = st.session_state.pop(_TRIED, None)
    if isinstance(outcome, _Tried):
        show(_outcome(outcome))
    show(tag("p", _LASTING, class_="muted"))
    show(tag("p", _FILES, class_="muted"))
    show(tag("p", _key_line(configured), " ", _KEY_ONLY_THERE, class_="muted"))


def _key_line(configured: LlmSettings) -> str:
    return "Der er sat en nøgle." if configured.api_key else "Der er ikke sat nogen nøgle."


def _outcome(outcome: _Tried) -> Html:
    said = join(" Den svarede: »", foreign(outcome.said), "«") if outcome.said else EMPTY
    if outcome.well:
        return tag(
            "p", tag("strong", "Forbindelsen virker. "), outcome.message, said, class_="notice", role="status"
        )
    return tag(
        "p", tag("strong", "Forbindelsen virker ikke. "), outcome.message, class_="error", role="alert"
    )


def _try(assistant: Assistant, address: str, name: str, *, use: bool) -> None:
    """Try a model that was typed in, and let it answer from now on if ``use`` and it can be reached."""
    from assistant.answering.choice import Choice
    from assistant.factory import open_language_model, writing_limits

    try:
        access.demand(Role.ADMINISTER)
        wanted = requested(load_settings().llm, address, name)
        model = open_language_model(wanted, metrics.shared.model_fault)
        if model is None:
            raise SettingsError("Skriv både serverens adresse og modellens navn.")
        with st.spinner("Prøver forbindelsen …"):
            outcome = _checked(model, wanted)
        if use:
            assistant.writing.use(Choice(model, "llm", writing_limits(wanted)))
    except AssistantError as error:
        outcome = _Tried(str(error), well=False)
    except Exception as error:
        outcome = _Tried(unexpected("Uventet fejl, da forbindelsen blev prøvet", error), well=False)
    st.session_state[_TRIED] = outcome
    if use and outcome.well:
        st.rerun()


def _checked(model: SteadyModel, wanted: LlmSettings) -> _Tried:
    from assistant.llm.base import Deadline

    check = model.check(Deadline(wanted.first_text_seconds, wanted.answer_seconds))
    seconds = f"{check.seconds:.1f}".replace(".", ",")
    return _Tried(
        f"Modellen på {model.server} svarede efter {seconds} sekunder.", well=True, said=check.text[:_SHOWN]
    )


_SHOWN = 120


def _use_extractive(assistant: Assistant) -> None:
    access.demand(Role.ADMINISTER)
    assistant.writing.answer_with("extractive")


def _use_model(assistant: Assistant) -> None:
    access.demand(Role.ADMINISTER)
    assistant.writing.answer_with("llm")
