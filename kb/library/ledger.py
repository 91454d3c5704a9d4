"""What was found in each source file when it was last read, so that one that did not change is not read again.

Only a cache: it lies beside the generations, and where it is missing, damaged or in doubt the file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.limits import Limits
from corpus.reasons import Skipped, skipped_from

FILE = "files.json"
_VERSION = 2
"""Of the readers: raise it when they find more in a file than before."""
_YOUNG = 2_000_000_000
"""Nanoseconds: a file that changed so shortly before it was read may have changed again without its times telling."""


@dataclass(frozen=True)
class Held:
    """A document that a file holds: the digest of its bytes, and its name within the file if that is an archive."""

    digest: str
    member: str = ""


@dataclass(frozen=True)
class Entry:
    """What a file was found to hold."""

    state: tuple[int, ...]
    """Size, times of change of its contents and of its entry, and number, by which a changed file is known."""
    held: tuple[Held, ...]
    skipped: tuple[Skipped, ...] = ()


class Ledger:
    """Path of a source file -> what it was found to hold."""

    def __init__(self, folder: Path, limits: Limits, *, blank: bool = False) -> None:
        self._path = folder / FILE
        self._limits = hashlib.sha256(repr((_VERSION, limits)).encode()).hexdigest()[:16]
        self._entries: dict[str, Entry] = {} if blank else self._loaded()
        self._changed = blank

    def known(self, path: Path) -> Entry | None:
        """Return what an unchanged file holds, None where it must be read."""
        entry = self._entries.get(str(path.absolute()))
        return entry if entry is not None and entry.state == state_of(path) else None

    def record(
        self, path: Path, state: tuple[int, ...] | None, held: Sequence[Held], skipped: Sequence[Skipped] = ()
    ) -> None:
        """Keep what a file holds; `state` is that of before it was read."""
        key = str(path.absolute())
        # After a library is installed the file can be read.
        lasting = not any(item.why.code == "library_missing" for item in skipped)
        young = state is None or max(state[1:3]) > time.time_ns() - _YOUNG
        if lasting and not young and state is not None and state == state_of(path):
            self._entries[key] = Entry(state, tuple(held), tuple(skipped))
            self._changed = True
        elif self._entries.pop(key, None) is not None:
            self._changed = True

    def save(self) -> None:
        """Write the ledger; a disk that is full costs time at the next reading, nothing else."""
        if not self._changed:
            return
        written = {
            "limits": self._limits,
            "files": {
                key: [entry.state, [[h.digest, h.member] for h in entry.held], [asdict(s) for s in entry.skipped]]
                for key, entry in self._entries.items()
            },
        }
        new = self._path.with_name(f".{FILE}.new")
        with suppress(OSError):
            new.write_text(json.dumps(written), encoding="utf-8")
            os.replace(new, self._path)
        self._changed = False

    def _loaded(self) -> dict[str, Entry]:
        try:
            written = json.loads(self._path.read_text(encoding="utf-8"))
            if written["limits"] != self._limits:
                return {}
            return {
                key: Entry(tuple(state), tuple(Held(*h) for h in held), tuple(map(skipped_from, skipped)))
                for key, (state, held, skipped) in written["files"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}


def state_of(path: Path) -> tuple[int, ...] | None:
    """Return what tells whether a file changed, None where it cannot be seen."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
