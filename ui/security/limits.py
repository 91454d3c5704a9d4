"""How often and how much one sender may send."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.security.refusing import ApiError, error_response

LARGEST_BODY = 2_000_000
"""Bytes of a request that brings no files; a conversation that the page sends back is the longest."""
UPLOADS = frozenset({"/api/documents", "/pages/library/files", "/pages/evaluation/questions"})
"""Addresses that take files."""
_PATIENCE = 4
"""How many times what is allowed is still read and thrown away, so that the sender hears why it is refused."""
MOST_SENDERS = 50_000
"""Remembered by one limiter, in about 20 MB; beyond it those are forgotten who have been away longest."""


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address of a client, None where it has none."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(host: str) -> str:
    """Return what the clients have in common that count as one sender.

    With IPv6 a household is given a network of 2^64 addresses, and may use them all.
    """
    address = address_of(host)
    if isinstance(address, ipaddress.IPv6Address) and not address.is_link_local and not address.is_loopback:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address or host)


class Limiter:
    """Lets each sender do something so many times in a period, evenly refilled. Safe to use from several threads."""

    # Not the library `limits` (5.8): after a burst its windows refill all at once, and its moving one takes nothing
    # back; it goes by the clock that can be set; and its memory has no bound: the moving window keeps every sender for
    # good (20,000 of 20,000 after their time), and a thread looks through all of them up to 100 times a second.

    def __init__(self, most: int, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._rate, self._now = most, most / seconds, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Turns left and when that was; who came last is last."""
        self._lock = threading.Lock()

    def wait(self, sender: str) -> float:
        """Return 0.0 and count one where `sender` may go on, else the seconds to wait."""
        with self._lock:
            now = self._now()
            left = self._turns(sender, now)
            if left < 1.0:
                self._left.move_to_end(sender)
                return (1.0 - left) / self._rate
            self._left[sender] = (left - 1.0, now)
            self._left.move_to_end(sender)
            self._forget(now)
            return 0.0

    def give_back(self, sender: str) -> None:
        """Uncount one: what was done turned out to be nothing that is limited."""
        with self._lock:
            if sender in self._left:
                left, since = self._left[sender]
                self._left[sender] = (min(self._most, left + 1.0), since)

    def _turns(self, sender: str, now: float) -> float:
        left, since = self._left.get(sender, (float(self._most), now))
        return min(self._most, left + (now - since) * self._rate)

    def _forget(self, now: float) -> None:
        """Drop those who have all their turns back, and whoever is too many, so that passers-by do not pile up."""
        # Two for each that comes: the table shrinks again, and nobody pays for how many there are.
        for _ in range(2):
            longest_away = next(iter(self._left))
            if len(self._left) <= MOST_SENDERS and self._turns(longest_away, now) < self._most:
                return
            del self._left[longest_away]


class BodyLimit:
    """Plain ASGI: refuses a request whose body is too large, whether it says so beforehand or not."""

    def __init__(self, app: ASGIApp, largest_upload: int) -> None:
        self._app, self._largest_upload = app, largest_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A form is a little larger than the files in it.
        most = self._largest_upload + 100_000 if scope["path"] in UPLOADS else LARGEST_BODY
        told = f"the request has more than {most:,} bytes; send less at once"
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            await _read_away(receive, _PATIENCE * most)
            await error_response(413, told)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise ApiError(413, told)
            return message

        await self._app(scope, counted, send)


async def _read_away(receive: Receive, most: int) -> None:
    read = 0
    while read <= most:
        message = await receive()
        read += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return
