"""The record of changes: who did what to which documents, one JSON object a line. It holds no question."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from kb.settings import Settings


class Audit:
    """The record in `file`, which only grows. Safe to use from several threads and processes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @classmethod
    def of(cls, settings: Settings) -> Audit:
        """Return the record of the settings' index."""
        return cls(settings.server.audit or settings.beside_index("audit.jsonl"))

    def record(self, user: str, action: str, documents: Iterable[str] = (), **details: str | int | float) -> None:
        """Write one line: `action` is such as "documents.add"; `details` say more, where there is more."""
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "user": user,
            "action": action,
            "documents": list(documents),
            **details,
        }
        line = json.dumps(entry, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # One write to a file opened for appending: lines of two processes do not run into each other.
        descriptor = os.open(self.file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
