"""The environment's proxies, told only to what goes through one.

Clients for HTTP read them when they are made. A desktop's `ALL_PROXY=socks://127.0.0.1:1080` then stops programs that
would never have used it, and what this machine asks itself goes through a proxy where `NO_PROXY` forgets `localhost`.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_changing = threading.Lock()


@contextmanager
def only_for(address: str = "") -> Iterator[None]:
    """While the block lasts, leave of the proxies only the one by which `address` is reached; none without it."""
    with _changing:
        proxy = proxy_of(address) if address else ""
        aside = {name: os.environ.pop(name) for name in list(os.environ) if name.lower() in _VARIABLES}
        ours = f"{urlsplit(address).scheme}_proxy"
        try:
            if proxy:
                os.environ[ours] = proxy
            yield
        finally:
            os.environ.pop(ours, None)
            os.environ.update(aside)


def proxy_of(address: str) -> str:
    """Return the proxy by which `address` is reached, empty where it is reached without one."""
    parts, proxies = urlsplit(address), getproxies_environment()
    host = parts.hostname or ""
    if _is_here(host) or proxy_bypass_environment(host, proxies) or _within(host, proxies.get("no", "")):
        return ""
    proxy = proxies.get(parts.scheme) or proxies.get("all", "")
    # Desktops write it so; clients know the name with its number only, and "h" leaves the names to the proxy.
    return proxy.replace("socks://", "socks5h://", 1)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _within(host: str, networks: str) -> bool:
    """Tell whether a host is an address within one of `networks`, such as `10.0.0.0/8,::1`."""
    for network in networks.split(","):
        try:
            if ipaddress.ip_address(host) in ipaddress.ip_network(network.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
