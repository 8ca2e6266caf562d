"""What users think of an answer, and the draft questions that come of a bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from assistant.citing import reference
from assistant.errors import StorageError, UnknownDocument
from assistant.records import Answer
from assistant.storage.base import Feedback, Thumb
from assistant.storage.drafts import KINDS, UNANSWERABLE, kind_of, question_lines
from assistant.text.folding import clean
from assistant.web.access import Role, may
from assistant.web.conversations import UNREACHABLE
from assistant.web.database import shared_store
from assistant.web.identity import owner
from assistant.web.markup import foreign, label, printable, show, tag
from assistant.web.session import Conversation

if TYPE_CHECKING:
    from assistant.pipeline import Assistant

_HITS = 8
_LONGEST = 2000
_DRAFTS_TROUBLE = "drafts trouble"


@dataclass(frozen=True, slots=True)
class Choice:
    """One place that an answer should have rested on, as the user picks it."""

    document: str
    snippet: str
    name: str


def given_to(talk: Conversation) -> Mapping[int, Feedback] | None:
    """Return what the user said of the answers of a conversation; ``None`` where it cannot be read.

    Asked for once a view, not once an answer.
    """
    if not talk.kept.turns or st.session_state.get(UNREACHABLE, False):
        return None
    try:
        return shared_store().feedback(owner(), talk.kept.id)
    except StorageError:
        # What is wrong is told where the conversations are listed.
        return None


def draw(
    assistant: Assistant, talk: Conversation, turn: int, everything: Mapping[int, Feedback] | None
) -> None:
    """Draw the thumbs under answer number ``turn``, and what a thumb opens.

    Only what is kept can be judged: a thumb belongs to an answer in the database. ``everything`` comes from
    :func:`given_to`.
    """
    if everything is None or turn >= talk.kept.turns:
        return
    given = everything.get(turn)
    with st.container(key=f"feedback-{talk.kept.id}-{turn}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"thumbs-{turn}"):
            show(tag("p", "Var svaret brugbart?", class_="muted"))
            _draw_thumb("up", "Ja", given, talk, turn)
            _draw_thumb("down", "Nej", given, talk, turn)
        trouble = st.session_state.pop(_trouble_key(talk, turn), None)
        if trouble:
            show(tag("p", trouble, class_="error", role="alert"))
        if given is not None:
            _draw_comment(given, talk, turn)
            if given.thumb == "down":
                _draw_draft(assistant, given, talk, turn)


def draw_drafts() -> None:
    """Draw the draft questions for whoever evaluates: download as a question set, and remove."""
    if not may(Role.EVALUATE):
        return
    with st.container(key="drafts"):
        show(tag("h2", "Kladder til prøvespørgsmål"))
        try:
            drafts = shared_store().drafts()
        except StorageError as error:
            show(tag("p", "Kladderne kan ikke vises. ", foreign(str(error)), class_="error", role="alert"))
            return
        trouble = st.session_state.pop(_DRAFTS_TROUBLE, None)
        if trouble:
            show(tag("p", trouble, class_="error", role="alert"))
        if not drafts:
            show(tag("p", "Ingen endnu. De foreslås under et svar, som nogen ikke fandt brugbart."))
            return
        st.download_button(
            f"Hent {len(drafts)} som JSON Lines",
            data=question_lines(drafts).encode(),
            file_name="kladder.jsonl",
            mime="application/x-ndjson",
            icon=":material/download:",
            on_click="ignore",
        )
        for draft in drafts:
            with st.container(key=f"draft-{draft.id}", border=True):
                show(tag("p", tag("strong", foreign(draft.question)), f" ({draft.kind})"))
                for document, snippet in draft.gold:
                    show(tag("p", foreign(document), ": »", foreign(snippet), "«", class_="muted"))
                if draft.comment:
                    show(tag("p", "Kommentar: ", foreign(draft.comment), class_="muted"))
                st.button(
                    label(f"Fjern kladden »{draft.question}«"),
                    key=f"draft-remove-{draft.id}",
                    on_click=_remove,
                    args=(draft.id,),
                    type="tertiary",
                    icon=":material/delete:",
                )


def choices(assistant: Assistant, talk: Conversation, answer: Answer) -> tuple[Choice, ...]:
    """Return what the gold can be picked from: the source that is open, then the hits, best first."""
    found: dict[tuple[str, str], Choice] = {}
    for document, page, snippet in (*_open_places(assistant, talk), *_hit_places(answer)):
        try:
            where = reference(assistant.document(document), page)
        except (UnknownDocument, KeyError):
            continue
        if snippet:
            found.setdefault((document, snippet), Choice(document, snippet, f"{where}: »{snippet}«"))
    return tuple(found.values())


def _draw_thumb(thumb: Thumb, text: str, given: Feedback | None, talk: Conversation, turn: int) -> None:
    chosen = given is not None and given.thumb == thumb
    st.button(
        # What is chosen is said, not only coloured.
        f"{text} (valgt)" if chosen else text,
        key=f"thumb-{thumb}-{talk.kept.id}-{turn}",
        icon=f":material/thumb_{thumb}:",
        type="secondary" if chosen else "tertiary",
        on_click=_thumb,
        args=(talk, turn, "" if chosen else thumb, given.comment if given and not chosen else ""),
    )


def _draw_comment(given: Feedback, talk: Conversation, turn: int) -> None:
    key = f"comment-{talk.kept.id}-{turn}"
    with st.form(f"form-{key}", border=False):
        st.text_area(
            "Hvad manglede?" if given.thumb == "down" else "Kommentar (valgfri)",
            value=given.comment,
            key=key,
            max_chars=_LONGEST,
            height=90,
        )
        show(
            tag(
                "p",
                "CPR-numre, e-mailadresser og telefonnumre fjernes, før kommentaren gemmes.",
                class_="muted",
            )
        )
        st.form_submit_button("Gem kommentaren", on_click=_comment, args=(talk, turn, given.thumb, key))
    if given.comment:
        show(tag("p", "Kommentaren er gemt.", class_="muted", role="status"))


def _draw_draft(assistant: Assistant, given: Feedback, talk: Conversation, turn: int) -> None:
    answer = talk.answers[turn]
    key = f"draft-{talk.kept.id}-{turn}"
    if st.session_state.get(f"{key}-sent"):
        show(tag("p", "Forslaget er sendt til dem, der prøver assistenten.", class_="muted", role="status"))
        return
    with st.expander("Foreslå som prøvespørgsmål", icon=":material/fact_check:"):
        show(tag("p", "Så bliver det prøvet fremover, om spørgsmålet besvares rigtigt."))
        places = choices(assistant, talk, answer)
        kind = kind_of(answer.query)
        with st.form(f"form-{key}", border=False):
            st.text_input("Spørgsmål", value=answer.question, key=f"{key}-question", max_chars=_LONGEST)
            st.multiselect(
                "Hvor står svaret?",
                options=range(len(places)),
                default=[0] if talk.source is not None and places else [],
                format_func=lambda n: printable(places[n].name),
                key=f"{key}-gold-{_opened(talk)}",
                placeholder="Vælg blandt det, der blev fundet",
                select_all=False,
                wrap=True,
            )
            show(tag("p", "Åbn stedet i en kilde først, hvis det ikke er blandt forslagene.", class_="muted"))
            st.checkbox("Svaret står ikke i dokumenterne", key=f"{key}-nowhere")
            kinds = [each for each in KINDS if each != UNANSWERABLE]
            st.selectbox("Slags", options=kinds, index=kinds.index(kind), key=f"{key}-kind")
            st.form_submit_button(
                "Send forslaget", on_click=_propose, args=(talk, turn, key, places, given.comment)
            )


def _open_places(assistant: Assistant, talk: Conversation) -> list[tuple[str, int, str]]:
    """The marked passages of the open source, or all passages of its page where none is marked."""
    source = talk.source
    if source is None:
        return []
    try:
        page = assistant.document(source.document_id).page(source.page)
        if source.marked and source.page == source.marked_page:
            texts = [clean(page.text[span.start : span.end]) for span in source.marked]
        else:
            texts = [p.text for p in assistant.passages(source.document_id) if p.page == source.page]
    except (UnknownDocument, KeyError):
        return []
    return [(source.document_id, source.page, text) for text in texts]


def _hit_places(answer: Answer) -> list[tuple[str, int, str]]:
    return [(hit.passage.document_id, hit.passage.page, hit.passage.text) for hit in answer.hits[:_HITS]]


def _opened(talk: Conversation) -> str:
    """What tells one opening of the source from another, so that the gold is proposed anew."""
    return "" if talk.source is None else f"{talk.source.opened}-{talk.source.page}"


def _judge(talk: Conversation, turn: int, thumb: Thumb, comment: str) -> Feedback | None:
    try:
        return shared_store().set_feedback(owner(), talk.kept.id, turn, thumb, comment)
    except StorageError as error:
        st.session_state[_trouble_key(talk, turn)] = f"Din tilbagemelding er ikke gemt. {error}"
        return None


def _thumb(talk: Conversation, turn: int, thumb: Thumb, comment: str) -> None:
    _judge(talk, turn, thumb, comment)


def _comment(talk: Conversation, turn: int, thumb: Thumb, key: str) -> None:
    kept = _judge(talk, turn, thumb, st.session_state[key])
    if kept is not None:
        # As it was kept: whoever wrote a number sees that it was masked.
        st.session_state[key] = kept.comment


def _propose(talk: Conversation, turn: int, key: str, places: Sequence[Choice], comment: str) -> None:
    picked = [places[n] for n in st.session_state[f"{key}-gold-{_opened(talk)}"] if n < len(places)]
    answer, nowhere = talk.answers[turn], st.session_state[f"{key}-nowhere"]
    question = st.session_state[f"{key}-question"].strip()
    if not question:
        st.session_state[_trouble_key(talk, turn)] = "Skriv spørgsmålet, før du sender forslaget."
        return
    if bool(picked) == nowhere:
        # Nothing picked is not the same as nothing to find: such a question would be judged wrongly for ever.
        st.session_state[_trouble_key(talk, turn)] = (
            "Vælg, hvor svaret står, eller sæt kryds ved, at det ikke står i dokumenterne – ikke begge dele."
        )
        return
    kind = UNANSWERABLE if nowhere else st.session_state[f"{key}-kind"]
    try:
        shared_store().add_draft(
            question,
            kind,
            [(each.document, each.snippet) for each in picked],
            history=answer.query.history if kind == "opfølgning" else (),
            comment=comment,
        )
    except StorageError as error:
        st.session_state[_trouble_key(talk, turn)] = f"Forslaget er ikke gemt. {error}"
    else:
        st.session_state[f"{key}-sent"] = True


def _remove(draft_id: str) -> None:
    try:
        shared_store().delete_draft(draft_id)
    except StorageError as error:
        st.session_state[_DRAFTS_TROUBLE] = f"Kladden er ikke fjernet. {error}"


def _trouble_key(talk: Conversation, turn: int) -> str:
    return f"feedback-trouble-{talk.kept.id}-{turn}"
