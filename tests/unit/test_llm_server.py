"""A server is asked politely, believed never, and given up in time, whatever it does."""

from __future__ import annotations

import contextlib
import importlib
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assistant.errors import SettingsError
from assistant.llm.base import Deadline, Location, Message
from assistant.llm.counting import upper_bound
from assistant.llm.endpoints import Endpoint, endpoint
from assistant.llm.faults import ModelFault
from assistant.llm.server import ServerModel
from tests.support.model_server import Call, ModelServer, Reply, event, serving, words

KEY = "hemmelig-nøgle".replace("ø", "o")
ASKED = (Message("system", "Svar på dansk."), Message("user", "Hvor højt er diget?"))
TEXT = "Diget er tre meter højt [1]."
SOON = 0.3
LATE = 20.0
"""Seconds; what takes so long in a test is never waited for."""


def at(server: ModelServer, location: Location = "this machine", **facts: object) -> ServerModel:
    """A model at the server, which may pass for one that stands elsewhere."""
    where = replace(endpoint(server.url), location=location)
    return ServerModel(where, "lille", **facts)  # type: ignore[arg-type]


def told(model: ServerModel, *, first: float = 30.0, whole: float = 60.0, max_tokens: int = 50) -> list[str]:
    return list(model.stream(ASKED, max_tokens=max_tokens, deadline=Deadline(first, whole)))


def fault(reply: Reply, *, first: float = 30.0, whole: float = 60.0, max_tokens: int = 50) -> ModelFault:
    """What a reply is called."""
    with serving(reply) as server, pytest.raises(ModelFault) as caught:
        told(at(server, api_key=KEY), first=first, whole=whole, max_tokens=max_tokens)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    return caught.value


@pytest.fixture(autouse=True, scope="module")
def _client_is_loaded() -> None:
    """Importing it takes longer than some of the deadlines here."""
    importlib.import_module("openai")


# --- an answer ------------------------------------------------------------------------------------


def test_an_answer_comes_in_the_pieces_that_it_was_written_in() -> None:
    with serving(Reply(words(TEXT))) as server:
        assert told(at(server)) == list(words(TEXT))


def test_a_server_that_does_not_stream_is_understood_too() -> None:
    with serving(Reply((TEXT,), whole=True)) as server:
        assert "".join(told(at(server))) == TEXT


def test_the_first_text_does_not_wait_for_the_whole() -> None:
    with serving(Reply(words(TEXT), between=0.05)) as server:
        texts = at(server).stream(ASKED, max_tokens=50, deadline=Deadline(30, 60))
        first = next(texts)
        assert first == "Diget "
        assert not server.broken.is_set()
        assert first + "".join(texts) == TEXT


def test_the_call_says_what_is_wanted() -> None:
    with serving(Reply((TEXT,))) as server:
        told(at(server, api_key=KEY), max_tokens=77)
    (call,) = server.chats

    assert call.body["model"] == "lille"
    assert call.body["max_tokens"] == 77
    assert call.body["messages"] == [{"role": m.role, "content": m.content} for m in ASKED]
    assert call.headers["authorization"] == f"Bearer {KEY}"


def test_chunks_without_text_are_passed_over() -> None:
    usage = b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n'
    thought = event({"reasoning_content": "hm"})
    ping = b": ping\n\n"
    with serving(
        Reply((event({"role": "assistant", "content": None}), ping, thought, TEXT, usage))
    ) as server:
        assert "".join(told(at(server))) == TEXT


@pytest.mark.parametrize(
    ("refused", "before", "after"),
    [
        ("Use 'max_completion_tokens' instead of 'max_tokens'.", "max_tokens", "max_completion_tokens"),
        ("'temperature' does not support 0 with this model.", "temperature", None),
    ],
)
def test_a_model_that_takes_a_setting_by_another_name_gets_it(
    refused: str, before: str, after: str | None
) -> None:
    with serving(Reply(status=400, error=refused), Reply((TEXT,))) as server:
        model = at(server)
        assert "".join(told(model)) == TEXT
        assert "".join(told(model)) == TEXT
    first, *others = server.chats

    assert before in first.body
    assert len(others) == 2
    assert all(before not in call.body for call in others)
    assert after is None or all(after in call.body for call in others)


# --- what a call says about us --------------------------------------------------------------------


def test_nothing_of_the_environment_goes_with_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "fra-miljoet")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Extra: fra-miljoet")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(Reply((TEXT,)), beside={"/tokenize": {"tokens": [1, 2, 3]}}) as server:
        model = at(server)
        assert "".join(told(model)) == TEXT
        assert model.count_tokens("tre små tal", Deadline(30, 60)) == 3

    for call in server.calls:
        assert "fra-miljoet" not in str(call)
        assert "authorization" not in call.headers
        assert not [name for name in call.headers if name.startswith(("x-", "openai-"))]


