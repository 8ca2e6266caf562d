"""Starts the web page: ``streamlit run app.py``."""

from streamlit.starlette import App

from assistant.web import more_pages, safety, shell, stopping
from eval.web import PAGE as EVALUATION

safety.refuse_unsafe_start()
shell.start_logging()

more_pages.offer(EVALUATION)

app = App(
    shell.SCRIPT,
    lifespan=stopping.graceful,
    routes=shell.ROUTES,
    middleware=shell.MIDDLEWARE,
    on_script_error=shell.script_error,
)
