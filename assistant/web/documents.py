"""The page "Dokumenter": what answers come from, what could not be read, and changing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from assistant.errors import AssistantError
from assistant.exporting.paper import danish_date
from assistant.progress import ProgressCallback
from assistant.records import Document
from assistant.settings import load_settings
from assistant.web import source, uploads
from assistant.web.access import Role, demand, may
from assistant.web.document_facts import count, ended, facts, reservations
from assistant.web.exports import now
from assistant.web.jobs import draw_job
from assistant.web.markup import EMPTY, Html, foreign, show, tag
from assistant.web.metadata_form import described, draw_metadata, entered
from assistant.web.session import Conversation, conversation
from assistant.web.uploads import TYPES, Uploads

if TYPE_CHECKING:
    from assistant.loading.reader import Problem
    from assistant.pipeline import Assistant

_LISTED = 20
_FIND_FROM = 8


def draw(assistant: Assistant) -> None:
    """Draw the page "Dokumenter"."""
    talk, adding = conversation(), _adding()
    with st.container(key="documents"):
        show(tag("h1", "Dokumenter"))
        _follow(adding)
        show(tag("p", _lead(assistant), class_="lead"))
        problems(assistant)
        may_change = may(Role.UPLOAD)
        for number, document in enumerate(_found(assistant)):
            _draw_document(assistant, talk, adding, document, number, may_change=may_change)
        if may_change:
            uploads.draw(adding)
    source.draw(assistant, talk)


def problems(assistant: Assistant) -> None:
    """Say which documents could not be read, or only in part, if any."""
    unread = [p for p in assistant.problems if p.kind == "unread"]
    partly = [p for p in assistant.problems if p.kind == "partly"]
    others = [p for p in assistant.problems if p.kind == "notice"]
    if unread:
        which = "Ét dokument" if len(unread) == 1 else f"{len(unread)} dokumenter"
        _show_problems(f"{which} kunne ikke læses", unread, "De andre dokumenter kan bruges som sædvanlig.")
    if partly:
        which = "Ét dokument er" if len(partly) == 1 else f"{len(partly)} dokumenter er"
        _show_problems(f"{which} kun læst delvist", partly, "Resten af siderne kan bruges som sædvanlig.")
    if others:
        _show_problems("Bemærk", others, "")


def _show_problems(heading: str, found: Sequence[Problem], told: str) -> None:
    show(
        tag(
            "section",
            tag("h2", heading),
            tag("ul", *(tag("li", foreign(_named(problem))) for problem in found)),
            tag("p", told) if told else EMPTY,
            class_="notice warning",
        )
    )


def _named(problem: Problem) -> str:
    named = problem.source in problem.message
    return problem.message if named else f"{problem.source}: {problem.message}"


def _lead(assistant: Assistant) -> str:
    documents = count(len(assistant.documents), "dokument", "dokumenter")
    try:
        made = datetime.fromisoformat(assistant.index_created).astimezone(now().tzinfo)
    except ValueError:
        return f"Svarene bygger på {documents}."
    return f"Svarene bygger på {documents}, sidst indekseret den {danish_date(made)} kl. {made:%H.%M}."


def _follow(adding: Uploads) -> None:
    """Show the change under way until it is over, and what came of it."""
    if adding.job is not None:
        draw_job(adding.job)
        if adding.job.error:
            adding.error = adding.job.error
        else:
            adding.done()
            st.session_state.pop(_EDITED, None)
        adding.job = None
        # From the top, so that the page shows the documents as they now are.
        st.rerun()
    if adding.error:
        show(tag("p", foreign(adding.error), class_="error arrive", role="alert"))
    elif adding.told:
        show(tag("p", foreign(adding.told), class_="notice note arrive", role="status"))


def _found(assistant: Assistant) -> list[Document]:
    """The documents that the user looks for, as many as are shown at a time."""
    documents = list(assistant.documents)
    if len(documents) > _FIND_FROM:
        wanted = st.text_input("Find dokument", key="documents-find", placeholder="Titel, afsender eller fil")
        words = wanted.casefold().split()
        documents = [d for d in documents if all(word in _searched(d) for word in words)]
        if not documents:
            show(tag("p", "Ingen dokumenter passer. Prøv et andet ord.", class_="muted", role="status"))
    shown = st.session_state.get(_SHOWN, _LISTED)
    if len(documents) > shown:
        told = f"Viser {shown} af {len(documents)}. Skriv ovenfor for at finde et bestemt."
        show(tag("p", told, class_="muted"))
    return documents[:shown]


def _searched(document: Document) -> str:
    parts = (document.title, document.organisation, document.kind, document.id, document.source)
    return " ".join(parts).casefold()


def _draw_document(
    assistant: Assistant,
    talk: Conversation,
    adding: Uploads,
    document: Document,
    number: int,
    *,
    may_change: bool,
) -> None:
    edited = st.session_state.get(_EDITED) == document.id
    with st.container(key=f"document-{number}"):
        show(_entry(assistant, document))
        with st.container(key=f"acts-{number}", horizontal=True):
            if document.pages:
                st.button(
                    "Læs dokumentet",
                    key=f"read-{number}",
                    on_click=talk.open_page,
                    args=(document.id, document.pages[0].number),
                )
            if may_change:
                st.button(
                    "Luk ændringer" if edited else "Ret, erstat eller fjern",
                    key=f"change-{number}",
                    icon=":material/close:" if edited else ":material/edit:",
                    on_click=_edit,
                    args=(None if edited else document.id,),
                )
        if edited and may_change:
            _draw_changes(adding, document)


def _entry(assistant: Assistant, document: Document) -> Html:
    said = [tag("p", foreign(each), class_="notice") for each in reservations(document)]
    told = " · ".join(facts(document, assistant.passages(document.id)))
    file = tag("p", "Fil: ", foreign(document.source), class_="muted") if document.source else EMPTY
    return tag(
        "div", tag("h2", foreign(document.title)), tag("p", foreign(told), class_="muted"), file, *said
    )


def _draw_changes(adding: Uploads, document: Document) -> None:
    # Loads the index and the model behind it, which the first page need not wait for.
    from assistant import corpus

    key = document.id
    with st.container(key="changes"):
        show(tag("h3", "Ret oplysninger"))
        try:
            known = described(document, corpus.metadata_of(load_settings(), document.id))
        except AssistantError as error:
            show(tag("p", foreign(str(error)), class_="error", role="alert"))
            return
        with st.form(key="changes-metadata", border=False):
            draw_metadata(known, f"edit-{key}")
            if st.form_submit_button("Gem oplysninger"):
                metadata = entered(f"edit-{key}")
                _begin(
                    adding,
                    f"Gemmer oplysninger om {document.title}",
                    f"Gemt: oplysninger om {ended(document.title)}",
                    lambda report: corpus.set_metadata(load_settings(), document.id, metadata, report),
                )
                st.rerun()
        show(tag("h3", "Erstat med en ny udgave"))
        file = st.file_uploader(
            "Vælg den nye fil",
            type=list(TYPES),
            key=f"replace-{key}-{adding.round}",
            max_upload_size=load_settings().limits.upload_megabytes,
        )
        if file is not None:
            name, data = file.name, file.getvalue()
            st.button(
                "Erstat dokumentet",
                key="changes-replace",
                on_click=_begin,
                args=(
                    adding,
                    f"Erstatter {document.title}",
                    f"Erstattet: {ended(document.title)}",
                    lambda report: corpus.replace_document(load_settings(), document.id, name, data, report),
                ),
            )
        show(tag("h3", "Fjern"))
        sure = st.checkbox(
            "Ja, jeg vil fjerne dokumentet. Svar kan ikke længere bygge på det.", key=f"sure-{key}"
        )
        st.button(
            "Fjern dokumentet",
            key="changes-remove",
            icon=":material/delete:",
            disabled=not sure,
            on_click=_begin,
            args=(
                adding,
                f"Fjerner {document.title}",
                f"Fjernet: {ended(document.title)}",
                lambda report: corpus.remove_document(load_settings(), document.id, report),
            ),
        )


def _begin(adding: Uploads, what: str, done: str, work: Callable[[ProgressCallback], object]) -> None:
    """Begin a change if the user may."""
    try:
        demand(Role.UPLOAD)
    except AssistantError as error:
        adding.told, adding.error = "", str(error)
        return
    adding.begin(what, done, work)


def _edit(document_id: str | None) -> None:
    st.session_state[_EDITED] = document_id


def _adding() -> Uploads:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Uploads()
    found: Uploads = st.session_state[_KEY]
    return found


_KEY, _EDITED, _SHOWN = "documents uploads", "documents edited", "documents shown"
