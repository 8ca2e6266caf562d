"""A folder of files read into documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from assistant.errors import CorpusError
from assistant.loading.document import read_document
from assistant.loading.files import ReadFiles, read_files
from assistant.loading.formats import SUFFIXES, is_pdf
from assistant.loading.limits import ReadLimits
from assistant.loading.metadata import FILE_NAME, Metadata, described, document_id, read_metadata
from assistant.loading.names import shown_name
from assistant.loading.problems import Problem, ProblemKind
from assistant.loading.texts import unread_pages
from assistant.records import Document

__all__ = ["SUFFIXES", "Problem", "ProblemKind", "corpus_files", "read_document", "read_folder"]


def corpus_files(folder: Path) -> list[Path]:
    """Return the documents of ``folder``, sorted by name.

    Raises:
        CorpusError: there is no such folder, it cannot be listed, or it has no documents.
    """
    try:
        files = sorted(p for p in folder.iterdir() if _is_file(p) and not p.name.startswith((".", "~")))
    except FileNotFoundError as error:
        raise CorpusError(
            f"Mappen med dokumenter findes ikke: {folder}. Opret den, eller ret indstillingen corpus.path."
        ) from error
    except OSError as error:
        raise CorpusError(f"Mappen {folder} kan ikke læses ({error.strerror}). Ret rettighederne.") from error
    files = [p for p in files if p.suffix.lower() in SUFFIXES or _looks_like_pdf(p)]
    if not files:
        raise CorpusError(
            f"Der er ingen dokumenter i {folder}. Læg mindst én fil der ({', '.join(SUFFIXES)}), og prøv igen."
        )
    return files


def read_folder(
    folder: Path,
    limits: ReadLimits | None = None,
    *,
    known: Mapping[Path, Document | Problem] | None = None,
    read: ReadFiles = read_files,
    done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Document | Problem]:
    """Read every document of ``folder`` within ``limits``, each apart from this process.

    One that cannot be read becomes a :class:`Problem`.

    Args:
        folder: the documents, and ``corpus.toml``.
        limits: what one file may take.
        known: what came of files that need not be read again.
        read: how the others are read.
        done: is told how many files are done, and of how many.

    Raises:
        CorpusError: the folder or its ``corpus.toml`` cannot be used at all.
    """
    files = corpus_files(folder)
    metadata = read_metadata(folder)
    results = _results(files, limits or ReadLimits(), dict(known or {}), read, done)
    seen: dict[str, str] = {}
    for path in files:
        name, identity = shown_name(path.name), document_id(path)
        if identity in seen:
            yield Problem(
                name,
                f"{name}: der er allerede et dokument med samme navn ({seen[identity]}). Omdøb det ene.",
            )
            continue
        result = results[path]
        if isinstance(result, Problem):
            yield result
            continue
        seen[identity] = path.name
        document = described(result, metadata.get(identity, Metadata()))
        yield document
        if unread := unread_pages(document):
            yield Problem(name, f"{name}: {unread}", "partly")
    for name in sorted(metadata.keys() - {document_id(path) for path in files}):
        yield Problem(
            FILE_NAME, f"{FILE_NAME}: afsnittet [{name}] hører ikke til noget dokument i {folder}.", "notice"
        )


# --- helpers --------------------------------------------------------------------------------------


def _results(
    files: list[Path],
    limits: ReadLimits,
    results: dict[Path, Document | Problem],
    read: ReadFiles,
    done: Callable[[int, int], None],
) -> dict[Path, Document | Problem]:
    """Return what came of each file, but for those whose name another document has already."""
    total = len(files)
    while True:
        settled: set[str] = set()
        wanted: list[Path] = []
        for path in files:
            identity = document_id(path)
            if identity in settled:
                continue
            if path not in results:
                wanted.append(path)
            if not isinstance(results.get(path), Problem):
                settled.add(identity)  # others of the name wait for what comes of this one
        left = len(wanted)
        done(total - left, total)
        if not wanted:
            return results
        for path, result in read(wanted, limits):
            results[path] = result
            left -= 1
            done(total - left, total)


def _is_file(path: Path) -> bool:
    # A link that leads nowhere is a document that cannot be read, not one that is not there.
    return path.is_file() or (path.is_symlink() and not path.exists())


def _looks_like_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(1024)
            return b"%PDF-" in head and is_pdf(head + file.read())
    except OSError:
        return False
