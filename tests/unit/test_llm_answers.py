"""A model's answer is verified as it comes; where it fails, the extractive answer takes its place."""

from __future__ import annotations

import importlib
import re
import time

import pytest
from llm_world import DIKE, DOCUMENTS, EXTRACTIVE, LIMITS, blocks, deltas, ranked, verbatim, written

from assistant.answering.base import Draft, WritingLimits
from assistant.answering.rendering import plain_text
from assistant.answering.written import INSTEAD, NOTHING_VERIFIED, UNEXPECTED, LlmAnswerer
from assistant.errors import MissingExtra
from assistant.llm.endpoints import endpoint
from assistant.llm.faults import ModelFault
from assistant.llm.server import ServerModel
from assistant.llm.steady import SteadyModel
from assistant.records import Block, Citation, Delta, Span
from tests.support.language_models import ScriptedModel
from tests.support.model_server import Reply, event, serving, words

TWO = ("Diget skal være tre ", "meter højt [1]. Stranden ", "renses hver uge [2].")


@pytest.fixture(autouse=True, scope="module")
def _client_is_loaded() -> None:
    """Importing it takes longer than some of the deadlines here."""
    importlib.import_module("openai")


# --- an answer ------------------------------------------------------------------------------------


def test_a_verified_answer_is_the_models_own_with_its_name_on_it() -> None:
    _, draft = written(ScriptedModel([DIKE]))

    (block,) = draft.blocks
    assert (block.kind, block.state) == ("text", "verified")
    assert draft.supported
    assert draft.mode == "skuespiller"
    assert draft.notices == ()
    assert [c.passage.text for c in draft.citations] == ["Diget skal være tre meter højt"]
    assert all(c.verified for c in draft.citations)


def test_text_is_given_out_as_it_comes_before_the_answer_is_whole() -> None:
    answerer = LlmAnswerer(ScriptedModel([*TWO, ModelFault("stalled")]), EXTRACTIVE, LIMITS)
    parts = answerer.answer(ranked(), DOCUMENTS)

    assert next(parts) == Delta("Diget skal være tre ")


def test_a_sentence_settles_while_the_next_one_is_written() -> None:
    parts, draft = written(ScriptedModel(TWO))

    kinds = ["block" if isinstance(part, Block) else part.text for part in parts]
    assert kinds == [
        "Diget skal være tre ",
        "meter højt [1]. Stranden ",
        "block",
        " Stranden ",
        "renses hver uge [2].",
        "block",
    ]
    assert blocks(parts) == draft.blocks
    assert [b.text for b in draft.blocks] == ["Diget skal være tre meter højt.", "Stranden renses hver uge."]


def test_a_page_that_shows_blocks_and_the_text_since_the_last_shows_all_that_was_written() -> None:
    pieces = words(
        "Diget skal være tre meter højt [1]. Stranden renses hver uge [2].\n\nHavnen er åben [3]. Ja."
    )
    parts, _ = written(ScriptedModel(pieces))
    pending, settled = "", 0
    for part in parts:
        pending = "" if isinstance(part, Block) else pending + part.text
        settled += isinstance(part, Block)
        assert not (settled and "Diget" in pending), "what is settled is not shown twice"
    assert settled == 4


def test_what_a_model_thinks_aloud_is_not_its_answer() -> None:
    parts, draft = written(ScriptedModel(["<thi", "nk>Hm, kilde 2?", "</think>\n\n", DIKE]))

    assert deltas(parts) == [DIKE]
    assert [b.text for b in draft.blocks] == ["Diget skal være tre meter højt."]


def test_an_angle_bracket_is_not_a_thought() -> None:
    parts, _ = written(ScriptedModel(["<", "3 ", DIKE]))

    assert "".join(deltas(parts)).startswith("<3 ")


# --- when the documents do not answer -------------------------------------------------------------


def test_where_the_extractive_answer_abstains_the_model_is_not_called() -> None:
    model = ScriptedModel([DIKE])
    ranking = ranked(confidence=0.1)
    parts, draft = written(model, ranking)

    assert model.asked == 0
    assert not draft.supported
    assert draft.mode == "extractive"
    assert draft.blocks == verbatim(ranking).blocks == tuple(parts)


# --- when the model fails -------------------------------------------------------------------------


