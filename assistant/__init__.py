"""A chat assistant over Danish public documents: cited, verbatim, and silent where they are."""

__version__ = "0.1.0"
