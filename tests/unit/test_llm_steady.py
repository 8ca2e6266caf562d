"""A model in trouble is left alone for a while, and tried again by itself; shown text is never taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from assistant.llm.base import Deadline, Message
from assistant.llm.faults import FaultKind, ModelFault
from assistant.llm.steady import CircuitBreaker, SteadyModel
from tests.support.clocks import Clock
from tests.support.language_models import ScriptedModel

ASKED = (Message("user", "Hvad?"),)
DOWN = ModelFault("unreachable", server="127.0.0.1:9")


def busy(wait: float | None = None) -> ModelFault:
    return ModelFault("busy", wait=wait, server="x", status=429)


def deadline() -> Deadline:
    return Deadline(20, 60)


def steady(
    model: ScriptedModel, *, clock: Clock | None = None, slept: list[float] | None = None
) -> SteadyModel:
    breaker = CircuitBreaker(failures=3, seconds=30, longest=100, clock=clock or Clock())
    return SteadyModel(model, breaker, sleep=(slept if slept is not None else []).append)


def ask(model: SteadyModel) -> str:
    return "".join(model.stream(ASKED, max_tokens=9, deadline=deadline()))


def fails(model: SteadyModel) -> ModelFault:
    with pytest.raises(ModelFault) as caught:
        ask(model)
    return caught.value


# --- once more ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["failed", "cut"])
def test_a_passing_fault_is_tried_once_more(kind: FaultKind) -> None:
    model = ScriptedModel([ModelFault(kind, server="x", status=500)], ["svar"])

    assert ask(steady(model)) == "svar"
    assert model.asked == 2


def test_it_is_tried_only_once_more() -> None:
    model = ScriptedModel([busy()], [busy()], ["svar"])

    assert fails(steady(model)).kind == "busy"
    assert model.asked == 2


def test_a_short_retry_after_is_waited_for_a_long_one_is_not() -> None:
    slept: list[float] = []
    assert ask(steady(ScriptedModel([busy(1.5)], ["svar"]), slept=slept)) == "svar"
    assert slept == [1.5]

    model = ScriptedModel([busy(30)], ["svar"])
    assert fails(steady(model, slept=slept)).wait == 30
    assert model.asked == 1
    assert slept == [1.5]


@pytest.mark.parametrize("kind", ["unreachable", "unauthorised", "unknown_model", "slow", "empty", "garbled"])
def test_what_will_not_pass_in_a_moment_is_not_tried_again(kind: FaultKind) -> None:
    model = ScriptedModel([ModelFault(kind, server="x", status=1, model="m", seconds=1)], ["svar"])

    assert fails(steady(model)).kind == kind
    assert model.asked == 1


def test_nothing_is_tried_again_once_text_has_been_given_out() -> None:
    model = ScriptedModel(["Diget ", ModelFault("cut", server="x")], ["svar"])
    got: list[str] = []
    with pytest.raises(ModelFault):
        got.extend(steady(model).stream(ASKED, max_tokens=9, deadline=deadline()))

    assert model.asked == 1


# --- the circuit breaker --------------------------------------------------------------------------


def broken(clock: Clock, *then: Sequence[str | ModelFault]) -> tuple[SteadyModel, ScriptedModel]:
    """A model that has just failed three times."""
    model = ScriptedModel([DOWN], [DOWN], [DOWN], *then)
    careful = steady(model, clock=clock)
    for _ in range(3):
        assert fails(careful).kind == "unreachable"
    return careful, model


def test_after_repeated_faults_the_model_is_left_alone_and_the_line_says_why() -> None:
    careful, model = broken(Clock(), ["svar"])
    found = fails(careful)

    assert found.kind == "paused"
    assert str(DOWN) in str(found)
    assert "30 sekunder" in str(found)
    assert model.asked == 3


def test_it_comes_back_by_itself() -> None:
    clock = Clock()
    careful, _ = broken(clock, ["svar"], [DOWN], ["igen"])
    clock.now += 30

    assert ask(careful) == "svar"
    assert fails(careful).kind == "unreachable"
    assert ask(careful) == "igen", "one fault after a success is no reason to stop"


def test_a_pause_doubles_while_it_goes_on_but_not_for_ever() -> None:
    clock = Clock()
    careful, model = broken(clock, *([DOWN] for _ in range(5)))
    for pause in (30, 60, 100, 100):
        clock.now += pause - 1
        asked = model.asked
        assert fails(careful).kind == "paused"
        assert model.asked == asked
        clock.now += 1
        assert fails(careful).kind == "unreachable"


def test_after_a_pause_one_call_tries_and_the_others_wait_for_it() -> None:
    clock = Clock()
    careful, _ = broken(clock, ["et ", "svar"], ["to"])
    clock.now += 30
    trying = careful.stream(ASKED, max_tokens=9, deadline=deadline())
    assert next(trying) == "et "
    assert fails(careful).kind == "paused"
    assert "".join(trying) == "svar"
    assert ask(careful) == "to"


def test_a_try_that_nobody_waits_for_leaves_the_way_open() -> None:
    clock = Clock()
    careful, _ = broken(clock, ["et ", "svar"], ["to"])
    clock.now += 30
    trying = careful.stream(ASKED, max_tokens=9, deadline=deadline())
    next(trying)
    assert isinstance(trying, Iterator)
    trying.close()  # type: ignore[attr-defined]

    assert ask(careful) == "to"


def test_the_servers_own_wish_for_rest_is_respected_at_once() -> None:
    clock = Clock()
    careful = steady(ScriptedModel([busy(45)], ["svar"]), clock=clock)
    fails(careful)
    clock.now += 44
    assert fails(careful).kind == "paused"
    clock.now += 1
    assert ask(careful) == "svar"


@pytest.mark.parametrize("kind", ["too_long", "prompt_too_long", "filtered"])
def test_what_lies_in_the_question_does_not_stop_the_next_one(kind: FaultKind) -> None:
    model = ScriptedModel(*([ModelFault(kind, tokens=1)] for _ in range(5)), ["svar"])
    careful = steady(model)
    for _ in range(5):
        assert fails(careful).kind == kind
    assert ask(careful) == "svar"


@pytest.mark.parametrize("kind", ["slow", "late", "stalled"])
def test_too_slow_for_a_call_in_a_hurry_is_not_too_slow_for_an_answer(kind: FaultKind) -> None:
    model = ScriptedModel(*([ModelFault(kind, seconds=4)] for _ in range(5)), [DOWN], [DOWN], ["svar"])
    careful = steady(model)
    for _ in range(5):
        with pytest.raises(ModelFault):
            list(careful.stream(ASKED, max_tokens=9, deadline=Deadline(4, 4, hurried=True)))
    for _ in range(2):
        assert fails(careful).kind == "unreachable"
    assert ask(careful) == "svar"


# --- trying the connection ------------------------------------------------------------------------


def test_a_check_tells_what_was_written_and_ends_a_pause() -> None:
    careful, _ = broken(Clock(), ["ja", ModelFault("too_long", tokens=16)], ["svar"])

    assert careful.check(deadline()).text == "ja"
    assert ask(careful) == "svar"


def test_a_check_says_what_is_wrong() -> None:
    with pytest.raises(ModelFault, match=r"127\.0\.0\.1:9 kan ikke nås"):
        steady(ScriptedModel([DOWN])).check(deadline())


# --- who watches ----------------------------------------------------------------------------------


def test_every_call_that_failed_is_told_by_its_kind_also_one_that_is_tried_again() -> None:
    told: list[FaultKind] = []
    model = SteadyModel(
        ScriptedModel([busy()], ["svar"], [DOWN], [DOWN], [DOWN]), sleep=lambda _: None, fault=told.append
    )

    assert ask(model) == "svar"
    assert told == ["busy"]
    for _ in range(4):
        fails(model)
    assert told[1:] == ["unreachable", "unreachable", "unreachable", "paused"]


def test_the_breaker_says_whether_calls_are_let_through() -> None:
    clock = Clock()
    fresh = steady(ScriptedModel(["svar"]), clock=clock)
    assert fresh.breaker_state == "closed"

    careful, _ = broken(clock, ["svar"])
    assert careful.breaker_state == "open"
    clock.now += 31
    assert careful.breaker_state == "half_open"
    ask(careful)
    assert careful.breaker_state == "closed"
