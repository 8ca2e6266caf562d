"""A corpus before and after a change, what a reader of either sees, and the work that is interrupted."""

from __future__ import annotations

import hashlib
import json
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from build_server import Order
from support.corpora import write
from support.embedders import HashedEmbedder

from assistant import corpus, factory
from assistant.durable.files import FolderWriter, json_line
from assistant.factory import build_index
from assistant.indexes.base import SearchQuery
from assistant.indexes.building import indexed
from assistant.indexes.manifest import SCHEMA, Manifest
from assistant.indexes.sizes import Sizes
from assistant.indexes.store import Generation, read_generation
from assistant.indexes.writing import FolderHome
from assistant.loading.metadata import Metadata
from assistant.loading.reader import read_folder
from assistant.records import Document
from assistant.settings import CorpusSettings, IndexSettings, Settings
from assistant.text.passages import CHUNKING, cut_document

EMBEDDER = HashedEmbedder()

QUESTIONS = ("ordentlighed og ledelse", "kultur er styring", "ansvar")
OLD = {
    "første.txt": "Værdier\n\n• Vi udviser ordentlighed\n• Vi går forrest\n• Vi taler sektoren op",
    "andet.txt": "Ledelse\n\n• Øget fokus på driftsledelse\n• Kultur er styring",
}
NEW = {
    "første.txt": "Værdier\n\n• Vi udviser ordentlighed\n• Vi går forrest\n• Vi tager ansvar",
    "tredje.txt": "Styring\n\n• Få, men centrale mål\n• Vejledende metoder\n• Lokalt ansvar",
}
OLDER = {"første.txt": "Værdier\n\n• Vi udviser ordentlighed"}
UPLOAD = ("nyt.txt", "Tilføjet\n\n• Et nyt dokument om tillid\n• Det kom ovenfra".encode())
DESCRIBED = (
    '# om værdierne\n["første"]  # den første\ntitle = "Værdier"\n\n# om ledelse\n[andet]\nkind = "notat"\n'
)


@contextmanager
def hashed_embedder() -> Iterator[None]:
    """Tests of files need no model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "open_embedder", lambda _: EMBEDDER)
        yield


LARGE = Sizes(score_all_up_to=0, exact_up_to=3, small_up_to=3, segment_rows=4, merged_at_once=3, small_ones=1)
"""Makes of a few passages what many are made of."""


@contextmanager
def large_indexes() -> Iterator[None]:
    """Build every index as if it were large."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factory, "open_home", lambda settings: FolderHome(settings.index.path, LARGE))
        yield


def settings_of(corpus_folder: Path, index: Path) -> Settings:
    return Settings(corpus=CorpusSettings(corpus_folder), index=IndexSettings(index))


# --- what a reader sees -----------------------------------------------------------------------------


def read(index: Path) -> Generation:
    return read_generation(index, model=EMBEDDER.fingerprint)


