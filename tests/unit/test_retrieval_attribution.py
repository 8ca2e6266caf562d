"""Whom a question asks, told from those it only names."""

from __future__ import annotations

import pytest
from retrieval_world import document

from assistant.retrieval.attribution import actors_in, asked_of, asks_a_stranger, only_spoken_of, speaking
from assistant.retrieval.speakers import Speakers
from assistant.retrieval.understanding import understand
from assistant.text.danish import words

LOCAL = document("k", ("x\n",), organisation="KOMDIR", aliases=("kommunerne", "kommuner", "municipalities"))
STATE = document("s", ("x\n",), organisation="Staten", aliases=("stat", "statens", "state"))
SPEAKERS = Speakers((LOCAL, STATE))


def organisations(found):
    return [mention.organisation for mention in found]


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Hvad siger staten om kommunerne?", ["Staten"]),
        ("Hvor mange mål skal der styres efter ifølge KOMDIR?", ["KOMDIR"]),
        ("Hvad foreslår staten, at vi gør på tværs af stat, kommuner og regioner?", ["Staten"]),
        ("Hvad siger kommunerne og staten om kultur?", ["KOMDIR", "Staten"]),
        ("Hvad siger staten, og hvad mener kommunerne?", ["Staten", "KOMDIR"]),
        ("Hvad er statens holdning til kommunerne?", ["Staten"]),
        ("Og hvad med staten?", ["Staten"]),
        ("Hvad er KOMDIR's holdning til sammenlægninger?", ["KOMDIR"]),
        ("What do the municipalities say about the state?", ["KOMDIR"]),
        ("What about the state?", ["Staten"]),
        ("Hvad skal kommunerne gøre?", []),
        ("Hvordan styrkes sammenhængen mellem stat og kommuner?", []),
    ],
)
def test_a_question_asks_whoever_is_to_say_mean_or_propose_something(question, asked):
    assert organisations(asked_of(words(question), SPEAKERS)) == asked


def test_everybody_who_is_named_speaks_where_nobody_is_asked():
    tokens = words("Hvad skal kommunerne gøre for staten?")

    assert organisations(speaking(tokens, SPEAKERS)) == ["KOMDIR", "Staten"]


def test_state_municipalities_and_regions_together_act_and_do_not_speak():
    tokens = words("Hvad kan stat, kommuner og regioner gøre for at få bedre sammenhæng?")

    assert speaking(tokens, SPEAKERS) == []
    assert [tokens[i] for i in actors_in(tokens)] == ["stat", "kommuner", "og", "regioner"]


def test_who_is_only_spoken_of_stands_behind_a_preposition():
    spoken_of = words("Hvad siger staten om kommunerne?")
    compared = words("Hvad siger staten i forhold til kommunerne?")

    assert only_spoken_of(spoken_of, SPEAKERS.mentions(spoken_of)[1:])
    assert not only_spoken_of(compared, SPEAKERS.mentions(compared)[1:])


@pytest.mark.parametrize(
    ("question", "intent", "sides"),
    [
        ("Hvad siger staten om kommunerne?", "fact", ("s",)),
        ("Hvad foreslår staten, at vi gør på tværs af stat, kommuner og regioner?", "fact", ("s",)),
        ("Hvad siger staten i forhold til kommunerne?", "comparison", ("s", "k")),
        ("Hvad siger staten om kultur, og er det det samme hos kommunerne?", "comparison", ("s", "k")),
        ("Hvad siger kommunerne og staten om kultur?", "comparison", ("k", "s")),
        ("Hvad kan stat, kommuner og regioner gøre?", "fact", ()),
        ("Hvad foreslår staten, at stat, regioner og kommuner gør sammen?", "fact", ("s",)),
        ("Hvad skal kommunerne og staten gøre?", "comparison", ("k", "s")),
        ("Hvad siger de to om samarbejde?", "comparison", ("k", "s")),
        ("Hvad siger de to topchefer om samarbejde?", "fact", ()),
    ],
)
def test_a_question_to_one_of_two_is_no_comparison(question, intent, sides):
    query = understand(question, history=(), documents=(), speakers=SPEAKERS, all_documents=("k", "s"))

    assert (query.intent, query.sides) == (intent, sides)


@pytest.mark.parametrize(
    ("question", "stranger"),
    [
        ("Hvad mener KL om debatoplægget?", True),
        ("Hvad siger Danske Regioner om sammenhæng?", True),
        ("Hvad siger regionerne om sammenhæng?", True),
        ("Hvad er regeringens holdning til cybersikkerhed?", True),
        ("Hvad gælder ifølge Rigsrevisionen?", True),
        ("Hvad siger staten om sammenhæng?", False),
        ("Hvad siger den danske stat om sammenhæng?", False),
        ("Hvad er statens holdning til reformer?", False),
        ("Hvad siger oplægget om sammenhæng?", False),
        ("Hvad siger de to om sammenhæng?", False),
        ("Hvad skal løsninger kunne ifølge værdierne?", False),
        ("Hvad er god ledelse?", False),
    ],
)
def test_somebody_without_a_document_is_a_stranger(question, stranger):
    assert asks_a_stranger(question, SPEAKERS) is stranger
