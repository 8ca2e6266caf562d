"""What is found in PostgreSQL is what is found in a folder, and how it is found there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import psycopg
import pytest
from postgres_world import EMBEDDER, built, found, query, vectors_of
from sqlalchemy import Engine, event
from support.corpora import document
from support.postgres import Server, until

from assistant.embedding.base import Vectors
from assistant.indexes.base import SIGNALS, Alternatives, SearchQuery
from assistant.indexes.local import LocalIndex
from assistant.indexes.postgres import large as large_module
from assistant.indexes.postgres import postings, revisions
from assistant.indexes.postgres.driver import BinaryCursor, Pipeline
from assistant.indexes.postgres.finding import LEAST_EF, MOST_EF, Effort, Scope
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.postgres.index import PostgresIndex
from assistant.indexes.postgres.rows import key
from assistant.indexes.postgres.servers import Servers
from assistant.indexes.postgres.statistics import COUNTED
from assistant.records import Passage, Span
from assistant.settings import PROJECT
from assistant.text.danish import stem
from assistant.text.passages import cut_document

WORDS = (
    "ledelse styring tillid kultur værdi opgave borger stat kommune region effekt drift faglighed dialog "
    "velfærdsledelse driftsledelse kommunestyring tillidsreform borgerinddragelse værdigrundlag"
).split()


def passage(number: int, text: str, name: str, heading: str = "") -> Passage:
    return Passage(f"{name}:1:{number}", name, 1, heading, text, Span(0, len(text)), f"{name}:1:s1")


def world(count: int, documents: int = 4, seed: int = 5) -> tuple[Passage, ...]:
    random = np.random.default_rng(seed)
    return tuple(
        passage(n, " ".join(random.choice(WORDS, size=5)), f"dokument-{n % documents}", WORDS[n % 7])
        for n in range(count)
    )


def filled(home: PostgresHome, passages: tuple[Passage, ...]) -> PostgresIndex:
    index = home.start_empty(EMBEDDER.dimension)
    index.add(passages, *vectors_of(passages))
    return index


def local(passages: tuple[Passage, ...]) -> LocalIndex:
    index = LocalIndex(EMBEDDER.dimension)
    index.add(passages, *vectors_of(passages))
    return index


def by_id(index: LocalIndex | PostgresIndex, asked: SearchQuery, limit: int) -> dict[str, list[float]]:
    candidates = index.search(asked, limit=limit)
    return {p.id: row for p, row in zip(candidates.passages, candidates.signals.tolist(), strict=True)}


# --- the same as in a folder ------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ledelse og tillid", "ledelsen i komunen", "driftsledelse", "zzzz"])
def test_few_passages_are_scored_as_in_a_folder(home: PostgresHome, text: str) -> None:
    passages = world(60)
    asked = SearchQuery(
        text, query(text).vector, (Alternatives((stem("styring"), stem("drift")), 0.5, "ledelse"),)
    )
    here, there = filled(home, passages), local(passages)

    ours, theirs = here.search(asked), there.search(asked)

    assert {p.id for p in ours.passages} == {p.id for p in passages}
    assert by_id(here, asked, 60) == {
        key: pytest.approx(row, abs=2e-5) for key, row in by_id(there, asked, 60).items()
    }
    np.testing.assert_allclose(ours.mean, theirs.mean, atol=2e-5)
    np.testing.assert_allclose(ours.std, theirs.std, atol=2e-5)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("text", ["ledelse og tillid", "ledelsen i komunen", "driftsledelse"])
def test_candidates_of_many_are_scored_as_in_a_folder(home: PostgresHome, text: str) -> None:
    passages = world(200)
    here, there = filled(home, passages), local(passages)

    ours, theirs = by_id(here, query(text), 10), by_id(there, query(text), 200)

    assert 10 <= len(ours) < 60
    assert ours == {key: pytest.approx(theirs[key], abs=2e-5) for key in ours}


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("table", [0, 1_000], ids=["sorted", "in a table"])
def test_best_by_words_are_among_the_candidates_of_many(
    home: PostgresHome, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "_TABLE", table)
    passages = world(400)
    here, there = filled(home, passages), local(passages)
    at = SIGNALS.index("terms")
    for text in ("driftsledelse og dialog", "tillidsreform", "borgerinddragelse i kommunen"):
        theirs = by_id(there, query(text), 400)
        best = sorted(theirs.values(), key=lambda row: -row[at])[4][at]
        ours = sorted(by_id(here, query(text), 60).values(), key=lambda row: -row[at])
        assert ours[4][at] == pytest.approx(best, abs=1e-4), text


@pytest.mark.usefixtures("large")
def test_passages_under_a_heading_with_the_words_are_candidates_too(home: PostgresHome) -> None:
    passages = (*world(60), *(passage(n, "noget andet", "sidst", "Borgerinddragelse") for n in range(60, 64)))
    index = filled(home, passages)
    asked = SearchQuery("borgerinddragelse i landdistrikterne", np.zeros(EMBEDDER.dimension, np.float32))
    assert {"sidst:1:60", "sidst:1:63"} <= by_id(index, asked, 16).keys()


@pytest.mark.usefixtures("large")
def test_synonyms_bring_candidates_that_have_none_of_the_words(home: PostgresHome) -> None:
    passages = (*world(60), passage(60, "noget om landdistrikter", "sidst"))
    index = filled(home, passages)
    vector = np.zeros(EMBEDDER.dimension, np.float32)
    others = (Alternatives((stem("landdistrikter"),), 0.5, "udkantsområder"),)
    assert "sidst:1:60" not in by_id(index, SearchQuery("dialog i udkantsområder", vector), 4)
    assert "sidst:1:60" in by_id(index, SearchQuery("dialog i udkantsområder", vector, others), 4)


@pytest.mark.usefixtures("large")
def test_signals_of_vectors_are_those_of_a_folder_however_the_index_grew(home: PostgresHome) -> None:
    """Each addition learns to whiten anew, and what lies ready for the older passages is of an older whitening."""
    passages = world(120)
    here, there = home.start_empty(EMBEDDER.dimension), local(passages)
    for part in (passages[0::4], passages[1::4], passages[2::4], passages[3::4]):
        here.add(part, *vectors_of(part))

    dense = [SIGNALS.index(name) for name in SIGNALS if name.startswith("dense")]
    for text in ("ledelse og tillid", "driftsledelse"):
        ours, theirs = by_id(here, query(text), 120), by_id(there, query(text), 120)
        assert len(ours) == 120
        for name, row in ours.items():
            assert [row[at] for at in dense] == pytest.approx([theirs[name][at] for at in dense], abs=2e-5)


@pytest.mark.usefixtures("large")
def test_what_was_read_before_changes_nothing_about_what_is_found(home: PostgresHome) -> None:
    index = filled(home, world(200))
    asked = [query(text) for text in ("ledelse og tillid", "dialog om ledelse", "ledelse og tillid")]
    first, _, again = (by_id(index, each, 20) for each in asked)
    assert list(again) == list(first)
    assert again == first


@pytest.mark.usefixtures("large")
def test_means_and_spreads_of_many_are_those_of_a_folder_where_the_sample_is_all(home: PostgresHome) -> None:
    passages = world(90)
    ours, theirs = (
        index.search(query("tillid og dialog")) for index in (filled(home, passages), local(passages))
    )
    np.testing.assert_allclose(ours.mean, theirs.mean, atol=2e-5)
    np.testing.assert_allclose(ours.std, theirs.std, atol=2e-5)


@pytest.mark.usefixtures("large")
def test_what_is_known_of_words_is_what_a_folder_knows(home: PostgresHome) -> None:
    passages = world(80)
    here, there = filled(home, passages), local(passages)
    asked = [stem(word) for word in WORDS] + ["findesikke"]
    assert here.document_frequency(asked).tolist() == there.document_frequency(asked).tolist()
    assert here.vocabulary() == there.vocabulary()
    assert set(here.index_terms()) == set(there.index_terms())


@pytest.mark.usefixtures("large")
def test_sample_is_as_many_as_were_asked_for_and_always_the_same(home: PostgresHome) -> None:
    index = filled(home, world(90))
    assert len(index.sample(30)) == 30
    assert index.sample(30) == index.sample(30)
    assert len({p.document_id for p in index.sample(30)}) > 1
    assert set(index.sample(500)) == set(world(90))


# --- counts -----------------------------------------------------------------------------------------


def sums(server: Server, schema: str, table: str) -> dict[tuple[str, str], int]:
    """What the tables say now, by field and term."""
    if table == "frequencies":
        rows = server.run(f"SELECT field, term, passages FROM {schema}.frequencies WHERE removed > 9e18")
    else:
        rows = server.run(
            "SELECT field, t.term, sum(t.n)::bigint FROM "
            f"{schema}.document_terms, unnest(terms, counts) AS t (term, n) "
            "WHERE removed > 9e18 GROUP BY 1, 2"
        )
    return {(COUNTED[field], term): n for field, term, n in rows}


def test_sums_stay_those_of_the_documents_through_any_change(
    home: PostgresHome, postgres: Server, schema: str
) -> None:
    passages = world(60)
    index = home.start_empty(EMBEDDER.dimension)
    random = np.random.default_rng(3)
    there: set[str] = set()
    for _ in range(8):
        name = f"dokument-{random.integers(4)}"
        own = tuple(p for p in passages if p.document_id == name)
        if name in there:
            assert index.delete(name) == len(own)
        else:
            index.add(own, *vectors_of(own))
        there ^= {name}
        assert sums(postgres, schema, "frequencies") == sums(postgres, schema, "document_terms")


# --- how it is found --------------------------------------------------------------------------------


def sampled_vectors(count: int, dimension: int, seed: int) -> Vectors:
    """Vectors as sentence embeddings lie: in clusters in a narrow cone."""
    random = np.random.default_rng(seed)
    topics = random.normal(size=(60, dimension))
    common = random.normal(size=dimension) * 2
    found = common + topics[random.integers(60, size=count)] + random.normal(size=(count, dimension))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


COUNT, DIMENSION, RARE = 3_000, 96, 25


@pytest.fixture(scope="module")
def many(postgres: Server) -> Iterator[tuple[PostgresIndex, Vectors]]:
    """Some thousand passages with vectors, ``RARE`` of them of a document of their own."""
    home = PostgresHome(Servers(postgres.url, schema="many"))
    assert home.why_not() == ""
    vectors = sampled_vectors(COUNT, DIMENSION, 1)
    passages = tuple(
        passage(n, f"punkt {n}", "sjælden" if n % (COUNT // RARE) == 0 else f"dokument-{n % 7}")
        for n in range(COUNT)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revisions, "EVERY_UP_TO", 0)
        index = home.start_empty(DIMENSION)
        index.add(passages, vectors, np.zeros_like(vectors))
        index.search(SearchQuery("", vectors[0]))
    yield index, vectors
    home.drop()
    home.close()


def test_graph_finds_nearly_all_that_exact_search_finds(many: tuple[PostgresIndex, Vectors]) -> None:
    index, vectors = many
    asked = sampled_vectors(40, DIMENSION, 2)
    hits = 0
    for vector in asked:
        exact = {f"{n}" for n in np.argsort(-(vectors @ vector))[:10]}
        near = index.search(SearchQuery("", vector), limit=50)
        at = np.argsort(-near.signals[:, SIGNALS.index("dense")])[:10]
        hits += len(exact & {near.passages[i].id.rsplit(":", 1)[1] for i in at})
    assert hits / 400 >= 0.97


def measured() -> dict[int, tuple[Sequence[int], Sequence[float]]]:
    """By number of passages: how far graphs were searched, and their recall@10."""
    told = json.loads((PROJECT / "eval" / "bench" / "results" / "postgres-graph.json").read_text("utf-8"))
    return {
        int(size): ([int(reached) for reached in found], list(found.values()))
        for size, found in told["recall@10"].items()
    }


def test_graphs_that_were_measured_are_searched_far_enough() -> None:
    table = measured()
    assert min(table) <= 20_000
    assert max(table) >= 500_000
    for size, (reached, recall) in table.items():
        assert np.interp(Effort.of(size).reached, reached, recall) >= 0.975, size


def test_a_million_is_searched_farther_than_what_was_measured_foretells() -> None:
    """What a recall of .97 takes grows evenly with the number of passages, both as logarithms."""
    table = {size: each for size, each in measured().items() if each[1][0] < 0.97}
    assert len(table) >= 4
    takes = [np.interp(0.97, recall, reached) for reached, recall in table.values()]
    slope, at_one = np.polyfit(np.log([*table]), np.log(takes), 1)
    assert Effort.of(1_000_000).reached >= np.exp(at_one + slope * np.log(1_000_000))


@pytest.mark.parametrize("passages", [1, 20_000, 400_000, 1_000_000, 10_000_000])
def test_no_round_goes_farther_than_pgvector_can(passages: int) -> None:
    effort = Effort.of(passages)
    assert effort.reached >= LEAST_EF
    assert effort.ef_search <= MOST_EF
    assert effort.reached >= Effort.of(passages // 2).reached


def recall_of_few(index: PostgresIndex, vectors: Vectors) -> float:
    """Return the recall@10 where no more are wanted than are compared."""
    asked = sampled_vectors(40, DIMENSION, 4)
    hits = 0
    for vector in asked:
        exact = {f"{n}" for n in np.argsort(-(vectors @ vector))[:10]}
        near = index.search(SearchQuery("", vector), limit=10)
        hits += len(exact & {p.id.rsplit(":", 1)[1] for p in near.passages})
    return hits / 400


def test_rounds_find_what_is_found_at_once_and_more_than_going_less_far(
    many: tuple[PostgresIndex, Vectors], monkeypatch: pytest.MonkeyPatch
) -> None:
    def going(ef_search: int, rounds: int) -> float:
        monkeypatch.setattr(Effort, "of", classmethod(lambda cls, _: cls(ef_search, rounds)))
        return recall_of_few(*many)

    assert going(10, 1) < going(200, 1) - 0.03
    assert going(50, 4) == pytest.approx(going(200, 1), abs=0.01)


def test_search_waits_for_the_server_twice(
    home: PostgresHome, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = filled(home, world(200))
    index.search(query("ledelse"), limit=5)
    told: list[str] = []
    send = Pipeline.send

    def sent(self: Pipeline, statement: str, values: Any = None) -> Any:
        told.append("sent")
        return send(self, statement, values)

    monkeypatch.setattr(Pipeline, "send", sent)
    for name in ("fetchone", "fetchall"):
        fetch = getattr(psycopg.Cursor, name)
        monkeypatch.setattr(
            BinaryCursor, name, lambda self, fetch=fetch: (told.append("waited"), fetch(self))[1]
        )
    executed: list[str] = []

    def outside(*each: Any) -> None:
        executed.append(each[2])

    event.listen(Engine, "before_cursor_execute", outside)
    try:
        index.search(query("tillid og dialog om styring"), limit=5)
    finally:
        event.remove(Engine, "before_cursor_execute", outside)

    assert told.count("sent") >= 6
    assert [name for name, _ in groupby(told)] == ["sent", "waited", "sent", "waited"]
    assert executed == []


def test_what_is_let_go_of_is_read_again(
    home: PostgresHome, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_module, "_KEPT_PASSAGES", 6)
    monkeypatch.setattr(large_module, "_KEPT_HEADINGS", 2)
    monkeypatch.setattr(large_module, "_KEPT_GRAMS", 5)
    passages = world(200)
    here, there = filled(home, passages), local(passages)
    for text in ("ledelse og tillid", "driftsledelse", "ledelse og tillid", "borgerinddragelse"):
        ours, theirs = by_id(here, query(text), 10), by_id(there, query(text), 200)
        assert ours == {key: pytest.approx(theirs[key], abs=2e-5) for key in ours}


def test_search_by_vector_goes_through_the_graph(
    many: tuple[PostgresIndex, Vectors], postgres: Server
) -> None:
    def scans() -> int:
        told = "SELECT idx_scan FROM pg_stat_all_indexes WHERE schemaname = 'many' AND indexrelname LIKE %s"
        return int(postgres.run(told, ["passages_near_%"])[0][0])

    index, vectors = many
    before = scans()
    index.search(SearchQuery("", vectors[1]), limit=10)
    # What a connection did is told at the latest as it ends.
    index._servers.close()
    until(lambda: scans() > before)


def test_search_in_a_rare_document_finds_as_many_as_were_asked_for(
    many: tuple[PostgresIndex, Vectors],
) -> None:
    index, vectors = many
    own = [n for n in range(COUNT) if n % (COUNT // RARE) == 0]
    asked = vectors[7]
    exact = [f"sjælden:1:{n}" for n in sorted(own, key=lambda n: -float(vectors[n] @ asked))[:10]]
    near = index.search(SearchQuery("", asked), documents=["sjælden"], limit=10)
    assert {p.document_id for p in near.passages} == {"sjælden"}
    assert set(exact) == {p.id for p in near.passages}


def test_danish_words_are_found_in_sql_in_any_form(home: PostgresHome, postgres: Server, schema: str) -> None:
    filled(home, (passage(0, "Kommunernes opgaver løses lokalt", "a"), passage(1, "Tillid", "a")))
    matched = postgres.run(
        f"SELECT position FROM {schema}.texts WHERE words @@ to_tsquery('danish', 'kommune & opgave')"
    )
    assert matched == [(0,)]


def test_part_of_a_compound_is_found_in_sql_too(home: PostgresHome, postgres: Server, schema: str) -> None:
    filled(home, (passage(0, "Velfærdsledelse er svært", "a"), passage(1, "Ledelse og velfærd", "a")))
    matched = postgres.run(
        f"SELECT position FROM {schema}.texts WHERE words @@ '{stem('ledelse')}'::tsquery ORDER BY 1"
    )
    assert matched == [(0,), (1,)]


def test_words_that_all_passages_have_are_searched_beside_another(
    home: PostgresHome, monkeypatch: pytest.MonkeyPatch, large: None
) -> None:
    monkeypatch.setattr(postings, "MOST_ENTRIES", 10)
    passages = tuple(
        passage(n, "tillid og ledelse" if n == 17 else ("tillid" if n % 2 else "ledelse"), "a")
        for n in range(60)
    )
    index = filled(home, passages)
    candidates = index.search(
        SearchQuery("tillid og ledelse", np.zeros(EMBEDDER.dimension, np.float32)), limit=1
    )
    assert "a:1:17" in {p.id for p in candidates.passages}


# --- what cannot be held as it is -------------------------------------------------------------------


def test_names_and_texts_come_back_as_they_were(home: PostgresHome) -> None:
    names = ["med\\udc80skråstreg", "byte\\", "æøå ’"]
    documents = [
        document(f"Overskrift\n\n• Punkt nul \udc81 om {n}\n• Andet \x00 punkt", name=n) for n in names
    ]
    generation = built(home, documents)
    assert generation.documents == tuple(documents)
    for each in documents:
        assert generation.index.passages_of(each.id) == cut_document(each)
    assert {p.document_id for p in generation.index.search(query("punkt")).passages} == set(names)
    assert {
        p.document_id for p in generation.index.search(query("punkt"), documents=[names[1]]).passages
    } == {names[1]}


def test_word_that_is_too_long_for_an_index_entry_hurts_nothing(home: PostgresHome, large: None) -> None:
    text = "æ" * 3000
    generation = built(home, [document(f"Overskrift\n\n• {text}\n• Tillid og ledelse", name="lang")])
    assert "Tillid og ledelse" in found(generation, "tillid")


def test_vectors_come_back_to_the_bit(home: PostgresHome) -> None:
    passages = world(12, 1)
    index = filled(home, passages)
    texts, headings = index.vectors_of("dokument-0")
    np.testing.assert_array_equal(texts, vectors_of(passages)[0])
    np.testing.assert_array_equal(headings, vectors_of(passages)[1])


def test_keys_of_different_names_differ_and_can_be_held() -> None:
    """A name of a file can hold bytes that are no text, and what stands for them in a key can be a name too."""
    names = ["a\udc80", "a\\udc80", "a\\\\udc80", "a\x00", "a\\", "a"]
    keys = [key(name) for name in names]
    assert len(set(keys)) == len(names)
    assert all("\x00" not in each and each.encode() for each in keys)


def test_scope_names_no_document_by_accident() -> None:
    assert "document_id" not in Scope.of(1, 3, ()).condition
    assert json.dumps(Scope.of(1, 3, ["a"]).values) == '{"revision": 1, "documents": ["a"]}'
