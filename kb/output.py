"""Files that the program writes for its user: whole, or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path


class OutputError(Exception):
    """A file cannot be written; the message names it and the reason."""


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8; until all of it is on disk, what was there stays. Raises `OutputError`."""
    place = path.resolve()  # what a link points to is replaced, not the link
    try:
        if place.exists() and not place.is_file():  # a pipe or a terminal; for a folder this says what is wrong
            place.write_text(text, encoding="utf-8")
            return
        staging = place.with_name(f".{place.name}.{os.getpid()}-{threading.get_ident()}.tmp")
        try:
            with staging.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            staging.replace(place)
        finally:
            staging.unlink(missing_ok=True)
    except (OSError, UnicodeEncodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error.reason
        raise OutputError(f"cannot write {path}: {reason}") from error


def check_writable(path: Path) -> None:
    """Raise `OutputError` where `write_whole` would, before the work whose result is to go there."""
    place = path.resolve()
    if place.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; name a file")
    if not place.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise OutputError(f"cannot write {path}: no permission")
