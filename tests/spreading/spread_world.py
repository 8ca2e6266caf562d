"""A small corpus of several formats, and builds of it: here, and over a cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from support.corpora import write
from support.embedders import HashedEmbedder

from assistant.embedding.base import Embedder
from assistant.indexes.building import Builder, BuildReport
from assistant.indexes.store import Generation
from assistant.indexes.writing import FolderHome
from assistant.loading.limits import ReadLimits
from assistant.progress import ProgressCallback, silent
from assistant.spreading.address import Access
from assistant.spreading.opening import Spread, spreading
from assistant.spreading.tasks import Opening

LIMITS = ReadLimits()
MOST_BYTES = 20_000
"""Of a file that is sent in these tests; one of the corpus is larger."""


def make_corpus(folder: Path) -> Path:
    texts = [
        (f"notat-{n}.txt", "\n\n".join(f"Afsnit {n}.{m}\n\n• Mål {m}\n• Ansvar {n * m}" for m in range(1, 6)))
        for n in range(1, 5)
    ]
    page = "<html><head><title>Tillid</title></head><body><h1>Tillid</h1><p>Tillid er god.</p></body></html>"
    long = "# Ledelse\n\n" + "\n\n".join(f"Ledelse nummer {n} handler om ansvar. " * 12 for n in range(60))
    assert len(long) > MOST_BYTES
    described = '["notat-1"]\ntitle = "Første notat"\norganisation = "KOMDIR"\n'
    return write(
        folder,
        [
            *texts,
            ("side.html", page),
            ("langt.md", long),
            ("itu.pdf", b"%PDF-1.7\nintet"),
            ("tom.txt", ""),
            ("corpus.toml", described),
        ],
    )


@dataclass(frozen=True)
class Built:
    report: BuildReport
    generation: Generation

    @property
    def content(self) -> object:
        """Everything that answers are made from, to the byte, and what was told of files that could not be."""
        manifest = self.generation.manifest
        return manifest.identity, manifest.files, manifest.problems, self.generation.documents


def build_here(corpus: Path, index: Path, embedder: Embedder | None = None) -> Built:
    with FolderHome(index).writing() as writer:
        builder = Builder(corpus, LIMITS, embedder or HashedEmbedder(), writer, silent, lambda _: None)
        return Built(builder.build(), builder.generation)


def build_spread(
    access: Access,
    corpus: Path,
    index: Path,
    opening: Opening,
    *,
    progress: ProgressCallback = silent,
    keep: Path | None = None,
    limits: ReadLimits = LIMITS,
) -> Built:
    here = HashedEmbedder()

    def build(spread: Spread) -> Built:
        with FolderHome(index).writing() as writer:
            builder = Builder(
                corpus, limits, spread.embedder, writer, progress, lambda _: None, keep, read=spread.read
            )
            return Built(spread.done(builder.build), builder.generation)

    with spreading(access, opening, here, progress, ocr=limits.ocr, most_bytes=MOST_BYTES) as spread:
        return build(spread)


class InThread:
    """Work under way while the test goes on."""

    def __init__(self, work: Callable[[], Built]) -> None:
        self._work = work
        self._result: Built | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:
            self._error = error

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def result(self) -> Built:
        self._thread.join(120)
        assert self.is_done
        if self._error is not None:
            raise self._error
        assert self._result is not None
        return self._result
