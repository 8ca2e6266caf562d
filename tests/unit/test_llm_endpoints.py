"""Where a server stands is read from its address, and never guessed to be nearer than it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import SettingsError
from assistant.llm.counting import upper_bound
from assistant.llm.endpoints import endpoint, locate


@pytest.mark.parametrize(
    "host",
    ["localhost", "ollama.localhost", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"],
)
def test_loopback_is_this_machine(host: str) -> None:
    assert locate(host) == "this machine"


@pytest.mark.parametrize(
    "host",
    ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.9", "fd00::1", "fe80::1", "::ffff:10.0.0.1"],
)
def test_private_networks_are_the_organisation(host: str) -> None:
    assert locate(host) == "own organisation"


@pytest.mark.parametrize(
    "host",
    [
        "api.example.com",
        "8.8.8.8",
        "172.32.0.1",
        "192.169.0.1",
        "169.254.169.254",
        "2001:db8::1",
        "localhost.example.com",
        "notlocalhost",
        "127.0.0.1.example.com",
        "2130706433",
        "0x7f.1",
        "127.1",
        "ollama",
    ],
)
def test_all_else_is_outside_names_too_whatever_they_look_like(host: str) -> None:
    assert locate(host) == "outside"


def test_the_organisation_may_name_its_own_hosts() -> None:
    own = ("llm.kommune.dk", ".styrelse.dk", "203.0.113.7")

    assert locate("llm.kommune.dk", own) == "own organisation"
    assert locate("gpu.styrelse.dk", own) == "own organisation"
    assert locate("203.0.113.7", own) == "own organisation"
    assert locate("x.llm.kommune.dk", own) == "own organisation"
    assert locate("ondstyrelse.dk", own) == "outside"
    assert locate("kommune.dk", own) == "outside"


def test_an_empty_name_owns_nothing() -> None:
    assert locate("example.com", ("", " ", ".")) == "outside"


def test_an_address_is_kept_and_shown_without_its_path() -> None:
    found = endpoint(" http://LOCALHOST:8080/v1/ ")

    assert (found.url, found.server, found.location) == (
        "http://LOCALHOST:8080/v1",
        "localhost:8080",
        "this machine",
    )
    assert found.root == "http://LOCALHOST:8080"
    assert endpoint("http://[::1]:1234/v1").server == "[::1]:1234"
    assert endpoint("https://api.example.com/openai/v1").root == "https://api.example.com/openai"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8080",
        "ftp://localhost/v1",
        "http://",
        "http://bruger:kode@localhost/v1",
        "http://localhost@example.com/v1",
        "http://example.com\\@localhost/v1",
        "http://localhost/v1?key=1",
        "http://localhost/v1#x",
        "http://local host/v1",
        "http://localhost:99999/v1",
        "http://løkke.dk/v1",
        "http://localhost/v1\nHost: x",
        "file:///etc/passwd",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match=r"llm\.base_url") as caught:
        endpoint(address)
    assert "kode" not in str(caught.value)


def test_nothing_goes_outside_unencrypted() -> None:
    with pytest.raises(SettingsError, match="https"):
        endpoint("http://api.example.com/v1")
    assert endpoint("https://api.example.com/v1").location == "outside"
    assert endpoint("http://gpu.styrelse.dk/v1", ["styrelse.dk"]).location == "own organisation"


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_settings_error(text: str) -> None:
    try:
        found = endpoint(f"http://{text}")
    except SettingsError:
        return
    assert found.location != "outside"


# --- the bound on tokens --------------------------------------------------------------------------


@given(st.text(max_size=200))
def test_the_bound_is_never_below_the_bytes(text: str) -> None:
    assert upper_bound(text) > len(text.encode())


def test_the_bound_holds_where_normalising_lengthens_a_text() -> None:
    ligature = "\ufdfa"  # one character that NFKC makes eighteen of
    assert upper_bound(ligature) > 18
