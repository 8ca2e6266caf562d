"""Starts the web page: ``streamlit run app.py``."""

from streamlit.starlette import App

from assistant.web import safety, shell

safety.refuse_unsafe_start()
shell.start_logging()

app = App(shell.SCRIPT, routes=shell.ROUTES, middleware=shell.MIDDLEWARE, on_script_error=shell.script_error)