def content(generation: Generation) -> str:
    """A checksum of everything that answers are made from: texts, vectors, and what a search finds."""
    found = []
    for question, vector in zip(QUESTIONS, EMBEDDER.embed_queries(QUESTIONS), strict=True):
        candidates = generation.index.search(SearchQuery(question, vector))
        found.append([[p.id for p in candidates.passages], candidates.signals.round(4).tolist()])
    vectors = [generation.index.vectors_of(d.id)[0].round(5).tolist() for d in generation.documents]
    facts = [
        [asdict(document) for document in generation.documents],
        [asdict(passage) for passage in generation.index.sample(len(generation.index))],
        vectors,
        found,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@dataclass(frozen=True)
class World:
    """Three corpora, indexes that are copied for each try, and what a reader of each sees.

    The index "old" serves the old corpus and has a generation of the older one beneath it, and so has "new".
    """

    folder: Path
    contents: dict[str, str]

    @property
    def index(self) -> Path:
        """The index that a try works on."""
        return self.folder / "index"

    def corpus(self, which: str) -> Path:
        return self.folder / which

    def template(self, which: str) -> Path:
        return self.folder / f"index-{which}"

    def reset(self, which: str = "old", *, alone: bool = False) -> None:
        """Begin a try with one of the indexes, ``alone`` without the generation beneath."""
        shutil.rmtree(self.index, ignore_errors=True)
        self.fill(which)
        if alone:
            for home in (self.index / "generations").iterdir():
                if home.name != (self.index / "CURRENT").read_text():
                    shutil.rmtree(home)

    def fill(self, which: str = "old") -> None:
        shutil.copytree(self.template(which), self.index, dirs_exist_ok=True)

    def order(self, work: str = "build", which: str = "new", at: str = "", nth: int = 1) -> Order:
        return Order(work, str(self.corpus(which)), str(self.index), at, nth)

    def seen(self) -> str:
        """Read the index as any reader does; returns "older", "old" or "new", and fails for anything else."""
        found = content(read(self.index))
        named = [name for name, wanted in self.contents.items() if wanted == found]
        assert named, "an index that nobody wrote"
        return named[0]

    def leftovers(self) -> list[str]:
        """What should not be in an index folder after a build that ended."""
        generations = sorted((self.index / "generations").iterdir())
        return [
            *(path.name for path in (self.index / "work").glob("*")),
            *(path.name for path in self.index.glob(".*")),
            *(path.name for path in generations[:-2]),
        ]


def make_world(folder: Path) -> World:
    world = World(folder, {})
    for which, files in (("older", OLDER), ("old", OLD), ("new", NEW)):
        write(world.corpus(which), files.items())
    for which in ("old", "new"):
        for built in ("older", which):
            build_index(settings_of(world.corpus(built), world.template(which)))
            world.contents[built] = content(read(world.template(which)))
    assert len(set(world.contents.values())) == 3
    return world


# --- work that is interrupted -----------------------------------------------------------------------


def _build(order: Order, step: Callable[[str], None]) -> None:
    build_index(settings_of(Path(order.corpus), Path(order.index)), step=step)


def _build_large(order: Order, step: Callable[[str], None]) -> None:
    with large_indexes():
        _build(order, step)


def _build_with_small_files(order: Order, step: Callable[[str], None]) -> None:
    """A build in which the system refuses any file of more than ``nth`` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (order.nth, order.nth))
    _build(order, step)


def _naive_build(order: Order, step: Callable[[str], None]) -> None:
    """A writer with checksums but without generations: it writes where it is read."""
    home = Path(order.index) / "generations" / (Path(order.index) / "CURRENT").read_text()
    documents = [item for item in read_folder(Path(order.corpus)) if isinstance(item, Document)]
    index = indexed(EMBEDDER, [p for d in documents for p in cut_document(d)], lambda _: None)
    shutil.rmtree(home)
    out = FolderWriter(home, lambda _: step("file"))
    index.save(out)
    with out.open("documents.jsonl") as file:
        for document in documents:
            file.write(json_line(asdict(document)))
    manifest = Manifest(
        SCHEMA,
        EMBEDDER.fingerprint,
        CHUNKING,
        "2026-01-01T00:00:00+00:00",
        len(index),
        {d.id: d.sha256 for d in documents},
        "",
        (),
        dict(out.digests),
    )
    with out.open("manifest.json") as file:
        file.write(manifest.to_json())
    step("manifest")


def _add(order: Order, step: Callable[[str], None]) -> None:
    settings = settings_of(Path(order.corpus), Path(order.index))
    corpus.add_documents(settings, [UPLOAD], {UPLOAD[0]: Metadata(title="Nyt", kind="notat")}, step=step)


def _replace(order: Order, step: Callable[[str], None]) -> None:
    settings = settings_of(Path(order.corpus), Path(order.index))
    corpus.replace_document(settings, "andet", *UPLOAD, step=step)


def _remove(order: Order, step: Callable[[str], None]) -> None:
    corpus.remove_document(settings_of(Path(order.corpus), Path(order.index)), "andet", step=step)


def _describe(order: Order, step: Callable[[str], None]) -> None:
    settings = settings_of(Path(order.corpus), Path(order.index))
    corpus.set_metadata(settings, "andet", Metadata(title="Ledelse", organisation="KL"), step=step)


def _hold(order: Order, step: Callable[[str], None]) -> None:
    """Read, and go on using what was read."""
    generation = read(Path(order.index))
    (Path(order.index).parent / "holding").write_text(generation.name)
    time.sleep(50)


WORK: dict[str, Callable[[Order, Callable[[str], None]], None]] = {
    "build": _build,
    "build large": _build_large,
    "build with small files": _build_with_small_files,
    "naive build": _naive_build,
    "hold": _hold,
    "add": _add,
    "replace": _replace,
    "remove": _remove,
    "describe": _describe,
}
