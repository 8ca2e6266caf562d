"""The documents of a folder, of which only those files are read that could have become something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.errors import CorpusError
from assistant.loading.files import ReadFiles, failed_within, read_files, sha256_of
from assistant.loading.limits import ReadLimits
from assistant.loading.metadata import document_id
from assistant.loading.names import shown_name
from assistant.loading.problems import Problem
from assistant.loading.reader import corpus_files, read_folder
from assistant.loading.recognizing import TESSERACT
from assistant.loading.texts import READING, RECOGNIZING, UNREAD
from assistant.progress import Progress, ProgressCallback, silent
from assistant.records import Document

_STAGE = "Læser dokumenter"

_TRIES = 3
"""So often is a file tried that was given up for want of time or memory, or broke its reader."""


def read_documents(
    corpus: Path,
    limits: ReadLimits,
    known: Mapping[str, Document] | None = None,
    progress: ProgressCallback = silent,
    *,
    problems: Iterable[Problem] = (),
    read: ReadFiles = read_files,
) -> tuple[list[Document], list[Problem]]:
    """Return the documents of ``corpus``, and what is wrong with it.

    A file is read if its bytes are not those it had, if this code reads otherwise than what read it, or
    if text recognition has come or gone and it has pages that are pictures. One that could not be read is
    tried again where it, this code or a limit has changed, or, a few times, where it was given up for want
    of time or memory. What ``corpus.toml`` says is applied anew to all of them.

    Args:
        corpus: the folder.
        limits: what one file may take.
        known: the documents of the index that serves, by id. One whose file is not read again is returned
            with the very ``pages`` it has there.
        progress: told of each file.
        problems: what that index says of files that could not be read.
        read: how files are read; by default in a few processes of this machine.

    Raises:
        CorpusError: there is nothing that can be read.
    """
    progress(Progress(_STAGE, 0, 1))
    still = _still_known(corpus, limits, known or {}, list(problems))
    documents: list[Document] = []
    found: list[Problem] = []
    for item in read_folder(
        corpus,
        limits,
        known=still,
        read=read,
        done=lambda done, total: progress(Progress(_STAGE, done, total)),
    ):
        if isinstance(item, Document):
            documents.append(item)
        else:
            found.append(item)
    if not documents:
        reasons = " ".join(p.message for p in found)
        raise CorpusError(f"Ingen af dokumenterne i {corpus} kan læses. {reasons}")
    return documents, _counted(found, problems)


# --- helpers --------------------------------------------------------------------------------------


def _still_known(
    corpus: Path, limits: ReadLimits, known: Mapping[str, Document], problems: list[Problem]
) -> dict[Path, Document | Problem]:
    """Return what came of those files that would give the same again."""
    failed = {problem.source: problem for problem in problems if problem.sha256}
    if not known and not failed:
        return {}
    within = failed_within(limits)
    able = RECOGNIZING in within
    still: dict[Path, Document | Problem] = {}
    for path in corpus_files(corpus):
        document = known.get(document_id(path))
        problem = failed.get(shown_name(path.name))
        if document is not None and document.source == path.name and _reads_alike(document, able=able):
            if sha256_of(path) == document.sha256:
                still[path] = document
        elif (
            problem is not None
            and problem.reading == within
            and not (problem.unfinished and problem.tries < _TRIES)
            and sha256_of(path) == problem.sha256
        ):
            still[path] = problem
    return still


def _reads_alike(document: Document, *, able: bool) -> bool:
    """Whether its file would be read as it was, where text can be recognised if ``able``."""
    pictures = any(page.reader in (UNREAD, TESSERACT) for page in document.pages)
    made = document.reading.removesuffix(RECOGNIZING)
    return made == READING and (not pictures or (made != document.reading) == able)


def _counted(found: list[Problem], before: Iterable[Problem]) -> list[Problem]:
    """Return problems with the number of times that the same was tried."""
    tried = {(p.source, p.sha256, p.reading): p.tries for p in before if p.unfinished}
    counted = []
    for problem in found:
        tries = tried.get((problem.source, problem.sha256, problem.reading), 0)
        again = problem.unfinished and tries < _TRIES
        counted.append(replace(problem, tries=tries + 1) if again else problem)
    return counted
