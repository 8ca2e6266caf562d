"""What is measured is the code and the documents at hand; the index in use stays as it is."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eval_world import DOCUMENTS

import assistant
from assistant.errors import IndexMismatch
from assistant.records import Document, Passage
from assistant.settings import IndexSettings, Settings
from assistant.text.passages import cut_document
from eval.opening import current_assistant


@dataclass
class Opened:
    """An assistant that only knows its documents and how they were cut."""

    documents: tuple[Document, ...]
    cut_short: bool = False

    def passages(self, document_id: str) -> tuple[Passage, ...]:
        (document,) = [document for document in self.documents if document.id == document_id]
        passages = cut_document(document)
        return passages[:-1] if self.cut_short else passages


class Factory:
    """Gives what stands in the index of the settings, and what is current in any other."""

    def __init__(self, standing: Opened | Exception, place: Path) -> None:
        self.standing = standing
        self.place = place
        self.built: list[Path] = []

    def postgres_home_of(self, settings: Settings) -> None:
        """The index is a folder."""

    def open_assistant(self, settings: Settings, progress: object = None) -> Opened:
        if settings.index.path != self.place:
            self.built.append(settings.index.path)
            return Opened(DOCUMENTS)
        if isinstance(self.standing, Exception):
            raise self.standing
        return self.standing


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), index=IndexSettings(tmp_path / "index"))


def opened(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    standing: Opened | Exception,
    *,
    own_index: bool = False,
) -> tuple[object, Factory]:
    factory = Factory(standing, settings.index.path)
    monkeypatch.setattr(assistant, "factory", factory, raising=False)
    monkeypatch.setitem(sys.modules, "assistant.factory", factory)
    with current_assistant(settings, DOCUMENTS, lambda _: None, own_index=own_index) as found:
        return found, factory


def test_an_index_that_fits_is_used(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    standing = Opened(tuple(reversed(DOCUMENTS)))
    found, factory = opened(monkeypatch, settings, standing)
    assert found is standing
    assert not factory.built


@pytest.mark.parametrize(
    "standing",
    [
        Opened(DOCUMENTS[:1]),
        Opened((DOCUMENTS[0], replace(DOCUMENTS[1], title="En anden titel"))),
        Opened(DOCUMENTS, cut_short=True),
        IndexMismatch("Indekset er lavet med en anden model."),
    ],
)
def test_an_index_that_does_not_fit_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    standing: Opened | Exception,
    capsys: pytest.CaptureFixture[str],
) -> None:
    found, factory = opened(monkeypatch, settings, standing)
    assert found is not standing
    assert len(factory.built) == 1
    assert not factory.built[0].parent.exists(), "the temporary index is gone afterwards"
    assert "der bygges et midlertidigt" in capsys.readouterr().err


def test_an_index_of_its_own_is_built_without_looking_at_the_one_in_use(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    _, factory = opened(monkeypatch, settings, AssertionError("opened the index in use"), own_index=True)
    assert len(factory.built) == 1
