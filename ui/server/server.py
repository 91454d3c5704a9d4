"""The web server: takes the port, serves a site on it, stops in good order. It imports nothing heavy."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import uvicorn
from uvicorn.lifespan.on import LifespanOn

from kb.settings.schema import ServerSettings
from ui.server.connections import Bounds, Connection, open_files

_BACKLOG = 128
"""Connections that may wait to be taken. As many are taken at a time, before any of them is counted."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises `OSError` that names it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(
            error.errno, f"cannot serve on port {port} of {host}: {error.strerror}; choose another port"
        ) from None
    return listener


_LAST_SECONDS = 3
"""What a server that stops gives to what is still open then: pages that listen, answers that took too long."""


class Server(uvicorn.Server):
    """The web server on a port already taken."""

    def __init__(
        self,
        site: Any,
        listener: socket.socket,
        ready: Callable[[str], None],
        settings: ServerSettings | None = None,
    ) -> None:
        super().__init__(_configured(site, Bounds(settings or ServerSettings(), open_files())))
        self._site, self._listener, self._ready = site, listener, ready
        self.left_undone = False
        """Whether it stopped while something that it had accepted was still being worked on."""

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the page."""
        host, port = self._listener.getsockname()[:2]
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell whoever waits for it."""
        await super().startup(sockets)
        if self.started:
            self._ready(self.address)

    async def hand_over(self, site: Any) -> None:
        """Start `site`, which answers from now on in place of the first one and is stopped with the server.

        The first one goes on to be called and passes on what comes. Raises `RuntimeError` where `site` cannot start.
        """
        lifespan = LifespanOn(_configured(site, None))
        await lifespan.startup()
        if lifespan.should_exit:
            raise RuntimeError("the page could not be started; the log says why")
        self.lifespan.state.update(lifespan.state)  # what connections that are open already hand to the site
        self.lifespan, self._site = lifespan, site

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what was accepted be answered, then stop; a second interrupt stops at once."""
        stop = getattr(getattr(self._site, "state", None), "stop", None)
        if stop:
            self.left_undone = not await stop(lambda: self.force_exit)
        await super().shutdown(sockets)

    def serve_until_interrupted(self) -> None:
        """Serve until SIGINT, SIGTERM or `should_exit`."""
        # Uvicorn shuts down at a signal, then raises it again; here it is how serving ends.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            self.run(sockets=[self._listener])


def _configured(site: Any, bounds: Bounds | None) -> uvicorn.Config:
    """Return how `site` is served; `bounds` of its connections, where it takes any itself."""
    protocol: Any = partial(Connection, bounds=bounds) if bounds else Connection
    return uvicorn.Config(
        site,
        http=protocol,
        ws="none",  # no address of ours is for them, and a connection that became one would be watched no longer
        backlog=_BACKLOG,
        # What is logged goes where `operations.logs` says; what it tells of requests, `observer` tells better.
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
        server_header=False,
    )
