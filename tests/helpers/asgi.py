"""Requests to the site without a socket, byte for byte as a server hands them on; and what every answer must be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ui.api.models import ErrorJson
from ui.security.errors import LONGEST_MESSAGE

Headers = Sequence[tuple[bytes, bytes]]
MARKS = (b"Traceback (most recent", b'File "/', b"site-packages", b"sqlite3.", b"pydantic_core.", b"0x7f")
"""What only the insides of a program look like."""


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    target: str
    """Path and query as they stand in the request line: printable ASCII, the rest in percent signs."""
    headers: Headers = ()
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def json(self) -> Any:
        """Return what the body says. Raises `ValueError` where it is not JSON, which knows neither NaN nor Infinity."""
        return json.loads(self.body, parse_constant=_no_constant)


async def send(site: Any, request: Request) -> Response:
    """Have `site` answer; what it lets out as an exception is raised."""
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("ascii"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 7860),
        "state": {},
    }
    half = len(request.body) // 2
    messages = [
        {"type": "http.request", "body": request.body[:half], "more_body": True},
        {"type": "http.request", "body": request.body[half:], "more_body": False},
    ]
    started: list[dict[str, Any]] = []
    body = bytearray()

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()  # the sender stays on the line
        return messages.pop(0)

    async def gather(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            body.extend(message.get("body", b""))

    await site(scope, receive, gather)
    assert len(started) == 1, f"{len(started)} responses to {request}"
    return Response(started[0]["status"], dict(started[0]["headers"]), bytes(body))


def faults(request: Request, response: Response, secrets: Iterable[bytes]) -> list[str]:
    """Return what is wrong with a response, whatever the request was."""
    found = []
    everything = response.body + b"\n".join(name + value for name, value in response.headers.items())
    sent = request.target.encode() + request.body + b"\n".join(value for _, value in request.headers)
    found += [f"holds {secret!r}" for secret in (*secrets, *MARKS) if secret in everything and secret not in sent]
    if response.status >= 500:
        found.append(f"status {response.status}")
    if request.method == "HEAD":
        return found
    kind = response.headers.get(b"content-type", b"").split(b";")[0]
    try:
        if response.status >= 400:
            error = ErrorJson.model_validate(response.json(), strict=True).error
            if kind != b"application/json" or not error.message or len(error.message) > LONGEST_MESSAGE:
                found.append(f"an odd error: {kind!r} {error}")
        elif kind == b"application/json":
            response.json()
        elif kind == b"text/event-stream":
            _check_events(response.body.decode())
    except ValueError as error:
        found.append(f"status {response.status} in another shape: {error}: {response.body[:200]!r}")
    return found


def _check_events(stream: str) -> None:
    """Raise `ValueError` where a stream of events is not well formed."""
    *blocks, rest = stream.split("\n\n")
    if rest or not blocks:
        raise ValueError("a stream that breaks off")
    for block in blocks:
        *names, data = block.split("\n")
        if not data.startswith("data: ") or len(names) > 1 or any(not name.startswith("event: ") for name in names):
            raise ValueError(f"no event: {block[:100]!r}")
        if data != "data: [DONE]":
            json.loads(data.removeprefix("data: "), parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
