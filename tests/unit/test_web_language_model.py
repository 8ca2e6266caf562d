"""The page "Indstillinger": what is refused, where a key may go, and who may choose."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from assistant.answering.choice import Choice, Writing
from assistant.errors import AccessDenied, SettingsError
from assistant.settings import LlmSettings
from assistant.web import access, language_model
from assistant.web.language_model import current, requested
from tests.support.language_models import ScriptedModel
from tests.support.model_server import Reply, serving

KEY = "sk-må-aldrig-ses"
CONFIGURED = LlmSettings(base_url="https://tjeneste.example.dk/v1", model="stor", api_key=KEY)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8080/v1",
        "https://fremmed.example.dk/v1",
        "https://tjeneste.example.dk:444/v1",
        "http://localhost/v1",
    ],
)
def test_a_key_is_sent_to_no_other_server_than_the_configured_one(address: str) -> None:
    assert requested(CONFIGURED, address, "lille").api_key == ""


def test_a_key_goes_to_the_configured_server_with_whatever_model() -> None:
    assert requested(CONFIGURED, " https://tjeneste.example.dk/v1 ", "mellem").api_key == KEY


def test_without_a_configured_server_no_address_gets_the_key() -> None:
    assert requested(LlmSettings(api_key=KEY), "https://tjeneste.example.dk/v1", "stor").api_key == ""


@pytest.mark.parametrize(
    ("address", "model", "message"),
    [
        ("", "lille", "Skriv både"),
        ("http://127.0.0.1:8080/v1", " ", "Skriv både"),
        ("https://fremmed.example.dk/v1", "lille", "llm.outside"),
        ("http://192.168.1.4:8080/v1", "lille", "llm.outside"),
        ("javascript:alert(1)", "lille", "ikke en adresse"),
    ],
)
def test_what_cannot_be_used_is_refused(address: str, model: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        requested(LlmSettings(outside=False), address, model)


def test_a_server_on_this_machine_may_be_used_where_calls_out_of_it_are_forbidden() -> None:
    assert requested(LlmSettings(outside=False), "http://127.0.0.1:8080/v1", "lille").model == "lille"


def test_it_says_who_answers_and_where_the_server_stands() -> None:
    model = ScriptedModel(location="outside")

    assert "Ordrette citater." in current(Choice()).source
    assert "står klar, men bruges ikke" in current(Choice(model)).source
    writing = current(Choice(model, "llm")).source
    assert "skriver svarene" in writing
    assert "uden for organisationen" in writing
    assert "skjules først" in writing


def test_a_hostile_name_of_a_model_is_text() -> None:
    model = ScriptedModel()
    model.name = "<script>overtaget</script>"

    assert "<script>" not in current(Choice(model, "llm")).source


class _Assistant:
    def __init__(self) -> None:
        self.writing = Writing()


@pytest.fixture
def assistant() -> _Assistant:
    return _Assistant()


@pytest.fixture
def page(assistant: _Assistant, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Return a function that draws the page."""
    world = types.ModuleType("settings_world")
    world.assistant = assistant  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "settings_world", world)

    def script() -> None:
        import settings_world

        from assistant.web import language_model

        language_model.draw(settings_world.assistant)

    return lambda: AppTest.from_function(script, default_timeout=30).run()


def shown(page: AppTest) -> str:
    return "\n".join(element.proto.body for element in page.get("html"))


def test_whoever_is_no_administrator_sees_and_does_nothing(
    page: Callable[[], AppTest], assistant: _Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "may", lambda role: False)
    drawn = page()

    assert "Kun administratorer" in shown(drawn)
    assert not drawn.button
    assert not drawn.text_input
    with pytest.raises(AccessDenied):
        language_model._use_extractive(assistant)  # type: ignore[arg-type]


def test_a_model_that_answers_is_taken_up_and_left(
    page: Callable[[], AppTest], assistant: _Assistant
) -> None:
    with serving(Reply(("ja",))) as server:
        drawn = page()
        drawn.text_input[0].set_value(server.url)
        drawn.text_input[1].set_value("lille")
        _press(drawn, "Brug sprogmodellen")

        assert assistant.writing.choice.answerer == "llm"
        assert "Forbindelsen virker." in shown(drawn)
        assert "Den svarede: »<bdi>ja</bdi>«" in shown(drawn)
        _press(drawn, "Brug ordrette citater")
    assert assistant.writing.choice.answerer == "extractive"


def test_a_model_that_refuses_is_not_taken_up(page: Callable[[], AppTest], assistant: _Assistant) -> None:
    with serving(Reply(status=401, error="no")) as server:
        drawn = page()
        drawn.text_input[0].set_value(server.url)
        drawn.text_input[1].set_value("lille")
        _press(drawn, "Brug sprogmodellen")

    assert "afviste nøglen" in shown(drawn)
    assert assistant.writing.choice.model is None


def test_a_key_is_never_drawn(page: Callable[[], AppTest], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_LLM__API_KEY", KEY)
    drawn = page()

    assert "Der er sat en nøgle." in shown(drawn)
    assert KEY not in shown(drawn) + str(drawn.text_input)


def _press(page: AppTest, label: str) -> Any:
    next(each for each in page.button if each.label == label).click()
    return page.run()
