"""A citation is an exact slice of its page and counts only where it stands there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from retrieval_world import COAST, COAST_PAGES, document

from assistant.citing import (
    WHOLE_UP_TO,
    cite,
    lasting_reference,
    memo_reference,
    page_name,
    reference,
    stands_in,
    to_keep,
)
from assistant.errors import UnknownDocument
from assistant.records import Document, Page, Passage, Span
from assistant.text.danish import stems
from assistant.text.folding import clean
from assistant.text.passages import cut_document

SENTENCES = (
    "Kysten er lang og smuk, og den har altid været et sted, hvor folk mødes om arbejdet med havet og dets fisk.",
    "Diget skal være tre meter højt, og det skal kunne stå for en storm, som kun kommer én gang hvert hundrede år.",
    "Diget efterses hver måned af folk, der kender det, og som har deres daglige gang i landet bag ved det.",
    "Havnen holdes åben hele året, også når der er is i fjorden, og fiskerne får hjælp af kommunens egne folk.",
    "Stranden renses hver uge om sommeren, så alle, der kommer forbi, kan gå på den uden sko fra morgen til aften.",
)


@pytest.fixture(scope="module")
def prose() -> Document:
    return document("prosa", ("KYSTEN\n\n" + "\n".join(SENTENCES) + "\n",))


@pytest.fixture(scope="module")
def paragraph(prose: Document) -> Passage:
    (found,) = [p for p in cut_document(prose) if len(p.text) > WHOLE_UP_TO]
    return found


def sliced(source: Document, passage: Passage, span: Span) -> str:
    return source.page(passage.page).text[span.start : span.end]


# --- quotes ---------------------------------------------------------------------------------------


def test_every_quote_is_the_slice_of_its_page() -> None:
    for passage in cut_document(COAST):
        citation = cite(COAST, passage, 1)

        assert citation.quote == clean(sliced(COAST, passage, citation.span)) == passage.text
        assert citation.verified


def test_a_citation_keeps_its_number_and_passage() -> None:
    passage = cut_document(COAST)[1]

    assert (cite(COAST, passage, 7).marker, cite(COAST, passage, 7).passage) == (7, passage)


def test_a_short_passage_is_quoted_whole_whatever_is_asked() -> None:
    passage = cut_document(COAST)[0]

    assert cite(COAST, passage, 1, stems("diget")).span == passage.span


def test_a_line_broken_inside_a_sentence_is_quoted_in_one_line() -> None:
    broken = document("brudt", ("KYSTEN\n\n• Diget skal være\ntre meter højt\n\n• Havnen holdes åben\n",))
    citation = cite(broken, cut_document(broken)[0], 1)

    assert citation.quote == "Diget skal være tre meter højt"
    assert citation.verified


def test_a_word_broken_at_a_line_end_is_quoted_whole() -> None:
    broken = document(
        "brudt", ("KYSTEN\n\n• Alle skal have ind-\nflydelse på diget\n\n• Havnen holdes åben\n",)
    )
    citation = cite(broken, cut_document(broken)[0], 1)

    assert citation.quote == "Alle skal have indflydelse på diget"
    assert citation.verified


def test_the_sentence_that_answers_is_quoted_from_a_long_passage(prose: Document, paragraph: Passage) -> None:
    citation = cite(prose, paragraph, 1, stems("havnen åben"))

    assert citation.quote == SENTENCES[3]
    assert citation.quote == clean(sliced(prose, paragraph, citation.span))
    assert citation.verified


def test_a_neighbour_about_the_same_is_quoted_too(prose: Document, paragraph: Passage) -> None:
    assert cite(prose, paragraph, 1, stems("diget")).quote == f"{SENTENCES[1]} {SENTENCES[2]}"


@pytest.mark.parametrize("best", range(len(SENTENCES)))
def test_a_quote_is_made_of_whole_sentences_and_not_too_many(
    prose: Document, paragraph: Passage, best: int
) -> None:
    everywhere = stems("kysten diget efterses havnen stranden")
    quote = cite(prose, paragraph, 1, [*everywhere, *stems(SENTENCES[best])]).quote
    assert SENTENCES[best] in quote

    left = quote
    for sentence in SENTENCES:
        left = left.replace(sentence, "")
    assert left.strip() == ""
    assert 0 < len(quote) <= WHOLE_UP_TO


def test_a_long_passage_without_a_subject_is_quoted_whole(prose: Document, paragraph: Passage) -> None:
    assert cite(prose, paragraph, 1).span == paragraph.span


def test_a_citation_that_does_not_stand_on_its_page_is_not_verified() -> None:
    passage = cut_document(COAST)[0]
    elsewhere = replace(passage, span=Span(10_000, 10_010))

    assert not cite(COAST, elsewhere, 1).verified


# --- verifying ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "quote", ["Diget skal være tre meter højt", "Diget  skal\nvære tre", "højt • Stranden renses hver uge"]
)
def test_what_stands_on_the_page_is_verified(quote: str) -> None:
    assert stands_in(quote, Page(1, COAST_PAGES[0]))


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  \n",
        "Diget skal være fire meter højt",
        "diget skal være tre meter højt",
        "Diget skal tre",
        "højt, Stranden",
    ],
)
def test_what_does_not_stand_on_the_page_is_not_verified(quote: str) -> None:
    assert not stands_in(quote, Page(1, COAST_PAGES[0]))


def test_quotation_marks_of_any_form_are_equal() -> None:
    assert stands_in('"rolig udvikling"', Page(1, "Er ”rolig udvikling” nok?"))


def test_a_letter_in_two_forms_of_unicode_is_one() -> None:
    assert stands_in("på åen", Page(1, "vi bor pa\u030a a\u030aen"))


# --- references -----------------------------------------------------------------------------------


def test_a_reference_can_be_pasted() -> None:
    assert reference(COAST, 2) == "KYSTRÅDET, Om kyst, slide 2"


def test_a_page_is_named_as_the_document_calls_it() -> None:
    assert page_name(replace(COAST, page_noun="side"), 1) == "side 1"


def test_a_printed_label_is_named_where_it_differs() -> None:
    labelled = replace(COAST, page_noun="side", pages=(Page(1, "a", label="1"), Page(2, "b", label="10")))

    assert page_name(labelled, 1) == "side 1"
    assert page_name(labelled, 2) == "side 2 (trykt: 10)"
    assert reference(labelled, 2) == "KYSTRÅDET, Om kyst, side 2 (trykt: 10)"


def test_a_page_that_is_not_there_has_no_reference() -> None:
    with pytest.raises(KeyError, match="kyst has no page 9"):
        reference(COAST, 9)


@pytest.mark.parametrize(
    ("noun", "label", "written"),
    [
        ("side", None, "KOMDIR, Notat om hegn, s. 1"),
        ("side", "1", "KOMDIR, Notat om hegn, s. 1"),
        ("side", "iv", "KOMDIR, Notat om hegn, s. iv (side 1 i filen)"),
        ("slide", None, "KOMDIR, Notat om hegn, slide 1"),
        ("slide", "7", "KOMDIR, Notat om hegn, slide 7 (slide 1 i filen)"),
    ],
)
def test_a_reference_for_a_memo_counts_pages_as_they_are_printed(
    noun: Any, label: str | None, written: str
) -> None:
    page = Page(1, "Hegn", label=label)
    paper = Document("hegn", "Notat om hegn", "KOMDIR", "notat", "da", "", (page,), noun)

    assert memo_reference(paper, 1) == written


@pytest.mark.parametrize(
    ("organisation", "written"),
    [("Vejlauget", "Vejlauget, Om kyst, slide 2"), ("kyst", "Om kyst, slide 2"), ("", "Om kyst, slide 2")],
)
def test_a_document_of_no_known_sender_is_called_by_its_title_and_not_by_its_file(
    organisation: str, written: str
) -> None:
    assert reference(replace(COAST, organisation=organisation), 2) == written
    assert memo_reference(replace(COAST, organisation=organisation), 2) == written


# --- documents that are gone ------------------------------------------------------------------------

PAPER = Document(
    "hegn",
    "Hegn i byen",
    "Vejlauget",
    "notat",
    "da",
    "sha",
    tuple(Page(n, f"Tekst {n}", str(n + 8), Span(0, 1)) for n in (1, 2, 3)),
    source="hegn.pdf",
)


def on_page(number: int, document_id: str = "hegn") -> Passage:
    return Passage(f"{document_id}-{number}", document_id, number, "", "Tekst", Span(0, 5), "")


def gone(document_id: str) -> Document:
    raise UnknownDocument(document_id)


def there(_: str) -> Document:
    return PAPER


def test_what_is_kept_of_a_document_is_the_cited_pages_without_their_text() -> None:
    (kept,) = to_keep([on_page(3), on_page(1), on_page(3)], there)

    assert [(page.number, page.label, page.text) for page in kept.pages] == [(1, "9", ""), (3, "11", "")]
    assert (kept.title, kept.organisation, kept.sha256) == ("Hegn i byen", "Vejlauget", "sha")
    assert to_keep([on_page(1)], gone) == ()


@pytest.mark.parametrize("write", [reference, memo_reference])
def test_a_reference_outlives_its_document_and_says_so(write: Any) -> None:
    kept = to_keep([on_page(2)], there)

    assert lasting_reference(on_page(2), there, kept, write) == write(PAPER, 2)
    assert lasting_reference(on_page(2), gone, kept, write) == f"{write(PAPER, 2)} (dokumentet er fjernet)"


def test_of_documents_kept_more_than_once_the_one_with_the_page_is_asked() -> None:
    kept = (*to_keep([on_page(1)], there), *to_keep([on_page(2)], there))

    assert lasting_reference(on_page(2), gone, kept, memo_reference) == (
        "Vejlauget, Hegn i byen, s. 10 (side 2 i filen) (dokumentet er fjernet)"
    )


def test_a_page_that_is_gone_is_not_a_document_that_is_gone() -> None:
    shorter = replace(PAPER, pages=PAPER.pages[:1])

    for kept in ((), to_keep([on_page(3)], there)):
        told = lasting_reference(on_page(3), lambda _: shorter, kept)
        assert told.startswith("Vejlauget, Hegn i byen, side 3")
        assert told.endswith("(siden findes ikke længere)")


def test_what_was_never_kept_is_said_to_be_gone_by_the_name_of_its_file() -> None:
    assert lasting_reference(on_page(2), gone) == (
        "»hegn«, side 2 (dokumentet er fjernet, og titlen kendes ikke)"
    )
