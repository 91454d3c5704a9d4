"""What every response carries, and what is refused whoever sends it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.settings.reach import is_address
from ui.security.refusing import error_response

# Whatever a document or a model says, the browser asks no other host for anything (measured on 21 ways to make it).
# Gradio needs inline scripts and its templates `eval`; both come from this program only, since all else is escaped.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; frame-src 'none'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
# Not "no-referrer": with that a browser says of its own site's forms that they come from nowhere (Origin: null).
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_loopback(host: str) -> bool:
    """Tell whether nobody beyond this machine reaches a server that listens on `host`."""
    return host in LOOPBACK


class Names:
    """The names by which a server may be called.

    A page of another site can have a name of its own lead here (DNS rebinding), and would then count as ours.
    """

    def __init__(self, host: str, more: tuple[str, ...]) -> None:
        self._beyond = not is_loopback(host)
        own = {host, socket.gethostname(), socket.getfqdn()} if self._beyond else set()
        self._names = {name.lower() for name in (*LOOPBACK, *own, *more)}

    def __contains__(self, header: str) -> bool:
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._beyond and is_address(name))


class Guard:
    """Plain ASGI, since Starlette's own middleware class holds up streams."""

    def __init__(self, app: ASGIApp, names: Names) -> None:
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        refused = self._refusal(scope)
        if refused:
            await error_response(*refused)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin", "")
        if host not in self._names:
            return 403, "this server does not go by that name; its operator can add it to server.hosts in the settings"
        # Behind a proxy the browser's own name for the site comes in X-Forwarded-Host.
        if origin and _place(origin) not in (host, headers.get("x-forwarded-host", host)):
            return 403, "requests from other sites are refused"
        # Old browsers send neither; they are held off by the session cookie's SameSite.
        if scope["method"] not in SAFE_METHODS and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "requests from other sites are refused"
        if _is_odd(scope["path"]):
            return 404, "there is nothing at this address"
        return None


def _is_odd(path: str) -> bool:
    """Tell whether a path goes up, or holds what no address of ours does."""
    return ".." in path.split("/") or any(c in path for c in "\\\0") or not path.startswith("/")


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""
