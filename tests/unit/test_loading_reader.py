"""Files of a folder to documents, by content, and a message for each that cannot be read."""

from __future__ import annotations

import codecs
import unicodedata
from pathlib import Path

import pptx
import pytest
from support.corpora import write
from support.pdfs import password_pdf, scanned_pdf, slides_pdf

from assistant.errors import CorpusError, DocumentError
from assistant.loading.metadata import Metadata, described
from assistant.loading.reader import Problem, read_document, read_folder
from assistant.records import Document

TEXT = "Overskrift på side ét\n\nVi går forrest.\fSide to"


def pages(folder: Path, name: str, content: str | bytes) -> list[str]:
    return [page.text.strip() for page in read_document(write(folder, [(name, content)]) / name).pages]


def problems(folder: Path) -> dict[str, str]:
    return {item.source: item.message for item in read_folder(folder) if isinstance(item, Problem)}


def documents(folder: Path) -> list[str]:
    return [item.id for item in read_folder(folder) if isinstance(item, Document)]


# --- reading by content -----------------------------------------------------------------------------


def test_form_feed_starts_a_page(tmp_path: Path) -> None:
    assert pages(tmp_path, "a.txt", TEXT) == ["Overskrift på side ét\n\nVi går forrest.", "Side to"]


def test_form_feed_at_the_end_starts_no_page(tmp_path: Path) -> None:
    assert pages(tmp_path, "a.txt", "En\fTo\f") == ["En", "To"]


def test_pdf_named_txt_is_read_as_pdf(tmp_path: Path) -> None:
    assert pages(tmp_path, "a.txt", slides_pdf(["Fra en PDF"])) == ["Fra en PDF"]


def test_pdf_with_another_name_belongs_to_the_corpus(tmp_path: Path) -> None:
    assert documents(write(tmp_path, [("rapport.bin", slides_pdf(["Fra en PDF"]))])) == ["rapport"]


def test_text_named_pdf_is_read_as_text(tmp_path: Path) -> None:
    assert pages(tmp_path, "a.pdf", "Almindelig tekst") == ["Almindelig tekst"]


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["BOM", "UTF-16", "UTF-16 BE", "CRLF", "CR"],
)
def test_every_common_form_of_text_reads_alike(tmp_path: Path, data: bytes) -> None:
    read = read_document(write(tmp_path, [("a.txt", data)]) / "a.txt")
    assert [page.text for page in read.pages] == TEXT.split("\f")


def test_document_is_named_after_its_file(tmp_path: Path) -> None:
    read = read_document(
        write(tmp_path, [("Årsrapport 2024.txt", "Titlen\n\nTekst.")]) / "Årsrapport 2024.txt"
    )
    assert (read.id, read.source, read.title) == ("Årsrapport 2024", "Årsrapport 2024.txt", "Titlen")


def test_checksum_follows_the_bytes(tmp_path: Path) -> None:
    write(tmp_path, [("a.txt", "Tekst"), ("b.txt", "Tekst"), ("c.txt", "Tekst.")])
    a, b, c = (read_document(tmp_path / f"{name}.txt").sha256 for name in "abc")
    assert a == b != c


# --- what cannot be read ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "", "tom"),
        ("a.pdf", "", "tom"),
        ("a.txt", " \n\t\f\n ", "tom"),
        ("a.txt", codecs.BOM_UTF8, "tom"),
        ("a.txt", bytes(range(256)) * 4, "UTF-8"),
        ("a.txt", codecs.BOM_UTF16_LE + b"abc", "UTF-8"),
        ("a.pdf", b"\x00\x01\x02\x03" * 20, "ikke en PDF"),
        ("a.pdf", password_pdf("hemmelig"), "adgangskode"),
        ("a.pdf", scanned_pdf(), "scannet"),
        ("a.pdf", slides_pdf(["Tekst"])[:300], "beskadiget"),
    ],
)
def test_bad_document_gets_one_line_that_names_it(
    tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    with pytest.raises(DocumentError, match=says) as caught:
        read_document(write(tmp_path, [(name, content)]) / name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message


def test_folder_in_place_of_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(DocumentError, match=r"^a\.txt: filen kan ikke åbnes"):
        read_document(tmp_path / "a.txt")


def test_broken_link_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").symlink_to(tmp_path / "findes-ikke.pdf")
    write(tmp_path, [("b.txt", "Tekst")])
    assert list(problems(tmp_path)) == ["a.pdf"]
    assert documents(tmp_path) == ["b"]


def test_bad_documents_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        [("a.pdf", scanned_pdf()), ("b.txt", "Tekst"), ("c.txt", bytes(range(256)) * 4), ("d.txt", "")],
    )
    assert list(problems(tmp_path)) == ["a.pdf", "c.txt", "d.txt"]
    assert documents(tmp_path) == ["b"]


def test_second_document_of_a_name_is_refused_with_the_first_named(tmp_path: Path) -> None:
    write(tmp_path, [("a.pdf", slides_pdf(["PDF"])), ("a.txt", "Tekst")])
    assert "a.pdf" in problems(tmp_path)["a.txt"]
    assert documents(tmp_path) == ["a"]


def test_unreadable_document_leaves_its_name_to_another(tmp_path: Path) -> None:
    write(tmp_path, [("a.pdf", scanned_pdf()), ("a.txt", "Tekst")])
    assert (list(problems(tmp_path)), documents(tmp_path)) == (["a.pdf"], ["a"])


def test_hidden_and_foreign_files_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path, [(".a.txt", "x"), ("~a.txt", "x"), ("a.jpg", b"\xff\xd8"), ("b.txt", "Tekst")])
    assert (documents(tmp_path), problems(tmp_path)) == (["b"], {})


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="findes-ikke"):
        list(read_folder(tmp_path / "findes-ikke"))


