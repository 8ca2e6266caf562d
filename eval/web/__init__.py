"""The page "Evaluering": run question sets and read the results in the web app."""

from assistant.web.access import Role
from assistant.web.more_pages import OfferedPage
from eval.web.page import TITLE, draw

PAGE = OfferedPage(TITLE, "evaluering", draw, Role.EVALUATE)
"""What ``app.py`` offers the web app."""
