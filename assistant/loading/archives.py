"""What is refused in an Office file before any library opens it: bombs, path tricks, entities.

DOCX and PPTX are ZIP archives of XML (ECMA-376, part 2). That standard allows neither a document type
definition nor any compression but deflate, so nothing that Office writes is lost by refusing them.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path

from assistant.errors import DocumentError
from assistant.loading.names import shown_name

_ENTRIES = 10_000
_RATIO = 200
"""Times its packed size; the XML of real files stays below 100."""

_RATIO_FROM = 20 * 2**20
"""Bytes unpacked from which the ratio counts: a blank picture may well be packed to nothing."""

_OTHER_PLACE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\\|\x00")
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_ENCODING = re.compile(rb"^[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_ENCODINGS = (b"utf-8", b"utf-16", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")
_CHUNK = 2**16


def is_archive(path: Path) -> bool:
    """Whether a library would take the file for a ZIP archive, whole or not."""
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return True
    office = path.suffix.lower() in (".docx", ".pptx")
    return zipfile.is_zipfile(path) and (office or b"%PDF-" not in head)


def check_archive(path: Path, unpacked_megabytes: int) -> None:
    """Refuse an archive that is a bomb or a trick; nothing is written and no member is kept in memory.

    Raises:
        DocumentError: the message names the file and what is wrong with it.
    """
    name = shown_name(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(name, members, path.stat().st_size, unpacked_megabytes)
            _check_members(name, members)
            for member in members:
                _check_xml(name, archive, member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DocumentError(
            f"{name}: filen er beskadiget og kan ikke pakkes ud. Åbn og gem den igen, eller hent en ny kopi."
        ) from error


def _check_sizes(name: str, members: list[zipfile.ZipInfo], size: int, megabytes: int) -> None:
    if len(members) > _ENTRIES:
        raise DocumentError(
            f"{name}: filen består af {len(members)} dele, men må højst have {_ENTRIES}. Gem en mindre kopi."
        )
    if not members:
        raise DocumentError(f"{name}: filen er tom.")
    unpacked = sum(member.file_size for member in members)
    if unpacked > megabytes * 2**20:
        raise DocumentError(
            f"{name}: filen fylder {unpacked // 2**20} MB, når den pakkes ud, men må højst fylde {megabytes} MB. "
            "Del den i mindre filer, eller fjern store billeder."
        )
    for member in members:
        if member.file_size > max(_RATIO_FROM, _RATIO * member.compress_size):
            raise DocumentError(
                f"{name}: en del af filen er pakket over {_RATIO} gange, som i en fil, der skal sprænge læseren. "
                "Åbn og gem den igen."
            )
    # Parts that share bytes unpack to far more than the file holds (D. Fifield, A better zip bomb, 2019).
    places = sorted((member.header_offset, member.compress_size) for member in members)
    overlap = any(start + packed > following for (start, packed), (following, _) in pairwise(places))
    if overlap or any(start + packed > size for start, packed in places):
        raise DocumentError(f"{name}: filens dele overlapper hinanden. Åbn og gem den igen.")


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        if member.flag_bits & 0x1:
            raise DocumentError(
                f"{name}: filen er beskyttet med adgangskode. Gem en kopi uden adgangskode, og prøv igen."
            )
        if _OTHER_PLACE.search(member.orig_filename) or stat.S_ISLNK(member.external_attr >> 16):
            raise DocumentError(f"{name}: filen har dele, der peger ud af den. Åbn og gem den igen.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DocumentError(f"{name}: filen er pakket på en måde, som Office ikke bruger. Gem den igen.")
    names = [member.filename.casefold() for member in members]
    if len(set(names)) < len(names):
        raise DocumentError(f"{name}: filen har to dele med samme navn. Åbn og gem den igen.")


def _check_xml(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse a part that declares entities. Which parts are XML is seen, since any name may hold it."""
    with archive.open(member) as part:
        # UTF-16 is ASCII with NULs between, as far as markup goes.
        chunk = part.read(_CHUNK).replace(b"\x00", b"")
        if not chunk.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
            return
        encoding = _ENCODING.match(chunk)
        if encoding and encoding[1].lower() not in _ENCODINGS:
            raise DocumentError(f"{name}: filen har dele i et tegnsæt, som Office ikke bruger. Gem den igen.")
        kept = b""
        while chunk:
            if _DECLARES.search(kept + chunk):
                raise DocumentError(
                    f"{name}: filen erklærer egne tegn (DTD), som kan sprænge læseren. Åbn og gem den igen."
                )
            kept, chunk = chunk[-16:], part.read(_CHUNK).replace(b"\x00", b"")
