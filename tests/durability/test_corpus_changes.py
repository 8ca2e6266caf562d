"""A change of the documents is all or nothing: for the files, ``corpus.toml`` and the index together."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from build_server import KILLED, BuildServer, Order
from durable_world import DESCRIBED, OLD, UPLOAD, content, hashed_embedder, read, settings_of
from support.corpora import write
from support.pdfs import scanned_pdf, slides_pdf
from tally import Tally
from test_full_disks import FailingDisk, failing

from assistant import corpus
from assistant.durable import changes
from assistant.errors import AssistantError, CorpusError, DocumentError, LimitReached, UnknownDocument
from assistant.factory import build_index
from assistant.indexes.writing import STEPS
from assistant.loading.metadata import Metadata, read_metadata
from assistant.progress import Progress
from assistant.settings import Settings

CHANGES = ("add", "replace", "remove", "describe")
CHANGE_STEPS = ("noted", "put", "removed", "applied", "kept")
Files = dict[str, bytes]


class Place:
    """A corpus and its index in a folder of their own, and what they were at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corpus = folder / "corpus"
        self.index = folder / "index"
        write(self.corpus, [*OLD.items(), ("corpus.toml", DESCRIBED)])
        build_index(self.settings)
        shutil.copytree(folder, f"{folder}-first")
        self.before = self.state()

    @property
    def settings(self) -> Settings:
        return settings_of(self.corpus, self.index)

    def reset(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(f"{self.folder}-first", self.folder)

    def order(self, work: str, at: str = "", nth: int = 1) -> Order:
        return Order(work, str(self.corpus), str(self.index), at, nth)

    def files(self) -> Files:
        """What anybody finds in the corpus, leftovers and all."""
        return {path.name: path.read_bytes() for path in sorted(self.corpus.iterdir()) if path.is_file()}

    def state(self) -> tuple[Files, str]:
        return self.files(), content(read(self.index))

    def hidden(self) -> list[str]:
        return [path.name for path in self.corpus.iterdir() if path.name.startswith(".")]


@pytest.fixture(scope="module")
def shared_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else tmp_path_factory.getbasetemp()
    folder = base / f"corpus-changes-{os.getpid()}"
    folder.mkdir()
    with hashed_embedder():
        made = Place(folder)
    yield made
    shutil.rmtree(folder)
    shutil.rmtree(f"{folder}-first")


@pytest.fixture
def place(shared_place: Place) -> Place:
    shared_place.reset()
    return shared_place


# --- what a change does -----------------------------------------------------------------------------


def test_an_added_document_is_found_and_described_and_only_it_is_embedded(place: Place) -> None:
    name, data = UPLOAD
    report = corpus.add_documents(
        place.settings, [(f"C:\\Hentet\\{name}", data)], {f"C:\\Hentet\\{name}": Metadata(title="Tillid")}
    )
    assert (report.documents, report.embedded, report.reused) == (3, 2, 5)
    assert place.files()[name] == data
    assert {d.id: d.title for d in read(place.index).documents}["nyt"] == "Tillid"
    assert place.files()["corpus.toml"].decode() == f'{DESCRIBED}\n[nyt]\ntitle = "Tillid"\n'
    assert place.hidden() == []


def test_a_replaced_document_keeps_its_id_and_metadata(place: Place) -> None:
    corpus.replace_document(place.settings, "andet", "nyeste udgave.PDF", slides_pdf(["Ledelse\n\nNy tekst"]))
    (document,) = [d for d in read(place.index).documents if d.id == "andet"]
    assert "Ny tekst" in document.pages[0].text
    assert document.kind == "notat"
    assert sorted(place.files()) == ["andet.PDF", "corpus.toml", "første.txt"]


def test_a_removed_document_takes_its_section_with_it_and_no_comment_of_others(place: Place) -> None:
    report = corpus.remove_document(place.settings, "første")
    assert (report.documents, report.removed, report.embedded) == (1, 1, 0)
    assert sorted(place.files()) == ["andet.txt", "corpus.toml"]
    text = place.files()["corpus.toml"].decode()
    assert "første" not in text
    assert '# om ledelse\n[andet]\nkind = "notat"\n' in text
    assert report.problems == ()


def test_metadata_are_written_among_the_comments_and_shown(place: Place) -> None:
    asked = Metadata(title="Ledelse", kind="notat", organisation='»KL« "Danmark"', aliases=("kl", "æøå"))
    corpus.set_metadata(place.settings, "andet", asked)
    assert read_metadata(place.corpus)["andet"] == asked == corpus.metadata_of(place.settings, "andet")
    assert place.files()["corpus.toml"].decode().startswith(DESCRIBED)
    document = {d.id: d for d in read(place.index).documents}["andet"]
    assert (document.title, document.organisation) == ("Ledelse", '»KL« "Danmark"')


def test_metadata_that_say_the_same_change_nothing(place: Place) -> None:
    report = corpus.set_metadata(place.settings, "andet", Metadata(kind="notat"))
    assert report.embedded == 0
    assert place.state() == place.before


def test_a_preview_shows_how_a_file_would_be_read_and_adds_nothing(place: Place) -> None:
    document = corpus.preview(place.settings, *UPLOAD, Metadata(organisation="KL"))
    assert (document.id, document.organisation) == ("nyt", "KL")
    assert "Et nyt dokument om tillid" in document.pages[0].text
    assert place.state() == place.before


def test_the_first_document_makes_the_corpus(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "nyt" / "corpus", tmp_path / "index")
    report = corpus.add_documents(settings, [UPLOAD], {UPLOAD[0]: Metadata(title="Det første")})
    assert report.documents == 1
    assert read_metadata(settings.corpus.path) == {"nyt": Metadata(title="Det første")}


def test_progress_is_told_while_it_reads_and_builds(place: Place) -> None:
    told: list[Progress] = []
    corpus.add_documents(place.settings, [UPLOAD], progress=told.append)
    stages = list(dict.fromkeys(progress.stage for progress in told))
    assert stages == [
        "Læser de nye dokumenter",
        "Læser dokumenter",
        "Indlejrer tekststykker",
        "Gemmer indekset",
    ]


# --- what is refused --------------------------------------------------------------------------------

GOOD = UPLOAD


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([GOOD, ("skannet.pdf", scanned_pdf())], r"skannet\.pdf.*scannet|skannet\.pdf"),
        ([GOOD, ("tom.txt", b"")], r"tom\.txt: filen er tom"),
        ([GOOD, ("regneark.xlsx", b"PK\x03\x04")], r"regneark\.xlsx"),
        ([GOOD, ("ANDET.txt", b"Noget andet")], r"ANDET\.txt.*allerede.*andet\.txt.*Erstat"),
        ([GOOD, ("nyt.txt", b"Noget andet")], r"nyt\.txt.*to filer med samme navn"),
        ([GOOD, ("corpus.toml", b"[x]")], r"corpus\.toml"),
        ([GOOD, ("..", b"x")], "filnavnet kan ikke bruges"),
        ([("en.txt", b""), ("to.txt", b"")], r"en\.txt.*to\.txt"),
        ([], "ikke valgt nogen filer"),
    ],
    ids=["scanned", "empty", "format", "known", "double", "description", "name", "each", "none"],
)
def test_what_cannot_be_added_is_refused_with_its_reason(
    place: Place, files: list[tuple[str, bytes]], said: str
) -> None:
    with pytest.raises(DocumentError, match=said):
        corpus.add_documents(place.settings, files)
    assert place.state() == place.before
    assert place.hidden() == []


