"""`cco serve`: the page."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from cco_kb import demand
from ui.commands.shared import SHIPPED_TEXTS, Commands, Progress, fail, given_by_options, port, say, settings_of

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.library.intake import Report
    from kb.settings.schema import Settings


def register(commands: Commands) -> None:
    """Declare the command."""
    sub = commands.add("serve", _serve, "serve the web page", "cco serve --port 8000")
    sub.add_argument("--host", default="127.0.0.1", metavar="H")
    sub.add_argument("--port", type=port, default=7860, metavar="P")
    sub.add_argument(
        "--open", action="store_true", help="let everyone ask who reaches the server; changes are for signed-in editors"
    )


def _serve(options: argparse.Namespace) -> int:
    demand("ui")
    from ui import starting
    from ui.operations import memory
    from ui.operations.logs import configure

    settings = settings_of(options)
    configure(settings.log)
    memory.give_back_now_and_then()
    opened: list[KnowledgeBase] = []

    def opening(report: Report) -> KnowledgeBase:
        from kb.hosting import fallback

        base = fallback.opened(settings, lambda using: _opened(using, report), given_by_options(options))
        opened.append(base)
        return opened[0]

    def up(url: str) -> None:
        say(f"starting at {url} (Ctrl+C stops)")

    def ready(url: str) -> None:
        say(f"{opened[0].manifest.documents} documents at {url} (Ctrl+C stops)")

    try:
        if starting.serve(settings, opening, options.host, options.port, everyone=options.open, up=up, ready=ready):
            # Python would wait for the threads that still work on it, an upload's for minutes. Nothing is lost here
            # either, and nothing that was reported as done.
            os._exit(0)
    except OSError as error:
        return fail(f"{error}")
    except KeyboardInterrupt:
        # A thread may be in the midst of what cannot be interrupted, an import or the model, and Python would crash on
        # it or wait. Nothing is lost: an index is whole after any end.
        os._exit(fail("stopped", 130))
    return 0


def _opened(settings: Settings, report: Report) -> KnowledgeBase:
    """Open the index, or make one of the shipped texts where there is none."""
    from kb.knowledge_base import KnowledgeBase
    from retrieval.storage.folder import IndexMissing

    report("model", 0, 0)
    try:
        return KnowledgeBase.open(settings=settings)
    except IndexMissing:
        say("no index yet, making one of the shipped texts")

    with Progress() as progress:

        def both(step: str, done: int, total: int) -> None:
            progress(step, done, total)
            report(step, done, total)

        return KnowledgeBase.build([SHIPPED_TEXTS], settings=settings, report=both)
