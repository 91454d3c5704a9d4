"""Zip archives of source files: what is in them, unpacked into memory alone, so that no name can lead anywhere."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from corpus.formats import opened_archive, part_of
from corpus.limits import Limits
from corpus.text.encodings import UndecodableError, decode


@dataclass(frozen=True)
class Member:
    """A file in an archive."""

    name: str
    """Its path in the archive without steps upwards; shown to people, never used to reach a file."""
    _archive: zipfile.ZipFile
    _part: zipfile.ZipInfo

    def read(self) -> bytes:
        """Unpack it. Raises `ContentError`."""
        return part_of(self._archive, self._part)


def members(data: bytes, limits: Limits) -> Iterator[Member]:
    """Yield the files in an archive, sorted by name, less hidden ones. Raises `ContentError`."""
    archive = opened_archive(data, limits, members=limits.members)
    named = [(_name(part), number, part) for number, part in enumerate(archive.infolist()) if not part.is_dir()]
    for name, _, part in sorted(named, key=lambda member: member[:2]):
        hidden = any(step.startswith(".") or step == "__MACOSX" for step in name.split("/"))
        if name and not hidden:
            yield Member(name, archive, part)


def _name(part: zipfile.ZipInfo) -> str:
    written = part.filename
    if not part.flag_bits & 0x800 and not written.isascii():
        # Not marked as UTF-8: in whatever encoding the machine had that packed it.
        with suppress(UndecodableError, UnicodeEncodeError):
            written = decode(written.encode("cp437")).text
    steps = PurePosixPath(written.replace("\\", "/")).parts
    return "/".join(step for step in steps if step not in {"/", "..", "."} and not step.endswith(":"))
