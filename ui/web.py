"""What is served around the Gradio page: the documents that citations open, and the rules for every response."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

from corpus.documents import Document
from kb import UnknownDocument
from kb.any_base import AnyBase
from ui import reading
from ui.citing import check_of
from ui.messages import Words

_FOLDER = Path(__file__).parent
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='8' fill='%23115e59'/%3E"
    "%3Cpath d='M9 11.5h6M9 16h4.5M9 20.5h6M22.5 12.2a5 5 0 1 0 0 7.6' fill='none' stroke='%23fff' "
    "stroke-width='2.4' stroke-linecap='round'/%3E%3C/svg%3E"
)


def head() -> str:
    """Return the look, the script and the icon for a page's `<head>`; inline, so that they come with the page."""
    style, script = (
        "\n".join(path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob(f"static/*.{kind}")))
        for kind in ("css", "js")
    )
    return f'<link rel="icon" href="{_ICON}"><style>{style}</style><script>{script}</script>'


def documents(base: AnyBase) -> APIRouter:
    """Return the routes of the library and its documents: as a part for the pane, or as a page of their own."""
    router = APIRouter()

    @router.get("/documents", response_class=HTMLResponse)
    def library(ui: str = "", part: bool = False) -> HTMLResponse:
        words = Words.of(ui)
        return _response(reading.library(base.documents(), words), words("library"), words, part=part, root="./")

    @router.get("/documents/{document_id:path}", response_class=HTMLResponse)
    def document(
        document_id: str,
        ui: str = "",
        start: int = 0,
        end: int = 0,
        marks: str = "",
        check: str = "",
        part: bool = False,
    ) -> HTMLResponse:
        words = Words.of(ui)
        root = "" if part else "../"
        try:
            found = base.document(document_id)
        except UnknownDocument:
            body = reading.missing(words, root=root)
            return _response(body, words("source"), words, part=part, root=root, status=404)
        span = (start, end) if 0 <= start < end <= len(found.text) else None
        changed = bool(check) and (span is None or check_of(found.text[start:end]) != check)
        if changed:
            span = None
        body = reading.document(
            found,
            words,
            span,
            root=root,
            marks=reading.marks_of(marks, span) if span else (),
            section=reading.section_at(found, start) if span else "",
            page=_page_at(base, found, start) if span else None,
            changed=changed,
        )
        return _response(body, found.title, words, part=part, root=root)

    return router


def _page_at(base: AnyBase, document: Document, place: int) -> int | None:
    """Return the page that a character stands on, None where the file has no pages."""
    passages = (p for p in base.snapshot.contents.passages if p.document_id == document.id)
    return next((passage.page for passage in passages if passage.start <= place < passage.end), None)


def _response(body: str, title: str, words: Words, *, part: bool, root: str, status: int = 200) -> HTMLResponse:
    """Return a part as it is, for the pane; otherwise as a page of its own with a way back to the questions."""
    if part:
        return HTMLResponse(body, status)
    return HTMLResponse(
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head()}</head><body class="alone">'
        f'<p class="home"><a href="{root}">{escape(words("to_question"))}</a></p><main class="pane">{body}</main>'
        "</body></html>",
        status,
    )


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises `OSError` that names it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
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

    def __init__(self, site: FastAPI, listener: socket.socket, ready: Callable[[str], None]) -> None:
        # What is logged goes where `ui.logs` says; what it tells of requests, `ui.observer` tells better.
        config = uvicorn.Config(
            site, log_config=None, access_log=False, timeout_graceful_shutdown=_LAST_SECONDS, server_header=False
        )
        super().__init__(config)
        self._site, self._listener, self._ready = site, listener, ready

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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what was accepted be answered, then stop; a second interrupt stops at once."""
        stop = getattr(self._site.state, "stop", None)
        if stop:
            await stop(lambda: self.force_exit)
        await super().shutdown(sockets)

    def serve_until_interrupted(self) -> None:
        """Serve until SIGINT, SIGTERM or `should_exit`."""
        # Uvicorn shuts down at a signal, then raises it again; here it is how serving ends.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            self.run(sockets=[self._listener])
