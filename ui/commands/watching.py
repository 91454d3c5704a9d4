"""`cco watch`: keep the index in step with folders."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands.shared import Commands, Progress, flat, number, settings_of

if TYPE_CHECKING:
    from kb.library.library import Change


def register(commands: Commands) -> None:
    """Declare the command."""
    sub = commands.add(
        "watch", _watch, "keep the index in step with files and folders until stopped (Ctrl+C)", "cco watch notes/"
    )
    sub.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    sub.add_argument(
        "--poll",
        type=number(float, "a number of seconds from 0.05 to 86400", 0.05, 86_400),
        metavar="SECONDS",
        help="look every so many seconds, for network drives whose changes the system does not tell",
    )


def _watch(options: argparse.Namespace) -> int:
    from corpus.files.sources import SourceError, exists
    from corpus.reasons import why
    from kb.knowledge_base import KnowledgeBase
    from kb.library.watching import watch
    from retrieval.storage.folder import IndexMissing

    for path in options.paths:
        if not exists(path):
            raise SourceError(path, why("does_not_exist"))
    settings = settings_of(options)
    try:
        base = KnowledgeBase.open(settings=settings)
    except IndexMissing:
        with Progress() as progress:
            base = KnowledgeBase.build(options.paths, settings=settings, report=progress)
        _tell(base.last_change)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print(f"cco: watching {', '.join(map(str, options.paths))} (Ctrl+C stops)", file=sys.stderr, flush=True)
    try:
        watch(base, options.paths, _tell, stop, poll=options.poll)
    except KeyboardInterrupt:
        stop.set()
    return 0


def _tell(change: Change | str) -> None:
    if isinstance(change, str):
        print(f"cco: {flat(change)}", file=sys.stderr, flush=True)
        return
    parts = {"added": change.added, "removed": change.removed, "moved": change.moved}
    said = "; ".join(f"{what} {', '.join(ids)}" for what, ids in parts.items() if ids)
    print(f"{said}; {change.documents} documents; {change.seconds:.1f} s", flush=True)
