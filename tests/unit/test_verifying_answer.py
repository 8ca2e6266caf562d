"""What verification makes of a model's answer: blocks, citations, warnings and notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.records import Block, Document, Page
from assistant.text.folding import clean
from assistant.text.passages import cut_document
from assistant.verifying.answer import Verified, Verifier, verify
from assistant.verifying.sources import Source
from assistant.verifying.splitting import Splitter, sentences

COAST_PAGE = (
    "DEN SIKRE KYST\n\n• Diget skal være tre meter højt og bygges\nfør den 1. maj 2027\n\n"
    "• Stranden renses ikke om vinteren\n\n• Havnefoged Ida Krogh har ansvaret for havnen\n"
)
FOREST_PAGE = "Hvad gør vi i skoven?\n\n• Træerne fældes kun om vinteren\n\n• Kan ulven blive boende?\n"


def _document(name: str, organisation: str, page: str, *aliases: str) -> Document:
    return Document(name, f"Om {name}", organisation, "oplæg", "da", name, (Page(1, page),), aliases=aliases)


COAST = _document("kyst", "Kystrådet", COAST_PAGE, "kystens venner")
FOREST = _document("skov", "Skovstyrelsen", FOREST_PAGE)
SOURCES = tuple(
    Source(number, passage, document.page(1).text, document)
    for number, (document, passage) in enumerate(
        ((d, p) for d in (COAST, FOREST) for p in cut_document(d)), 1
    )
)
DIKE, BEACH, HARBOUR, TREES, WOLF = SOURCES


def one(text: str) -> Block:
    """The block of an answer of one sentence."""
    (block,) = verify(text, SOURCES).blocks
    return block


# --- what is verified -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "Diget skal være tre meter højt [1].",
        "Kystrådet skriver, at diget skal være 3 meter højt [1].",
        "Diget skal bygges før den 1. maj 2027 [1].",
        "Stranden bliver ikke renset om vinteren [2].",
        "Skovstyrelsen spørger, om ulven kan blive boende [5].",
    ],
)
def test_what_its_source_says_is_verified(sentence: str) -> None:
    block = one(sentence)

    assert block.state == "verified"
    assert block.warnings == ()
    assert len(block.cites) == 1


@pytest.mark.parametrize(
    ("sentence", "warning"),
    [
        ("Diget skal ikke være tre meter højt [1].", "et »ikke«"),
        ("Stranden renses om vinteren [2].", "et »ikke«"),
        ("Diget kan være tre meter højt [1].", "skal, bør eller kan"),
        ("Diget skal være tre meter lavt [1].", "den modsatte vej"),
        ("Diget skal være fire meter højt [1].", "»fire« står ikke"),
        ("Diget skal bygges før den 1. juni 2027 [1].", "»juni« står ikke"),
        ("Havnefoged Ida Lund har ansvaret for havnen [3].", "»Lund« står ikke"),
        ("Alle træerne fældes altid om vinteren [4].", "mere generelt"),
        ("Ulven kan blive boende [5].", "som et spørgsmål"),
        ("Skovstyrelsen skriver, at diget skal være tre meter højt [1].", "ikke fra Skovstyrelsen"),
        ("Diget skal være tre meter højt, fordi havet stiger [1].", "grunden"),
        ("Diget skal være tre meter højt og males rødt af frivillige [1].", "ikke hele sætningen"),
        ("Diget skal være tre meter højt [2].", "»tre« står ikke i kilden"),
        ("Diget skal være højt.", "ingen kildehenvisning"),
    ],
)
def test_what_its_source_does_not_say_is_not_and_the_reader_is_told_why(sentence: str, warning: str) -> None:
    block = one(sentence)

    assert block.state == "unverified"
    assert any(warning in told for told in block.warnings), block.warnings


@pytest.mark.parametrize(
    "sentence", ["Hej!", "Her er svaret på dit spørgsmål:", "Kort sagt:", "Hvad ellers?"]
)
def test_what_claims_nothing_has_no_state(sentence: str) -> None:
    assert (one(sentence).state, one(sentence).warnings) == ("", ())


@pytest.mark.parametrize("sentence", ["Ja.", "Nej [1].", "Det koster 40 kroner?"])
def test_a_verdict_or_a_number_claims_something(sentence: str) -> None:
    assert one(sentence).state == "unverified"


def test_two_sources_may_support_together_what_neither_does_alone() -> None:
    block = one("Diget skal være tre meter højt, og stranden renses ikke om vinteren [1][2].")

    assert block.state == "verified"
    assert len(block.cites) == 2


def test_a_source_that_adds_nothing_is_left_out_and_that_is_said() -> None:
    block = one("Træerne fældes kun om vinteren [1][4].")

    assert block.state == "verified"
    assert block.warnings == ("Henvisningen [1] er fjernet: kilden støtter ikke sætningen.",)
    assert len(block.cites) == 1


@pytest.mark.parametrize(
    ("sentence", "state"),
    [
        ("Management is responsible for quality [1].", "verified"),
        ("Management is not responsible for quality [1].", "unverified"),
        ("Employees are responsible for quality [1].", "unverified"),
    ],
)
def test_english_sentences_are_held_against_danish_sources(sentence: str, state: str) -> None:
    document = _document("ansvar", "Rådet", "OM ANSVAR\n\n• Ledelsen er ansvarlig for kvalitet\n")
    (passage,) = cut_document(document)
    answer = verify(sentence, [Source(1, passage, document.page(1).text, document)])

    assert answer.blocks[0].state == state


# --- markers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marker", ["[4]", "[Kilde 4]", "【4】", "［４］", "[^4]", "[4][4]", "[4, 4]", "[kilde nr. 4]"]
)
def test_markers_are_read_however_they_are_written(marker: str) -> None:
    answer = verify(f"Træerne fældes kun om vinteren {marker}.", SOURCES)

    assert answer.blocks[0].text == "Træerne fældes kun om vinteren."
    assert [c.marker for c in answer.citations] == [4]


def test_an_invented_marker_is_removed_and_that_is_said() -> None:
    answer = verify("Træerne fældes kun om vinteren [4][9].", SOURCES)

    assert answer.blocks[0].state == "verified"
    assert answer.blocks[0].warnings == ("Henvisningen [9] er fjernet: den kilde findes ikke.",)
    assert answer.notices == ("Svaret henviste til kilder, som ikke findes ([9]). Det er fjernet.",)
    assert [c.passage for c in answer.citations] == [TREES.passage]


def test_a_marker_behind_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    answer = verify("Træerne fældes kun om vinteren. [4] Stranden renses ikke om vinteren. [2]", SOURCES)

    assert [(b.text, b.state) for b in answer.blocks] == [
        ("Træerne fældes kun om vinteren.", "verified"),
        ("Stranden renses ikke om vinteren.", "verified"),
    ]


def test_the_items_of_a_list_rest_on_what_the_line_above_them_cites() -> None:
    answer = verify("Der står: [1, 4]\n- Diget skal være tre meter højt\n- Ulven skal skydes", SOURCES)

    assert [b.state for b in answer.blocks[1:]] == ["verified", "unverified"]
    assert [b.opens for b in answer.blocks[1:]] == [True, True]
    assert [answer.citations[i].marker for i in answer.blocks[1].cites] == [1]


# --- quotations -----------------------------------------------------------------------------------


def test_a_quotation_is_cited_where_it_stands_across_a_line_end() -> None:
    answer = verify(
        "Kystrådet skriver »skal være tre meter højt og bygges før den 1. maj 2027« [1].", SOURCES
    )

    assert answer.blocks[0].state == "verified"
    (citation,) = answer.citations
    assert citation.quote == "skal være tre meter højt og bygges før den 1. maj 2027"
    assert clean(COAST_PAGE[citation.span.start : citation.span.end]) == citation.quote
    assert citation.verified


@pytest.mark.parametrize("quoted", ["»{}«", "“{}”", "”{}”", '"{}"', "„{}“"])
def test_all_quotation_marks_count(quoted: str) -> None:
    true, forged = (f"Der står {quoted.format(text)} [4]." for text in ("kun om vinteren", "kun om sommeren"))

    assert verify(true, SOURCES).citations[0].quote == "kun om vinteren"
    assert "står ikke ordret" in one(forged).warnings[0]
    assert one(forged).state == "unverified"


@pytest.mark.parametrize(
    "quote",
    [
        "Træerne fældes kun om vinter",
        "træerne fældes kun om vinteren",
        "Træerne … vinteren",
        "Diget skal være",
    ],
)
def test_a_quotation_must_stand_there_letter_for_letter(quote: str) -> None:
    assert one(f"Skovstyrelsen skriver »{quote}« [4].").state == "unverified"


# --- the whole answer -----------------------------------------------------------------------------


def test_an_answer_with_nothing_verified_is_not_supported() -> None:
    answer = verify("Ulven er farlig [5]. Havet stiger.", SOURCES)

    assert not answer.supported
    assert verify("Træerne fældes kun om vinteren [4]. Havet stiger.", SOURCES).supported


def test_how_much_is_not_verified_is_told() -> None:
    answer = verify("Hej! Træerne fældes kun om vinteren [4]. Havet stiger. Ulven er væk [5].", SOURCES)

    assert answer.notices == ("2 af 3 sætninger kunne ikke verificeres i kilderne.",)


def test_numbers_and_names_that_stand_in_no_source_are_flagged_wherever_they_stand() -> None:
    told = [
        w for b in verify("Det kostede halvdelen. Kender du Bodil Sø?", SOURCES).blocks for w in b.warnings
    ]

    assert "»halvdelen« står ikke i nogen af kilderne." in told
    assert "»Bodil« og »Sø« står ikke i nogen af kilderne." in told


def test_without_sources_nothing_is_verified_and_nothing_breaks() -> None:
    answer = verify("Diget skal være tre meter højt [1].", ())

    assert (answer.supported, answer.citations) == (False, ())
    assert verify("", SOURCES) == Verified((), (), (), supported=False)


def test_masked_or_other_documents_are_cited_by_what_was_given_only() -> None:
    renumbered = [replace(source, number=source.number + 10) for source in SOURCES]
    answer = verify("Træerne fældes kun om vinteren [4]. Træerne fældes kun om vinteren [14].", renumbered)

    assert [block.state for block in answer.blocks] == ["unverified", "verified"]
    assert [citation.marker for citation in answer.citations] == [14]


TEXT = (
    "Hej! Diget skal være ca. 3 meter højt [1]. Stranden renses ikke. [2] Se\n\n"
    "1. Træerne fældes [4]\n- Ulven [5]\n"
)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_text_that_comes_in_pieces_gives_the_same_as_the_whole(step: int) -> None:
    splitter, verifier = Splitter(), Verifier(SOURCES)
    cut = []
    for start in range(0, len(TEXT), step):
        cut.extend(splitter.feed(TEXT[start : start + step]))
    cut.extend(splitter.finish())
    for sentence in cut:
        verifier.sentence(sentence.text, sentence.opens)

    assert tuple(cut) == sentences(TEXT)
    assert verifier.finish() == verify(TEXT, SOURCES)
