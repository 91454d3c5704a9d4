"""What a server writes to stderr: one JSON object a line, or plain words in a terminal."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from kb.settings import LogSettings

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being served; it goes back to its sender as X-Request-ID."""

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object: time, level, logger, message, request id, and what came in `extra`."""

    def format(self, record: logging.LogRecord) -> str:
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


def configure(settings: LogSettings) -> None:
    """Have all that is logged go to stderr as the settings say."""
    plain = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    level = logging.WARNING if settings.format == "auto" and plain else settings.level.upper()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines() if plain else JsonLines())
    handler.setLevel(level)  # some libraries choose a level of their own
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Theirs tell at this level of every request and every file, some with the text of questions.
    for name in ("httpx", "httpcore", "openai", "asyncio", "mcp", "sse_starlette", "multipart", "python_multipart"):
        logging.getLogger(name).setLevel(logging.WARNING)
