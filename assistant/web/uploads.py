"""Adding documents: choosing files, seeing how they were read, describing them, and putting them in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from assistant.errors import AssistantError
from assistant.limits import check_upload
from assistant.loading.formats import SUFFIXES
from assistant.progress import Progress, ProgressCallback
from assistant.records import Document, Passage
from assistant.settings import load_settings
from assistant.text.passages import cut_document
from assistant.web import metrics
from assistant.web.access import Role, demand
from assistant.web.document_facts import count, facts, headings, reservations
from assistant.web.jobs import Job, draw_job
from assistant.web.markup import EMPTY, Html, foreign, show, tag
from assistant.web.metadata_form import described, draw_metadata, entered
from assistant.web.page_text import typeset

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = tuple(suffix.removeprefix(".") for suffix in SUFFIXES)
"""What the field for files takes."""

_HEADINGS = 8
_PAGES = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that was chosen; the digest is that of its bytes."""

    name: str
    data: bytes = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file was read; a file that could not be read has an ``error`` and no document."""

    name: str
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    error: str = ""


@dataclass(slots=True)
class Uploads:
    """What this browser session is adding. ``round`` makes the field for files an empty one again.

    ``doing`` is what will be told of the job once it has gone well.
    """

    round: int = 0
    readings: dict[str, Reading] = field(default_factory=dict)
    job: Job[object] | None = None
    doing: str = ""
    told: str = ""
    error: str = ""
    refused: str = ""

    def begin(self, what: str, done: str, work: Callable[[ProgressCallback], object]) -> None:
        """Begin a change; the page follows it in its next run."""
        self.told, self.error, self.doing = "", "", done
        self.job = Job(what, metrics.shared.build(work))

    def done(self) -> None:
        """Begin anew after a change that went well."""
        self.round += 1
        self.readings.clear()
        self.told = f"{self.doing} Spørgsmål besvares nu ud fra dokumenterne, som de står her."


def draw(uploads: Uploads) -> None:
    """Draw the adding of documents; ask first whether the user may."""
    settings = load_settings()
    limits = settings.limits
    with st.container(key="uploads"):
        show(tag("h2", "Tilføj dokumenter"))
        show(
            tag(
                "p",
                "PDF, tekst, Markdown, HTML, Word (DOCX) og PowerPoint (PPTX). Højst "
                f"{limits.upload_files} filer og {limits.upload_megabytes} MB ad gangen. "
                "Du ser, hvordan de er læst, før de lægges ind.",
                class_="muted",
            )
        )
        files = st.file_uploader(
            "Vælg filer",
            type=list(TYPES),
            accept_multiple_files=True,
            key=f"upload-files-{uploads.round}",
            max_upload_size=limits.upload_megabytes,
        )
        if not files:
            uploads.readings.clear()
            return
        try:
            check_upload(
                [(file.name, file.size) for file in files],
                most_files=limits.upload_files,
                most_megabytes=limits.upload_megabytes,
            )
        except AssistantError as error:
            if str(error) != uploads.refused:  # told at every view of the page, counted once
                metrics.shared.refused(error)
                uploads.refused = str(error)
            show(tag("p", foreign(str(error)), class_="error", role="alert"))
            return
        uploads.refused = ""
        chosen = _chosen(files)
        _read(uploads, chosen)
        _draw_readings(uploads, chosen)


def _chosen(files: Sequence[UploadedFile]) -> tuple[Chosen, ...]:
    found = ((file.name, file.getvalue()) for file in files)
    return tuple(Chosen(name, data, hashlib.sha256(name.encode() + data).hexdigest()) for name, data in found)


def _read(uploads: Uploads, chosen: Sequence[Chosen]) -> None:
    """Read what was not read yet, with progress by file."""
    missing = [file for file in chosen if file.digest not in uploads.readings]
    if not missing:
        return
    from assistant import corpus

    settings = load_settings()

    def work(report: ProgressCallback) -> object:
        for number, file in enumerate(missing):
            report(Progress(f"Læser {file.name}", number, len(missing)))
            try:
                document = corpus.preview(settings, file.name, file.data)
                reading = Reading(file.name, document, cut_document(document))
            except AssistantError as error:
                reading = Reading(file.name, error=str(error))
            uploads.readings[file.digest] = reading
        return None

    job: Job[object] = Job("Filerne læses", work)
    draw_job(job)
    if job.error:
        show(tag("p", job.error, class_="error", role="alert"))


def _draw_readings(uploads: Uploads, chosen: Sequence[Chosen]) -> None:
    read = [file for file in chosen if file.digest in uploads.readings]
    readable = [file for file in read if uploads.readings[file.digest].document is not None]
    if not readable:
        for number, file in enumerate(read):
            _draw_reading(uploads, file, number)
        return
    # A form: what was typed last goes along, however fast the button is reached from there.
    with st.form(key="upload-form", border=False, enter_to_submit=False):
        for number, file in enumerate(read):
            _draw_reading(uploads, file, number)
        left = len(chosen) - len(readable)
        if left:
            files = count(left, "fil", "filer")
            show(tag("p", f"{files} kan ikke læses og bliver ikke tilføjet.", class_="muted"))
        many = count(len(readable), "dokument", "dokumenter")
        st.form_submit_button(
            f"Tilføj {many}", key="upload-add", type="primary", on_click=_add, args=(uploads, readable)
        )


def _draw_reading(uploads: Uploads, file: Chosen, number: int) -> None:
    reading = uploads.readings[file.digest]
    with st.container(key=f"reading-{number}"):
        show(tag("h3", foreign(file.name)))
        if reading.document is None:
            show(tag("p", foreign(reading.error), class_="error", role="alert"))
            return
        show(_read_as(reading.document, reading.passages))
        with st.expander("Se teksten, som den er læst", key=f"reading-text-{number}"):
            show(_text(reading.document))
        draw_metadata(described(reading.document), _key(file))


def _add(uploads: Uploads, files: Sequence[Chosen]) -> None:
    """Begin adding; the page follows the job in its next run."""
    from assistant import corpus

    settings = load_settings()
    try:
        demand(Role.UPLOAD)
    except AssistantError as error:
        uploads.error = str(error)
        return

    metadata = {file.name: entered(_key(file)) for file in files}

    def work(report: ProgressCallback) -> object:
        return corpus.add_documents(settings, [(file.name, file.data) for file in files], metadata, report)

    names = ", ".join(file.name for file in files)
    uploads.begin(f"Tilføjer {names}", f"Tilføjet: {names}.", work)


def _key(file: Chosen) -> str:
    return f"upload-{file.digest[:12]}"


def _read_as(document: Document, passages: Sequence[Passage]) -> Html:
    found = headings(passages)
    named = [*facts(document, passages)[-2:], count(len(found), "overskrift", "overskrifter")]
    warnings = (tag("p", foreign(said), class_="notice warning") for said in reservations(document))
    more = tag("li", f"og {len(found) - _HEADINGS} til") if len(found) > _HEADINGS else EMPTY
    listed = (
        tag("ul", *(tag("li", foreign(heading)) for heading in found[:_HEADINGS]), more, class_="headings")
        if found
        else tag("p", "Ingen overskrifter fundet. Teksten kan stadig søges og citeres.", class_="muted")
    )
    return tag("div", tag("p", "Læst som: ", foreign(" · ".join(named))), *warnings, listed, class_="read-as")


def _text(document: Document) -> Html:
    shown = document.pages[:_PAGES]
    many = "sider" if document.page_noun == "side" else "slides"
    parts: list[Html] = []
    for page in shown:
        parts.append(tag("p", f"{document.page_noun.capitalize()} {page.number}", class_="kicker"))
        parts.append(tag("article", typeset(page), class_="sheet", lang=document.language or "da"))
    if len(document.pages) > len(shown):
        parts.append(tag("p", f"De første {len(shown)} af {len(document.pages)} {many}.", class_="muted"))
    return tag("div", *parts, class_="read-text")
