"""`cco index`, `add`, `remove`, `docs`: what is in the index."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands.shared import (
    SHIPPED_TEXTS,
    Commands,
    Progress,
    flat,
    json_flag,
    opened,
    print_json,
    settings_of,
    wait_flag,
)

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.library.intake import Report
    from kb.library.library import Change
    from kb.settings.schema import Settings


def register(commands: Commands) -> None:
    """Declare the commands."""
    sub = commands.add(
        "index",
        _index,
        "bring the index into step with files and folders (what has gone from a folder is removed), without PATH the "
        "shipped texts",
        "cco index notes/ report.pdf",
    )
    sub.add_argument("paths", nargs="*", metavar="PATH")
    wait_flag(sub)
    sub.add_argument("--rebuild", action="store_true", help="make the index anew instead of bringing it up to date")
    json_flag(sub)
    json_flag(commands.add("docs", _docs, "list the documents", "cco docs --json", brief=True))
    sub = commands.add("add", _add, "add files and folders; nothing is removed", "cco add notes.md")
    sub.add_argument("paths", nargs="+", metavar="PATH")
    wait_flag(sub)
    json_flag(sub)
    sub = commands.add("remove", _remove, "remove documents", "cco remove notes")
    sub.add_argument("document_ids", nargs="+", metavar="DOCUMENT_ID")
    wait_flag(sub)
    json_flag(sub)


def _index(options: argparse.Namespace) -> int:
    from kb.knowledge_base import KnowledgeBase

    paths = options.paths or [SHIPPED_TEXTS]
    settings = settings_of(options)
    with Progress() as progress:
        if options.rebuild:
            base = KnowledgeBase.build(paths, settings=settings, report=progress)
        else:
            base = _brought_into_step(paths, settings, progress)
    return _summarise(base, options)


def _brought_into_step(paths: Sequence[Path], settings: Settings, progress: Report) -> KnowledgeBase:
    from kb.knowledge_base import KnowledgeBase
    from retrieval.storage.folder import IndexExists, IndexMissing

    try:
        base = KnowledgeBase.open(settings=settings)
    except IndexMissing:
        try:
            return KnowledgeBase.build(paths, settings=settings, report=progress, fresh=True)
        except IndexExists:  # by another process, whose documents are not to be lost
            base = KnowledgeBase.open(settings=settings)
    base.sync(paths, report=progress)
    return base


def _add(options: argparse.Namespace) -> int:
    with Progress() as progress:
        base = opened(options)
        base.add(options.paths, report=progress)
    return _summarise(base, options)


def _remove(options: argparse.Namespace) -> int:
    base = opened(options)
    base.remove(options.document_ids)
    return _summarise(base, options)


def _docs(options: argparse.Namespace) -> int:
    from kb.library import catalogue

    documents = catalogue.documents(settings_of(options))
    if options.json:
        return print_json({"documents": documents})
    width = max((len(document["id"]) for document in documents), default=0)
    for document in documents:
        print(f"{document['id']:<{width}}  {document['language']:<7}  {flat(document['title'])}")
    return 0


def _summarise(base: KnowledgeBase, options: argparse.Namespace) -> int:
    change: Change = base.last_change
    for item in change.skipped:
        print(f"cco: skipped {flat(item.path)}: {flat(item.reason)}", file=sys.stderr)
    summary = {
        "documents": change.documents,
        "passages": change.passages,
        "windows": change.windows,
        "added": list(change.added),
        "removed": list(change.removed),
        "moved": list(change.moved),
        "unchanged": len(change.unchanged),
        "skipped": [{"path": item.path, "reason": item.reason} for item in change.skipped],
        "seconds": round(change.seconds, 2),
        "index": str(base.settings.index),
    }
    if options.json:
        return print_json(summary)
    counts = {"moved": len(change.moved), "unchanged": len(change.unchanged)}
    rare = "".join(f"{count} {what}, " for what, count in counts.items() if count)
    print(
        f"{change.documents} documents, {change.passages} passages, {change.windows} windows; "
        f"{len(change.added)} added, {len(change.removed)} removed, {rare}{len(change.skipped)} skipped; "
        f"{change.seconds:.1f} s; {base.settings.index}"
    )
    return 0
