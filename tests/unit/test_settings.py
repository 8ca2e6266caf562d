"""Settings from ``assistant.toml`` and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import PROJECT, Settings, load_settings


def load(folder: Path, toml: str | bytes = "", **environ: str) -> Settings:
    content = toml if isinstance(toml, bytes) else toml.encode()
    (folder / "assistant.toml").write_bytes(content)
    return load_settings(folder, environ)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.answer.answerer == "extractive"
    assert settings.corpus.path == tmp_path / "corpus"
    assert settings.index.path == tmp_path / "index"
    assert settings.limits.question_characters == 2000


def test_default_folder_is_that_of_the_project() -> None:
    assert (PROJECT / "app.py").is_file()
    assert load_settings(environ={}).corpus.path == PROJECT / "corpus"


def test_file_sets_values(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        '[embedding]\nengine = "sentence-transformers"\nmodel = "x/y"\n[limits]\nquestion_characters = 5',
    )
    assert (settings.embedding.engine, settings.embedding.model) == ("sentence-transformers", "x/y")
    assert settings.limits.question_characters == 5


def test_environment_overrides_the_file(tmp_path: Path) -> None:
    settings = load(
        tmp_path, '[embedding]\nmodel = "fil"\ndevice = "cpu"', ASSISTANT_EMBEDDING__MODEL="miljø"
    )
    assert (settings.embedding.model, settings.embedding.device) == ("miljø", "cpu")


def test_foreign_variables_are_left_alone(tmp_path: Path) -> None:
    assert load(tmp_path, PATH="/bin", ASSISTANTX="1") == load(tmp_path)


@pytest.mark.parametrize(
    "name",
    "CORPUS__PATH INDEX__PATH EMBEDDING__MODEL LLM__BASE_URL LLM__MODEL LLM__API_KEY LLM__MODEL_PATH "
    "DATABASE__URL".split(),
)
def test_every_promised_variable_is_known(tmp_path: Path, name: str) -> None:
    section, key = name.lower().split("__")
    settings = load(tmp_path, **{f"ASSISTANT_{name}": "/tmp/værdi"})
    assert str(getattr(getattr(settings, section), key)) == "/tmp/værdi"


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, '[corpus]\npath = "../papirer"', ASSISTANT_INDEX__PATH="indeks")
    assert settings.corpus.path == tmp_path / "../papirer"
    assert settings.index.path == tmp_path / "indeks"


def test_absolute_path_stays(tmp_path: Path) -> None:
    assert load(tmp_path, ASSISTANT_INDEX__PATH="/srv/indeks").index.path == Path("/srv/indeks")


@pytest.mark.parametrize("toml", ['[corpus]\nsti = "x"', '[korpus]\npath = "x"', 'path = "x"'])
def test_unknown_key_in_the_file_is_named_with_the_file(tmp_path: Path, toml: str) -> None:
    with pytest.raises(SettingsError, match=r"assistant\.toml.*»(corpus\.sti|korpus\.path|path)«"):
        load(tmp_path, toml)


@pytest.mark.parametrize(
    "name", ["ASSISTANT_CORPUS__STI", "ASSISTANT_KORPUS__PATH", "ASSISTANT_CORPUS", "ASSISTANT_"]
)
def test_unknown_variable_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=rf"Ukendt indstilling i miljøvariablen {name}\b"):
        load(tmp_path, **{name: "x"})


@pytest.mark.parametrize("value", ["0", "-1", "mange", "", "2.5"])
def test_wrong_number_is_named_with_its_value(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"limits\.question_characters.*»{value}«"):
        load(tmp_path, ASSISTANT_LIMITS__QUESTION_CHARACTERS=value)


@pytest.mark.parametrize("value", ["2.5", "true", '"x"', "[]", "0"])
def test_wrong_number_in_the_file_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"limits\.question_characters.*helt tal"):
        load(tmp_path, f"[limits]\nquestion_characters = {value}")


@pytest.mark.parametrize(("name", "choice"), [("EMBEDDING__ENGINE", "packaged"), ("ANSWER__ANSWERER", "llm")])
def test_wrong_choice_is_told_the_right_ones(tmp_path: Path, name: str, choice: str) -> None:
    with pytest.raises(SettingsError, match=rf"»torch«.*{choice}"):
        load(tmp_path, **{f"ASSISTANT_{name}": "torch"})


def test_text_must_be_text(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"embedding\.model.*tekst"):
        load(tmp_path, "[embedding]\nmodel = 3")


def test_empty_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"corpus\.path.*mappe"):
        load(tmp_path, ASSISTANT_CORPUS__PATH=" ")


@pytest.mark.parametrize("toml", ["[corpus", b'[corpus]\npath = "\xe6"'])
def test_file_that_is_no_toml_is_named(tmp_path: Path, toml: str | bytes) -> None:
    with pytest.raises(SettingsError, match=r"assistant\.toml"):
        load(tmp_path, toml)


def test_key_is_refused_in_the_file_and_the_variable_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_LLM__API_KEY") as caught:
        load(tmp_path, '[llm]\napi_key = "hemmelig"')
    assert "hemmelig" not in str(caught.value)


def test_key_is_not_shown_where_settings_are(tmp_path: Path) -> None:
    assert "hemmelig" not in repr(load(tmp_path, ASSISTANT_LLM__API_KEY="hemmelig"))


# --- a value in a file of its own -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "section", "key"),
    [
        ("DATABASE__URL", "database", "url"),
        ("LLM__API_KEY", "llm", "api_key"),
        ("METRICS__TOKEN", "metrics", "token"),
    ],
)
def test_a_secret_can_be_in_a_file_that_a_variable_names(
    tmp_path: Path, name: str, section: str, key: str
) -> None:
    (tmp_path / "hemmelighed").write_text("abc\n", encoding="utf-8")

    settings = load(tmp_path, **{f"ASSISTANT_{name}_FILE": str(tmp_path / "hemmelighed")})

    assert getattr(getattr(settings, section), key) == "abc"
    assert "abc" not in repr(settings)


def test_a_file_of_a_secret_that_cannot_be_read_is_told_by_its_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_LLM__API_KEY_FILE"):
        load(tmp_path, ASSISTANT_LLM__API_KEY_FILE=str(tmp_path / "findes-ikke"))


def test_a_value_that_is_set_both_ways_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hemmelighed").write_text("abc", encoding="utf-8")
    file = str(tmp_path / "hemmelighed")
    with pytest.raises(SettingsError, match="to gange") as caught:
        load(tmp_path, ASSISTANT_LLM__API_KEY="def", ASSISTANT_LLM__API_KEY_FILE=file)
    assert not {"abc", "def"} & set(str(caught.value).split())


def test_a_key_that_is_itself_a_file_keeps_its_meaning(tmp_path: Path) -> None:
    assert load(tmp_path, ASSISTANT_DASK__CA_FILE="ca.pem").dask.ca_file == "ca.pem"


def test_an_unknown_key_with_a_file_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Ukendt indstilling"):
        load(tmp_path, ASSISTANT_LLM__FINDES_IKKE_FILE="x")
