"""How a request is refused: one shape for all. Nothing heavy is imported, since a server that starts refuses too."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import Receive

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal",
    503: "unavailable",
}
LONGEST_MESSAGE = 400
"""Characters; what a message repeats of a request may be long."""
_BODY_SECONDS = 2.0
_LONGEST_BODY_TAKEN = 1_000_000
"""Bytes."""


class ApiError(HTTPException):
    """A request that cannot be served, with what its sender should read. Its message goes out as it is."""

    def __init__(
        self, status: int, message: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message, dict(headers or {}))
        self.field = field


def error_json(status: int, message: str, field: str | None = None) -> dict[str, Any]:
    """Return the body of every failed request; clients for OpenAI's API read it too."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[: LONGEST_MESSAGE - 1]}…"
    return {"error": {"message": message, "type": kind, "param": field, "code": _CODES.get(status, str(status))}}


def error_response(
    status: int, message: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return a failed request's response."""
    return JSONResponse(error_json(status, message, field), status, dict(headers or {}))


async def take_body(receive: Receive) -> None:
    """Read what a refused request brings, of a long one the beginning.

    A connection that is closed with something unread is reset, and the refusal may be lost with it.
    """
    taken, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_BODY_SECONDS):
            while more and taken < _LONGEST_BODY_TAKEN:
                message = await receive()
                taken, more = taken + len(message.get("body", b"")), message.get("more_body", False)
