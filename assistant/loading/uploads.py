"""Files that somebody wants to add to the documents, before they are there."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.errors import CorpusError, DocumentError
from assistant.loading.describing import with_section
from assistant.loading.isolated import ReadLimits
from assistant.loading.metadata import FILE_NAME, Metadata
from assistant.loading.names import safe_name, shown_name
from assistant.loading.reader import SUFFIXES, corpus_files, read_folder
from assistant.progress import Progress, ProgressCallback
from assistant.records import Document

_READING = "Læser de nye dokumenter"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file under the name that it is to have."""

    name: str
    data: bytes
    metadata: Metadata | None

    @property
    def id(self) -> str:
        """The id of the document that it is to become."""
        return Path(self.name).stem


def named_uploads(files: Sequence[tuple[str, bytes]], metadata: Mapping[str, Metadata]) -> list[Upload]:
    """Return files under safe names, with what ``metadata`` says of them by the names that they came with.

    Raises:
        DocumentError: a name cannot be used or two are the same; the message names each.
    """
    uploads: list[Upload] = []
    errors: list[str] = []
    seen: set[str] = set()
    for name, data in files:
        try:
            upload = Upload(safe_name(name), data, metadata.get(name))
        except DocumentError as error:
            errors.append(str(error))
            continue
        if same_id(upload.id) in seen:
            errors.append(f"{shown_name(upload.name)}: der er to filer med samme navn. Omdøb den ene.")
        seen.add(same_id(upload.id))
        uploads.append(upload)
    if errors:
        raise DocumentError(" ".join(errors))
    return uploads


def read_uploads(uploads: Sequence[Upload], limits: ReadLimits, progress: ProgressCallback) -> list[Document]:
    """Read files within ``limits`` as a build would, from a folder of their own.

    Raises:
        DocumentError: some cannot be read; the message names each.
    """
    progress(Progress(_READING, 0, len(uploads)))
    documents: list[Document] = []
    errors: list[str] = []
    with TemporaryDirectory(prefix="dokumenter-") as temporary:
        folder = Path(temporary)
        text = ""
        for upload in uploads:
            (folder / upload.name).write_bytes(upload.data)
            if upload.metadata is not None:
                text = with_section(text, upload.id, upload.metadata)
        (folder / FILE_NAME).write_text(text, encoding="utf-8")
        for upload in uploads:
            if folder / upload.name not in readable_files(folder):
                errors.append(
                    f"{shown_name(upload.name)}: filer af den slags kan ikke læses. "
                    f"Gem den som en af disse, og prøv igen: {', '.join(SUFFIXES)}."
                )
        if not errors:
            for item in read_folder(folder, limits):
                if isinstance(item, Document):
                    documents.append(item)
                elif item.kind == "unread":
                    errors.append(item.message)
                progress(Progress(_READING, len(documents), len(uploads)))
    if errors:
        raise DocumentError(" ".join(errors))
    return documents


def readable_files(folder: Path) -> list[Path]:
    """Return the documents of ``folder``, which may have none."""
    try:
        return corpus_files(folder)
    except CorpusError:
        return []


def same_id(document_id: str) -> str:
    """Return what is equal for names that some file systems take for the same."""
    return unicodedata.normalize("NFC", document_id).casefold()
