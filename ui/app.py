"""Assembles the page and serves it; the only module that knows Gradio."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from fastapi import FastAPI

from kb import KnowledgeBase, UnknownDocument
from kb.any_base import AnyBase
from kb.settings import proxies
from ui.api.tools import Tools
from ui.chat import conversations, records, render
from ui.chat import turns as chat
from ui.concepts.page import ConceptsPage
from ui.evaluation.page import EvaluationPage
from ui.library.page import LibraryPage
from ui.locale.messages import DEFAULT_LANGUAGE, MESSAGES, Words
from ui.operations.jobs import Jobs
from ui.security.access import ANYONE, visitor_of
from ui.security.concurrency import MOST_WAITING, RUNNING_AT_ONCE, ConcurrencyLimiter
from ui.server.server import Server, listen
from ui.service import Service
from ui.settings.page import SettingsPage
from ui.site import pages as web
from ui.widgets import shell
from ui.widgets.gradio_import import without_stubs

# It makes clients for HTTP when it is imported, which the page never uses.
with proxies.only_for(), without_stubs():
    import gradio as gr


class _NoApplication:
    """Stands for what Gradio makes of a page three times, a tenth of a second each, before it is mounted."""

    @staticmethod
    def create_app(blocks: gr.Blocks, *, mcp_server: bool) -> None:
        """Make none: it would serve a page by itself, and ours is served by the site that it is mounted on."""


gr.blocks.App = _NoApplication

ASKED_AT_ONCE = RUNNING_AT_ONCE
"""Questions that the page's queue hands on; whether they are answered at the same time the concurrency decides."""
SESSIONS_KEPT = 200
"""Browsers for which Gradio keeps a place at a time, about 70 kB each."""


class _Page:
    """The handlers behind the page's events. They hold no conversation: each browser keeps its own."""

    def __init__(self, base: AnyBase) -> None:
        self._base = base

    def start(self, event: gr.EventData, request: gr.Request) -> tuple[str, str, str]:
        """Show everything, the kept conversation too, in the language that the browser or the reader chose."""
        words = _words(event)
        turns = records.turns(_sent(event, "turns"))
        offered = self._base.first_questions(words.language)
        whole = _message("whole", _token(event), render.conversation(turns, words, self._title, offered))
        visitor = visitor_of(request.request)
        name = visitor.name if visitor.signed_in else ""
        rail = shell.rail(words, name, may_sign_in=visitor is ANYONE)
        return rail, shell.composer(words), whole

    def ask(self, event: gr.EventData) -> Iterator[str]:
        """Answer the question, showing what there is of the answer as it comes."""
        words, number, token = _words(event), _number(event), _token(event)
        sent = _sent(event, "history")
        history = [question for question in sent if isinstance(question, str)] if isinstance(sent, list) else []
        question = _text(event, "question")
        for moment in chat.asking(self._base, question, history[-chat.MOST_TURNS :], words, self._base.next_questions):
            if moment.turn is None:
                yield _message("problem", token, escape(moment.problem))
            else:
                yield self._one(moment.turn, number, token, words)

    def stop(self, event: gr.EventData) -> str:
        """Leave the question unanswered."""
        turn = chat.Turn(_text(event, "question"), "stopped")
        return self._one(turn, _number(event), _token(event), _words(event))

    def _one(self, turn: chat.Turn, number: int, token: str, words: Words) -> str:
        return _message("turn", token, render.turn_html(turn, number, words, self._title))

    def _title(self, document_id: str) -> str:
        try:
            return self._base.document(document_id).title
        except UnknownDocument:
            return document_id


def build_app(base: AnyBase, concurrency: ConcurrencyLimiter) -> gr.Blocks:
    """Lay out the page over `base` and connect its events."""
    page = _Page(base)
    with gr.Blocks(title=MESSAGES["product"][DEFAULT_LANGUAGE], analytics_enabled=False, fill_width=True) as blocks:
        top, talk, ask = _part("top"), _part("talk"), _part("ask")
        _part("page")
        live = _part("live")
        quick = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        # "multiple", since Gradio takes a stopped question for a running one and would drop the next.
        queued = quick | {
            "trigger_mode": "multiple",
            "queue": True,
            "concurrency_limit": ASKED_AT_ONCE,
            "concurrency_id": "ask",
        }
        top.select(page.start, None, [top, ask, live], **quick)
        running = talk.submit(page.ask, None, live, **queued)
        talk.stop(page.stop, None, live, cancels=[running], **quick)
        for tool in Tools(base, concurrency).all():
            # Past the queue: what waits there is called over the network, at an address that the caller names.
            gr.api(tool, queue=False)
    # What Gradio keeps for each browser; it is nothing, since conversations are kept by the browsers themselves.
    blocks.state_session_capacity = SESSIONS_KEPT
    blocks.queue(max_size=MOST_WAITING, default_concurrency_limit=ASKED_AT_ONCE)
    return blocks