def test_the_key_is_shown_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = Reply(status=401, error=f"Incorrect API key provided: {KEY}")
    with serving(Reply((TEXT,)), echo) as server:
        model = at(server, api_key=KEY)
        told(model)
        with pytest.raises(ModelFault) as caught:
            told(model)

    assert KEY not in repr(model) + str(model) + repr(caught.value) + str(caught.value)
    assert KEY not in repr(caught.value.__cause__)
    assert KEY not in caplog.text
    assert "Hvor højt er diget" not in caplog.text


@pytest.mark.parametrize("key", ["to ord", "linje\nskift", "hæmmelig"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_repeated(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ServerModel(Endpoint("http://127.0.0.1:1/v1", "x", "this machine"), "lille", api_key=key)

    assert "ASSISTANT_LLM__API_KEY" in str(caught.value)
    assert key not in str(caught.value)


# --- what leaves the machine ----------------------------------------------------------------------

PRIVATE = "Skriv til jens@firma.dk eller 33 92 33 33 om 010190-1234."


@pytest.mark.parametrize("location", ["own organisation", "outside"])
def test_all_that_leaves_the_machine_is_masked(location: Location) -> None:
    with serving(Reply((TEXT,)), beside={"/tokenize": {"tokens": [1]}}) as server:
        model = at(server, location)
        list(model.stream((Message("user", PRIVATE),), max_tokens=9, deadline=Deadline(30, 60)))
        model.count_tokens(PRIVATE, Deadline(30, 60))

    assert server.prompt() == "Skriv til [e-mailadresse] eller [telefonnummer] om [CPR-nummer]."
    assert "jens@" not in str(server.calls)
    assert "010190" not in str(server.calls)


def test_on_this_machine_nothing_needs_masking() -> None:
    with serving(Reply((TEXT,))) as server:
        list(at(server).stream((Message("user", PRIVATE),), max_tokens=9, deadline=Deadline(30, 60)))

    assert server.prompt() == PRIVATE


def test_a_model_outside_is_asked_nothing_but_the_answer() -> None:
    with serving(Reply((TEXT,)), beside={"/tokenize": {"tokens": [1]}}) as server:
        model = at(server, "outside", window=4000)
        assert model.window(Deadline(30, 60)) == 4000
        assert model.count_tokens("abc", Deadline(30, 60)) == upper_bound("abc")

    assert server.calls == []


@pytest.mark.parametrize("location", ["own organisation", "outside"])
def test_forbidden_calls_connect_to_nothing(location: Location) -> None:
    asks: tuple[Callable[[ServerModel, Deadline], object], ...] = (
        lambda m, d: list(m.stream(ASKED, max_tokens=5, deadline=d)),
        lambda m, d: m.window(d),
        lambda m, d: m.count_tokens("a", d),
        lambda m, d: m.prepare(d),
    )
    with listening() as (port, connected):
        where = Endpoint(f"http://127.0.0.1:{port}/v1", "fjern.example", location)
        model = ServerModel(where, "lille", outside=False)
        for ask in asks:
            with pytest.raises(ModelFault, match=r"fjern\.example .*llm\.outside") as caught:
                ask(model, Deadline(30, 60))
            assert caught.value.permanent
    assert not connected


def test_a_server_that_sends_the_question_on_is_not_followed() -> None:
    with serving(Reply((TEXT,))) as other:
        elsewhere = Reply(status=307, headers={"Location": f"{other.url}/chat/completions"})
        assert fault(elsewhere).kind == "redirected"
    assert other.calls == []


@contextlib.contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """A port, and every connection that was made to it."""
    connected: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    connected.append(server.accept()[1])

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], connected
        finally:
            time.sleep(0.1)
            done.set()
            thread.join()


# --- faults ---------------------------------------------------------------------------------------

IN_STREAM = b'data: {"error": {"message": "out of memory", "code": 500}}\n\n'

FAULTS = {
    "401": (Reply(status=401), "unauthorised", "ASSISTANT_LLM__API_KEY"),
    "403": (Reply(status=403), "unauthorised", "ASSISTANT_LLM__API_KEY"),
    "404": (Reply(status=404), "unknown_model", "llm.model"),
    "400": (Reply(status=400, error="bad request"), "rejected", "400"),
    "429": (Reply(status=429), "busy", "429"),
    "500": (Reply(status=500), "failed", "500"),
    "503": (Reply(status=503), "failed", "503"),
    "context": (Reply(status=400, error="request exceeds the available context size"), "prompt_too_long", "llm.window"),
    "empty stream": (Reply(()), "empty", "ikke noget"),
    "empty whole": (Reply((), whole=True), "empty", "ikke noget"),
    "only spaces": (Reply((" ", "\n")), "empty", "ikke noget"),
    "token limit": (Reply((TEXT,), finish="length"), "too_long", "llm.answer_tokens"),
    "token limit, whole": (Reply((TEXT,), finish="length", whole=True), "too_long", "llm.answer_tokens"),
    "no end to it": (Reply(("bla " * 100,) * 100), "too_long", "50 tokens"),
    "filtered": (Reply((), finish="content_filter"), "filtered", "ville ikke"),
    "cut": (Reply(words(TEXT), cut=True), "cut", "afbrudt"),
    "cut, whole": (Reply((TEXT,), whole=True, cut=True), "cut", "afbrudt"),
    "ends without a reason": (Reply(words(TEXT), finish=None), "cut", "afbrudt"),
    "no JSON": (Reply((TEXT, b"data: {ikke json\n\n")), "garbled", "læses som et svar"),
    "no JSON, whole": (Reply((b"<html>Log ind</html>",), whole=True), "garbled", "læses som et svar"),
    "a web page": (Reply((b"<html>Log ind</html>",), whole=True, content_type="text/html"), "garbled", "læses"),
    "no choices": (Reply((b'data: {"hej": 1}\n\n',)), "garbled", "læses som et svar"),
    "a list": (Reply((b"data: [1, 2]\n\n",)), "garbled", "læses som et svar"),
    "a number as text": (Reply((event({"content": 7}),)), "garbled", "læses som et svar"),
    "bytes that are no text": (Reply((b"data: \xff\xfe\n\n",)), "garbled", "læses som et svar"),
    "an error in the stream": (Reply((TEXT, IN_STREAM)), "failed", "fejl"),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "kind", "said"), FAULTS.values(), ids=FAULTS)
def test_every_fault_has_a_name_and_one_danish_line(reply: Reply, kind: str, said: str) -> None:
    found = fault(reply)

    assert found.kind == kind
    assert said in str(found)


def test_a_refused_connection_says_that_the_server_must_be_started() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    model = ServerModel(endpoint(f"http://127.0.0.1:{port}/v1"), "lille")
    for ask in (lambda: told(model), lambda: model.window(Deadline(30, 60))):
        with pytest.raises(ModelFault, match=f"127.0.0.1:{port} kan ikke nås. Start den") as caught:
            ask()
        assert caught.value.kind == "unreachable"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_faults_that_only_settings_cure_say_so(status: int) -> None:
    assert fault(Reply(status=status)).permanent


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("7", 7), ("0", 0), ("sludder", None), ("999999999", 3600), ("-5", None)],
)
def test_retry_after_is_read_where_it_makes_sense(header: str | None, seconds: float | None) -> None:
    headers = {} if header is None else {"Retry-After": header}

    assert fault(Reply(status=429, headers=headers)).wait == seconds


