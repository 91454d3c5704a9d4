"""`cco serve`: the page. The one module of kb that names `ui`."""

from __future__ import annotations

import argparse
import sys

from cco_kb import demand
from kb.commands.shared import SHIPPED_TEXTS, Commands, Progress, fail, port, settings_of


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
    from kb.knowledge_base import KnowledgeBase
    from retrieval.storage import IndexMissing
    from ui.app import serve
    from ui.logs import configure

    settings = settings_of(options)
    configure(settings.log)
    try:
        base = KnowledgeBase.open(settings=settings)
    except IndexMissing:
        print("cco: no index yet, making one of the shipped texts", file=sys.stderr)
        with Progress() as progress:
            base = KnowledgeBase.build([SHIPPED_TEXTS], settings=settings, report=progress)

    def ready(url: str) -> None:
        print(f"cco: {base.manifest.documents} documents at {url} (Ctrl+C stops)", file=sys.stderr, flush=True)

    try:
        serve(base, options.host, options.port, everyone=options.open, ready=ready)
    except OSError as error:
        return fail(f"{error}")
    return 0
