"""How far a language model's server may be, so that nobody looks about a network by naming addresses in it."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal
from urllib.parse import urlsplit

Reach = Literal["public", "local", "any"]
"""Addresses of the internet; these and this machine; any but those of the link and those that tell of the machine."""

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
"""Where clouds tell a machine of itself, keys included, besides 169.254.169.254, which is of the link."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutOfReach(Exception):
    """A server is where none may be asked."""


def is_address(host: str) -> bool:
    """Tell whether a host is given by its IP address and not by a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def may_ask(address: str, reach: Reach) -> bool:
    """Tell whether a server at an IP address may be asked, in whichever spelling it comes."""
    found = _plain(ipaddress.ip_address(address.split("%")[0]))
    if found.is_link_local or found.is_multicast or found in _METADATA:
        return False
    if reach == "any":
        return True
    if found.is_loopback or found.is_unspecified:  # a connection to 0.0.0.0 ends at this machine
        return reach == "local"
    return found.is_global and not found.is_reserved and not getattr(found, "is_site_local", False)


def check(url: str, reach: Reach) -> None:
    """Look up the host of `url`. Raises `OutOfReach` where any of its addresses may not be asked.

    One that is not known here passes: a proxy may know it, and without one nothing comes of it.
    """
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        return
    if not all(may_ask(str(where[0]), reach) for *_, where in found):
        raise OutOfReach


def _plain(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address leads to, if it does, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    return within or address


class HeldConnection:
    """The connection that one request goes over. Safe to use from several threads.

    It is held by a socket of its own, so that cutting it ends whatever waits there, a handshake or half a header too.
    """

    def __init__(self, admits: Callable[[str], bool] = lambda address: True) -> None:
        """Take what tells whether a peer, by its address, may be asked."""
        self._admits = admits
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self.is_cut = False
        self.refused = False
        """Whether it led where no server may be asked."""

    def hear(self, event: str, told: dict[str, Any]) -> None:
        """Take up a connection as it is made; the client calls this with each of its steps.

        Raises `OutOfReach` before anything is sent. The peer counts, and not what its name meant a moment before.
        """
        if not event.endswith("connect_tcp.complete"):
            return
        stream = told["return_value"]
        with self._lock:
            self._held.append(stream.get_extra_info("socket").dup())
            self.refused = self.refused or not self._admits(str(stream.get_extra_info("server_addr")[0]))
            if self.refused or self.is_cut:
                self._shut()
        if self.refused:
            stream.close()
            raise OutOfReach

    def cut(self) -> None:
        """End the request at once, whatever it waits for."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def close(self) -> None:
        """Let go of it once the request has ended."""
        with self._lock:
            while self._held:
                self._held.pop().close()

    def _shut(self) -> None:
        for held in self._held:
            with suppress(OSError):  # it has ended by itself
                held.shutdown(socket.SHUT_RDWR)
