"""Documents taken off the shelf and put back: removals that can be undone for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.any_base import AnyBase
from kb.uploads import folder
from retrieval.contents import Contents

UNDO_SECONDS = 600.0
"""How long a removal can be taken back, unless something else changes before."""
_ASIDE = ".removed-"


@dataclass(frozen=True)
class _Removed:
    titles: tuple[str, ...]
    contents: Contents
    """All that the index held before."""
    generation: str
    """What the removal made: while it is the newest, nothing has changed since."""
    files: tuple[tuple[Path, Path], ...]
    """Where each uploaded file lay, and where it waits."""
    until: float


class Shelf:
    """Removes documents of an open knowledge base and brings them back. Safe to use from several threads."""

    def __init__(self, base: AnyBase, *, seconds: float = UNDO_SECONDS) -> None:
        self._base, self._seconds = base, seconds
        self._changing = threading.Lock()
        self._removed: _Removed | None = None
        # What an earlier run put aside can no longer be asked for.
        _forget(base)

    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Remove documents, for a while not for good; return their titles. Raises `UnknownDocument`."""
        with self._changing:
            documents = [self._base.document(document_id) for document_id in document_ids]
            before = self._base.snapshot.contents
            self._base.remove(document_ids)
            self._removed = None
            _forget(self._base)
            # Only what was uploaded is ours to put away; a file elsewhere stays where its owner has it.
            still_read = {document.path for document in self._base.documents()}
            uploaded = [Path(path) for path in dict.fromkeys(document.path for document in documents) if path]
            files = tuple(
                (file, _put_aside(file))
                for file in uploaded
                if file.parent == folder(self._base) and file.exists() and str(file) not in still_read
            )
            titles = tuple(document.title for document in documents)
            until = time.monotonic() + self._seconds
            self._removed = _Removed(titles, before, self._base.generation, files, until)
            return titles

    @property
    def removed(self) -> tuple[str, ...]:
        """Titles of what `undo` would bring back, none where it is too late."""
        removed = self._removed
        if removed is None:
            return ()
        if time.monotonic() > removed.until or removed.generation != self._base.generation:
            self._removed = None
            _forget(self._base)
            return ()
        return removed.titles

    def undo(self) -> tuple[str, ...]:
        """Bring back what was removed last, exactly as it was; return its titles, none where it is too late."""
        with self._changing:
            titles, removed = self.removed, self._removed
            if not titles or removed is None:
                return ()
            if not self._base.revert(removed.contents, generation=removed.generation):
                return ()
            for place, waiting in removed.files:
                os.replace(waiting, place)
            self._removed = None
            _forget(self._base)
            return titles


def _put_aside(file: Path) -> Path:
    waiting = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=file.parent)) / file.name
    os.replace(file, waiting)
    return waiting


def _forget(base: AnyBase) -> None:
    for left in folder(base).glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
