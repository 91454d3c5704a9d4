"""What a request brings, read with a limit."""

from __future__ import annotations

import json
from typing import Any

from fastapi import HTTPException, Request


async def body_of(request: Request, most: int) -> bytes:
    """Return a request's body. Raises `HTTPException` 413 where it has more than `most` bytes, without reading on."""
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > most:
            raise HTTPException(413, f"more than {most:,} bytes")
    return bytes(read)


async def json_of(request: Request, most: int = 100_000) -> dict[str, Any]:
    """Return the JSON object in a request's body. Raises `HTTPException` 422 where there is none."""
    try:
        found = json.loads(await body_of(request, most))
    except (ValueError, RecursionError):
        raise HTTPException(422, "expected a JSON object") from None
    if not isinstance(found, dict):
        raise HTTPException(422, "expected a JSON object")
    return found