def test_a_new_version_that_cannot_be_read_leaves_the_old_one(place: Place) -> None:
    with pytest.raises(DocumentError, match="tom"):
        corpus.replace_document(place.settings, "andet", "ny.txt", b"  ")
    with pytest.raises(DocumentError):
        corpus.preview(place.settings, "ny.txt", b"")
    assert place.state() == place.before


def test_too_much_at_once_is_refused_with_the_limit(place: Place) -> None:
    with pytest.raises(LimitReached, match=r"21 filer.*højst lægges 20 op"):
        corpus.add_documents(place.settings, [(f"{n}.txt", b"x") for n in range(21)])
    with pytest.raises(LimitReached, match="50 MB"):
        corpus.preview(place.settings, "stor.txt", b" " * (50 * 2**20 + 1))
    assert place.state() == place.before


def test_an_unknown_document_is_named(place: Place) -> None:
    for change in (
        lambda: corpus.remove_document(place.settings, "findes-ikke"),
        lambda: corpus.replace_document(place.settings, "findes-ikke", *UPLOAD),
        lambda: corpus.set_metadata(place.settings, "findes-ikke", Metadata()),
    ):
        with pytest.raises(UnknownDocument, match="findes-ikke"):
            change()
    assert place.state() == place.before


def test_the_last_document_stays(place: Place) -> None:
    corpus.remove_document(place.settings, "første")
    with pytest.raises(CorpusError, match="sidste dokument"):
        corpus.remove_document(place.settings, "andet")
    assert len(read(place.index).documents) == 1


def test_a_description_with_a_mistake_is_not_written_over(place: Place) -> None:
    (place.corpus / "corpus.toml").write_text("[andet\n")
    before = place.files()
    for change in (
        lambda: corpus.add_documents(place.settings, [UPLOAD]),
        lambda: corpus.set_metadata(place.settings, "andet", Metadata(title="x")),
    ):
        with pytest.raises(CorpusError, match="TOML"):
            change()
    assert place.files() == before


