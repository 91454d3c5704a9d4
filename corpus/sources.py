"""Source files found: those named, and those of a known ending in the folders named; what is passed over, and why."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document
from corpus.formats import ENDINGS


class SourceError(Exception):
    """One line: file, place, reason."""

    def __init__(self, path: str | Path, reason: str) -> None:
        self.path = shown(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


@dataclass(frozen=True)
class Skipped:
    """A file that was passed over, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a file turned out to hold."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    """Files of an archive that were passed over."""


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
            raise SourceError(path, "does not exist")
        sources, passed = _in_folder(path, aside) if path.is_dir() else _sorted_out([path])
        if path.is_dir() and not sources and not may_be_empty:
            raise SourceError(path, f"holds no source: no {endings('or')} file in it{_why_none(passed)}")
        for source in sources:
            real = os.path.realpath(source)
            if real not in seen:
                seen.add(real)
                found.append(source)
        skipped += passed
    if skipped and not found and not may_be_empty:
        raise SourceError(skipped[0].path, skipped[0].reason)
    return found, skipped


def exists(path: Path) -> bool:
    """Tell whether there is anything at `path`."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long for the system, or with a NUL in it
        return False


def endings(conjunction: str) -> str:
    """Return the endings that are read, as a list to be put into a sentence."""
    *first, last = ENDINGS
    return f"{', '.join(first)} {conjunction} {last}"


def unreadable(error: OSError) -> str:
    """Return why a file or folder cannot be read."""
    if isinstance(error, PermissionError):
        return "no permission to read it"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {error.strerror or error}"


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
            ending = f"the ending {shown(file.suffix)} is unknown" if file.suffix else "it has no ending"
            skipped.append(Skipped(shown(file), f"{ending}; only {endings('and')} are read"))
        elif not exists(file):
            skipped.append(Skipped(shown(file), "is a link that leads nowhere"))
        elif not file.is_file():
            skipped.append(Skipped(shown(file), "is not a regular file"))
        else:
            sources.append(file)
    return sources, skipped


def _why_none(skipped: list[Skipped]) -> str:
    return f" ({len(skipped)} skipped; {skipped[0].path}: {skipped[0].reason})" if skipped else ""
