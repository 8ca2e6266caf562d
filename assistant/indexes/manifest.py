"""What a generation of the index says of itself: what it was made of and with, and its files' checksums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.durable.files import Damage
from assistant.errors import IndexMismatch
from assistant.loading.reader import Problem
from assistant.records import Document
from assistant.text.passages import CHUNKING

FILE_NAME = "manifest.json"
SCHEMA = 5
REBUILD = "python -m assistant build"


@dataclass(frozen=True, slots=True)
class VectorFacts:
    """How the vectors of a part of an index are searched.

    ``kind`` is FAISS's name for its index; ``recall`` the share of the ten nearest that it found when it was
    built, with the best ``again`` compared again exactly (0 where all are compared exactly).
    """

    part: str
    passages: int
    kind: str
    again: int
    recall: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made of and with.

    ``files`` maps relative paths to SHA-256; ``vectors`` tells how those of each part of the index are searched.
    """

    schema: int
    model: str
    chunking: str
    created: str
    passages: int
    documents: dict[str, str]  # id -> sha256 of the file
    metadata: str  # checksum of everything that corpus.toml says
    problems: tuple[Problem, ...]
    files: dict[str, str]
    vectors: tuple[VectorFacts, ...] = ()

    @property
    def identity(self) -> str:
        """A short name for exactly this content, for reproducing an answer."""
        basis = json.dumps(
            [self.schema, self.model, self.chunking, self.documents, self.metadata], sort_keys=True
        )
        return hashlib.sha256(basis.encode()).hexdigest()[:12]

    def to_json(self) -> bytes:
        """Return the file, with a checksum of itself."""
        facts = asdict(self)
        return json.dumps({**facts, "checksum": _checksum(facts)}, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Origin:
    """What a generation comes from besides its documents.

    ``model``: fingerprint of the embedder that made the vectors. ``created``: when, in ISO 8601. ``metadata``:
    checksum of everything that ``corpus.toml`` says. ``problems``: the documents that could not be read.
    """

    model: str
    created: str
    metadata: str = ""
    problems: tuple[Problem, ...] = ()

    def manifest(
        self,
        documents: Sequence[Document],
        passages: int,
        files: dict[str, str],
        vectors: tuple[VectorFacts, ...] = (),
    ) -> Manifest:
        """Return the manifest of a generation that this code makes now."""
        return Manifest(
            schema=SCHEMA,
            model=self.model,
            chunking=CHUNKING,
            created=self.created,
            passages=passages,
            documents={d.id: d.sha256 for d in documents},
            metadata=self.metadata,
            problems=self.problems,
            files=files,
            vectors=vectors,
        )


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest that :meth:`Manifest.to_json` wrote.

    Raises:
        Damage: it is not whole. IndexMismatch: it has another schema.
    """
    try:
        raw = json.loads(data)
        checksum = raw.pop("checksum", None)
        if checksum != _checksum(raw) and (checksum is not None or raw["schema"] == SCHEMA):
            raise ValueError("the manifest does not have its checksum")
        # Another schema may have other fields, so it is told before any of them is read.
        if raw["schema"] != SCHEMA:
            raise _mismatch("skemaet", str(raw["schema"]), str(SCHEMA))
        raw["problems"] = tuple(Problem(**p) for p in raw["problems"])
        raw["vectors"] = tuple(VectorFacts(**facts) for facts in raw["vectors"])
        return Manifest(**raw)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damage(f"{FILE_NAME} er ændret eller beskadiget") from error


def check_made_with(manifest: Manifest, model: str) -> None:
    """Raise :class:`IndexMismatch` unless the generation fits the configured ``model`` and this code."""
    pairs = (
        ("sprogmodellen", manifest.model, model),
        ("opdelingen", manifest.chunking, CHUNKING),
    )
    for what, made, wanted in pairs:
        if made != wanted:
            raise _mismatch(what, made, wanted)


def _mismatch(what: str, made: str, wanted: str) -> IndexMismatch:
    return IndexMismatch(
        f"Indekset er bygget med {what} »{made}«, men der er nu valgt »{wanted}«. Byg det igen med »{REBUILD}«."
    )


def _checksum(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
