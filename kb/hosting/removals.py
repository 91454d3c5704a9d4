"""Documents removed and brought back: removals that can be undone for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from kb.any_base import AnyBase
from kb.hosting.uploads import changing, folder, uploaded
from retrieval.index.contents import Contents

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


class UndoableRemovals:
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
            # Only what was uploaded is ours to put away; a file elsewhere stays where its owner has it.
            files = uploaded(self._base, document_ids)
            with changing(self._base, [file.name for file in files]) if files else nullcontext():
                return self._remove(document_ids, files)

    def _remove(self, document_ids: Sequence[str], files: Sequence[Path]) -> tuple[str, ...]:
        titles = tuple(self._base.document(document_id).title for document_id in document_ids)
        before = self._base.snapshot.contents
        self._base.remove(document_ids)
        self._removed = None
        _forget(self._base)
        still_read = {document.path for document in self._base.documents()}
        waiting = tuple((file, _put_aside(file)) for file in files if file.exists() and str(file) not in still_read)
        until = time.monotonic() + self._seconds
        self._removed = _Removed(titles, before, self._base.generation, waiting, until)
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
            files = [place for place, _ in removed.files]
            with changing(self._base, [file.name for file in files]) if files else nullcontext():
                if not self._revert(removed):
                    return ()
            self._removed = None
            _forget(self._base)
            return titles

    def _revert(self, removed: _Removed) -> bool:
        # The files first: one that is back and not indexed can be dropped, one that is indexed and gone cannot be made.
        back = [(place, waiting) for place, waiting in removed.files if waiting.exists() and not place.exists()]
        for place, waiting in back:
            os.replace(waiting, place)
        reverted = False
        try:
            reverted = self._base.revert(removed.contents, generation=removed.generation)
        finally:
            if not reverted:
                for place, waiting in back:
                    os.replace(place, waiting)
        return reverted


def _put_aside(file: Path) -> Path:
    waiting = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=file.parent)) / file.name
    os.replace(file, waiting)
    return waiting


def _forget(base: AnyBase) -> None:
    for left in folder(base).glob(f"{_ASIDE}*"):
        shutil.rmtree(left, ignore_errors=True)
