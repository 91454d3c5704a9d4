"""The record of changes: who did what to which documents, one JSON object a line. It holds no question."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from kb.settings.schema import Settings

_log = logging.getLogger(__name__)


class Audit:
    """The record in `file`, which only grows. Safe to use from several threads and processes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def of(cls, settings: Settings) -> Audit:
        """Return the record of the settings' index."""
        return cls(settings.server.audit or settings.beside_index("audit.jsonl"))

    def record(self, user: str, action: str, documents: Iterable[str] = (), **details: str | int | float) -> None:
        """Write one line: `action` is such as "documents.add"; `details` say more, where there is more.

        Where it cannot be written, that goes to the log.
        """
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "user": user,
            "action": action,
            "documents": list(documents),
            **details,
        }
        line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        try:
            self._write(line)
        except OSError as error:
            # What is recorded has been done, and who did it should not be told otherwise.
            _log.error("%s by %s is not recorded: cannot write %s: %s", action, user, self.file, error.strerror)

    def _write(self, line: bytes) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
        try:
            length = os.fstat(descriptor).st_size
            if length:
                # The one before may have been cut off, by a full disk or a kill.
                os.lseek(descriptor, length - 1, os.SEEK_SET)
                line = line if os.read(descriptor, 1) == b"\n" else b"\n" + line
            # One write to a file opened for appending: lines of two processes do not run into each other.
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)
