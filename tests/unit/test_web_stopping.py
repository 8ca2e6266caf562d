"""A stop waits for what is under way, refuses what is new, and undoes what does not end in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from making_world import FIRST, SECOND, SOON, everything

from assistant import corpus
from assistant.errors import AssistantError
from assistant.factory import build_index
from assistant.live import LiveAssistant
from assistant.progress import Progress, ProgressCallback, silent
from assistant.settings import CorpusSettings, IndexSettings, Settings
from assistant.web import stopping
from assistant.web.jobs import Job
from assistant.web.making import Making, Part
from assistant.web.stopping import Stopped, Work


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """What the process has under way, for one test."""
    mine = Work()
    monkeypatch.setattr(stopping, "shared", mine)
    return mine


def beside(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run)
    thread.start()
    return thread


# --- what is under way ------------------------------------------------------------------------------


def test_a_stop_with_nothing_under_way_waits_for_nothing(work: Work) -> None:
    assert work.finish(SOON)
    assert work.broken_off == 0


def test_a_stop_waits_until_what_is_under_way_has_ended(work: Work) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), list[str]()

    def answer() -> None:
        with work.underway("answer"):
            begun.set()
            go_on.wait(SOON)
            ended.append("svaret")

    def stop() -> None:
        assert work.finish(SOON)
        ended.append("stoppet")

    threads = [beside(answer)]
    begun.wait(SOON)
    threads.append(beside(stop))
    while not work.closing:
        time.sleep(0.01)
    go_on.set()
    for thread in threads:
        thread.join(SOON)

    assert (ended, work.broken_off) == (["svaret", "stoppet"], 0)


@pytest.mark.parametrize("kind", ["answer", "job"])
def test_nothing_new_is_begun_while_it_closes(work: Work, kind: stopping.Kind) -> None:
    work.finish(0)

    with pytest.raises(Stopped, match="ved at lukke ned"), work.underway(kind):
        pass
    assert not any(work.count().values())


def test_a_page_may_still_wait_for_its_answer_while_it_closes(work: Work) -> None:
    work.finish(0)

    with work.underway("page"):
        assert work.count()["page"] == 1


def test_what_has_not_ended_in_time_is_told_to_stop_and_counted(work: Work) -> None:
    begun = threading.Event()

    def job() -> None:
        with work.underway("job"):
            begun.set()
            try:
                while True:
                    work.go_on()
                    time.sleep(0.01)
            except Stopped:
                return

    thread = beside(job)
    begun.wait(SOON)

    assert work.finish(0.05, SOON)
    thread.join(SOON)
    assert work.broken_off == 1


def test_what_does_not_listen_is_left_behind(work: Work) -> None:
    with work.underway("answer"):
        assert not work.finish(0.01, 0.01)
    assert work.broken_off == 1


# --- answers and jobs -------------------------------------------------------------------------------


def test_an_answer_under_way_is_made_to_its_end(work: Work) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def parts() -> Iterator[Part]:
        begun.set()
        yield FIRST
        go_on.wait(SOON)
        yield SECOND

    making = Making(parts)
    begun.wait(SOON)
    stop = beside(lambda: work.finish(SOON))
    while not work.closing:
        time.sleep(0.01)
    go_on.set()

    assert everything(making) == [FIRST, SECOND]
    stop.join(SOON)


def test_an_answer_asked_for_while_it_closes_is_refused_in_danish(work: Work) -> None:
    work.finish(0)

    with pytest.raises(AssistantError, match="Prøv igen om lidt"):
        everything(Making(lambda: iter((FIRST,))))


def test_an_answer_that_goes_on_for_too_long_is_broken_off_and_its_model_is_told(work: Work) -> None:
    ended = threading.Event()

    def parts() -> Iterator[Part]:
        try:
            while True:
                time.sleep(0.01)
                yield FIRST
        finally:
            ended.set()

    making = Making(parts)
    making.after(0, SOON)
    assert work.finish(0.01, SOON)

    assert ended.wait(SOON)
    with pytest.raises(Stopped):
        everything(making)


def test_a_job_that_tells_how_far_it_is_can_be_stopped_and_says_so(work: Work) -> None:
    begun = threading.Event()

    def forever(report: ProgressCallback) -> None:
        while True:
            report(Progress("Indlejrer", 1, 2))
            begun.set()
            time.sleep(0.01)

    job: Job[None] = Job("Bygger", forever)
    begun.wait(SOON)
    assert work.finish(0.01, SOON)

    assert job.wait(SOON)
    assert job.error == stopping.BROKEN_OFF


# --- changes of the documents -----------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two documents with an index."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "diger.txt").write_text("OM DIGER\n\n• Diget skal være tre meter højt\n", encoding="utf-8")
    made = replace(Settings(), corpus=CorpusSettings(folder), index=IndexSettings(tmp_path / "index"))
    build_index(made)
    return made


def documents(settings: Settings) -> list[str]:
    live = LiveAssistant(settings, build_if_missing=False)
    assert live.notice == ""
    return [document.id for document in live.current().documents]


def stopped_after(reports: int) -> tuple[Work, ProgressCallback, list[str]]:
    """A progress whose time is out after so many reports, and what was reported."""
    work, told = Work(), list[str]()

    def report(progress: Progress) -> None:
        told.append(progress.stage)
        if len(told) == reports:
            with work.underway("job"):
                work.finish(0, 0)

    return work, work.heeding(report), told


def test_an_upload_or_a_build_that_is_stopped_at_any_report_changes_nothing(settings: Settings) -> None:
    upload = [("hegn.txt", "OM HEGN\n\n• Hegnspæle skal males hvert andet år\n".encode())]
    before = sorted(path.name for path in settings.corpus.path.iterdir())
    tries = 0
    while True:
        tries += 1
        _, report, told = stopped_after(tries)
        try:
            corpus.add_documents(settings, upload, progress=report)
        except Stopped:
            assert documents(settings) == ["diger"]
            assert sorted(path.name for path in settings.corpus.path.iterdir()) == before
            assert len(told) >= tries
        else:
            break  # it had fewer reports than that, so it went through

    assert tries > 2
    assert documents(settings) == ["diger", "hegn"]
    assert build_index(settings, silent).embedded == 0