def is_fallback(draft: Draft, reason: str) -> None:
    """The extractive answer, and one line about why."""
    plain = verbatim(ranked())
    assert draft.blocks == plain.blocks
    assert draft.citations == plain.citations
    assert draft.supported
    assert draft.mode == "extractive"
    (line,) = draft.notices
    assert re.search(reason, line)
    assert line.endswith(INSTEAD)
    assert "\n" not in line


@pytest.mark.parametrize(
    "text",
    [
        "Diget skal være ni meter højt [1].",
        "Skibet sejler i morgen.",
        "Det fremgår ikke af kilderne.",
        "Diget er fint [99].",
        "!!!",
    ],
)
def test_an_answer_of_which_nothing_is_verified_gives_way(text: str) -> None:
    _, draft = written(ScriptedModel([text]))

    is_fallback(draft, NOTHING_VERIFIED)


def test_what_is_not_verified_is_kept_and_marked_beside_what_is() -> None:
    _, draft = written(ScriptedModel([DIKE, " Skibet sejler til Norge i morgen."]))

    assert [b.state for b in draft.blocks] == ["verified", "unverified"]
    text = plain_text(draft.blocks, draft.citations)
    assert text.startswith("Diget skal være tre meter højt [1]. Skibet sejler til Norge i morgen")
    assert text.count("[ikke verificeret]") == 1
    assert draft.notices


def test_a_fault_before_any_text_gives_the_extractive_answer_as_if_nothing_had_been() -> None:
    parts, draft = written(ScriptedModel([ModelFault("failed", server="x", status=500)]))

    assert blocks(parts) == draft.blocks
    assert not deltas(parts)
    is_fallback(draft, "fejl 500")


def test_a_fault_in_the_middle_gives_the_whole_extractive_answer() -> None:
    parts, draft = written(ScriptedModel([*TWO[:2], ModelFault("cut", server="x")]))

    assert deltas(parts)
    assert not [b for b in blocks(parts) if b.kind != "text"], "blocks of two answers are never mixed"
    is_fallback(draft, "afbrudt")


@pytest.mark.parametrize("pieces", [[], ["", " ", "\n"], ["<think>hm"], ["<think>hm</think>"]])
def test_no_answer_at_all_is_a_fault(pieces: list[str]) -> None:
    _, draft = written(ScriptedModel(pieces))

    is_fallback(draft, "svarede ikke noget")


def test_a_missing_package_names_the_command_and_costs_only_the_model() -> None:
    _, draft = written(ScriptedModel([MissingExtra("Installér den med »pip install x«.")]))

    is_fallback(draft, "»pip install x«")


def test_a_mistake_of_our_own_costs_only_the_model(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: object) -> list[str]:
        raise ZeroDivisionError

    _, draft = written(ScriptedModel(broken))

    is_fallback(draft, UNEXPECTED)
    assert "ZeroDivisionError" in caplog.text


# --- every fault of a server, streaming and not ---------------------------------------------------

LATE = 20.0
SLOW = WritingLimits(first_text_seconds=0.5, answer_seconds=1.5, answer_tokens=100)

FAULTS = {
    "401": (Reply(status=401), "ASSISTANT_LLM__API_KEY"),
    "404": (Reply(status=404), "llm.model"),
    "429": (Reply(status=429), "for travlt"),
    "429 with Retry-After": (Reply(status=429, headers={"Retry-After": "60"}), "for travlt"),
    "500": (Reply(status=500), "fejl 500"),
    "cut in the middle": (Reply(words(DIKE), cut=True), "afbrudt"),
    "malformed chunk": (Reply((DIKE, b"data: {x\n\n")), "kan læses"),
    "malformed from the first": (Reply((b"data: {x\n\n",)), "kan læses"),
    "choices that are none": (Reply((event({"content": [1]}),)), "kan læses"),
    "empty": (Reply(()), "ikke noget"),
    "past the token limit": (Reply((DIKE,), finish="length"), "100 tokens"),
    "past the token limit without an end": (Reply(("bla " * 100,) * 100), "100 tokens"),
    "500, not streamed": (Reply(status=500, whole=True), "fejl 500"),
    "cut, not streamed": (Reply((DIKE,), whole=True, cut=True), "afbrudt"),
    "malformed, not streamed": (Reply((b"{x",), whole=True), "kan læses"),
    "empty, not streamed": (Reply((), whole=True), "ikke noget"),
    "past the token limit, not streamed": (Reply((DIKE,), whole=True, finish="length"), "100 tokens"),
}
# On a busy machine even the first word may be late.
STALLS = {
    "no text in time": (Reply((DIKE,), before=LATE), "begyndte ikke"),
    "pings without text": (Reply((b": ping\n\n",) * 400, between=0.05), "begyndte ikke"),
    "no answer in time, not streamed": (Reply((DIKE,), whole=True, before=LATE), "begyndte ikke"),
    "a stall": (Reply(words(DIKE), between=LATE), "gik i stå|begyndte ikke"),
    "no end": (Reply(("bla ",) * 4000, between=0.05), "blev ikke færdig|begyndte ikke"),
}


