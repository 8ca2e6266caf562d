"""Containerfile, compose.yaml and Streamlit's settings: all that can be known of them without an engine.

They have been built and started nowhere; what is checked here is that they name things that exist.
"""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
import re
import shlex
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from streamlit import config

from assistant.settings import LimitSettings, ServerSettings, Settings, load_settings
from assistant.web.stopping import _AFTERWARDS_SECONDS

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions(name: str) -> list[str]:
    """The arguments of each instruction of a kind, with continued lines joined and comments left out."""
    lines = "\n".join(line for line in CONTAINERFILE.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\s*\\\n\s*", " ", lines)
    return [line.split(maxsplit=1)[1] for line in joined.splitlines() if line.split(maxsplit=1)[:1] == [name]]


def copied() -> list[str]:
    """What the image takes from the project."""
    found = []
    for line in instructions("COPY"):
        words = line.split()
        if not any(word.startswith("--from=") for word in words):
            found += [word for word in words if not word.startswith("--")][:-1]
    return found


def goes_along(path: str) -> bool:
    """Whether ``.dockerignore`` lets a path through; the last pattern that fits decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip().removeprefix("!").rstrip("/")
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        heads = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
        tail = pattern.removeprefix("**/")
        if any(fnmatch(head, pattern) for head in heads) or (tail != pattern and tail in parts):
            kept = line.strip().startswith("!")
    return kept


# --- Containerfile ----------------------------------------------------------------------------------


def test_everything_that_is_copied_exists_and_goes_along() -> None:
    assert copied()
    for path in copied():
        assert (ROOT / path).exists(), path
        assert goes_along(path.removeprefix("./")), path


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".streamlit/secrets.toml",
        "secrets/database_url",
        "data/assistant.sqlite3",
        "index/CURRENT",
        "assistant.toml",
        ".venv/bin/python",
        "eval/runs/offentlig.json",
        "assistant/__pycache__/cli.cpython-311.pyc",
        "tests/conftest.py",
    ],
)
def test_nothing_secret_or_made_goes_along(path: str) -> None:
    assert not goes_along(path)


def test_the_commands_that_install_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^define install\n(.*?)^endef", makefile, re.DOTALL | re.MULTILINE)
    pip = re.search(r"^PIP := (.*)$", makefile, re.MULTILINE)
    assert recipe
    assert pip
    own = {"$(1)": "run eval", "'$(2)'": "'.[eval,postgres]'", "$(PIP)": pip[1], "$(BIN)": ".venv/bin"}
    (installing,) = (run for run in instructions("RUN") if "pip install" in run)
    for line in recipe[1].splitlines():
        command = line
        for name, value in {**own, "$(VENV)": ".venv"}.items():
            command = command.replace(name, value)
        assert command in installing
        assert "$(" not in command


def test_the_extras_that_are_installed_exist() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    named = re.search(r"-e '\.\[([^]]*)\]'", CONTAINERFILE)
    assert named
    assert set(named[1].split(",")) <= set(extras)


def test_the_program_runs_as_nobody_in_particular_and_cannot_change_itself() -> None:
    assert instructions("USER") == ["10001:10001"]
    owned = [line for line in instructions("COPY") if "--chown" in line]
    assert [line.split()[-1] for line in owned] == ["/var/lib/assistant/corpus"]


def test_what_is_run_is_a_module_and_its_options_are_streamlits() -> None:
    assert json.loads(instructions("ENTRYPOINT")[0])[-1] == "-m"
    module, run, script, *options = json.loads(instructions("CMD")[0])
    assert importlib.util.find_spec(module)
    assert (run, (ROOT / script).is_file()) == ("run", True)
    for option in options[::2]:
        assert option.removeprefix("--") in config._config_options_template


def environment_of_the_image() -> dict[str, str]:
    pairs = (pair.split("=", 1) for line in instructions("ENV") for pair in shlex.split(line))
    return {str(name): str(value) for name, value in pairs}


def test_every_setting_of_the_image_is_known() -> None:
    settings = load_settings(ROOT, environment_of_the_image())
    assert settings.corpus.path == Path("/var/lib/assistant/corpus")
    assert settings.index.path == Path("/var/lib/assistant/index")


def test_images_are_named_by_a_tag_that_does_not_move() -> None:
    names = [line.split()[0] for line in instructions("FROM")] + [SERVICES["database"]["image"]]
    for name in names:
        assert re.search(r":\d+\.\d+\.\d+-", name), name
        assert name.count("/") == 2, "med værten foran"


# --- compose.yaml -----------------------------------------------------------------------------------


def test_it_is_what_the_compose_specification_allows() -> None:
    vendor = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((vendor / "compose-spec.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)

    assert list(validator.iter_errors(COMPOSE)) == []
    wrong = {**COMPOSE, "services": {"page": {**SERVICES["page"], "portz": []}}}
    assert list(validator.iter_errors(wrong))


def settings_of(service: str, folder: Path) -> Settings:
    """The settings of a service, with its secrets as files in ``folder``."""
    environ = {**environment_of_the_image(), **SERVICES[service]["environment"]}
    for name, value in environ.items():
        if name.endswith("_FILE"):
            secret = folder / Path(value).name
            secret.write_text(f"hemmelig-{secret.name}", encoding="utf-8")
            environ[name] = str(secret)
    return load_settings(folder, environ)


@pytest.mark.parametrize("service", ["index", "page"])
def test_every_setting_of_a_service_is_known(service: str, tmp_path: Path) -> None:
    assert settings_of(service, tmp_path).database.url == "hemmelig-database_url"


def test_the_numbers_of_the_page_are_under_a_token(tmp_path: Path) -> None:
    metrics = settings_of("page", tmp_path).metrics
    assert (metrics.token, metrics.open) == ("hemmelig-metrics_token", False)


def names_of_secrets(service: str) -> dict[str, str]:
    """Where each secret of a service is found in it."""
    found = {}
    for secret in SERVICES[service]["secrets"]:
        name = secret if isinstance(secret, str) else secret["source"]
        found[name] = f"/run/secrets/{name}" if isinstance(secret, str) else secret["target"]
    return found


def test_every_secret_is_declared_used_and_kept_out_of_git() -> None:
    used = {name for service in SERVICES for name in names_of_secrets(service)}
    assert used == set(COMPOSE["secrets"])
    for secret in COMPOSE["secrets"].values():
        ignored = subprocess.run(["git", "check-ignore", "-q", secret["file"]], cwd=ROOT, check=False)
        assert ignored.returncode == 0
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert value in names_of_secrets(name).values()
            assert not re.search(r"PASSWORD$|TOKEN$|KEY$", variable)


def test_sign_in_is_where_the_page_looks_for_it() -> None:
    assert names_of_secrets("page")["sign_in"] == "/app/.streamlit/secrets.toml"


def test_the_database_is_reached_by_the_program_alone_and_the_page_by_this_machine() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["database"]["networks"] == ["inside"]
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "page": ["127.0.0.1:8501:8501"]
    }


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_can_do_only_what_it_must(service: str) -> None:
    made = SERVICES[service]
    assert made["read_only"] is True
    assert made["cap_drop"] == ["ALL"]
    assert made["security_opt"] == ["no-new-privileges:true"]
    assert made["mem_limit"]
    assert made["cpus"]
    assert "privileged" not in made


def test_volumes_are_declared_and_where_the_program_writes() -> None:
    targets = dict(volume.split(":") for volume in SERVICES["page"]["volumes"])
    image = environment_of_the_image()
    written = {image["ASSISTANT_CORPUS__PATH"], image["ASSISTANT_INDEX__PATH"], "/app/eval/runs"}
    assert set(targets.values()) == written
    assert all(any(path in run for run in instructions("RUN") + instructions("COPY")) for path in written)
    named = {volume.split(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert named == set(COMPOSE["volumes"])


def test_what_is_depended_on_is_there_and_says_when_it_is_ready() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert SERVICES[name]["healthcheck"]["test"]
            else:
                assert SERVICES[name]["restart"] == "no"


def test_a_stop_is_given_more_time_than_the_page_takes(tmp_path: Path) -> None:
    grace = int(SERVICES["page"]["stop_grace_period"].removesuffix("s"))
    own = settings_of("page", tmp_path).server.stop_seconds
    assert grace > own + 3 * _AFTERWARDS_SECONDS
    assert own == ServerSettings().stop_seconds


def test_the_health_check_is_python_that_runs(tmp_path: Path) -> None:
    *command, code = SERVICES["page"]["healthcheck"]["test"]
    assert command == ["CMD", "/app/.venv/bin/python", "-c"]
    compile(code, "healthcheck", "exec")
    assert "/healthz" in code


# --- Streamlit --------------------------------------------------------------------------------------


def streamlit_options() -> dict[str, Any]:
    sections = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    return {f"{name}.{key}": value for name, table in sections.items() for key, value in table.items()}


def test_every_option_of_streamlit_is_known_to_the_installed_one() -> None:
    named = {name for name in streamlit_options() if not name.startswith("theme.")}
    assert named <= set(config._config_options_template)


def test_what_may_be_uploaded_agrees_with_the_limits() -> None:
    assert streamlit_options()["server.maxUploadSize"] == LimitSettings().upload_megabytes


def test_other_sites_and_programs_are_kept_out() -> None:
    options = streamlit_options()
    assert options["server.enableCORS"] is True
    assert options["server.enableXsrfProtection"] is True
    assert options["server.enableAgentApi"] is False
    assert options["server.address"] == "127.0.0.1"
    assert options["client.allowedOrigins"] == []
    assert options["browser.gatherUsageStats"] is False
    assert options["logger.hideWelcomeMessage"] is True
    # A message holds a question, not a file.
    assert options["server.maxMessageSize"] * 2**20 > 100 * LimitSettings().question_characters
    assert (
        options["server.maxMessageSize"]
        < config._config_options_template["server.maxMessageSize"].default_val
    )
