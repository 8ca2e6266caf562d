"""Embedding many texts: each once, the longest first, kept until it is written, with an honest estimate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.embedders import HashedEmbedder

from assistant.embedding.base import Embedder, Vectors
from assistant.errors import IndexUnusable
from assistant.indexes.embedded import STAGE, embed_texts, forget
from assistant.indexes.journal import Journal
from assistant.progress import Progress, silent
from tests.support.clocks import Clock

TEXTS = [f"tekst nummer {n} " + "om ledelse og tillid " * (n * 7 % 40) for n in range(400)]


class Stopped(Exception):
    """Stands for whatever ends a build."""


class TimedEmbedder(HashedEmbedder):
    """Takes a time that is known: ``seconds`` a character, and ``each`` a text."""

    def __init__(self, clock: Clock, seconds: float, each: float = 0.0) -> None:
        super().__init__()
        self.clock = clock
        self.seconds = seconds
        self.each = each

    def embed_passages(self, texts: list[str]) -> Vectors:
        self.clock.now += sum(len(text) * self.seconds + self.each for text in texts)
        return super().embed_passages(texts)


def stop_after(count: int):
    def progress(told: Progress) -> None:
        if told.done >= count:
            raise Stopped

    return progress


def journal_file(keep: Path) -> Path:
    (file,) = keep.glob("*.vectors")
    return file


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stopped(tmp_path: Path, clock: Clock) -> tuple[Path, TimedEmbedder]:
    """What a build left that was stopped after half of its texts, and its embedder."""
    embedder = TimedEmbedder(clock, 1e-4)
    with pytest.raises(Stopped):
        embed_texts(embedder, TEXTS, stop_after(200), tmp_path / "kept", clock)
    return tmp_path / "kept", embedder


# --- each once --------------------------------------------------------------------------------------


def test_each_text_has_the_vector_that_it_has_alone() -> None:
    embedded = embed_texts(HashedEmbedder(), TEXTS, silent)
    np.testing.assert_array_equal(embedded.of(TEXTS), HashedEmbedder().embed_passages(TEXTS))
    np.testing.assert_array_equal(embedded[TEXTS[7]], HashedEmbedder().embed_passages([TEXTS[7]])[0])


def test_a_text_that_repeats_is_embedded_once_and_found_at_each_place() -> None:
    embedder = HashedEmbedder()
    repeated = ["b", "a", "b", "c", "b"]
    embedded = embed_texts(embedder, repeated, silent)
    assert sorted(embedder.embedded) == ["a", "b", "c"]
    np.testing.assert_array_equal(embedded.of(repeated), HashedEmbedder().embed_passages(repeated))


def test_texts_in_the_order_they_were_given_are_not_copied() -> None:
    embedded = embed_texts(HashedEmbedder(), TEXTS, silent)
    assert np.shares_memory(embedded.of(TEXTS[10:300]), embedded.vectors)


def test_no_texts_give_no_rows() -> None:
    assert embed_texts(HashedEmbedder(), [], silent).of([]).shape == (0, HashedEmbedder().dimension)


def test_the_longest_texts_are_embedded_first() -> None:
    embedder = HashedEmbedder()
    embed_texts(embedder, TEXTS, silent)
    assert all(len(first) >= len(second) for first, second in pairwise(embedder.embedded))


def test_an_engine_for_many_texts_is_asked_with_what_is_waiting() -> None:
    class Chooses(HashedEmbedder):
        def for_many(self, characters: int) -> Embedder:
            self.asked = characters
            return self.other

    embedder = Chooses()
    embedder.other = HashedEmbedder()
    embed_texts(embedder, TEXTS, silent)
    assert embedder.asked == sum(map(len, TEXTS))
    assert embedder.embedded == []
    assert sorted(embedder.other.embedded) == sorted(TEXTS)


# --- going on after a stop --------------------------------------------------------------------------


def test_a_stopped_build_goes_on_where_it_was(stopped: tuple[Path, TimedEmbedder]) -> None:
    keep, embedder = stopped
    before = set(embedder.embedded)
    assert 200 <= len(before) < len(TEXTS)
    embedder.embedded.clear()
    embedded = embed_texts(embedder, TEXTS, silent, keep)
    assert not before & set(embedder.embedded)
    assert len(before) + len(embedder.embedded) == len(TEXTS)
    np.testing.assert_array_equal(embedded.of(TEXTS), HashedEmbedder().embed_passages(TEXTS))


def test_what_was_kept_counts_as_done_from_the_first_moment(stopped: tuple[Path, TimedEmbedder]) -> None:
    keep, embedder = stopped
    told: list[Progress] = []
    embed_texts(embedder, TEXTS, told.append, keep)
    assert told[0].done >= 200
    assert told[0].total == told[-1].done == len(TEXTS)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.77, 0.999])
def test_a_torn_end_is_embedded_again(stopped: tuple[Path, TimedEmbedder], share: float) -> None:
    keep, embedder = stopped
    file = journal_file(keep)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    again = embed_texts(embedder, TEXTS, silent, keep)
    np.testing.assert_array_equal(again.of(TEXTS), HashedEmbedder().embed_passages(TEXTS))
    once_more = HashedEmbedder()
    embed_texts(once_more, TEXTS, silent, keep)
    assert once_more.embedded == [], "what was written behind the torn end can be read"


def test_a_flipped_bit_is_never_used(stopped: tuple[Path, TimedEmbedder]) -> None:
    keep, embedder = stopped
    file = journal_file(keep)
    for place in range(0, file.stat().st_size, 40_099):
        data = bytearray(file.read_bytes())
        data[place] ^= 4
        file.write_bytes(bytes(data))
        again = embed_texts(embedder, TEXTS, silent, keep)
        np.testing.assert_array_equal(again.of(TEXTS), HashedEmbedder().embed_passages(TEXTS))


def test_vectors_of_another_model_are_not_used(stopped: tuple[Path, TimedEmbedder]) -> None:
    keep, _ = stopped
    other = HashedEmbedder(name="en anden model")
    embed_texts(other, TEXTS, silent, keep)
    assert sorted(other.embedded) == sorted(TEXTS)
    journal_file(keep)  # there is one file alone


def test_a_second_process_keeps_nothing_and_disturbs_nobody(tmp_path: Path) -> None:
    first = HashedEmbedder()
    with Journal.opened(tmp_path, first.fingerprint, first.dimension) as journal:
        journal.read()
        second = HashedEmbedder()
        embed_texts(second, TEXTS[:20], silent, tmp_path)
        assert len(second.embedded) == 20
        journal.append([bytes(32)], np.ones((1, first.dimension), dtype=np.float32))
    with Journal.opened(tmp_path, first.fingerprint, first.dimension) as journal:
        assert list(journal.read()) == [bytes(32)]


def test_nothing_is_left_once_it_may_be_forgotten(stopped: tuple[Path, TimedEmbedder]) -> None:
    keep, _ = stopped
    forget(keep)
    assert not keep.exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "fil").write_text("her kan ingen mappe være")
    with pytest.raises(IndexUnusable, match=r"kan ikke gemmes undervejs.*prøv igen"):
        embed_texts(HashedEmbedder(), TEXTS[:3], silent, tmp_path / "fil" / "kept")


# --- how long it takes ------------------------------------------------------------------------------


def estimates(embedder: TimedEmbedder, texts: list[str]) -> Iterator[tuple[float, float]]:
    """Yield what was told to be left, and what was left, of each moment at which it was told."""
    told: list[tuple[float, float]] = []

    def progress(now: Progress) -> None:
        if now.seconds_left is not None:
            told.append((embedder.clock.now, now.seconds_left))

    embed_texts(embedder, texts, progress, clock=embedder.clock)
    for at, left in told:
        yield left, embedder.clock.now - at


def test_the_estimate_is_right_where_the_time_goes_to_characters(clock: Clock) -> None:
    seen = list(estimates(TimedEmbedder(clock, 1e-3), TEXTS))
    assert len(seen) > 20
    for told, left in seen:
        assert told == pytest.approx(left, rel=0.1, abs=3)


def test_the_estimate_never_grows_though_each_text_costs_something_of_its_own(clock: Clock) -> None:
    told = [told for told, _ in estimates(TimedEmbedder(clock, 1e-3, each=0.016), TEXTS)]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(told))


def test_nothing_is_estimated_before_the_pace_is_known(clock: Clock) -> None:
    told: list[Progress] = []
    embed_texts(TimedEmbedder(clock, 1e-6), TEXTS, told.append, clock=clock)
    assert {progress.heading for progress in told} == {STAGE}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "under et minut tilbage"),
        (44, "under et minut tilbage"),
        (46, "ca. 1 minut tilbage"),
        (61, "ca. 2 minutter tilbage"),
        (170, "ca. 3 minutter tilbage"),
        (59.5 * 60, "ca. 1 time tilbage"),
        (3600, "ca. 1 time tilbage"),
        (3600 + 600, "ca. 1 time og 10 minutter tilbage"),
        (2 * 3600 + 25 * 60, "ca. 2 timer og 30 minutter tilbage"),
        (7 * 3600 + 25 * 60, "ca. 7 timer tilbage"),
    ],
)
def test_the_time_is_told_as_people_tell_it(seconds: float, words: str) -> None:
    assert Progress(STAGE, 1, 3, seconds).heading == f"Indlejrer tekststykker, {words}"


@pytest.mark.parametrize("progress", [Progress(STAGE, 0, 3), Progress(STAGE, 3, 3, 0.0)])
def test_no_time_is_told_where_it_is_unknown_or_all_is_done(progress: Progress) -> None:
    assert progress.heading == STAGE