# --- what fails in the middle -----------------------------------------------------------------------


def after(place: Place, server: BuildServer, change: str) -> tuple[Files, str]:
    place.reset()
    assert server.run(place.order(change)) == [0]
    done = place.state()
    assert done != place.before
    assert place.hidden() == []
    return done


def kill_a_change(
    place: Place, server: BuildServer, change: str, step: str, nth: int, done: tuple[Files, str]
) -> bool:
    """Kill a change at a step; returns whether it got there."""
    place.reset()
    (ended,) = server.run(place.order(change, step, nth))
    if ended != KILLED:
        assert place.state() == done
        return False
    assert content(read(place.index)) in (place.before[1], done[1])
    assert server.run(place.order("build")) == [0]
    assert place.state() == (done if step == "kept" else place.before)
    assert place.hidden() == []
    return True


@pytest.mark.parametrize("change", CHANGES)
def test_a_killed_change_is_undone_by_the_next_builder(
    place: Place, server: BuildServer, chance: random.Random, change: str
) -> None:
    done = after(place, server, change)
    for step in ("noted", chance.choice(("put", "removed")), "applied", chance.choice(STEPS), "kept"):
        kill_a_change(place, server, change, step, 1, done)


@pytest.mark.soak
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_killed_at_every_step_is_undone_by_the_next_builder(
    place: Place, server: BuildServer, tally: Tally, change: str
) -> None:
    done = after(place, server, change)
    reached = set()
    for step in (*CHANGE_STEPS, *STEPS):
        for nth in range(1, 30 if step == "file" else 4):
            with tally.trying(f"{step} {nth}"):
                if not kill_a_change(place, server, change, step, nth, done):
                    break
                reached.add(step)
    tally.check(tally.tried)
    # There is one generation only, so none is collected.
    assert reached >= {"noted", "applied", "kept", *STEPS} - {"collected"}


@pytest.mark.parametrize("once", [False, True], ids=["from then on", "once"])
def test_a_change_on_a_full_disk_is_undone_and_told(
    place: Place, chance: random.Random, tally: Tally, monkeypatch: pytest.MonkeyPatch, once: bool
) -> None:
    counting = FailingDisk(0, 0, once=True)
    with failing(counting, monkeypatch):
        corpus.add_documents(place.settings, [UPLOAD])
    done = place.state()
    for first in chance.sample(range(1, counting.asked + 1), 10):
        place.reset()
        with tally.trying(f"request {first}"):
            refused = ""
            try:
                with failing(FailingDisk(first, errno.ENOSPC, once=once), monkeypatch):
                    corpus.add_documents(place.settings, [UPLOAD])
            except AssistantError as error:
                refused = str(error)
            assert content(read(place.index)) in (place.before[1], done[1])
            build_index(place.settings)
            assert place.state() in (place.before, done)
            assert place.state() == done or "disken er fuld" in refused
            assert place.hidden() == []
    tally.check(10)


def test_a_document_that_fails_only_when_it_is_built_is_taken_out_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it once went well, and the second time it took too long, say."""
    with monkeypatch.context() as patched:
        patched.setattr(corpus, "read_uploads", lambda *_: [])
        with pytest.raises(DocumentError, match=r"tom\.txt"):
            corpus.add_documents(place.settings, [UPLOAD, ("tom.txt", b"")])
    assert place.state() == place.before
    assert read(place.index).manifest.problems == ()


def test_several_sessions_at_once_lose_nothing(place: Place, server: BuildServer) -> None:
    assert server.run(*(place.order(change) for change in ("add", "describe", "build", "replace"))) == [0] * 4
    ids = [document.id for document in read(place.index).documents]
    assert ids == ["andet", "første", "nyt"]
    described = read_metadata(place.corpus)
    assert described["nyt"].title == "Nyt"
    assert described["andet"].organisation == "KL"
    assert place.files()["andet.txt"] == UPLOAD[1]


def test_undoing_can_be_interrupted_and_done_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        with changes.changing(place.corpus) as change:
            change.put("andet.txt", b"nyt")
            change.put("femte.txt", b"nyt")
            change.remove("første.txt")
            change.apply()
            raise KeyboardInterrupt

    before = place.files()
    with monkeypatch.context() as patched:
        patched.setattr(changes, "_undo", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    assert place.files() != before
    (left,) = place.corpus.glob(".change-*")
    (left / "old" / "andet.txt").replace(place.corpus / "andet.txt")  # as far as an undoing got
    changes.recover(place.corpus)
    assert place.files() == before
    assert place.hidden() == []
