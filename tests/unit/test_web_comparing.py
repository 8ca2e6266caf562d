"""What the columns of a comparison are called."""

from __future__ import annotations

import pytest

from assistant.records import Document
from assistant.web.comparing import speakers


def document(name: str, organisation: str, title: str) -> Document:
    return Document(name, title, organisation, "notat", "da", "", ())


@pytest.mark.parametrize(
    ("documents", "names"),
    [
        ((("a", "Vejlauget", "Hegn"), ("b", "Kystrådet", "Diger")), ["Vejlauget", "Kystrådet"]),
        ((("a", "Vejlauget", "Hegn"), ("b", "Vejlauget", "Låger")), ["»Hegn«", "»Låger«"]),
        ((("a", "a", "Hegn"), ("b", "Vejlauget", "Låger")), ["»Hegn«", "Vejlauget"]),
        ((("a", "Vejlauget", "Hegn"), ("b", "Vejlauget", "Hegn")), ["»Hegn« (a)", "»Hegn« (b)"]),
    ],
)
def test_no_two_columns_are_called_the_same(
    documents: tuple[tuple[str, str, str], ...], names: list[str]
) -> None:
    assert list(speakers([document(*each) for each in documents]).values()) == names
