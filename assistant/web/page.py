"""The script that Streamlit runs for every view of the page: navigation over one shared assistant."""

from __future__ import annotations

import functools

import streamlit as st

from assistant.web import (
    access,
    address,
    basket,
    chat,
    comparing,
    conversations,
    documents,
    language_model,
    more_pages,
)
from assistant.web.markup import show, tag
from assistant.web.opening import shared_assistant
from assistant.web.session import conversation

_SIDEBAR_PIXELS = 270


def main() -> None:
    """Draw the page that the user has chosen."""
    st.set_page_config(page_title="Dokumentassistent", layout="wide", initial_sidebar_state=_SIDEBAR_PIXELS)
    access.require_sign_in()
    assistant = shared_assistant()
    conversations.follow(assistant, conversation())
    address.follow(assistant, conversation())
    pages = [
        st.Page(functools.partial(chat.draw, assistant), title="Samtale", url_path="samtale", default=True),
        st.Page(functools.partial(comparing.draw, assistant), title="Sammenlign", url_path="sammenlign"),
        st.Page(functools.partial(basket.draw, assistant), title=basket.TITLE, url_path="mit-oplaeg"),
        st.Page(functools.partial(documents.draw, assistant), title="Dokumenter", url_path="dokumenter"),
        st.Page(
            functools.partial(language_model.draw, assistant),
            title=language_model.TITLE,
            url_path="indstillinger",
        ),
    ]
    pages += [
        st.Page(functools.partial(more.draw, assistant), title=more.title, url_path=more.url_path)
        for more in more_pages.offered_pages()
        if access.may(more.role)
    ]
    st.navigation(pages).run()
    access.draw_status()
    address.drawn(address.LEFT, conversations.LEFT)
    with st.sidebar:
        # page.js opens it, and has the keys: they work on every page.
        show(tag("button", "Genveje", type="button", class_="copy shortcuts-open", aria_haspopup="dialog"))


main()
