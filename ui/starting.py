"""What a server answers while the program is still being loaded, and how the real site takes its place.

Nothing heavy is imported at the top: this is there a second after the command was typed.
"""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.settings.schema import Settings
from ui.locale.messages import LANGUAGES, Words
from ui.security.access import users_of
from ui.security.guard import SAFE_METHODS, Guard, Names
from ui.security.refusing import error_response, take_body
from ui.server.server import Server, listen
from ui.widgets.icons import FAVICON, LOGO

if TYPE_CHECKING:
    from kb import KnowledgeBase

STEPS = ("program", "model", "reading", "encoding", "page")
"""What a start does, in order; an index that is there needs neither the third nor the fourth."""
FOR_PROGRAMS = ("/api/", "/v1/", "/gradio_api/")
_FOLDER = Path(__file__).parent
_TOLD = ("product", "starting", "starting_then", "starting_gone", "step_count", *(f"step_{step}" for step in STEPS))
_RETRY = {"Retry-After": "2", "Cache-Control": "no-store"}
_LAST_SECONDS = 2.0
"""What a start that is interrupted is given to stop at a good place."""

Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is; 0 where that is not known."""


@dataclass(frozen=True)
class Step:
    """What the start is at."""

    step: str = "program"
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        return f"{self.step} {self.done} of {self.total}" if self.total else self.step


class Interrupted(BaseException):
    """The start is to go no further."""


class Starting:
    """Plain ASGI: says what the start is at, to people and to programs, until there is a site to pass requests on to.

    Whoever asks, signed in or not, learns steps and counts and nothing else.
    """

    def __init__(self, names: Names) -> None:
        self.step = Step()
        self.site: ASGIApp | None = None
        self.stopped = False
        self._guarded = Guard(self._answer, names)

    def report(self, step: str, done: int = 0, total: int = 0) -> None:
        """Note what is being done. Raises `Interrupted` where it is to stop."""
        if self.stopped:
            raise Interrupted
        # What has been read is encoded, for which the model comes first.
        self.step = Step("model") if step == "reading" and done == total else Step(step, done, total)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection, as ASGI has it."""
        if self.site is not None:
            await self.site(scope, receive, send)
        elif scope["type"] == "http":
            await self._guarded(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method not in SAFE_METHODS:
            await take_body(receive)
        await self._response(request)(scope, receive, send)

    def _response(self, request: Request) -> Response:
        path, asked = request.url.path, request.headers
        if path == "/healthz":
            return JSONResponse({"status": "ok", "starting": asdict(self.step)}, headers={"Cache-Control": "no-store"})
        if path == "/readyz":
            return JSONResponse({"status": "starting", **asdict(self.step)}, 503, headers=_RETRY)
        looks = request.method in ("GET", "HEAD") and not path.startswith(FOR_PROGRAMS)
        if looks and (path == "/" or "text/html" in asked.get("accept", "")):
            words = Words.preferred(request.query_params.get("ui", ""), asked.get("accept-language", ""))
            return HTMLResponse(page(self.step, words), 503, headers={**_RETRY, "Vary": "Accept-Language"})
        return error_response(503, f"the server is starting ({self.step}); try again in a moment", headers=_RETRY)


def page(step: Step, words: Words) -> str:
    """Return the page that people see meanwhile; its script keeps it up to date."""
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("starting.css", "starting.js"))
    base = (_FOLDER / "static" / "1-base.css").read_text(encoding="utf-8")
    texts = {tag: {name: _unfilled(Words(tag), name) for name in _TOLD} for tag in LANGUAGES}
    label = escape(words(f"step_{step.step}"))
    count = escape(words("step_count", done=step.done, total=step.total)) if step.total else ""
    value = f' value="{step.done}" max="{step.total}"' if step.total else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{escape(words('starting'))} · {escape(words('product'))}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        '<noscript><meta http-equiv="refresh" content="2"></noscript>'
        f'<link rel="icon" href="{FAVICON}"><style>{base}{style}</style></head><body class="starting"><main>'
        f'<h1>{LOGO}<span data-part="product">{escape(words("product"))}</span></h1>'
        f'<p class="step"><span data-part="label" role="status">{label}</span>'
        f'<span class="count" data-part="count">{count}</span></p>'
        f'<progress data-part="bar" aria-label="{label}"{value}></progress>'
        f'<p class="then" data-part="then">{escape(words("starting_then"))}</p>'
        '<p class="gone" data-part="gone" role="alert" hidden></p></main>'
        f'<script type="application/json" id="texts">{json.dumps(texts, ensure_ascii=False)}</script>'
        f'<script type="application/json" id="step">{json.dumps(asdict(step))}</script>'
        f"<script>{script}</script></body></html>"
    )


def _unfilled(words: Words, message: str) -> str:
    return words(message, done="{done}", total="{total}")


def serve(
    settings: Settings,
    opening: Callable[[Report], KnowledgeBase],
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    everyone: bool = False,
    up: Callable[[str], None] = lambda address: None,
    ready: Callable[[str], None] = lambda address: None,
) -> bool:
    """Take the port, show what is being done while `opening` opens the base, then serve the page until interrupted.

    Return whether something that had been accepted was still being worked on when the time for stopping was over.
    `up` is called with the address at once, `ready` when questions are taken. Raises what `opening` raises, `OSError`
    where the port cannot be had, and `KeyboardInterrupt` where it was interrupted before anything was ready.
    """
    users_of(settings, host, everyone=everyone)  # refused before anybody is let in
    starting = Starting(Names(host, settings.server.hosts))

    def site(report: Report) -> Any:
        base = opening(report)
        report("page", 0, 0)
        from ui.app import site_of

        return site_of(base, host, everyone=everyone)

    with listen(host, port) as listener:
        start = _Start(starting, settings, site, listener, up, ready)
        start.server.serve_until_interrupted()
    start.end()
    return start.server.left_undone


class _Start:
    """A server that answers at once, and the thread in which its site is made."""

    def __init__(
        self,
        starting: Starting,
        settings: Settings,
        site: Callable[[Report], Any],
        listener: socket.socket,
        up: Callable[[str], None],
        ready: Callable[[str], None],
    ) -> None:
        self._starting, self._site, self._up, self._ready = starting, site, up, ready
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self.server = Server(starting, listener, self._begin, settings.server)

    def end(self) -> None:
        """Tell how it ended: raise what went wrong, and `KeyboardInterrupt` where it was stopped before it was done."""
        if self._starting.site is not None:
            return
        self._starting.stopped = True
        if self._thread:
            self._thread.join(_LAST_SECONDS)
        raise self._failure or KeyboardInterrupt

    def _begin(self, address: str) -> None:
        self._up(address)
        told = (asyncio.get_running_loop(), address)
        self._thread = threading.Thread(target=self._make, args=told, name="start", daemon=True)
        self._thread.start()

    def _make(self, loop: asyncio.AbstractEventLoop, address: str) -> None:
        gc.disable()  # what is loaded now stays, so there is nothing to collect
        try:
            site = self._site(self._starting.report)
            asyncio.run_coroutine_threadsafe(self._take_over(site), loop).result()
            self._ready(address)
        except BaseException as error:
            if not self._starting.stopped:
                self._failure = error
            self.server.should_exit = True
        finally:
            gc.freeze()
            gc.enable()

    async def _take_over(self, site: Any) -> None:
        await self.server.hand_over(site)
        self._starting.site = site
