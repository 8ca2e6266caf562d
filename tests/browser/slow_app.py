"""Serves ``slow_page.py`` in the frame of the real page."""

from pathlib import Path

from streamlit.starlette import App

from assistant.web import shell, stopping

shell.start_logging()

app = App(
    Path(__file__).with_name("slow_page.py"),
    lifespan=stopping.graceful,
    routes=shell.ROUTES,
    middleware=shell.MIDDLEWARE,
)
