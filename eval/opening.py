"""Opens what is measured, without ever changing the index that is in use."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from assistant.errors import IndexUnusable
from assistant.loading.reader import read_folder
from assistant.progress import ProgressCallback
from assistant.records import Document
from assistant.settings import Settings, load_settings
from assistant.text.passages import cut_document

if TYPE_CHECKING:
    from assistant.pipeline import Assistant


def settings_for(corpus: Path | None) -> Settings:
    """Return the settings, for another folder of documents where one is given."""
    settings = load_settings()
    if corpus is None:
        return settings
    return replace(settings, corpus=replace(settings.corpus, path=corpus.resolve()))


def read_documents(settings: Settings) -> tuple[Document, ...]:
    """Return the documents as they are read now, so that questions are checked before anything is built."""
    return tuple(entry for entry in read_folder(settings.corpus.path) if isinstance(entry, Document))


@contextmanager
def temporary_index(settings: Settings) -> Iterator[Settings]:
    """The settings with an index of their own that is gone afterwards, in the same database if it is in one."""
    from assistant import factory

    with TemporaryDirectory(prefix="eval-index-") as folder:
        schema = f"eval_{uuid4().hex[:12]}"
        own = replace(
            settings,
            index=replace(settings.index, path=Path(folder) / "index"),
            database=replace(settings.database, schema=schema),
        )
        try:
            yield own
        finally:
            if home := factory.postgres_home_of(own):
                home.drop()
                home.close()


@contextmanager
def current_assistant(
    settings: Settings, documents: Sequence[Document], progress: ProgressCallback, *, own_index: bool
) -> Iterator[Assistant]:
    """The assistant over ``documents`` as the code at hand reads and cuts them.

    The index of the settings is used, and built where there is none. An index made from other
    documents, by another way of cutting them or for another model is left as it is, and a
    temporary one is built instead; so it is with ``own_index``.
    """
    from assistant import factory

    if not own_index:
        try:
            assistant = factory.open_assistant(settings, progress=progress)
            if _is_current(assistant, documents):
                yield assistant
                return
        except IndexUnusable as error:
            print(f"Indekset bruges ikke: {error}", file=sys.stderr)
        print("Indekset svarer ikke til dokumenter og kode; der bygges et midlertidigt.", file=sys.stderr)
    with temporary_index(settings) as own:
        yield factory.open_assistant(own, progress=progress)


def _is_current(assistant: Assistant, documents: Sequence[Document]) -> bool:
    return set(assistant.documents) == set(documents) and all(
        assistant.passages(document.id) == cut_document(document) for document in documents
    )