def behind(reply: Reply, limits: WritingLimits) -> Draft:
    with serving(reply) as server:
        return written(SteadyModel(ServerModel(endpoint(server.url), "lille")), limits=limits)[1]


@pytest.mark.parametrize(("reply", "said"), FAULTS.values(), ids=FAULTS)
def test_every_fault_of_a_server_gives_the_extractive_answer_and_says_why(reply: Reply, said: str) -> None:
    is_fallback(behind(reply, LIMITS), said)


@pytest.mark.parametrize(("reply", "said"), STALLS.values(), ids=STALLS)
def test_whatever_a_server_delays_the_extractive_answer_comes_within_the_deadline(
    reply: Reply, said: str
) -> None:
    started = time.monotonic()
    draft = behind(reply, SLOW)

    is_fallback(draft, said)
    assert time.monotonic() - started < LATE / 2, "the deadline, and a busy machine"


def test_a_refused_connection_gives_the_extractive_answer() -> None:
    with serving(Reply()) as server:
        url = server.url
    _, draft = written(SteadyModel(ServerModel(endpoint(url), "lille")))

    is_fallback(draft, "kan ikke nås")


def test_a_server_that_recovers_answers_again() -> None:
    with serving(Reply(status=401), Reply(words(DIKE))) as server:
        model = SteadyModel(ServerModel(endpoint(server.url), "lille"))
        _, first = written(model)
        _, second = written(model)

    assert first.mode == "extractive"
    assert second.mode == "lille"


def test_text_that_was_shown_is_never_asked_for_again() -> None:
    with serving(Reply(words(DIKE), cut=True), Reply(words(DIKE))) as server:
        written(SteadyModel(ServerModel(endpoint(server.url), "lille")))
        assert len(server.chats) == 1

    with serving(Reply((), cut=True), Reply(words(DIKE))) as server:
        _, draft = written(SteadyModel(ServerModel(endpoint(server.url), "lille")))
        assert len(server.chats) == 2
    assert draft.mode == "lille"


# --- privacy --------------------------------------------------------------------------------------

ASKED = "Hvor højt skal diget være? Svar til mig på jens@firma.dk eller 33 92 33 33, cpr 010190-1234"


def test_the_user_is_told_what_was_masked_before_a_call_left() -> None:
    model = ScriptedModel([DIKE], location="outside")
    _, draft = written(model, ranked(question=ASKED, history=("Hvem er 020290 4321?",)))

    (line,) = draft.notices
    assert "CPR-numre, e-mailadresser og telefonnumre skjult" in line
    assert model.server in line


def test_nothing_is_told_where_nothing_was_masked_or_nothing_left() -> None:
    assert written(ScriptedModel([DIKE], location="outside"))[1].notices == ()
    assert written(ScriptedModel([DIKE]), ranked(question=ASKED))[1].notices == ()


# --- as text --------------------------------------------------------------------------------------


def cited(marker: int) -> Citation:
    return Citation(marker, verbatim(ranked()).citations[0].passage, "x", Span(0, 1), True)


def test_sentences_run_on_within_a_paragraph_and_markers_stand_before_the_full_stop() -> None:
    shown = plain_text(
        (
            Block("text", "Diget er højt.", cites=(0, 1), state="verified", opens=True),
            Block("text", "Havnen er »åben.«", cites=(1,), state="verified"),
            Block("text", "Ulven er blå!", state="unverified", opens=True),
            Block("text", "Kort sagt:"),
            Block("text", "Uden punktum", cites=(0,), state="unverified", opens=True),
        ),
        (cited(1), cited(4)),
    )

    assert shown == (
        "Diget er højt [1, 4]. Havnen er »åben [4].«\n"
        "Ulven er blå [ikke verificeret]! Kort sagt:\n"
        "Uden punktum [1] [ikke verificeret]"
    )
