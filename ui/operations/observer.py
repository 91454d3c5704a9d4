"""Sees every request from outside: gives it an id, times, counts and logs it, and lets no error out as it is."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.operations.logs import REQUEST_ID
from ui.operations.metrics import Metrics
from ui.operations.running import Running
from ui.security.guard import SAFE_METHODS
from ui.security.refusing import error_response, take_body

LONGEST_PATH = 200
RETRY_SECONDS = "5"
"""After which somebody who cannot be served now may try again, where whatever refuses says nothing else."""
_ID = re.compile(r"[\w.-]{1,100}")
_QUIET = ("/healthz", "/readyz", "/metrics")
_STOPPING = "the server is stopping; try again in a moment"

_log = logging.getLogger(__name__)


class Observer:
    """Plain ASGI, and the outermost."""

    def __init__(self, app: ASGIApp, metrics: Metrics, running: Running) -> None:
        self._app, self._metrics, self._running = app, metrics, running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        token = REQUEST_ID.set(request_id)
        self._running.requests.add(request_id)
        started, status = time.perf_counter(), 0

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                if status == 503:
                    headers.setdefault("Retry-After", RETRY_SECONDS)
            await send(message)

        try:
            await self._serve(scope, receive, send_observed)
        except asyncio.CancelledError:
            # It was accepted, and the time that the settings give to stopping did not suffice.
            if not self._running.stopping or status:
                raise
            await self._refuse(scope, receive, send_observed)
        except ClientDisconnect:
            _log.debug("whoever sent a request went away before all of it was there")
        except Exception:
            _log.exception("a request failed")
            if not status:
                told = "something went wrong on the server; its log says what"
                await error_response(500, told)(scope, receive, send_observed)
        finally:
            self._tell(scope, status, time.perf_counter() - started)
            self._running.requests.discard(request_id)
            REQUEST_ID.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        works = scope["method"] not in SAFE_METHODS
        if works and self._running.stopping:
            await take_body(receive)
            await self._refuse(scope, receive, send)
        elif works:
            with self._running.work():
                await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Retry-After": "5", "Connection": "close"}
        await error_response(503, _STOPPING, headers=headers)(scope, receive, send)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        self._metrics.requested(scope["method"], scope["path"], status, seconds)
        visitor = scope.get("visitor")
        # Without the query, which may hold a question.
        told = {
            "method": scope["method"],
            "path": scope["path"][:LONGEST_PATH],
            "status": status,
            "ms": round(seconds * 1e3, 1),
            "user": visitor.name if visitor else "",
        }
        level = logging.DEBUG if scope["path"] in _QUIET else logging.INFO
        _log.log(level, "request", extra=told)
