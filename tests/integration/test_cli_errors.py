"""Bad input on the command line: status 2, one line of Danish on stderr, nothing on stdout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.command import run_assistant

from assistant.cli import main
from assistant.embedding.packaged import PackagedEmbedder
from assistant.settings import PROJECT

REBUILD = "python -m assistant build"

Refuse = Callable[..., str]


@pytest.fixture
def settings(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set what is set in the environment, over the real documents and their index."""

    def to(**values: str | Path) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"ASSISTANT_{name}", str(value))

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return to


@pytest.fixture
def refuse(settings: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> Refuse:
    """Run a command that must be refused; returns its one line."""

    def refused(*arguments: str) -> str:
        assert main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.endswith("\n")
        assert err.count("\n") == 1
        return err.rstrip("\n")

    return refused


@pytest.fixture
def copied_index(index_folder: Path, tmp_path: Path, settings: Callable[..., None]) -> Path:
    """An index that a test may break."""
    copy = tmp_path / "index"
    shutil.copytree(index_folder, copy)
    settings(INDEX__PATH=copy)
    return copy


def generation(index: Path) -> Path:
    (home,) = (index / "generations").iterdir()
    return home


# --- questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_an_empty_question(refuse: Refuse, command: str, question: str) -> None:
    assert refuse(command, question) == "Spørgsmålet er tomt. Skriv et spørgsmål, og prøv igen."


@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_question_that_is_too_long(refuse: Refuse, command: str) -> None:
    line = refuse(command, "x" * 20_000)

    assert "20.000" in line
    assert "2.000" in line


def test_the_longest_question_can_be_set(refuse: Refuse, settings: Callable[..., None]) -> None:
    settings(LIMITS__QUESTION_CHARACTERS="10")

    assert "højst være på 10" in refuse("ask", "Hvad er tillid?")


@pytest.mark.parametrize("command", ["ask", "search"])
def test_an_unknown_document(refuse: Refuse, command: str) -> None:
    line = refuse(command, "Hvad er tillid?", "--document", "findes-ikke")

    assert "findes-ikke" in line
    assert "komdir-4-pejlemaerker" in line


def test_a_language_model_that_is_not_set_up(refuse: Refuse) -> None:
    assert "llm.model" in refuse("ask", "Hvad er tillid?", "--answerer", "llm")


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["CORPUS__STI", "KORPUS__PATH", "CORPUS"])
def test_an_unknown_setting_in_the_environment(
    refuse: Refuse, settings: Callable[..., None], name: str
) -> None:
    settings(**{name: "x"})

    assert f"ASSISTANT_{name}" in refuse("ask", "Hvad er tillid?")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[corpus]\nsti = "x"\n', "corpus.sti"),
        ('[korpus]\npath = "x"\n', "korpus.path"),
        ('path = "x"\n', "path"),
        ('[llm]\napi_key = "hemmelig"\n', "ASSISTANT_LLM__API_KEY"),
        ("[corpus\n", "TOML"),
        ('[embedding]\nengine = "magi"\n', "magi"),
    ],
)
def test_a_wrong_setting_in_the_file(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, named: str
) -> None:
    (tmp_path / "assistant.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr("assistant.settings.PROJECT", tmp_path)
    line = refuse("ask", "Hvad er tillid?")

    assert named in line
    assert "assistant.toml" in line
    assert "hemmelig" not in line


# --- index ----------------------------------------------------------------------------------------


def test_an_index_with_a_file_that_was_changed(refuse: Refuse, copied_index: Path) -> None:
    with (generation(copied_index) / "passages.jsonl").open("ab") as file:
        file.write(b"x")
    line = refuse("ask", "Hvad er tillid?")

    assert "beskadiget" in line
    assert "passages.jsonl" in line
    assert REBUILD in line


@pytest.mark.parametrize("name", ["vectors.faiss", "manifest.json", "documents.jsonl"])
def test_an_index_with_a_file_that_is_gone(refuse: Refuse, copied_index: Path, name: str) -> None:
    (generation(copied_index) / name).unlink()
    line = refuse("ask", "Hvad er tillid?")

    assert name in line
    assert REBUILD in line


def test_an_index_that_points_nowhere_still_answers_and_says_so(
    copied_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copied_index / "CURRENT").write_text("../../etc", encoding="utf-8")

    assert main(["ask", "Hvad er tillid?"]) == 0
    answer, notice = capsys.readouterr()
    assert "tillid" in answer
    assert "CURRENT er beskadiget" in notice
    assert REBUILD in notice
    assert len(notice.splitlines()) == 1


@pytest.mark.parametrize(
    "command", [("ask", "Hvad er tillid?"), ("search", "tillid"), ("documents",), ("chat",)]
)
def test_an_index_of_another_model(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    own = PackagedEmbedder().fingerprint
    monkeypatch.setattr(PackagedEmbedder, "fingerprint", "packaged/en-anden-model")
    line = refuse(*command)

    assert f"»{own}«" in line
    assert "»packaged/en-anden-model«" in line
    assert REBUILD in line


def test_the_doctor_names_what_is_broken(
    copied_index: Path, settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    (generation(copied_index) / "vectors.faiss").unlink()

    assert main(["doctor"]) == 2
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["OK", "OK", "FEJL", "OK", "-"]
    assert "vectors.faiss" in out
    assert err.count("\n") == 1


def test_the_doctor_notes_that_an_older_index_serves_and_finds_nothing_broken(
    copied_index: Path, tmp_path: Path, settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(PROJECT / "corpus", corpus)
    (corpus / "nyt.txt").write_text("OM HEGN\n\n• Hegnspæle skal males hvert andet år\n", encoding="utf-8")
    settings(CORPUS__PATH=corpus)
    assert main(["build"]) == 0
    newest = copied_index / "generations" / (copied_index / "CURRENT").read_text()
    with (newest / "passages.jsonl").open("ab") as file:
        file.write(b"x")
    capsys.readouterr()

    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    (line,) = [line for line in out.splitlines() if " indeks: " in line]
    assert line.startswith("OBS ")
    assert "passages.jsonl" in line
    assert err == ""


def test_the_doctor_names_a_database_that_cannot_be_used(
    tmp_path: Path, settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.sqlite3").write_bytes(b"ingen database" * 100)
    settings(DATABASE__URL=f"sqlite:///{tmp_path / 'a.sqlite3'}")

    assert main(["doctor"]) == 2
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        "OK",
        "OK",
        "OK",
        "FEJL",
        "-",
    ]


def test_the_doctor_names_a_language_model_that_does_not_answer(
    settings: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    settings(LLM__BASE_URL="http://127.0.0.1:9/v1", LLM__MODEL="m")

    assert main(["doctor"]) == 2
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("FEJL  sprogmodel til svar: ")
    assert "127.0.0.1:9" in last


# --- corpus ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [("build",), ("ask", "Hvad er tillid?"), ("documents",)])
def test_a_corpus_folder_that_is_not_there(
    refuse: Refuse, settings: Callable[..., None], tmp_path: Path, command: tuple[str, ...]
) -> None:
    settings(CORPUS__PATH=tmp_path / "væk", INDEX__PATH=tmp_path / "index")
    line = refuse(*command)

    assert str(tmp_path / "væk") in line
    assert "corpus.path" in line


@pytest.mark.parametrize("command", [("build",), ("ask", "Hvad er tillid?")])
def test_an_empty_corpus(
    refuse: Refuse, settings: Callable[..., None], tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "tom").mkdir()
    settings(CORPUS__PATH=tmp_path / "tom", INDEX__PATH=tmp_path / "index")

    assert str(tmp_path / "tom") in refuse(*command)


def test_a_corpus_where_nothing_can_be_read(
    refuse: Refuse, settings: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "tom.txt").write_text(" \n", encoding="utf-8")
    settings(CORPUS__PATH=tmp_path, INDEX__PATH=tmp_path / "index")

    assert "tom.txt" in refuse("build")


def test_a_corpus_that_is_a_file(refuse: Refuse, settings: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("x", encoding="utf-8")
    settings(CORPUS__PATH=tmp_path / "fil", INDEX__PATH=tmp_path / "index")

    assert str(tmp_path / "fil") in refuse("build")


# --- a document that cannot be read, the others still are -----------------------------------------


def test_an_unreadable_document_is_named_and_the_others_answer(
    settings: Callable[..., None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dige.txt").write_text("DIGET\n\n• Diget skal være tre meter højt\n", encoding="utf-8")
    (tmp_path / "å.pdf").write_bytes(b"%PDF-1.7 og ikke mere")
    settings(CORPUS__PATH=tmp_path, INDEX__PATH=tmp_path / "index")

    assert main(["build"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 dokument, 1 tekststykke ")
    assert err.startswith("Ikke indlæst: å.pdf")
    assert err.count("\n") == 1


# --- what nobody foresaw ----------------------------------------------------------------------------


@pytest.fixture
def broken(settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program with a fault in it; returns the folder of temporary files."""

    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError("Skriv til anna@example.dk")

    monkeypatch.setattr("assistant.live.LiveAssistant", fault)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_fault_of_ours_is_one_line_and_its_place_is_in_a_file(refuse: Refuse, broken: Path) -> None:
    line = refuse("ask", "Hvad er tillid?")

    (file,) = broken.glob("assistant-fejl-*.log")
    kept = file.read_text(encoding="utf-8")
    assert "ikke havde forudset (ZeroDivisionError)" in line
    assert str(file) in line
    assert "in fault" in kept
    assert "anna@" not in line + kept
    assert file.stat().st_mode & 0o077 == 0


def test_a_fault_of_ours_is_one_line_also_where_no_file_can_be_written(
    refuse: Refuse, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(broken / "findes-ikke"))

    assert "--debug" in refuse("ask", "Hvad er tillid?")


def test_with_debug_its_place_is_told_at_once(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--debug", "ask", "Hvad er tillid?"]) == 2

    err = capsys.readouterr().err
    assert "in fault" in err
    assert err.splitlines()[-1].startswith("Der skete en fejl, som vi ikke havde forudset")
    assert not list(broken.glob("assistant-fejl-*"))


# --- in a process of its own ----------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("ask", ""), ("spørg", "Hvad?")])
def test_a_refusal_has_no_traceback(environment: Mapping[str, str], arguments: tuple[str, ...]) -> None:
    done = run_assistant(environment, *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (("ask", "--json", "Hvad er \udcff tillid?"), b""),
        (("ask", "Og staten?", "--history", "Hvad siger KOMDIR om \udcff tillid?"), b""),
        (("chat",), b"Hvad er \xff tillid?\nslut\n"),
    ],
    ids=["question", "history", "chat"],
)
def test_bytes_that_are_no_text_bring_no_traceback(
    environment: Mapping[str, str], arguments: tuple[str, ...], typed: bytes
) -> None:
    told = {**environment, "PYTHONIOENCODING": "utf-8:strict"}
    done = run_assistant(told, *(os.fsencode(a) for a in arguments), typed=typed, encoding=None)

    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 2)


def test_a_terminal_without_danish_letters_brings_no_traceback(environment: Mapping[str, str]) -> None:
    told = {**environment, "PYTHONIOENCODING": "ascii"}
    done = run_assistant(told, "documents", typed=b"", encoding=None)

    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
