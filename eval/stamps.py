"""What a run is reproduced from."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import assistant
from assistant.records import Document, Stamp
from eval.questions import QuestionSet
from eval.runs import RunStamp


def stamp_run(
    questions: QuestionSet, documents: Sequence[Document], made_by: Stamp, answerer: str
) -> RunStamp:
    """Return the stamp of a run; ``made_by`` is the stamp of any of its answers."""
    return RunStamp(
        created=now(),
        code=code_version(),
        corpus=corpus_version(documents),
        index=made_by.index,
        model=made_by.model,
        settings=made_by.settings,
        answerer=answerer,
        questions=questions.fingerprint,
        question_file=questions.name,
        machine=machine(),
    )


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> str:
    """Return what latencies depend on: system, processor type, cores and Python."""
    cores = os.cpu_count() or 1
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"


def corpus_version(documents: Sequence[Document]) -> str:
    """Return a fingerprint of the documents' ids and bytes."""
    rows = sorted(f"{document.id} {document.sha256}" for document in documents)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def code_version() -> str:
    """Return the package's version, the commit where the code is a checkout, and what was run.

    The last part is a digest of the package's files: uncommitted changes count too.
    """
    package = Path(assistant.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in (".py", ".json", ".toml", ".txt"):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    parts = [_commit(package), digest.hexdigest()[:8]]
    return f"{assistant.__version__}+{'.'.join(part for part in parts if part)}"


def _commit(folder: Path) -> str:
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
