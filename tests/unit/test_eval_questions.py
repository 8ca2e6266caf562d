"""A question file is used whole, or refused with the name of the file and the line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eval_world import DOCUMENTS

from eval.cli import main
from eval.lines import LinesError
from eval.questions import Gold, load_questions, parse_questions

GOOD = {
    "id": "q1",
    "question": "Hvor højt skal diget være?",
    "kind": "fakta",
    "gold": [{"doc": "kyst", "any": ["tre meter"]}],
}


def parsed(*entries: object) -> object:
    text = "\n".join(entry if isinstance(entry, str) else json.dumps(entry) for entry in entries)
    return parse_questions(text.encode(), "fil.jsonl", DOCUMENTS)


def refusal(*entries: object) -> LinesError:
    with pytest.raises(LinesError) as caught:
        parsed(*entries)
    return caught.value


def test_a_good_file_gives_its_questions_in_order() -> None:
    second = {**GOOD, "id": "q2", "kind": "opfølgning", "history": ["Hvad gælder ved kysten?"]}
    questions = parsed(GOOD, "", second).questions
    assert [question.id for question in questions] == ["q1", "q2"]
    assert questions[0].gold == (Gold("kyst", ("tre meter",)),)
    assert questions[1].history == ("Hvad gælder ved kysten?",)


def test_white_space_is_folded_before_a_snippet_is_compared() -> None:
    folded = {**GOOD, "gold": [{"doc": "kyst", "any": ["tre  meter\nhøjt"]}]}
    assert parsed(folded).questions


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(GOOD).encode() + b"\r\n\r\n"
    assert len(parse_questions(data, "fil.jsonl", DOCUMENTS).questions) == 1


def test_a_line_separator_inside_a_string_does_not_end_the_line() -> None:
    entry = json.dumps({**GOOD, "question": "Hvor\u2028højt?"}, ensure_ascii=False)
    assert parsed(entry).questions[0].text == "Hvor\u2028højt?"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "ikke gyldig JSON"),
        ("[" * 100_000, "ikke gyldig JSON"),
        ("[1]", "ikke et JSON-objekt"),
        ({key: value for key, value in GOOD.items() if key != "gold"}, "feltet gold mangler"),
        ({**GOOD, "id": 7}, "feltet id skal være tekst"),
        ({**GOOD, "question": " "}, "feltet question er tomt"),
        ({**GOOD, "question": "\ud800"}, "ikke gyldig Unicode"),
        ({**GOOD, "kind": "gåde"}, "ukendt kind »gåde«"),
        ({**GOOD, "gold": {}}, "feltet gold skal være en liste"),
        ({**GOOD, "gold": ["kyst"]}, "ikke et objekt"),
        ({**GOOD, "gold": [{"doc": "fjeld", "any": ["x"]}]}, "ukendt dokument »fjeld«. Der er: kyst, skov"),
        ({**GOOD, "gold": [{"doc": "kyst", "any": []}]}, "any er tom"),
        (
            {**GOOD, "gold": [{"doc": "kyst", "any": ["fire meter"]}]},
            "»fire meter« står ikke i dokumentet »kyst«",
        ),
        ({**GOOD, "gold": [{"doc": "skov", "any": ["tre meter"]}]}, "står ikke i dokumentet »skov«"),
        ({**GOOD, "kind": "ubesvarbar"}, "tom gold"),
        ({**GOOD, "history": "før"}, "feltet history skal være en liste"),
    ],
)
def test_a_wrong_line_is_named(line: object, message: str) -> None:
    error = refusal({**GOOD, "id": "q0"}, "", line)
    assert str(error).startswith("fil.jsonl:3: ")
    assert message in str(error)
    assert "\n" not in str(error)


def test_two_equal_ids_name_both_lines() -> None:
    assert "fil.jsonl:2: id'et »q1« er allerede brugt i linje 1" in str(refusal(GOOD, GOOD))


def test_an_empty_file_is_refused() -> None:
    assert "fil.jsonl:1: filen har ingen spørgsmål" in str(refusal(" \n\n"))


def test_bytes_that_are_not_utf8_are_refused_with_their_line() -> None:
    with pytest.raises(LinesError, match=r"fil\.jsonl:2: .*UTF-8"):
        parse_questions(json.dumps(GOOD).encode() + b"\n\xe6\n", "fil.jsonl", DOCUMENTS)


def test_all_wrong_lines_are_kept_and_the_first_is_told() -> None:
    error = refusal("{", GOOD, "[]")
    assert [problem.line for problem in error.problems] == [1, 3]
    assert str(error).endswith("(og 1 fejl mere i filen)")


def test_terminal_codes_in_a_value_are_not_repeated() -> None:
    assert "\x1b" not in str(refusal({**GOOD, "kind": "\x1b[2J"}))


def test_a_fingerprint_depends_on_the_questions_and_not_on_their_order() -> None:
    other = {**GOOD, "id": "q2", "question": "Hvad koster diget?"}
    one = parsed(GOOD, other).fingerprint
    assert parsed(other, GOOD).fingerprint == one
    assert parsed(GOOD, {**other, "question": "Hvad koster det?"}).fingerprint != one


def test_a_missing_file_is_one_line_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(LinesError, match=r"mangler\.jsonl: filen kan ikke læses \(den findes ikke\)"):
        load_questions(tmp_path / "mangler.jsonl", DOCUMENTS)


def test_validate_ends_with_status_2_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "kyst.txt").write_text("Diget er tre meter højt.\n", encoding="utf-8")
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    bad.write_text(json.dumps(GOOD) + "\n{\n", encoding="utf-8")
    assert main(["validate", "--corpus", str(corpus), str(good)]) == 0
    assert "1 spørgsmål" in capsys.readouterr().out
    assert main(["validate", "--corpus", str(corpus), str(good), str(bad)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{bad}:2: ")
    assert captured.err.count("\n") == 1
