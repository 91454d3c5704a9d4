"""Who is asking, and what they may do."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.accounts.users import Role, User, Users, UsersUnavailable
from kb.settings.schema import ServerSettings, Settings, SettingsError
from ui.security.guard import SAFE_METHODS, is_loopback
from ui.security.limits import UPLOADS, Limiter, network_of
from ui.security.refusing import ApiError, error_response
from ui.security.turned_away import turned_away


class _Sender:
    """By what the sender of a request is counted, for as long as it is served.

    What goes on after it in the same context, such as the page's queue that it happened to start, is not theirs.
    """

    def __init__(self, name: str) -> None:
        self.name = name


VISITOR: ContextVar[str] = ContextVar("visitor", default="the server")
"""The name of whoever sent the request that is being served, for the record of changes."""
_SENDER: ContextVar[_Sender | None] = ContextVar("sender", default=None)
COOKIE = "cco_session"
FOR_EDITORS = "only an editor may change the library"
HEALTH = ("/healthz", "/readyz")
FOR_ALL = ("/signin", *HEALTH)
"""Addresses that answer whoever asks."""
UNAVAILABLE = "the users cannot be looked up at the moment; try again in a moment"
KEPT_SECONDS = 1.0
"""For which it is known who somebody is; a change that another process makes to the users holds after that."""
RETRY_SECONDS = 1.0
"""After which a file of users that could not be read is tried again."""
_LOOKUPS = 4
"""At a time. Where the file is locked they all wait, in threads of their own, and hold nothing else up."""
_MOST_KEPT = 1_000
SEARCHES = re.compile(r"/api/search|/pages/concepts/[^/]*")
"""What searches or asks though it is read with GET; the library's page does where it is given something to look for."""
COSTS_NOTHING = re.compile(
    r"/healthz|/readyz|/alive|/api/me|/v1/models(/.*)?|/favicon\.ico|/robots\.txt|/theme\.css|/(assets|static)/.*"
    r"|/pages/library/rebuild|/pages/evaluation/progress|/gradio_api/(queue/data|heartbeat/.*|startup-events|app_id|mcp/?)"
)
"""What the page asks for by itself, files as they are, and streams of what was counted when it was asked."""
PAGES_PER_QUESTION = 5
"""How many pages one may read where one question is allowed."""
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
    """Return who sent a request; whoever came past `AuthMiddleware` may read only."""
    visitor: Visitor = request.scope.get("visitor", ANYONE)
    return visitor


def sender_of(request: HTTPConnection) -> str:
    """Return by what the sender of a request is counted where there are limits: their name, or else their address."""
    visitor = visitor_of(request)
    return f"user {visitor.name}" if visitor.signed_in else f"address {client_of(request)}"


def sender_now() -> str:
    """Return by what the sender of the request that is being served is counted; nothing where there is none."""
    sender = _SENDER.get()
    return sender.name if sender else ""


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


Found = TypeVar("Found")

_log = logging.getLogger(__name__)


