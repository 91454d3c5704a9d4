"""Source files found: those named, and those of a known ending in the folders named; what is passed over, and why."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document
from corpus.formats import ENDINGS
from corpus.reasons import Reason, Skipped, why


class SourceError(Exception):
    """A file that cannot be read, or nothing that could be; the message is one line of English: file, reason."""

    def __init__(self, path: str | Path, why: Reason) -> None:
        self.path = shown(path)
        self.why = why
        super().__init__(f"{self.path}: {why}")

    @property
    def reason(self) -> str:
        """The reason in one line of English."""
        return str(self.why)


@dataclass(frozen=True)
class Extracted:
    """What a file turned out to hold."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    """Files of an archive, and parts of a file, that were passed over."""


def shown(path: str | Path) -> str:
    """Return a path as it can be printed on one line and stored as UTF-8."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(path))


def find_sources(
    paths: Iterable[str | Path], *, may_be_empty: bool = False, aside: Path | None = None
) -> tuple[list[Path], list[Skipped]]:
    """Find the files to read: those named, and all of a known ending in the folders named and below them, sorted.

    A file of unknown ending is skipped with its reason, in a folder or named itself, so that `*` on a command line
    works. Hidden files and folders, and the one put `aside`, are passed over in silence unless they are named. A file
    reached twice counts once.

    Raises SourceError for a path that does not exist and, unless they `may_be_empty`, a folder without a source and
    where all files were skipped.
    """
    found, skipped, seen = list[Path](), list[Skipped](), set[str]()
    for path in map(Path, paths):
        if not exists(path):
            raise SourceError(path, why("does_not_exist"))
        sources, passed = _in_folder(path, aside) if path.is_dir() else _sorted_out([path])
        if path.is_dir() and not sources and not may_be_empty:
            raise SourceError(path, no_source(passed))
        for source in sources:
            real = os.path.realpath(source)
            if real not in seen:
                seen.add(real)
                found.append(source)
        skipped += passed
    if skipped and not found and not may_be_empty:
        raise SourceError(skipped[0].path, skipped[0].why)
    return found, skipped


def exists(path: Path) -> bool:
    """Tell whether there is anything at `path`."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or with a NUL in it
        return False


def no_source(skipped: Iterable[Skipped]) -> Reason:
    """Return the reason for a folder or an archive in which nothing can be read, with what was passed over there."""
    return why("no_source", because=skipped, endings=list(ENDINGS))


def unknown_ending(path: Path) -> Reason:
    """Return the reason for a file whose ending is none of those that are read."""
    if not path.suffix:
        return why("no_ending", endings=list(ENDINGS))
    return why("unknown_ending", ending=shown(path.suffix), endings=list(ENDINGS))


def unreadable(error: OSError) -> Reason:
    """Return why a file or folder cannot be read."""
    if isinstance(error, PermissionError):
        return why("no_permission")
    if isinstance(error, FileNotFoundError):
        return why("does_not_exist")
    return why("unreadable", detail=error.strerror or str(error))


def _in_folder(folder: Path, aside: Path | None) -> tuple[list[Path], list[Skipped]]:
    files, failed, seen, waiting = list[Path](), list[Skipped](), set[tuple[int, int]](), [folder]
    if aside is not None and exists(aside) and not folder.resolve().is_relative_to(aside.resolve()):
        status = aside.stat()
        seen.add((status.st_dev, status.st_ino))
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue  # a link that leads back
            seen.add((status.st_dev, status.st_ino))
            entries = [entry for entry in current.iterdir() if not entry.name.startswith(".")]
        except OSError as error:
            failed.append(Skipped(shown(current), unreadable(error)))
            continue
        for entry in entries:
            (waiting if entry.is_dir() else files).append(entry)
    sources, skipped = _sorted_out(sorted(files))
    return sources, sorted(failed + skipped, key=lambda passed: passed.path)


def _sorted_out(files: Iterable[Path]) -> tuple[list[Path], list[Skipped]]:
    sources, skipped = list[Path](), list[Skipped]()
    for file in files:
        if file.suffix.lower() not in ENDINGS:
            skipped.append(Skipped(shown(file), unknown_ending(file)))
        elif not exists(file):
            skipped.append(Skipped(shown(file), why("dead_link")))
        elif not file.is_file():
            skipped.append(Skipped(shown(file), why("not_a_file")))
        else:
            sources.append(file)
    return sources, skipped
