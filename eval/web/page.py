"""The page: choose or upload questions, run them, watch, and read a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from assistant.errors import AssistantError
from assistant.web import access, feedback
from assistant.web.access import Role
from assistant.web.jobs import Job
from assistant.web.markup import foreign, label, show, tag
from eval.lines import LineProblem, LinesError
from eval.questions import QuestionSet, load_questions, parse_questions
from eval.runs import Run, read_json, read_run, run_json, write_json
from eval.sheets import sheet_of
from eval.summary import flat, summarise
from eval.web.job import WAITING, begin

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

TITLE: Final = "Evaluering"

_EVAL = Path(__file__).resolve().parent.parent
QUESTIONS: Final = _EVAL / "questions"
RUNS: Final = _EVAL / "runs"

_LONGEST_LIST = 50
"""Wrong lines of an uploaded file that are shown."""

_MEGABYTES = 5
_POLL_SECONDS = 1.0


@dataclass(slots=True)
class Desk:
    """What this browser session evaluates. ``problems`` are those of the file uploaded last."""

    uploaded: dict[str, QuestionSet] = field(default_factory=dict)
    upload_seen: str = ""
    problems: tuple[LineProblem, ...] = ()
    job: Job[Run] | None = None
    made: dict[str, Run] = field(default_factory=dict)
    notice: str = ""
    error: str = ""


def draw(assistant: Assistant) -> None:
    """Draw the page "Evaluering"."""
    desk = _desk()
    with st.container(key="evaluation"):
        show(tag("h1", TITLE))
        if not access.may(Role.EVALUATE):
            show(
                tag(
                    "p",
                    "Kun evaluatorer kan køre spørgsmålssæt. Spørg den, der driver siden.",
                    class_="notice",
                )
            )
            return
        lead = "Kør et sæt spørgsmål, hvis svar er kendt, og se, hvor ofte assistenten finder og citerer det rigtige."
        show(tag("p", lead, class_="lead"))
        _take_result(desk)
        if desk.job is not None:
            _draw_running()
        else:
            _draw_choice(assistant, desk)
        if desk.error:
            show(tag("p", foreign(desk.error), class_="error", role="alert"))
        if desk.notice:
            show(tag("p", foreign(desk.notice), class_="notice", role="status"))
        _draw_runs(desk)
        feedback.draw_drafts()


# --- choosing and uploading -------------------------------------------------------------------------


def _draw_choice(assistant: Assistant, desk: Desk) -> None:
    show(tag("h2", "Kør et spørgsmålssæt"))
    _draw_upload(assistant, desk)
    names = [*desk.uploaded, *_sets_on_disk()]
    if not names:
        show(tag("p", "Der er ingen spørgsmålssæt endnu. Indlæs en fil ovenfor.", class_="notice note"))
        return
    with st.form(key="evaluation-form", border=False):
        chosen = st.selectbox("Spørgsmålssæt", names, key=_SET, format_func=lambda name: _shown(name, desk))
        answerers = ["extractive"] + (["llm"] if assistant.writing.choice.model is not None else [])
        answerer = st.radio(
            "Hvem skal svare?",
            answerers,
            key="evaluation-answerer",
            format_func={
                "extractive": "Uden sprogmodel: ordrette citater",
                "llm": "Sprogmodellen",
            }.__getitem__,
            horizontal=True,
        )
        if st.form_submit_button("Kør", type="primary", icon=":material/play_arrow:"):
            _start(assistant, desk, chosen, answerer)


def _draw_upload(assistant: Assistant, desk: Desk) -> None:
    file = st.file_uploader(
        f"Indlæs en fil med spørgsmål (.jsonl, højst {_MEGABYTES} MB)",
        type=["jsonl"],
        key="evaluation-upload",
        max_upload_size=_MEGABYTES,
    )
    if file is None:
        desk.problems, desk.upload_seen = (), ""
    elif file.file_id != desk.upload_seen:
        desk.upload_seen = file.file_id
        desk.problems = _taken(assistant, desk, file.name, file.getvalue())
    if desk.problems:
        _draw_problems(desk.problems)


def _taken(assistant: Assistant, desk: Desk, name: str, data: bytes) -> tuple[LineProblem, ...]:
    """Keep an uploaded set, or return what is wrong with it, line by line."""
    try:
        questions = parse_questions(data, name, assistant.documents)
    except LinesError as error:
        return error.problems
    name = f"{questions.name} (indlæst)"
    desk.uploaded[name] = questions
    st.session_state[_SET] = name
    return ()


def _draw_problems(problems: tuple[LineProblem, ...]) -> None:
    count = len(problems)
    lines = "1 linje er forkert" if count == 1 else f"{count} linjer er forkerte"
    rows = (
        tag("tr", tag("td", str(problem.line or "–")), tag("td", foreign(problem.message)))
        for problem in problems[:_LONGEST_LIST]
    )
    more = f"Og {count - _LONGEST_LIST} til." if count > _LONGEST_LIST else ""
    show(
        tag(
            "section",
            tag(
                "p",
                f"Filen er ikke taget i brug: {lines}. Ret dem, og indlæs filen igen.",
                class_="error",
                role="alert",
            ),
            tag(
                "table",
                tag(
                    "thead",
                    tag("tr", tag("th", "Linje", scope="col"), tag("th", "Hvad der er galt", scope="col")),
                ),
                tag("tbody", *rows),
                class_="figures",
            ),
            tag("p", more, class_="muted"),
            aria_label="Fejl i filen",
        )
    )


def _sets_on_disk() -> list[str]:
    return sorted(path.stem for path in QUESTIONS.glob("*.jsonl"))


def _shown(name: str, desk: Desk) -> str:
    known = desk.uploaded.get(name)
    return f"{name}: {len(known.questions)} spørgsmål" if known else name


# --- running ----------------------------------------------------------------------------------------


def _start(assistant: Assistant, desk: Desk, name: str, answerer: str) -> None:
    desk.error = desk.notice = ""
    try:
        questions = desk.uploaded.get(name) or load_questions(
            QUESTIONS / f"{name}.jsonl", assistant.documents
        )
    except AssistantError as error:
        desk.error = str(error)
        return
    desk.job = begin(assistant, questions, answerer)
    st.rerun()


@st.fragment(run_every=_POLL_SECONDS)
def _draw_running() -> None:
    """Draw how far the run is; drawn again by itself until it has ended."""
    desk = _desk()
    job = desk.job
    if job is None or job.wait(0):
        st.rerun()
    show(tag("h2", "Kører"))
    made = job.progress
    if made is None or made.stage == WAITING:
        st.progress(0.0, text=label(f"{job.what}: venter på at komme til"))
    else:
        st.progress(made.done / made.total, text=label(f"{job.what}: {made.done} af {made.total} spørgsmål"))
    st.button("Stop", key="evaluation-stop", on_click=job.stop, icon=":material/stop:", disabled=job.stopped)


def _take_result(desk: Desk) -> None:
    """Keep what a run that has ended made, here and on disk."""
    job = desk.job
    if job is None or not job.wait(0):
        return
    desk.job = None
    if job.result is None:
        desk.error = job.error or ""
        desk.notice = "" if job.error else "Kørslen blev stoppet. Intet er gemt."
        return
    run = job.result
    name = f"{run.stamp.question_file}-{run.stamp.created[:19].replace(':', '.')}"
    desk.made[name] = run
    st.session_state[_CHOSEN] = name
    try:
        write_json(RUNS / f"{name}.json", run_json(run, flat(summarise(sheet_of(run, name)))))
        desk.notice = "Kørslen er færdig og gemt."
    except AssistantError as error:
        desk.notice = f"Kørslen er færdig, men ikke gemt: {error}"


# --- reading ----------------------------------------------------------------------------------------


def _draw_runs(desk: Desk) -> None:
    show(tag("h2", "Læs en kørsel"))
    place = st.empty()
    with place:
        # The first time, every run is looked at, and what draws them is loaded.
        show(tag("p", "Kørslerne hentes …", class_="working", role="status"))
    _draw_chosen_run(desk)
    place.empty()


def _draw_chosen_run(desk: Desk) -> None:
    paths = {path.stem: path for path in RUNS.glob("*.json") if _is_run(str(path), path.stat().st_mtime_ns)}
    # The newest first; a run of this session that could not be kept is still here to be read.
    names = list(desk.made)[::-1]
    names += [
        n for n in sorted(paths, key=lambda n: paths[n].stat().st_mtime, reverse=True) if n not in desk.made
    ]
    if not names:
        show(tag("p", "Der er ingen kørsler endnu.", class_="notice note"))
        return
    chosen = st.selectbox("Kørsel", names, key=_CHOSEN)
    try:
        run = desk.made.get(chosen) or _read(str(paths[chosen]), paths[chosen].stat().st_mtime_ns)
    except (AssistantError, OSError):
        told = "Kørslen kan ikke længere læses. Kør spørgsmålssættet igen."
        show(tag("p", told, class_="error", role="alert"))
        return
    # What draws a run is loaded once there is one to draw.
    from eval.web import results

    results.draw(run, chosen)


@st.cache_data(show_spinner=False, max_entries=1000)
def _is_run(path: str, _changed: int) -> bool:
    """Whether the file is a run over questions; benchmarks of search keep theirs in the same folder."""
    try:
        return "questions" in read_json(Path(path))
    except AssistantError:
        return False


@st.cache_resource(show_spinner=False, max_entries=20)
def _read(path: str, _changed: int) -> Run:
    return read_run(Path(path))


def _desk() -> Desk:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Desk()
    found: Desk = st.session_state[_KEY]
    return found


_KEY = "evaluation-desk"
_SET = "evaluation-set"
_CHOSEN = "evaluation-run"
