"""docs/operations.md names numbers, settings, options and files that exist, and its arithmetic adds up."""

from __future__ import annotations

import configparser
import math
import re
from pathlib import Path

import yaml
from streamlit import config

from assistant.indexes.postgres.finding import Effort
from assistant.settings import Settings, load_settings
from assistant.timing import STAGES, Timing
from assistant.web.metrics import Metrics
from tests.unit.test_web_metrics import Served

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def names_of_all_numbers() -> set[str]:
    """What a page tells once everything has happened."""
    metrics = Metrics()
    metrics.timed(Timing(1, 1, 1, 1, 1, "extractive"))
    metrics.model_fault("slow")
    page = metrics.page("")[0].decode()
    metrics.watch(Served())  # type: ignore[arg-type]
    page += metrics.page("")[0].decode()
    assert all(stage in page for stage in STAGES)
    return set(re.findall(r"^# TYPE (\w+)", page, re.MULTILINE)) | {"assistant_llm_breaker"}


def test_every_number_and_every_alarm_is_about_something_that_is_measured() -> None:
    known = names_of_all_numbers()
    named = set(re.findall(r"\b(?:assistant|process)_[a-z_]+\b", TEXT))
    named = {re.sub(r"_bucket$", "", name) for name in named}

    assert len(named) > 15
    assert named - known - {"process_resident_memory_bytes"} <= {"assistant_index"} | {
        name for name in named if name.endswith("_")
    }


def test_every_number_is_described() -> None:
    for name in names_of_all_numbers():
        if name.startswith("assistant_") and name != "assistant_info":
            short = name.removeprefix("assistant_index")
            assert name in TEXT or f"`{short}`" in TEXT, name


def test_every_setting_that_is_named_exists(tmp_path: Path) -> None:
    sections = set(Settings.__slots__)
    for section, key in re.findall(r"`([a-z]+)\.([a-z_]+)`", TEXT):
        if section in sections and key != "toml":  # corpus.toml is a file
            assert key in getattr(Settings(), section).__slots__, f"{section}.{key}"
    for name in re.findall(r"ASSISTANT_[A-Z]+__[A-Z_]+", TEXT):
        if name.endswith("_FILE"):
            (tmp_path / "hemmelighed").write_text("x")
        load_settings(tmp_path, {name: str(tmp_path / "hemmelighed") if name.endswith("_FILE") else "x"})


def test_every_file_that_is_linked_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / target).resolve().is_file(), target
    for path in re.findall(r"`(tests/[^`]+)`", TEXT):
        assert (ROOT / path).is_file(), path


def test_the_unit_of_systemd_starts_the_page_and_gives_it_time_to_stop() -> None:
    (unit,) = (block for block in blocks("ini") if "[Service]" in block)
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.read_string(unit)
    service = parsed["Service"]

    _, module, run, script, *options = service["ExecStart"].split()[1:]
    assert (module, run, (ROOT / script).is_file()) == ("streamlit", "run", True)
    for option in options[::2]:
        assert option.removeprefix("--") in config._config_options_template
    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > Settings().server.stop_seconds + 15


def test_the_settings_of_prometheus_can_be_read() -> None:
    (scrape,) = (yaml.safe_load(block) for block in blocks("yaml"))
    assert scrape["scrape_configs"][0]["authorization"]["credentials_file"]


# --- the arithmetic ---------------------------------------------------------------------------------

SIZED = TEXT.partition("### 1 million og 10 millioner")[2]


def figure(symbol: str) -> float:
    """A measured figure of the table of figures."""
    row = re.search(rf"^\| `{symbol}` \|[^|]*\| ([\d.,]+)", TEXT, re.MULTILINE)
    assert row, symbol
    return danish(row[1])


def results(line: str) -> list[float]:
    """What a line of the arithmetic comes to, for one million passages and for ten."""
    row = re.search(rf"^\| {re.escape(line)} \|.*\|([^|]*)\|([^|]*)\|$", SIZED, re.MULTILINE)
    assert row, line
    return [danish(re.findall(r"\d[\d.,]*", column)[0]) for column in row.groups()]


def danish(number: str) -> float:
    return float(number.rstrip(".,").replace(".", "").replace(",", "."))


def test_the_arithmetic_follows_from_the_figures() -> None:
    questions, full = 100, 0.6
    p, e, q, a, v, t, h, k, r, m = (figure(symbol) for symbol in "peqavthkrm")
    factor = danish(re.search(r"`g = ([\d,]+) ms", TEXT)[1])  # type: ignore[index]
    for at, millions in enumerate((1, 10)):
        passages = millions * 1_000_000
        reached = Effort.of(passages).reached
        g = factor * reached * math.log(passages)
        page = questions * (p + a + q) / 1000 / full
        expected = {
            "så langt søges i grafen": reached,
            "søgning i grafen, én kerne": g,
            "databasen i alt for et spørgsmål": g + v,
            "kerner til databasen": questions * (g + v) / 1000 / full,
            "programmets del for et spørgsmål": p + a + q,
            "kerner til siden": page,
            "processer": math.ceil(page) + 2,
            "kerner til spørgsmål uden siden": questions * (e + a + q) / 1000 / full,
            "svartid uden kø, én kerne hver": (p + a + q + g + v) / 1000,
            "svar i gang på én gang": questions * (p + a + q + g + v) / 1000,
            "alle tabeller": passages * t * 1000 / 1e9,
            "deraf grafen, som skal være i hukommelsen": passages * 1170 / 1e9,
            "hukommelse til siden": ((math.ceil(page) + 2) * m + 6000 * 0.2) / 1000,
            "indlejring, én arbejder": passages / r / 3600,
            "indlejring, 16 arbejdere": passages / r / 3600 / 16,
            "skrivning, uden grafen": passages * k / 1000 / 3600,
            "grafen, to kerner": h * passages / 5e5 * math.log(passages) / math.log(5e5) / 3600,
        }
        for line, value in expected.items():
            told = results(line)[at]
            assert math.isclose(told, value, rel_tol=0.06, abs_tol=0.06), (line, told, value)


def test_the_cost_of_a_search_is_the_formula_where_it_was_measured() -> None:
    """Within a fifth, from 20,000 to 500,000 passages."""
    factor = danish(re.search(r"`g = ([\d,]+) ms", TEXT)[1])  # type: ignore[index]
    row = re.search(r"^\| `g` \|[^|]*\| ([\d,]+) ms ved 500\.000; ([\d, ·]+) ved", TEXT, re.MULTILINE)
    assert row
    measured = [danish(row[1]), *map(danish, row[2].split(" · "))]
    for passages, milliseconds in zip((500_000, 200_000, 100_000, 50_000, 20_000), measured, strict=True):
        told = factor * Effort.of(passages).reached * math.log(passages)
        assert math.isclose(told, milliseconds, rel_tol=0.2), passages
