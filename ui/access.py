"""Who is asking, and what they may do."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.settings import ServerSettings, Settings, SettingsError
from kb.users import Role, User, Users
from ui.guard import SAFE_METHODS, is_loopback
from ui.limits import UPLOADS, Limiter
from ui.refusing import ApiError, error_response

VISITOR: ContextVar[str] = ContextVar("visitor", default="the server")
"""The name of whoever sent the request that is being served, for the record of changes."""
COOKIE = "cco_session"
FOR_EDITORS = "only an editor may change the library"
HEALTH = ("/healthz", "/readyz")
FOR_ALL = ("/signin", *HEALTH)
"""Addresses that answer whoever asks."""
FORWARDED = ("forwarded", "via", "x-real-ip")
"""Headers of a request that came through a proxy; so are all that begin with X-Forwarded-."""
NOBODY_HERE = (
    "this request came through a proxy and there are no users, so nobody can tell you from anyone else: "
    "make a user with cco users add NAME, or let everyone ask with cco serve --open"
)


@dataclass(frozen=True)
class Visitor:
    """Whoever sent a request."""

    name: str
    role: Role
    signed_in: bool = False

    @property
    def may_edit(self) -> bool:
        """Whether they may add, remove, set and run evaluations."""
        return self.role == "editor"


LOCAL = Visitor("local", "editor")
"""Whoever sits at this machine, where there are no users."""
ANYONE = Visitor("anyone", "reader")
"""Whoever has not signed in, where the operator let everyone ask."""


def visitor_of(request: HTTPConnection) -> Visitor:
    """Return who sent a request; whoever came past `Doorkeeper` may read only."""
    visitor: Visitor = request.scope.get("visitor", ANYONE)
    return visitor


def sender_of(request: HTTPConnection) -> str:
    """Return by what the sender of a request is counted where there are limits: their name, or else their address."""
    visitor = visitor_of(request)
    address = request.client.host if request.client else ""
    return f"user {visitor.name}" if visitor.signed_in else f"address {address}"


def editor(request: HTTPConnection) -> Visitor:
    """Return who sent a request. Raises `ApiError` (403) for anyone but an editor."""
    visitor = visitor_of(request)
    if not visitor.may_edit:
        raise ApiError(403, FOR_EDITORS)
    return visitor


def known(request: HTTPConnection) -> Visitor:
    """Return who sent a request. Raises `ApiError` (403) for whoever has no name here."""
    visitor = visitor_of(request)
    if not (visitor.signed_in or visitor is LOCAL):
        raise ApiError(403, "this is for users; send Authorization: Bearer TOKEN (cco users token NAME makes one)")
    return visitor


def users_of(settings: Settings, host: str, *, everyone: bool) -> Users:
    """Return the users of a server on `host`.

    Raises `SettingsError` where it would be open to others without anyone having said so.
    """
    users = Users.of(settings)
    if not (is_loopback(host) or everyone or users.any()):
        raise SettingsError(
            f"on {host} others reach this server, and there are no users: make one with cco users add NAME, "
            "or let everyone ask with --open"
        )
    return users


class Access:
    """Tells who may come in, from the users, where the server listens, and whether it was opened to everyone."""

    def __init__(self, users: Users, settings: ServerSettings, *, loopback: bool, everyone: bool) -> None:
        self.users, self.settings = users, settings
        self._loopback, self._everyone = loopback, everyone

    def visitor(self, request: HTTPConnection) -> Visitor | None:
        """Return who sent a request, None where they must sign in first."""
        user = self._user(request)
        if user:
            return Visitor(user.name, user.role, signed_in=True)
        if self._everyone:
            return ANYONE
        # A proxy on this machine makes the whole world look local. Most say that they are there; for those that do not,
        # nobody is let in unnamed as soon as there is a user.
        return LOCAL if self._loopback and not is_forwarded(request) and not self.users.any() else None

    def nobody_may(self, request: HTTPConnection) -> bool:
        """Tell whether the sender of a request, who is no visitor, cannot become one either: there are no users."""
        return is_forwarded(request) and not self.users.any()

    def _user(self, request: HTTPConnection) -> User | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and (user := self.users.with_key("token", token.strip())):
            return user
        session = request.cookies.get(COOKIE)
        return self.users.with_key("session", session) if session else None


def is_forwarded(request: HTTPConnection) -> bool:
    """Tell whether a request says that a proxy passed it on."""
    return any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers)


class Doorkeeper:
    """Plain ASGI: finds out who sent a request, sends those to sign in who must, slows down those who ask too much."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access
        self._limiter = Limiter(access.settings.per_minute, 60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        visitor = self._access.visitor(request)
        if visitor is None and scope["path"] not in HEALTH and self._access.nobody_may(request):
            await error_response(403, NOBODY_HERE)(scope, receive, send)
            return
        if visitor is None and scope["path"] not in FOR_ALL:
            await self._to_sign_in(scope, receive, send)
            return
        scope["visitor"] = visitor or ANYONE
        VISITOR.set(scope["visitor"].name)
        if scope["path"] in UPLOADS and scope["method"] not in SAFE_METHODS and not scope["visitor"].may_edit:
            # Before the files are sent, not after.
            await error_response(403, FOR_EDITORS)(scope, receive, send)
            return
        wait = self._wait(scope, request) if visitor else 0.0
        if wait:
            seconds = str(max(1, round(wait + 0.5)))
            told = f"too many requests; the next is taken in {seconds} s"
            await error_response(429, told, headers={"Retry-After": seconds})(scope, receive, send)
            return

        async def send_unkept(message: Message) -> None:
            # What somebody may see for having signed in is kept by no cache on the way.
            if message["type"] == "http.response.start" and scope["visitor"].signed_in:
                names = {name.lower() for name, _ in message["headers"]}
                if b"cache-control" not in names:
                    message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        await self._app(scope, receive, send_unkept)

    def _wait(self, scope: Scope, request: HTTPConnection) -> float:
        visitor = scope["visitor"]
        works = scope["method"] not in SAFE_METHODS or scope["path"] == "/api/search"
        if visitor is LOCAL or not works:
            return 0.0
        return self._limiter.wait(sender_of(request))

    async def _to_sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            there = quote(scope["path"]) + (
                f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            )
            response = RedirectResponse(f"/signin?next={quote(there, safe='')}", 303)
            await response(scope, receive, send)
            return
        told = "sign in first: send Authorization: Bearer TOKEN (cco users token NAME makes one)"
        await error_response(401, told, headers={"WWW-Authenticate": "Bearer"})(scope, receive, send)
