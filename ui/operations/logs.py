"""What a server writes to stderr: one JSON object a line, or plain words in a terminal."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kb.settings.schema import LogSettings

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being served; it goes back to its sender as X-Request-ID."""

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, logger, message, request id, and what came in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            told["request_id"] = request_id
        told |= {name: value for name, value in vars(record).items() if name not in _KNOWN}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        # Half a surrogate pair cannot be written; escaped it can.
        return json.dumps(told, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode()


class PlainLines(logging.Formatter):
    """Formats a record for whoever watches the terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line of a record: what it names may hold ends of lines, and what stands after them is no event."""
        record.message = "\\n".join(record.message.splitlines())
        return super().formatMessage(record)


@dataclass
class _Kind:
    """Lines that differ only in what they name."""

    since: float
    came: Counter[str] = field(default_factory=Counter)
    """How often each was written."""
    held: int = 0
    last: logging.LogRecord | None = None
    """Of those that were held back."""


class Repeats:
    """Passes on what is logged; of warnings and errors that come over and over, the first few and then how many.

    What is told of each request is no warning, and passes: it is as much as the requests are, and they are limited.
    """

    SECONDS = 60.0
    SAME, ALIKE = 3, 60
    """Lines within that time that are the same, and such as differ only in what they name."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kinds: dict[tuple[str, ...], _Kind] = {}
        self._next = 0.0

    def passed(self, record: logging.LogRecord) -> Iterator[logging.LogRecord]:
        """Give what is to be written now that `record` has come."""
        now = self._now()
        if now >= self._next:
            self._next = now + 1.0
            yield from self._told(now)
        if record.levelno < logging.WARNING:
            yield record
            return
        error = record.exc_info[1] if record.exc_info else None
        key = (record.name, record.levelname, str(record.msg), type(error).__name__)
        kind = self._kinds.setdefault(key, _Kind(now))
        line = f"{record.getMessage()} {error}"
        # What is too much already is not told apart any more, so that no more is kept than is written.
        if kind.came.total() < self.ALIKE and kind.came[line] < self.SAME:
            kind.came[line] += 1
            yield record
        else:
            kind.held, kind.last = kind.held + 1, record

    def _told(self, now: float) -> Iterator[logging.LogRecord]:
        """Give how many of each kind were held back, once their time is over, and forget it."""
        for key in [key for key, kind in self._kinds.items() if now - kind.since >= self.SECONDS]:
            kind = self._kinds.pop(key)
            if last := kind.last:
                text = f"{kind.held} more like this within {round(self.SECONDS)} s: {last.getMessage()}"
                yield logging.LogRecord(last.name, last.levelno, last.pathname, last.lineno, text, None, None)


class _Handler(logging.StreamHandler[Any]):
    """Writes what `Repeats` passes on. Its caller holds the handler's lock."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._repeats = Repeats()

    def emit(self, record: logging.LogRecord) -> None:
        for told in self._repeats.passed(record):
            super().emit(told)


def configure(settings: LogSettings) -> None:
    """Have all that is logged go to stderr as the settings say."""
    plain = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    level = logging.WARNING if settings.format == "auto" and plain else settings.level.upper()
    handler = _Handler()
    handler.setFormatter(PlainLines() if plain else JsonLines())
    handler.setLevel(level)  # some libraries choose a level of their own
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Theirs tell at this level of every request and every file, some with the text of questions.
    for name in ("httpx", "httpcore", "openai", "asyncio", "mcp", "sse_starlette", "multipart", "python_multipart"):
        logging.getLogger(name).setLevel(logging.WARNING)
