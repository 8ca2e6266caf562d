"""Changing the documents: adding, replacing, removing and describing them, with the index brought up to date.

Every change is all or nothing, for the documents, ``corpus.toml`` and the index together, also when the
process is killed in the middle of it. Changes and builds take turns, whichever process they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.durable.changes import Change, changing
from assistant.durable.files import why
from assistant.errors import AssistantError, CorpusError, DocumentError, UnknownDocument
from assistant.factory import building, read_limits
from assistant.indexes.building import Builder, BuildReport
from assistant.limits import check_upload
from assistant.loading.describing import with_section, without_section
from assistant.loading.metadata import FILE_NAME, Metadata, read_metadata
from assistant.loading.names import safe_name, shown_name
from assistant.loading.reader import corpus_files
from assistant.loading.uploads import Upload, named_uploads, read_uploads, readable_files, same_id
from assistant.progress import ProgressCallback, silent
from assistant.records import Document
from assistant.settings import Settings

Step = Callable[[str], None]


def preview(settings: Settings, name: str, data: bytes, metadata: Metadata | None = None) -> Document:
    """Return the document that ``data`` would become, read as :func:`add_documents` reads it; adds nothing.

    Args:
        settings: the settings in force.
        name: the file's name as it was uploaded; it is made safe, and the document's id is its stem.
        data: the file.
        metadata: what is known beside the text; empty fields are derived from the file.

    Raises:
        DocumentError: the file cannot be read; the message names it and says what to do.
    """
    _refuse_too_much(settings, [(name, data)])
    upload = Upload(safe_name(name), data, metadata)
    (document,) = read_uploads([upload], read_limits(settings), silent)
    return document


def add_documents(
    settings: Settings,
    files: Sequence[tuple[str, bytes]],
    metadata: Mapping[str, Metadata] | None = None,
    progress: ProgressCallback | None = None,
    step: Step = lambda _: None,
) -> BuildReport:
    """Add documents, all of them or none, and index them; only new passages are embedded.

    Args:
        settings: the settings in force.
        files: name as uploaded and content of each.
        metadata: what is known of a file beside its text, by the same names; written to ``corpus.toml``.
        progress: told how far it is, also while it waits for another change.
        step: told each step that has changed something on the disk.

    Raises:
        DocumentError: a file cannot be read, its name cannot be used, or there is a document of that name
            already. The message names each such file; nothing is added.
        LimitReached: there are too many files, or they are too large together.
        CorpusError, IndexUnusable: the corpus or the index cannot be written; all is as it was.
    """
    if not files:
        raise DocumentError("Der er ikke valgt nogen filer. Vælg mindst én, og prøv igen.")
    _refuse_too_much(settings, files)
    uploads = named_uploads(files, metadata or {})
    read_uploads(uploads, read_limits(settings), progress or silent)
    with _change(settings, progress, step) as (change, builder):
        _refuse_known(settings.corpus.path, uploads)
        text = before = _described(settings.corpus.path)
        for upload in uploads:
            change.put(upload.name, upload.data)
            if upload.metadata is not None:
                text = with_section(text, upload.id, upload.metadata)
        _put_text(change, before, text)
        change.apply()
        return _built(builder, [upload.name for upload in uploads])


def replace_document(
    settings: Settings,
    document_id: str,
    name: str,
    data: bytes,
    progress: ProgressCallback | None = None,
    step: Step = lambda _: None,
) -> BuildReport:
    """Put a new version in the place of a document, which keeps its id and metadata.

    ``name`` is the new file's name as uploaded: only its suffix is used, so a .txt may replace a .pdf.

    Raises:
        UnknownDocument: there is no such document.
        DocumentError: the file cannot be read; the old version stays.
        CorpusError, IndexUnusable: as :func:`add_documents`.
    """
    _refuse_too_much(settings, [(name, data)])
    suffix = Path(safe_name(name)).suffix
    old = _file_of(settings.corpus.path, document_id)
    upload = Upload(f"{document_id}{suffix}", data, None)
    read_uploads([upload], read_limits(settings), progress or silent)
    with _change(settings, progress, step) as (change, builder):
        old = _file_of(settings.corpus.path, document_id)  # while we waited, it may have changed
        change.put(upload.name, data)
        if old.name != upload.name:
            change.remove(old.name)
        change.apply()
        return _built(builder, [upload.name])


def remove_document(
    settings: Settings,
    document_id: str,
    progress: ProgressCallback | None = None,
    step: Step = lambda _: None,
) -> BuildReport:
    """Delete a document and what ``corpus.toml`` says of it.

    Raises:
        UnknownDocument: there is no such document.
        CorpusError, IndexUnusable: it is the last document, or corpus or index cannot be written; all is
            as it was.
    """
    with _change(settings, progress, step) as (change, builder):
        folder = settings.corpus.path
        file = _file_of(folder, document_id)
        if len(corpus_files(folder)) == 1:
            raise CorpusError(
                f"{shown_name(file.name)} er det sidste dokument og kan ikke fjernes. Tilføj et andet først."
            )
        text = _described(folder)
        _put_text(change, text, without_section(text, document_id))
        change.remove(file.name)
        change.apply()
        return builder.build()


def set_metadata(
    settings: Settings,
    document_id: str,
    metadata: Metadata,
    progress: ProgressCallback | None = None,
    step: Step = lambda _: None,
) -> BuildReport:
    """Write what is known of a document into ``corpus.toml``, keeping its comments, and index it so.

    Raises: as :func:`remove_document`.
    """
    with _change(settings, progress, step) as (change, builder):
        folder = settings.corpus.path
        _file_of(folder, document_id)
        text = _described(folder)
        _put_text(change, text, with_section(text, document_id, metadata))
        change.apply()
        return builder.build()


def metadata_of(settings: Settings, document_id: str) -> Metadata:
    """Return what ``corpus.toml`` says of a document, for a form to begin with; empty where it says nothing.

    Raises:
        CorpusError: the file cannot be read.
    """
    return read_metadata(settings.corpus.path).get(document_id, Metadata())


# --- helpers --------------------------------------------------------------------------------------


@contextmanager
def _change(
    settings: Settings, progress: ProgressCallback | None, step: Step
) -> Iterator[tuple[Change, Builder]]:
    """Change the corpus as the only one who does; whatever fails leaves corpus and index as they were."""
    folder = settings.corpus.path
    with building(settings, progress, step) as builder:
        try:
            with changing(folder, step) as change:
                yield change, builder
        except Exception as error:
            if builder.has_built:
                # The index was already made from what is now undone.
                with suppress(AssistantError):
                    builder.build()
            if isinstance(error, OSError):
                raise CorpusError(
                    f"Dokumenterne i {folder} kan ikke ændres ({why(error)}), så intet er ændret. "
                    "Skaf plads eller rettigheder, og prøv igen."
                ) from error
            raise


def _built(builder: Builder, names: Sequence[str]) -> BuildReport:
    report = builder.build()
    failed = [
        problem.message
        for problem in report.problems
        if problem.kind == "unread" and problem.source in map(shown_name, names)
    ]
    if failed:
        raise DocumentError(" ".join(failed))
    return report


def _refuse_too_much(settings: Settings, files: Sequence[tuple[str, bytes]]) -> None:
    limits = settings.limits
    check_upload(
        [(shown_name(name), len(data)) for name, data in files],
        most_files=limits.upload_files,
        most_megabytes=limits.upload_megabytes,
    )


def _refuse_known(folder: Path, uploads: Sequence[Upload]) -> None:
    known = {same_id(path.stem): path.name for path in readable_files(folder)}
    double = [upload for upload in uploads if same_id(upload.id) in known]
    if double:
        raise DocumentError(
            " ".join(
                f"{shown_name(upload.name)}: der er allerede et dokument med det navn "
                f"({shown_name(known[same_id(upload.id)])}). Erstat det, eller omdøb filen."
                for upload in double
            )
        )


def _file_of(folder: Path, document_id: str) -> Path:
    for path in readable_files(folder):
        if path.stem == document_id:
            return path
    raise UnknownDocument(
        f"Dokumentet »{shown_name(document_id)}« findes ikke i {folder}. Genindlæs siden, og prøv igen."
    )


def _described(folder: Path) -> str:
    """Return the text of ``corpus.toml``, empty if there is none; it is valid."""
    read_metadata(folder)
    path = folder / FILE_NAME
    # As bytes, because reading as text would change the ends of lines.
    return path.read_bytes().decode("utf-8-sig") if path.exists() else ""


def _put_text(change: Change, before: str, text: str) -> None:
    if text != before:
        change.put(FILE_NAME, text.encode())
