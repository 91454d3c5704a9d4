"""Keeping an index in step with folders while they change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.files.sources import SourceError, find_sources
from kb.library.ledger import state_of
from kb.library.library import Change, Library
from retrieval.storage.folder import IndexFailure

QUIET = 0.4
"""Seconds without a change after which a folder is looked at: a file that is being written is read when it is whole."""
POLL = 2.0
"""Seconds between two looks where the system does not tell of changes."""
LOOK = 3.0
"""Seconds after which a folder is looked at though nothing was told, since a system may forget to."""
RETRY = 5.0
"""Seconds after which a change is tried again that could not be made, another process being at work."""

Told = Callable[[Change | str], None]
"""Called with what was done, or with why it could not be."""


def watch(
    library: Library, paths: Sequence[Path], told: Told, stop: threading.Event, *, poll: float | None = None
) -> None:
    """Bring `library` into step with `paths` now and after every change, until `stop` is set.

    A file that cannot be read and an index that cannot be written are told and tried again at the next change.
    `poll`: look every so many seconds, instead of being told by the system.
    """
    before: set[str] = set()
    # Of files the disk of their folder: they may go.
    places = {path: path if path.is_dir() else path.parent for path in paths}
    disks = {path: _disk(place) for path, place in places.items()}

    def step() -> None:
        # An empty folder of another disk is one whose own is not mounted: nothing is gone.
        there = [path for path, place in places.items() if _disk(place) == disks[path] is not None]
        while there and _sync(library, there, told, before) and not stop.wait(RETRY):
            pass

    step()
    for _ in _polled(paths, stop, poll) if poll else _notified(paths, stop):
        if stop.is_set():
            return
        step()


def _disk(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except OSError:
        return None


def _sync(library: Library, paths: Sequence[Path], told: Told, before: set[str]) -> bool:
    """Bring the library into step once; return whether it is worth another try without a change."""
    change, again = None, False
    try:
        change = library.sync(paths, emptied=True)
        said = {f"skipped {item.path}: {item.reason}" for item in change.skipped}
    except (SourceError, IndexFailure) as error:
        said, again = {str(error)}, isinstance(error, IndexFailure)
    for line in sorted(said - before):
        told(line)
    before.clear()
    before.update(said)
    if change is not None and (change.added or change.removed or change.moved):
        told(change)
    return again


def _notified(paths: Sequence[Path], stop: threading.Event) -> Iterator[None]:
    """Yield after changes that the system tells of; where it cannot, look now and then."""
    try:
        import watchfiles
    except ImportError:
        yield from _polled(paths, stop, POLL)
        return
    milliseconds = int(QUIET * 1000)
    try:
        for _ in watchfiles.watch(
            *{path if path.is_dir() else path.parent for path in paths},
            watch_filter=None,
            debounce=10_000,
            step=milliseconds,
            stop_event=stop,
            raise_interrupt=False,
            rust_timeout=int(LOOK * 1000),
            yield_on_timeout=True,
        ):
            yield
    except (OSError, RuntimeError):  # too many folders for the system, or one that went away
        yield
        yield from _polled(paths, stop, POLL)


def _polled(paths: Sequence[Path], stop: threading.Event, seconds: float) -> Iterator[None]:
    """Yield when what the files look like has changed and then stayed the same for one look."""
    # What changed since the index was brought into step counts as well.
    last, told = _seen(paths), dict[str, tuple[int, ...] | None]()
    while not stop.wait(seconds):
        seen = _seen(paths)
        if seen == last != told:
            told = seen
            yield
        last = seen


def _seen(paths: Sequence[Path]) -> dict[str, tuple[int, ...] | None]:
    try:
        sources, _ = find_sources([path for path in paths if path.exists()], may_be_empty=True)
    except SourceError:
        return {}
    return {str(path): state_of(path) for path in sources}
