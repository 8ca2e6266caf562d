"""``corpus.toml``: title, organisation and kind of each document."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from assistant.errors import CorpusError
from assistant.records import Document

FILE_NAME = "corpus.toml"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document beside its text. Empty fields are derived from the file.

    The pages of a presentation are slides where ``page_noun`` is empty, those of other files "side".
    """

    title: str = ""
    organisation: str = ""
    kind: str = "dokument"
    language: str = "da"
    page_noun: Literal["", "side", "slide"] = ""
    aliases: tuple[str, ...] = ()


def read_metadata(folder: Path) -> dict[str, Metadata]:
    """Return the metadata in ``folder/corpus.toml`` by document id; empty if there is no such file.

    Ids are in composed letters (NFC), as :func:`document_id` gives them.

    Raises:
        CorpusError: the file is no TOML, or has an unknown key or a value of the wrong kind.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return {}
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CorpusError(
            f"Filen {path} kan ikke læses som TOML ({error}). Ret filen, og prøv igen. "
            'Navne med mellemrum, punktum eller æ, ø, å skal stå i citationstegn, fx ["Årsrapport 2024"].'
        ) from error
    return {unicodedata.normalize("NFC", name): _metadata(path, name, table) for name, table in raw.items()}


def described(document: Document, metadata: Metadata) -> Document:
    """Return ``document`` with what is known of it beside its text; what is not is taken from the file."""
    return replace(
        document,
        title=metadata.title or document.own_title,
        organisation=metadata.organisation or Path(document.source).stem,
        kind=metadata.kind,
        language=metadata.language,
        page_noun=metadata.page_noun or document.own_noun,
        aliases=metadata.aliases,
    )


def document_id(path: Path) -> str:
    """Return the id of a document: its file's stem in composed letters, however the system writes them."""
    return unicodedata.normalize("NFC", path.stem)


def _metadata(path: Path, name: str, table: Any) -> Metadata:
    if not isinstance(table, dict):
        raise CorpusError(f"I {path} skal »{name}« være et afsnit: [{name}].")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in Metadata.__dataclass_fields__:
            known = ", ".join(Metadata.__dataclass_fields__)
            raise CorpusError(f"I {path}, afsnit [{name}], er »{key}« ukendt. Kendte felter: {known}.")
        if key == "aliases":
            if not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
                raise CorpusError(f"I {path}, afsnit [{name}], skal »aliases« være en liste af tekster.")
            value = tuple(value)
        elif not isinstance(value, str):
            raise CorpusError(f"I {path}, afsnit [{name}], skal »{key}« være en tekst.")
        values[key] = value
    if values.get("page_noun", "side") not in ("side", "slide"):
        raise CorpusError(f"I {path}, afsnit [{name}], skal »page_noun« være »side« eller »slide«.")
    return Metadata(**values)
