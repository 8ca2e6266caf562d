"""Passages of a document: what can be found and cited, and where exactly it stands."""

from __future__ import annotations

from itertools import pairwise

import pytest
from support.corpora import corpus, corpus_passages, passages

from assistant.records import Passage
from assistant.text.blocks import MARK, parse_page
from assistant.text.folding import clean
from assistant.text.passages import MAX_CHARACTERS

KOMDIR = "komdir-4-pejlemaerker"
STATEN = "staten-styring-og-ledelse"


def on(document: str, page: int) -> list[Passage]:
    return [p for p in corpus_passages() if (p.document_id, p.page) == (document, page)]


@pytest.mark.parametrize("passage", corpus_passages(), ids=lambda p: p.id)
def test_span_is_the_passage_in_its_page(passage: Passage) -> None:
    page = corpus()[passage.document_id].page(passage.page)
    assert clean(page.text[passage.span.start : passage.span.end]) == passage.text


@pytest.mark.parametrize("document", [KOMDIR, STATEN])
def test_nothing_of_a_page_is_lost(document: str) -> None:
    for page in corpus()[document].pages:
        layout = parse_page(page.text)
        spans = [p.span for p in on(document, page.number)] + [b.span for b in layout.blocks if b.level]
        spans += [b.glyph for b in layout.blocks if b.glyph] + [s for s in [layout.label_span] if s]
        held = {i for span in spans for i in range(span.start, span.end)}
        lost = [c for i, c in enumerate(page.text) if not c.isspace() and i not in held]
        assert not lost, f"{document} {page.number}"


def test_four_guideposts_are_numbered_and_under_their_heading() -> None:
    numbered = [p for p in on(KOMDIR, 3) if p.mark == "numbered"]
    assert [p.text for p in numbered] == [
        "1. Den demokratisk funderede forvaltning",
        "2. Den kompetente forvaltning",
        "3. Den værdiskabende forvaltning",
        "4. Den kulturbærende forvaltning",
    ]
    assert {p.heading for p in numbered} == {"4 PEJLEMÆRKER"}


def test_summary_slide_has_ten_bullets() -> None:
    bullets = [p.text for p in on(KOMDIR, 8) if p.mark == "bullet"]
    assert len(bullets) == 10
    assert bullets[:2] == ["Vi er ambitiøse på kommunens vegne", "Vi udviser ordentlighed"]
    assert bullets[-2:] == [
        "Man kan kun lede noget når man er i kontakt med det",
        "Digitale løsninger skal skabe merværdi",
    ]


def test_lone_number_on_a_slide_is_its_label() -> None:
    assert [page.label for page in corpus()[STATEN].pages] == [None, None, "3", None, None, None, None]


def test_trend_slide_has_a_section_for_each_subheading() -> None:
    found = [(p.heading.split(" › ")[-1], p.section) for p in on(STATEN, 3)]
    assert [heading for heading, _ in found] == ["Ledelse - trend"] * 3 + [
        "Trend (på tværs af ledelse og styring)"
    ] * 4
    assert len({section for _, section in found}) == 2


def test_line_that_introduces_a_list_leads_its_items() -> None:
    first, *rest = on(STATEN, 4)
    assert first.text == "Et par bud:"
    assert [p.lead for p in rest] == ["Et par bud:"] * 3
    assert {p.section for p in rest} == {first.section}


def test_title_of_the_title_page_can_be_found() -> None:
    assert on(KOMDIR, 1)[0].text == "4 PEJLEMÆRKER FOR EN SAMMENHÆNGENDE OFFENTLIG SEKTOR"


def test_heading_of_another_page_is_no_passage() -> None:
    assert "4 PEJLEMÆRKER" not in [p.text for p in on(KOMDIR, 3)]


def test_point_that_goes_on_from_the_one_above_says_so() -> None:
    follows = {p.text[:10]: p.follows for p in on(KOMDIR, 6)}
    assert (follows["Vi tager a"], follows["Kun herved"]) == (False, True)


def test_ids_are_unique_and_orders_count_up() -> None:
    for document in (KOMDIR, STATEN):
        own = [p for p in corpus_passages() if p.document_id == document]
        assert len({p.id for p in own}) == len(own)
        assert [p.order for p in own] == list(range(len(own)))


def test_page_without_heading_goes_on_under_the_last() -> None:
    found = passages(
        "Titel\n\nEn\n\nTo\n\nTre\n\nFire.",
        "Værdier\n\n• En lang sætning, som slutter her.",
        "• Uden overskrift.\n• To.",
    )
    assert [p.heading for p in found if p.page == 3] == ["Værdier", "Værdier"]


def test_long_prose_is_cut_at_sentence_ends() -> None:
    sentence = "Ledelse handler om retning, og retning handler om at ville noget sammen i hverdagen."
    found = passages(" ".join([sentence] * 40))
    assert len(found) > 1
    assert all(p.text.endswith(".") and p.text.startswith("Ledelse") for p in found)
    assert all(len(p.text) <= MAX_CHARACTERS for p in found)
    assert " ".join(p.text for p in found) == " ".join([sentence] * 40)
    assert [p.follows for p in found] == [False] + [True] * (len(found) - 1)


@pytest.mark.parametrize(
    "sentence",
    [
        "Kommunen skal sørge for vejledning, hjælp og støtte til borgeren, " * 40 + "hele året.",
        "uden mellemrum" * 200,
        "Ord " * 700,
    ],
    ids=["commas", "one word", "words"],
)
def test_sentence_that_is_too_long_is_cut_with_exact_spans(sentence: str) -> None:
    found = passages(sentence)
    assert len(found) > 1
    assert all(len(p.text) <= MAX_CHARACTERS for p in found)
    assert "".join("".join(p.text for p in found).split()) == "".join(sentence.split())
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


def test_long_sentence_is_cut_behind_a_comma_where_it_can_be() -> None:
    found = passages("Kommunen skal sørge for vejledning, hjælp og støtte til borgeren, " * 40 + "hele året.")
    assert all(p.text.endswith(",") for p in found[:-1])


def marked(*pages: str) -> list[Passage]:
    return passages(*(f"{page}\n{MARK}" for page in pages))


def test_marked_heading_without_text_of_its_own_can_be_found() -> None:
    found = marked("Forside", f"{MARK}Ingen ved det\n\n{MARK}Alle gør det\n\nTekst under den.")
    assert [(p.text, p.heading) for p in found] == [
        ("Forside", ""),
        ("Ingen ved det", ""),
        ("Tekst under den.", "Alle gør det"),
    ]


def test_marked_heading_over_others_is_only_a_heading() -> None:
    found = marked(f"{MARK}Titel\n\n{MARK * 2}Emne\n\n{MARK * 3}Delemne\n\nTekst.\n\nMere.\n\nOg mere.")
    assert [p.heading for p in found] == ["Titel › Emne › Delemne"] * 3


def test_marked_heading_at_the_foot_belongs_to_the_next_page() -> None:
    found = marked("Tekst.\n\nEn.\n\nTo.\n\nTre.\n\nFire.", f"Fem.\n\n{MARK}Emne", "Under emnet.")
    assert (found[-1].text, found[-1].heading) == ("Under emnet.", "Emne")
    assert "Emne" not in [p.text for p in found]