def test_retry_after_may_be_a_date() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    wait = fault(Reply(status=429, headers={"Retry-After": then})).wait

    assert wait is not None
    assert 60 < wait <= 90


# --- TLS ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_server_that_nobody_vouches_for_is_told_nothing(certificate: Path) -> None:
    with serving(Reply((TEXT,)), certificate=certificate) as server:
        for ask in (told, lambda m: m.window(Deadline(30, 60))):
            with pytest.raises(ModelFault, match="Certifikatet") as caught:
                ask(at(server, api_key=KEY))
            assert caught.value.kind == "untrusted"
    assert server.calls == []


def test_over_tls_too_an_answer_comes_in_pieces_and_is_given_up_in_time(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr("httpx2.create_ssl_context", lambda **_: trusting)  # a machine that knows the issuer
    with serving(
        Reply(words(TEXT)), Reply(("Diget ", *(["bla "] * 1000)), between=0.02), certificate=certificate
    ) as s:
        model = at(s)
        assert told(model) == list(words(TEXT))
        assert given_up(model).kind == "late"
        assert s.broken.wait(LATE)


# --- deadlines ------------------------------------------------------------------------------------

SLOW = {
    "no headers": Reply((TEXT,), before=LATE),
    "no text": Reply((b": ping\n\n",) * 400, between=0.05),
    "nothing after the headers": Reply((b": ping\n\n", TEXT), between=LATE),
    "no whole answer": Reply((TEXT,), whole=True, before=LATE),
}


@pytest.mark.parametrize("reply", SLOW.values(), ids=SLOW)
def test_a_model_that_does_not_begin_is_given_up(reply: Reply) -> None:
    started = time.monotonic()
    found = fault(reply, first=SOON, whole=5)

    assert found.kind == "slow"
    assert time.monotonic() - started < LATE / 2


def test_a_model_that_stalls_is_given_up_after_what_it_wrote() -> None:
    deadline = Deadline(30, 60)
    with serving(Reply(("Diget ", "er"), between=LATE)) as server:
        texts = at(server).stream(ASKED, max_tokens=50, deadline=deadline)
        assert next(texts) == "Diget "
        deadline.first_text_seconds = SOON  # so long it may pause, now that it has begun
        with pytest.raises(ModelFault) as caught:
            next(texts)

    assert caught.value.kind == "stalled"


@pytest.mark.parametrize("piece", ["bla ", b": ping\n\n"], ids=["text", "pings"])
def test_a_model_that_never_ends_is_given_up_at_the_deadline_and_told_so(piece: str | bytes) -> None:
    with serving(Reply(("Diget ", *((piece,) * 400)), between=0.05)) as server:
        assert given_up(at(server)).kind == "late"
        assert server.broken.wait(LATE), "the server is told, so that it stops computing"


def given_up(model: ServerModel) -> ModelFault:
    """The fault of a call whose time is over once it has begun."""
    deadline = Deadline(30, 60)
    texts = model.stream(ASKED, max_tokens=4000, deadline=deadline)
    assert next(texts) == "Diget "
    deadline.answer_seconds = 0.0
    with pytest.raises(ModelFault) as caught:
        list(texts)
    return caught.value


def test_whoever_leaves_ends_the_call() -> None:
    with serving(Reply(("bla ",) * 1000, between=0.01)) as server:
        texts = at(server).stream(ASKED, max_tokens=4000, deadline=Deadline(5, 60))
        next(texts)
        texts.close()  # type: ignore[attr-defined]
        assert server.broken.wait(LATE)


def test_no_time_left_means_no_call() -> None:
    with serving(Reply((TEXT,))) as server, pytest.raises(ModelFault) as caught:
        told(at(server), first=0.0)
    assert caught.value.kind == "slow"
    assert server.calls == []


# --- window and tokens ----------------------------------------------------------------------------

LLAMA_CPP = {
    "/v1/models": {"data": [{"id": "x.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 32768}}]},
    "/props": {"default_generation_settings": {"n_ctx": 2048}},
    "/tokenize": lambda call: {"tokens": call.body["content"].split()},
}
VLLM = {
    "/v1/models": {"data": [{"id": "anden", "max_model_len": 1}, {"id": "lille", "max_model_len": 4096}]},
    "/tokenize": lambda call: {"count": len(call.body["prompt"].split()), "tokens": []},
}
OLLAMA = {"/v1/models": {"data": [{"id": "lille", "object": "model", "owned_by": "library"}]}}


@pytest.mark.parametrize(
    ("beside", "window", "tokens"),
    [(LLAMA_CPP, 2048, 3), (VLLM, 4096, 3), (OLLAMA, 8192, 13), ({}, 8192, 13)],
)
def test_window_and_tokens_are_the_servers_own_where_it_tells_them(
    beside: dict[str, object], window: int, tokens: int
) -> None:
    with serving(Reply((TEXT,)), beside=beside) as server:
        model = at(server)
        assert model.window(Deadline(30, 60)) == window
        assert model.count_tokens("tre små ord", Deadline(30, 60)) == tokens


def test_a_server_is_asked_for_its_window_once() -> None:
    with serving(Reply((TEXT,)), beside=LLAMA_CPP) as server:
        model = at(server)
        assert [model.window(Deadline(30, 60)) for _ in range(3)] == [2048] * 3

    assert [call.path for call in server.calls] == ["/v1/models", "/props"]


@pytest.mark.parametrize("slow", [Reply((b" ",) * 400, between=0.05), Reply((), before=LATE)])
def test_a_server_that_takes_its_time_with_that_is_not_waited_for(slow: Reply) -> None:
    started = time.monotonic()
    with serving(Reply((TEXT,)), beside={"/v1/models": slow, "/props": slow, "/tokenize": slow}) as server:
        model = at(server)
        assert model.window(Deadline(SOON, 60)) == 8192
        assert model.count_tokens("abc", Deadline(SOON, 60)) == upper_bound("abc")
    assert time.monotonic() - started < LATE / 2


def test_the_smaller_window_counts() -> None:
    with serving(Reply((TEXT,)), beside=VLLM) as server:
        assert at(server, window=1024).window(Deadline(30, 60)) == 1024


def test_many_at_once_each_get_their_own_answer() -> None:
    def echo(call: Call) -> Reply:
        return Reply(words(call.body["messages"][0]["content"]), between=0.005)

    questions = [f"spørgsmål nummer {number} ?" for number in range(8)]
    with serving(echo) as server, ThreadPoolExecutor(len(questions)) as pool:
        model = at(server)

        def ask(question: str) -> str:
            asked = (Message("user", question),)
            return "".join(model.stream(asked, max_tokens=50, deadline=Deadline(10, 20)))

        assert list(pool.map(ask, questions)) == questions
