"""The connections of a server: so many at a time, each closed when its client does not send or take what it should."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kb.settings.schema import ServerSettings
from ui.security.limits import address_of, network_of

SLOWEST = 500
"""Bytes a second of a body; whoever sends fewer is cut off in the end. Apache's mod_reqtimeout has the same."""
_MOST_FILES = 65_536
"""Where a machine allows a thousand million open files, some libraries walk through all of them."""
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_log = logging.getLogger(__name__)


def open_files() -> int:
    """Raise how many files this process may have open as far as it may itself; return how many that are."""
    try:
        import resource
    except ImportError:  # not on Windows, which has no such limit
        return _MOST_FILES
    soft, hard = (
        _MOST_FILES if limit == resource.RLIM_INFINITY else limit
        for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    most = min(hard, _MOST_FILES)
    if soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            return most
    return soft


class Bounds:
    """How many connections there may be, altogether and of one address. For one event loop."""

    def __init__(self, settings: ServerSettings, files: int) -> None:
        """Take how many files may be open; a quarter of them is left to the index and to those who are just coming."""
        self.settings = settings
        self._most = min(settings.connections, files * 3 // 4)
        self._held: dict[Connection, str] = {}
        self._by_sender: Counter[str] = Counter()

    def take(self, connection: Connection) -> bool:
        """Count a connection in and return whether there is room for it.

        Where there is none, the one makes way that has gone without a request for longest. A request comes with its
        connection, so those who are about to ask are the last to be driven out, whoever holds all the others idle.
        """
        sender = _bounded(connection)
        if sender and self._by_sender[sender] >= self.settings.connections_per_address and not self._make_way(sender):
            return False
        if len(self._held) >= self._most and not self._make_way():
            return False
        self._held[connection] = sender
        self._by_sender[sender] += 1
        return True

    def leave(self, connection: Connection) -> None:
        """Count a connection out, if it is in."""
        sender = self._held.pop(connection, None)
        if sender is not None:
            self._by_sender[sender] -= 1
            if not self._by_sender[sender]:
                del self._by_sender[sender]

    def _make_way(self, sender: str = "") -> bool:
        idle = [one for one, its in self._held.items() if one.idle and sender in ("", its)]
        if not idle:
            return False
        oldest = min(idle, key=lambda one: one.since)
        self.leave(oldest)
        oldest.transport.close()
        return True


class Connection(H11Protocol):
    """One connection.

    It is closed when a request's head is not there in time, when its body comes too slowly, and when nobody takes what
    was sent. Whoever has sent a whole request may wait for its answer, and listen to it, for as long as it takes.
    """

    def __init__(self, *arguments: Any, bounds: Bounds, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._bounds, self._settings = bounds, bounds.settings
        self.since = 0.0
        """When it began to owe what it owes."""
        self._due = 0.0
        self._left, self._taken = 0, 0.0
        self._watching: asyncio.TimerHandle | None = None
        shortest = min(self._settings.head_seconds, self._settings.body_seconds, self._settings.unread_seconds)
        self._pause = min(1.0, shortest / 4)

    @property
    def idle(self) -> bool:
        """Whether nothing is being done for it: no request has come, and what was sent before is taken."""
        quiet = self.conn.their_state is h11.IDLE and not self.transport.get_write_buffer_size()
        return quiet and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection where there is room, and close it at once where there is none."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._owe()
        self._taken = self.since
        if not self._bounds.take(self):
            _log.warning("too many connections, the newest are refused; see connections under [server] in the settings")
            self.transport.write(_FULL)
            self.transport.close()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give its place to another."""
        super().connection_lost(exc)
        self._bounds.leave(self)
        if self._watching:
            self._watching.cancel()

    def data_received(self, data: bytes) -> None:
        """Take what the client sends, and note when it began something new."""
        rested, before = self.timeout_keep_alive_task is not None, (self.cycle, self.conn.their_state)
        super().data_received(data)
        if rested or before != (self.cycle, self.conn.their_state):
            self._owe()
        elif self.conn.their_state is h11.SEND_BODY:
            # Each piece buys time, but never more than the first had: else much at once would pay for a long silence.
            self._due = min(self._due + len(data) / SLOWEST, self.loop.time() + self._settings.body_seconds)

    def _owe(self) -> None:
        """Have the time begin for what is to come next."""
        body = self.conn.their_state is h11.SEND_BODY
        self.since = self.loop.time()
        self._due = self.since + (self._settings.body_seconds if body else self._settings.head_seconds)

    def _watch(self) -> None:
        now = self.loop.time()
        if self._is_stuck(now):
            self.transport.abort()
            return
        # Between two requests uvicorn's own time holds, which is shorter.
        if not self.transport.is_closing() and self.timeout_keep_alive_task is None:
            if self.conn.their_state is h11.SEND_BODY and self._holds_up():
                self._owe()
            elif self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and now >= self._due:
                self._give_up()
        self._watching = self.loop.call_later(self._pause, self._watch)

    def _holds_up(self) -> bool:
        """Tell whether the rest of a body has not come because this server does not take it yet."""
        return self.flow.read_paused or self.cycle.waiting_for_100_continue

    def _is_stuck(self, now: float) -> bool:
        """Tell whether something is to be sent of which nothing was taken for a long time."""
        left = self.transport.get_write_buffer_size()
        if not left or left < self._left:
            self._taken = now
        self._left = left
        return now - self._taken >= self._settings.unread_seconds

    def _give_up(self) -> None:
        _log.debug("a request did not come in time")
        begun = self.conn.their_state is h11.SEND_BODY or self.conn.trailing_data[0]
        # A browser that opened a connection ahead of need would take a response for that to its next request.
        if begun and self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [("Content-Length", "0"), ("Connection", "close")]
            response = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            for event in (response, h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            self.cycle.disconnected = True  # what is still at work on it says no more
        self.transport.close()


def _bounded(connection: Connection) -> str:
    """Return the sender whose connections are counted, nothing for this machine: a proxy on it brings everybody's."""
    address = address_of(connection.client[0] if connection.client else "")
    return "" if address is None or address.is_loopback else network_of(str(address))