class Lookups:
    """Looks users up beside the event loop, and remembers for a moment what was found.

    Raises `UsersUnavailable` where their file cannot be read: after one wait for all who ask meanwhile, not one each.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[bytes, tuple[float, object, Any]] = {}
        self._failed_at = float("-inf")
        self._threads = CapacityLimiter(_LOOKUPS)

    async def find(self, key: str, look: Callable[[], Found | None]) -> Found | None:
        """Return what `look` finds, or found a moment ago for the same `key`; that there was nothing is not kept."""
        # What keys are made of are secrets, which are nowhere kept as they are.
        digest = hashlib.sha256(key.encode("utf-8", "replace")).digest()
        # Taken before the look: whatever changes during it is looked up again.
        begun, state = self._now(), Users.latest
        kept = self._kept.get(digest)
        found: Found | None
        if kept and begun - kept[0] < KEPT_SECONDS and kept[1] is state:
            found = kept[2]
            return found
        found = await run_sync(self._looked, look, limiter=self._threads)
        if found is not None:
            self._keep(digest, (begun, state, found))
        return found

    def _looked(self, look: Callable[[], Found | None]) -> Found | None:
        if self._now() - self._failed_at < RETRY_SECONDS:
            raise UsersUnavailable(UNAVAILABLE)
        try:
            return look()
        except UsersUnavailable as error:
            self._failed_at = self._now()
            _log.error("%s", error)
            raise

    def _keep(self, digest: bytes, entry: tuple[float, object, Any]) -> None:
        if len(self._kept) >= _MOST_KEPT:
            now = self._now()
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < KEPT_SECONDS}
            if len(self._kept) >= _MOST_KEPT:
                self._kept = {}
        self._kept[digest] = entry


class Access:
    """Tells who may come in, from the users, where the server listens, and whether it was opened to everyone."""

    def __init__(self, users: Users, settings: ServerSettings, *, loopback: bool, everyone: bool) -> None:
        self.users, self.settings = users, settings
        self._lookups = Lookups()
        self._loopback, self._everyone = loopback, everyone

    async def visitor(self, request: HTTPConnection) -> Visitor | None:
        """Return who sent a request, None where they must sign in first. Raises `UsersUnavailable`."""
        user = await self._user(request)
        if user:
            return Visitor(user.name, user.role, signed_in=True)
        if self._everyone:
            return ANYONE
        # A proxy on this machine makes the whole world look local. Most say that they are there; for those that do not,
        # nobody is let in unnamed as soon as there is a user.
        return LOCAL if self._loopback and not is_forwarded(request) and not await self._any() else None

    async def nobody_may(self, request: HTTPConnection) -> bool:
        """Tell whether the sender of a request, who is no visitor, cannot become one either: there are no users.

        Raises `UsersUnavailable`.
        """
        return is_forwarded(request) and not await self._any()

    async def _any(self) -> bool:
        return bool(await self._lookups.find("any", self.users.any))

    async def _user(self, request: HTTPConnection) -> User | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token, session = token.strip() if kind.lower() == "bearer" else "", request.cookies.get(COOKIE, "")
        user = None
        if token:
            user = await self._lookups.find(f"token {token}", lambda: self.users.with_key("token", token))
        if session and not user:
            user = await self._lookups.find(f"session {session}", lambda: self.users.with_key("session", session))
        return user


def client_of(request: HTTPConnection) -> str:
    """Return what the addresses have in common that count as the sender of a request."""
    return network_of(request.client.host if request.client else "")


def is_forwarded(request: HTTPConnection) -> bool:
    """Tell whether a request says that a proxy passed it on."""
    return any(name in FORWARDED or name.startswith("x-forwarded-") for name in request.headers)


class AuthMiddleware:
    """Plain ASGI: finds out who sent a request, sends those to sign in who must, slows down those who ask too much."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access
        self._questions = Limiter(access.settings.per_minute, 60.0)
        self._pages = Limiter(PAGES_PER_QUESTION * access.settings.per_minute, 60.0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] in HEALTH:
            await self._app(scope, receive, send)  # how the server is does not depend on who asks
            return
        request = HTTPConnection(scope)
        try:
            visitor = await self._access.visitor(request)
            nobody = visitor is None and await self._access.nobody_may(request)
        except UsersUnavailable:
            await turned_away(request, 503, UNAVAILABLE, "users_unavailable", 2)(scope, receive, send)
            return
        if nobody:
            await turned_away(request, 403, NOBODY_HERE, "nobody_here")(scope, receive, send)
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
        wait = self._wait(scope, request)
        if wait:
            seconds = max(1, round(wait + 0.5))
            told = f"too many requests; the next is taken in {seconds} s"
            await turned_away(request, 429, told, "too_fast", seconds)(scope, receive, send)
            return

        async def send_unkept(message: Message) -> None:
            # What somebody may see for having signed in is kept by no cache on the way.
            if message["type"] == "http.response.start" and scope["visitor"].signed_in:
                names = {name.lower() for name, _ in message["headers"]}
                if b"cache-control" not in names:
                    message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        sender = _Sender(sender_of(request))
        _SENDER.set(sender)
        try:
            await self._app(scope, receive, send_unkept)
        finally:
            sender.name = ""

    def _wait(self, scope: Scope, request: HTTPConnection) -> float:
        visitor, path = scope["visitor"], scope["path"]
        reads = scope["method"] in SAFE_METHODS
        # Whoever signs in is slowed down there, by how often it fails.
        free = COSTS_NOTHING.fullmatch(path) if reads else path == "/signin"
        if visitor is LOCAL or free:
            return 0.0
        return (self._pages if reads and not _searches(scope) else self._questions).wait(sender_of(request))

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


def _searches(scope: Scope) -> bool:
    """Tell whether a request that changes nothing looks for something in the texts."""
    if SEARCHES.fullmatch(scope["path"]):
        return True
    given = parse_qsl(scope["query_string"].decode("latin-1"))
    return scope["path"] == "/pages/library" and any(name == "q" and value.strip() for name, value in given)
