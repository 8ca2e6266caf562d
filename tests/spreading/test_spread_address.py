"""Which clusters a build may be given to: what they send is run here, so the way there must be safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.embedding import sentence_transformers
from assistant.errors import SettingsError
from assistant.factory import open_worker_embedder
from assistant.spreading.address import Access, checked, unsafe
from assistant.spreading.devices import worker_device


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, Path]:
    files = {name: tmp_path / f"{name}.pem" for name in ("ca_file", "cert_file", "key_file")}
    for path in files.values():
        path.write_text("pem")
    return files


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "127.0.0.1:8786", "tcp://localhost:8786", "tcp://[::1]:8786"]
)
def test_this_machine_needs_no_certificates(address: str) -> None:
    assert checked(Access(address)) == (address if "://" in address else f"tcp://{address}")


@pytest.mark.parametrize("host", ["10.0.0.7", "dask.kommune.dk", "0.0.0.0", "[2001:db8::1]", "localhost.dk"])
def test_other_machines_are_refused_without_encryption(host: str) -> None:
    with pytest.raises(SettingsError, match=r"Byggeriet begynder ikke: .* ikke krypteret.*»dask\.open«"):
        checked(Access(f"tcp://{host}:8786"))


def test_a_closed_network_can_be_said_to_be_one() -> None:
    assert unsafe(Access("tcp://10.0.0.7:8786", open=True)) == ""


def test_encryption_opens_the_way_to_other_machines(certificates: dict[str, Path]) -> None:
    assert checked(Access("tls://dask.kommune.dk:8786", **certificates)) == "tls://dask.kommune.dk:8786"


@pytest.mark.parametrize("missing", ["ca_file", "cert_file"])
def test_a_certificate_that_is_not_set_is_named(certificates: dict[str, Path], missing: str) -> None:
    del certificates[missing]

    assert f"»dask.{missing}« mangler" in unsafe(Access("tls://127.0.0.1:8786", **certificates))


@pytest.mark.parametrize("name", ["ca_file", "cert_file", "key_file"])
def test_a_certificate_that_cannot_be_read_is_named(certificates: dict[str, Path], name: str) -> None:
    certificates[name].unlink()

    reason = unsafe(Access("tls://127.0.0.1:8786", **certificates))
    assert f"»dask.{name}«" in reason
    assert "kan ikke læses" in reason


@pytest.mark.parametrize(
    "address",
    [
        "",
        "klynge",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:dask",
        "tcp://127.0.0.1:99999",
        "tcp://:8786",
        "tcp://bruger:kode@127.0.0.1:8786",
        "tcp://127.0.0.1:8786/sti",
        "tcp://127.0.0.1:8786?x=1",
        "tcp://127.0.0.1:8786 ",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    reason = unsafe(Access(address, open=True))

    assert "ingen adresse på en Dask-klynge" in reason
    assert "kode" not in reason


@pytest.mark.parametrize("scheme", ["http", "ws", "inproc", "ucx", "file"])
def test_other_ways_to_a_cluster_are_refused(scheme: str) -> None:
    assert f"begynder med {scheme}://" in unsafe(Access(f"{scheme}://127.0.0.1:8786", open=True))


@pytest.mark.parametrize(
    ("asked", "gpu", "chosen"),
    [
        ("", True, "cuda"),
        ("", False, ""),
        ("cuda", True, "cuda"),
        ("cuda:1", True, "cuda"),
        ("cuda:1", False, ""),
        ("cpu", True, "cpu"),
        ("mps", False, "mps"),
    ],
)
def test_a_worker_computes_on_its_own_gpu_unless_told_otherwise(asked: str, gpu: bool, chosen: str) -> None:
    """Only the choice is proved, with a probe that says what it is told to: here is no GPU."""
    assert worker_device(asked, lambda: gpu) == chosen


@pytest.mark.parametrize(("gpu", "device"), [(True, "cuda"), (False, "")])
def test_the_engine_of_a_worker_is_opened_on_what_was_chosen(
    monkeypatch: pytest.MonkeyPatch, gpu: bool, device: str
) -> None:
    opened: list[tuple[str, str]] = []
    monkeypatch.setattr(sentence_transformers, "has_gpu", lambda: gpu)
    monkeypatch.setattr(
        sentence_transformers,
        "SentenceTransformersEmbedder",
        lambda model, device: opened.append((model, device)),
    )
    open_worker_embedder("sentence-transformers", "en-model", "cuda:1")

    assert opened == [("en-model", device)]