def web_app(base: KnowledgeBase, host: str = "127.0.0.1", *, everyone: bool = False) -> FastAPI:
    """Return the whole site: the page, the documents that its citations open, and what guards them."""
    service = Service(base, host, everyone=everyone)
    jobs = Jobs()
    # What these ask themselves nobody has asked, so it is not counted.
    concepts, evaluation = ConceptsPage(base, service.concurrency), EvaluationPage(base, jobs, service.audit)
    watched = service.base
    del base  # whatever else is served goes through what counts it and records it
    site = FastAPI(title=MESSAGES["product"][DEFAULT_LANGUAGE], openapi_url=None)
    site.include_router(web.documents(watched))
    site.include_router(conversations.conversations(watched))
    site.include_router(LibraryPage(watched, jobs, service.concurrency, service.changes).routes())
    site.include_router(concepts.routes())
    site.include_router(evaluation.routes())
    site.include_router(SettingsPage(watched).routes())
    service.add_routes(site)
    blocks = build_app(watched, service.concurrency)
    # What waits there has been accepted, and between two answers it is all there is to be seen of it.
    service.running.queued = lambda: len(blocks._queue) + blocks._queue.get_active_worker_count()
    gr.mount_gradio_app(
        site,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=watched.settings.server.largest_upload,
        ssr_mode=False,
        mcp_server=True,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=web.head(),
    )
    service.guard(site)
    return site


def site_of(base: KnowledgeBase, host: str = "127.0.0.1", *, everyone: bool = False) -> FastAPI:
    """Return the site, and have loaded meanwhile what a first question needs."""
    # No daemon: Python would end in the midst of a library's own code, which ends the process with an error.
    threading.Thread(target=chat.warm_up, args=(base,), name="warm-up", daemon=False).start()
    return web_app(base, host, everyone=everyone)


def serve(
    base: KnowledgeBase,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    everyone: bool = False,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the page until interrupted; `ready` is called with its address once it answers.

    `everyone` lets those ask who are no users. Port 0 takes any that is free. Raises `OSError`, which names the port,
    when it cannot be had. Where the base is yet to be opened, `ui.starting.serve` shows a page meanwhile.
    """
    # The port is taken first: whoever gave a wrong one should not wait for the page to be put together.
    with listen(host, port) as listener:
        site = site_of(base, host, everyone=everyone)
        Server(site, listener, ready, base.settings.server).serve_until_interrupted()


def _part(name: str) -> gr.HTML:
    # Our script takes care of each part; what a part shows comes from this package's pure functions only.
    return gr.HTML("", elem_id=name, js_on_load=f"cco.{name}(element, trigger, watch)", apply_default_css=False)


def _message(kind: str, token: str, html: str) -> str:
    # Kept in an attribute it is no part of the page yet: the script puts it where it belongs.
    return f'<i data-kind="{kind}" data-token="{token}" data-html="{escape(html)}"></i>'


def _sent(event: gr.EventData, key: str) -> Any:
    """Return what the browser sent with an event, which need not be what our script sends."""
    return event._data.get(key) if isinstance(event._data, dict) else None


def _text(event: gr.EventData, key: str) -> str:
    value = _sent(event, key)
    return value if isinstance(value, str) else ""


def _number(event: gr.EventData) -> int:
    """Return which turn of the conversation a question is."""
    value = _sent(event, "number")
    return value if isinstance(value, int) and 0 < value <= chat.MOST_TURNS + 1 else 1


def _token(event: gr.EventData) -> str:
    """Return what the browser will know the outcome by: letters and digits."""
    value = _text(event, "token")
    return value if value.isascii() and value.isalnum() and len(value) <= 40 else ""


def _words(event: gr.EventData) -> Words:
    return Words.of(_text(event, "ui"))
