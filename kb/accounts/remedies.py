"""What to do about a SQLite file that cannot be used."""

from __future__ import annotations

import sqlite3

_WAIT = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SPACE = frozenset(
    {
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS, sqlite3.SQLITE_NOMEM),
    }
)


def remedy(error: Exception) -> str:
    """Return what to do about `error`, to follow a semicolon. Only a file that is damaged is to be given up."""
    # The lowest byte is what kind of error it is, the rest where it came up.
    kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if isinstance(error, OSError) or kind in _SPACE:
        return "see that its disk has room and that it may be written there, then try again"
    return "try again in a moment" if kind in _WAIT else "move the file away to start anew"
