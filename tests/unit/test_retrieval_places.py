"""Who asks for a page or for an outline gets that, and not what is like the words of the question."""

from __future__ import annotations

from dataclasses import replace

import pytest
from retrieval_world import COAST, FOREST, SPEAKERS, document

from assistant.records import Page, Query
from assistant.retrieval.places import MOST_HEADINGS, MOST_PAGES, Part, headings_of, pages_named, parts_asked
from assistant.retrieval.understanding import bare, understand
from assistant.text.folding import clean
from assistant.text.passages import cut_document

DOCUMENTS = (COAST, FOREST)
PASSAGES = {d.id: tuple(cut_document(d)) for d in DOCUMENTS}


def asked(text: str, *history: str) -> tuple[Part, ...]:
    query: Query = understand(
        text, history=history, documents=(), speakers=SPEAKERS, all_documents=[d.id for d in DOCUMENTS]
    )
    return parts_asked(query, DOCUMENTS, PASSAGES.__getitem__, SPEAKERS)


def pages(text: str) -> list[tuple[str, int]]:
    return [(part.document.id, part.page) for part in asked(text)]


@pytest.mark.parametrize(
    "question",
    [
        "Hvad siger slide 2 i KYSTRÅDETs oplæg?",
        "Hvad står der på side 2 hos kysten?",
        "Vis mig kystens slide nr. 2",
        "Hvad skriver KYSTRÅDET på s. 2?",
        "Hvad skriver KYSTRÅDET på den anden slide?",
        "What is on page 2 of the coastal council's paper?",
    ],
)
def test_a_page_is_shown_with_all_that_stands_there(question: str) -> None:
    (part,) = asked(question)

    assert (part.document, part.page) == (COAST, 2)
    assert part.passages == tuple(p for p in PASSAGES["kyst"] if p.page == 2)


def test_a_page_of_nobody_in_particular_is_shown_of_each() -> None:
    assert pages("Hvad står der på side 1?") == [("kyst", 1), ("skov", 1)]


def test_a_document_may_be_called_by_its_kind() -> None:
    assert pages("Hvad står der på side 1 i debatoplægget?") == [("kyst", 1)]


def test_several_pages_are_shown_in_their_order_but_not_a_whole_report() -> None:
    assert pages("Læs side 1-2 hos kysten op") == [("kyst", 1), ("kyst", 2)]
    assert len(asked("Læs side 1-900 op")) <= MOST_PAGES


def test_a_page_that_nobody_has_is_not_there() -> None:
    (part,) = asked("Hvad står der på slide 9 i kystens oplæg?")

    assert not part.there
    assert part.passages == ()


def test_the_front_page_is_the_first_and_the_last_one_the_last() -> None:
    assert pages("Hvad står der på forsiden af kystens oplæg?") == [("kyst", 1)]
    assert pages("Vis den sidste slide fra kysten") == [("kyst", 2)]


def test_a_matter_on_a_page_is_looked_for_there_first() -> None:
    query = understand(
        "Hvad siger kysten om diget på slide 2?",
        history=(),
        documents=(),
        speakers=SPEAKERS,
        all_documents=["kyst", "skov"],
    )

    assert pages_named(query, DOCUMENTS) == {("kyst", 2)}
    assert pages_named(replace(query, text="Hvad siger kysten om diget på slide 7?"), DOCUMENTS) == set()


def test_a_printed_number_counts_before_the_number_in_the_file() -> None:
    printed = replace(
        COAST, pages=(Page(1, "• Første punkt her\n"), Page(2, "• Andet punkt her\n", label="1"))
    )
    query = Query("Hvad står der på side 1?", "Hvad står der på side 1?")

    (part,) = parts_asked(query, [printed], lambda _: cut_document(printed), SPEAKERS)
    assert part.page == 2


@pytest.mark.parametrize(
    "question",
    [
        "Hvad står der om diget på side 2?",
        "Hvor mange sider har oplægget?",
        "Hvad siger den anden side?",
        "Hvad er der på den ene side at sige om 2 diger?",
        "Hvad siger kysten om tang?",
        "Kan du opsummere, hvad kysten siger om tang?",
        "Hvad går tangen ud på?",
    ],
)
def test_whoever_asks_for_a_matter_is_not_given_a_place(question: str) -> None:
    assert asked(question) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Giv mig en opsummering",
        "Resumé, tak",
        "Giv mig et overblik over dokumenterne",
        "Summary of the documents",
        "Hvad er de vigtigste pointer?",
        "Hvad går de to dokumenter ud på?",
        "Sammenlign de to oplæg",
        "Hvad er KYSTRÅDET og Skovstyrelsen uenige om?",
    ],
)
def test_an_outline_is_the_headings_each_in_its_own_place(question: str) -> None:
    parts = asked(question)

    assert [part.document for part in parts] == [COAST, FOREST]
    assert [p.text for p in parts[0].passages] == ["1. DEN SIKRE KYST", "2. DEN GRØNNE KYST"]
    for part in parts:
        for heading in part.passages:
            page = part.document.page(heading.page)
            assert clean(page.text[heading.span.start : heading.span.end]) == heading.text


def test_an_outline_of_one_speaker_is_of_that_one() -> None:
    assert [part.document for part in asked("Hvad er hovedpointerne hos skovfolket?")] == [FOREST]
    assert [part.document for part in asked("Hvad er kystens hovedbudskab?")] == [COAST]


def test_a_document_with_very_many_headings_is_outlined_by_some() -> None:
    long = document(
        "lang", [f"{n}. EMNE NUMMER {n}\n\n• Et punkt om det\n\n• Et til\n" for n in range(1, 90)]
    )

    assert len(headings_of(long, cut_document(long))) == MOST_HEADINGS


@pytest.mark.parametrize(
    ("polite", "asked_for"),
    [
        ("Kan du opsummere, hvad kysten siger om tang?", "hvad kysten siger om tang?"),
        ("Hej, kan du ikke lige fortælle mig hvordan diget ser ud?", "hvordan diget ser ud?"),
        ("Jeg vil gerne vide, hvem der betaler", "hvem der betaler"),
        ("Could you please tell me what the council says?", "what the council says?"),
        ("Kan du uddybe?", "Kan du uddybe?"),
        ("Fortæl om tang", "Fortæl om tang"),
    ],
)
def test_politeness_before_a_question_is_not_searched(polite: str, asked_for: str) -> None:
    assert bare(polite) == asked_for
