"""What goes wrong with the files of an evaluation. Messages are Danish, one line, fit to show."""

from __future__ import annotations

from assistant.errors import AssistantError


class EvaluationError(AssistantError):
    """A run, a baseline or a benchmark folder cannot be used."""


def because(error: OSError) -> str:
    """Return why a file could not be used, in Danish where it is one of the usual reasons."""
    match error:
        case FileNotFoundError():
            return "den findes ikke"
        case IsADirectoryError():
            return "det er en mappe"
        case PermissionError():
            return "ingen adgang"
        case _:
            return error.strerror or str(error)