def test_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"ingen dokumenter.*\.txt"):
        list(read_folder(tmp_path))


# --- corpus.toml ------------------------------------------------------------------------------------


def read_with(folder: Path, toml: str | bytes) -> Document:
    (read,) = [
        i
        for i in read_folder(write(folder, [("a.txt", "T"), ("corpus.toml", toml)]))
        if isinstance(i, Document)
    ]
    return read


def test_metadata_describe_a_document(tmp_path: Path) -> None:
    toml = (
        '[a]\ntitle = "Titel"\norganisation = "KL"\nkind = "notat"\n'
        'language = "en"\npage_noun = "slide"\naliases = ["x"]'
    )
    read = read_with(tmp_path, toml)
    assert (read.title, read.organisation, read.kind, read.language) == ("Titel", "KL", "notat", "en")
    assert (read.page_noun, read.aliases) == ("slide", ("x",))


def test_metadata_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert read_with(tmp_path, codecs.BOM_UTF8 + b'[a]\ntitle = "Titel"').title == "Titel"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[a\ntitle", "TOML"),
        (b'[a]\ntitle = "\xe6"', "TOML"),
        ('a = "x"', "»a«"),
        ('[a]\ntitel = "x"', "titel"),
        ("[a]\ntitle = 3", "title"),
        ('[a]\naliases = "x"', "aliases"),
        ('[a]\npage_noun = "ark"', "page_noun"),
    ],
)
def test_wrong_metadata_are_named_with_their_file(tmp_path: Path, toml: str | bytes, says: str) -> None:
    with pytest.raises(CorpusError, match=rf"corpus\.toml.*{says}"):
        read_with(tmp_path, toml)


def test_name_with_a_danish_letter_is_told_to_be_quoted(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="citationstegn"):
        read_with(tmp_path, "[årsrapport]")


def test_metadata_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").mkdir()
    with pytest.raises(CorpusError, match=r"corpus\.toml"):
        list(read_folder(write(tmp_path, [("a.txt", "T")])))


def test_metadata_without_a_document_are_told_in_order(tmp_path: Path) -> None:
    toml = "\n".join(f"[{name}]" for name in "zyxwvutsrq")
    write(tmp_path, [("a.txt", "T"), ("corpus.toml", toml)])
    named = [item.message.split("[")[1][0] for item in read_folder(tmp_path) if isinstance(item, Problem)]
    assert named == list("qrstuvwxyz")


def test_metadata_without_a_document_are_a_notice_and_no_unread_document(tmp_path: Path) -> None:
    write(tmp_path, [("a.txt", "T"), ("corpus.toml", "[b]"), ("c.txt", "")])
    kinds = {item.source: item.kind for item in read_folder(tmp_path) if isinstance(item, Problem)}
    assert kinds == {"corpus.toml": "notice", "c.txt": "unread"}


def test_decomposed_file_name_has_the_section_and_the_id_of_the_composed_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        [(unicodedata.normalize("NFD", "årsplan.txt"), "T"), ("corpus.toml", '["årsplan"]\ntitle = "X"')],
    )
    (read,) = list(read_folder(tmp_path))
    assert isinstance(read, Document)
    assert (read.id, read.title) == ("årsplan", "X")


def test_presentation_has_slides_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    presentation = pptx.Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "Titel"
    presentation.save(tmp_path / "a.pptx")
    assert read_document(tmp_path / "a.pptx").page_noun == "slide"
    assert described(read_document(tmp_path / "a.pptx"), Metadata(page_noun="side")).page_noun == "side"
