"""Assembles the page and serves it; the only module that knows Gradio."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gradio as gr
from fastapi import FastAPI

from kb import KnowledgeBase, UnknownDocument
from ui import chat, render, web
from ui.chat import Moment, Turns
from ui.messages import DEFAULT_LANGUAGE, MESSAGES, Words
from ui.service import Service
from ui.tools import Tools

ASKED_AT_ONCE = 3
"""Questions answered at the same time; the model keeps all cores busy with fewer."""
MOST_WAITING = 100
"""Questions in the queue before further ones are turned away."""
LARGEST_UPLOAD = "20mb"

Shown = tuple[Turns, str, str]


class _Page:
    """The handlers behind the page's events. Holds no conversation: each browser tab has its own, in a `gr.State`."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def language(self, turns: Turns, event: gr.EventData) -> tuple[str, str, str]:
        """Show everything in the language that the browser or the reader chose."""
        words = _words(event)
        _, talk, ask = self._shown(Moment(turns), words)
        return render.header(words, len(self._base.documents())), talk, ask

    def ask(self, turns: Turns, event: gr.EventData) -> Iterator[Shown]:
        """Answer the question, first showing that it is being answered."""
        words = _words(event)
        for moment in chat.asking(self._base, turns, _text(event, "question"), words):
            yield self._shown(moment, words)

    def stop(self, turns: Turns, event: gr.EventData) -> Shown:
        """Leave the question unanswered."""
        return self._shown(Moment(chat.stopped(turns)), _words(event))

    def clear(self, event: gr.EventData) -> Shown:
        """Begin anew."""
        return self._shown(Moment(()), _words(event))

    def _shown(self, moment: Moment, words: Words) -> Shown:
        talk = render.conversation(moment.turns, words, self._title)
        return moment.turns, talk, render.composer(words, moment.problem, empty=not moment.turns)

    def _title(self, document_id: str) -> str:
        try:
            return self._base.document(document_id).title
        except UnknownDocument:
            return document_id


def build_app(base: KnowledgeBase) -> gr.Blocks:
    """Lay out the page over `base` and connect its events."""
    page = _Page(base)
    with gr.Blocks(title=MESSAGES["product"][DEFAULT_LANGUAGE], analytics_enabled=False, fill_width=True) as blocks:
        turns = gr.State(())
        top, talk, ask = _part("top"), _part("talk"), _part("ask")
        quick = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        # "multiple", since Gradio takes a stopped question for a running one and would drop the next.
        queued = quick | {
            "trigger_mode": "multiple",
            "queue": True,
            "concurrency_limit": ASKED_AT_ONCE,
            "concurrency_id": "ask",
        }
        shown = [turns, talk, ask]
        top.select(page.language, [turns], [top, talk, ask], **quick)
        running = [part.submit(page.ask, [turns], shown, **queued) for part in (talk, ask)]
        ask.stop(page.stop, [turns], shown, cancels=running, **quick)
        ask.clear(page.clear, None, shown, cancels=running, **quick)
        for tool in Tools(base).all():
            # Past the queue: what waits there is called over the network, at an address that the caller names.
            gr.api(tool, queue=False)
    blocks.queue(max_size=MOST_WAITING, default_concurrency_limit=ASKED_AT_ONCE)
    return blocks


def web_app(base: KnowledgeBase, host: str = "127.0.0.1", *, everyone: bool = False) -> FastAPI:
    """Return the whole site: the page, the documents that its citations open, and what guards them."""
    service = Service(base, host, everyone=everyone)
    base = service.base
    site = FastAPI(title=MESSAGES["product"][DEFAULT_LANGUAGE], openapi_url=None)
    site.include_router(web.documents(base))
    service.add_routes(site)
    gr.mount_gradio_app(
        site,
        build_app(base),
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_UPLOAD,
        ssr_mode=False,
        mcp_server=True,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=web.head(),
    )
    service.guard(site)
    return site


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
    when it cannot be had.
    """
    # The port is taken first: whoever gave a wrong one should not wait for the page to be put together.
    listener = web.listen(host, port)
    with listener:
        web.Server(web_app(base, host, everyone=everyone), listener, ready).serve_until_interrupted()


def _part(name: str) -> gr.HTML:
    # Our script (page.js) takes care of each part; what a part shows comes from `render` only.
    return gr.HTML("", elem_id=name, js_on_load=f"cco.{name}(element, trigger, watch)", apply_default_css=False)


def _text(event: gr.EventData, key: str) -> str:
    """Return what the browser sent with an event, which need not be what our script sends."""
    value = event._data.get(key) if isinstance(event._data, dict) else None
    return value if isinstance(value, str) else ""


def _words(event: gr.EventData) -> Words:
    return Words.of(_text(event, "ui"))
