"""Of what Gradio serves and takes, only what the page needs.

Its security advisories were about the routes that serve or take files (file=, proxy=, upload, stream, component_server,
custom_component, deep_link ...), and about events in which a sender names a file or an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.security.refusing import error_response

NEEDED = {
    "GET": re.compile(
        r"/|/config|/theme\.css|/favicon\.ico|/robots\.txt|/(?:assets|static)/[\w./-]+"
        r"|/gradio_api/(?:info|app_id|startup-events|queue/data|heartbeat/\w+|mcp/?)"
    ),
    "POST": re.compile(r"/gradio_api/(?:queue/join|run/predict|cancel|reset|mcp/?)"),
}
NEEDED["HEAD"] = NEEDED["GET"]
EVENTS = frozenset({"/gradio_api/queue/join", "/gradio_api/run/predict"})


class NeededOnly:
    """Plain ASGI: lets through what the page needs. `events` tells how many values each of its events takes."""

    def __init__(self, app: ASGIApp, events: Mapping[int, int]) -> None:
        self._app, self._events = app, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        needed = NEEDED.get(scope["method"])
        if not needed or not needed.fullmatch(scope["path"]):
            await error_response(404, "there is nothing at this address")(scope, receive, send)
            return
        if scope["method"] == "POST" and scope["path"] in EVENTS:
            body = await _body(receive)
            if not self._is_ours(body):
                await error_response(422, "this is no event of the page")(scope, receive, send)
                return
            receive = _replayed(body, receive)
        await self._app(scope, receive, send)

    def _is_ours(self, body: bytes) -> bool:
        """Tell whether an event is one of the page's, with as many values as it takes and no file among them."""
        try:
            sent = json.loads(body)
        except (ValueError, RecursionError):
            return False
        if not isinstance(sent, dict):
            return False
        number, values = sent.get("fn_index"), sent.get("data")
        return (
            type(number) is int
            and isinstance(values, list)
            and len(values) == self._events.get(number)
            and not _names_a_file(sent)
        )


def close_unneeded(site: Starlette) -> None:
    """Put `NeededOnly` before what is mounted at the root of `site`, which is Gradio."""
    mounts = [route for route in site.routes if isinstance(route, Mount) and route.path == ""]
    if len(mounts) != 1:
        raise RuntimeError(f"expected one application at the root, found {len(mounts)}")
    app: Any = mounts[0].app
    # What is public is for MCP clients, who call it past this.
    events = {n: len(fn.inputs) for n, fn in app.get_blocks().fns.items() if fn.api_visibility == "private"}
    mounts[0].app = NeededOnly(app, events)


def _names_a_file(value: Any) -> bool:
    """Tell whether Gradio would open a file, or fetch an address, for something in `value`."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "path" in one and "meta" in one:
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
