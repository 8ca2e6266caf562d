"""Documents, vectors and homes for the tests of the index in PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from support.corpora import write
from support.embedders import HashedEmbedder

from assistant.embedding.base import Vectors
from assistant.indexes.base import SearchQuery
from assistant.indexes.home import Change
from assistant.indexes.local import heading_text, searched_text
from assistant.indexes.manifest import Origin
from assistant.indexes.postgres.home import PostgresHome
from assistant.indexes.store import Generation
from assistant.records import Document, Passage
from assistant.settings import CorpusSettings, DatabaseSettings, IndexSettings, Settings
from assistant.text.passages import cut_document

EMBEDDER = HashedEmbedder()

OLD = {
    "første.txt": "Værdier\n\n• Vi udviser ordentlighed\n• Vi går forrest\n• Vi taler sektoren op",
    "andet.txt": "Ledelse\n\n• Øget fokus på driftsledelse\n• Kultur er styring",
}
NEW = {
    "første.txt": "Værdier\n\n• Vi udviser ordentlighed\n• Vi går forrest\n• Vi tager ansvar",
    "andet.txt": OLD["andet.txt"],
    "tredje.txt": "Styring\n\n• Få, men centrale mål\n• Vejledende metoder\n• Lokalt ansvar",
}


def settings_of(folder: Path, url: str, schema: str, read_urls: tuple[str, ...] = ()) -> Settings:
    return Settings(
        corpus=CorpusSettings(folder / "corpus"),
        index=IndexSettings(folder / "index"),
        database=DatabaseSettings(url=url, read_urls=read_urls, schema=schema),
    )


def corpus(folder: Path, files: dict[str, str]) -> None:
    """Let these be all the documents."""
    home = folder / "corpus"
    home.mkdir(exist_ok=True)
    for path in home.iterdir():
        path.unlink()
    write(home, files.items())


def vectors_of(passages: tuple[Passage, ...]) -> tuple[Vectors, Vectors]:
    if not passages:
        none = np.zeros((0, EMBEDDER.dimension), dtype=np.float32)
        return none, none
    texts = EMBEDDER.embed_passages([searched_text(p) for p in passages])
    return texts, EMBEDDER.embed_passages([heading_text(p) or "intet" for p in passages])


def change_to(documents: list[Document], kept: frozenset[str] = frozenset()) -> Change:
    passages = tuple(p for d in documents if d.id not in kept for p in cut_document(d))
    return Change(tuple(documents), kept, passages, *vectors_of(passages))


def built(home: PostgresHome, documents: list[Document], kept: frozenset[str] = frozenset()) -> Generation:
    """Write a revision of these documents."""
    with home.writing() as writer:
        return writer.write(
            change_to(documents, kept), Origin(EMBEDDER.fingerprint, "2026-03-01T08:00:00+00:00")
        )


def query(text: str) -> SearchQuery:
    return SearchQuery(text, EMBEDDER.embed_queries([text])[0])


def found(generation: Generation, text: str, *, documents: tuple[str, ...] = ()) -> dict[str, list[float]]:
    """What a search gives: the signals of each passage, by its text."""
    candidates = generation.index.search(query(text), documents=documents)
    return {
        passage.text: row
        for passage, row in zip(candidates.passages, candidates.signals.tolist(), strict=True)
    }
