"""`cco check`, `export`, `import`: an index looked after and moved."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ui.commands.shared import Commands, json_flag, print_json, say, settings_of, wait_flag


def register(commands: Commands) -> None:
    """Declare the commands."""
    sub = commands.add("check", _check, "read the whole index, and mend what is damaged", "cco check", brief=True)
    sub.add_argument("--look", action="store_true", help="only look, mend nothing")
    json_flag(sub)
    wait_flag(sub)
    sub = commands.add("export", _export, "write the index into one file", "cco export library.cco", brief=True)
    sub.add_argument("file", type=Path, metavar="FILE")
    sub.add_argument("--replace", action="store_true", help="in place of a file that is there")
    json_flag(sub)
    sub = commands.add(
        "import", _import, "take over an index from a file that cco export wrote", "cco import library.cco", brief=True
    )
    sub.add_argument("file", type=Path, metavar="FILE")
    sub.add_argument("--replace", action="store_true", help="in place of the index that is there")
    json_flag(sub)
    wait_flag(sub)


def _check(options: argparse.Namespace) -> int:
    from kb.library.health import check, describe

    settings = settings_of(options)
    health = check(settings, mend=not options.look)
    if options.json:
        return print_json(asdict(health) | {"whole": health.whole, "index": str(settings.index)})
    *lines, last = describe(settings.index, health)
    for line in lines:
        say(line)
    print(last)
    return 0


def _export(options: argparse.Namespace) -> int:
    from retrieval.storage.folder import Store
    from retrieval.storage.transfer import export_library

    manifest = export_library(Store(settings_of(options).index), options.file, replace=options.replace)
    size = options.file.stat().st_size
    if options.json:
        return print_json({"file": str(options.file), "documents": manifest.documents, "bytes": size})
    print(f"{options.file}: {manifest.documents} documents, {size / 1e6:.1f} MB")
    return 0


def _import(options: argparse.Namespace) -> int:
    from kb.library.generations import check_normalizer
    from retrieval.storage.folder import Store
    from retrieval.storage.transfer import import_library

    settings = settings_of(options)
    manifest = import_library(
        Store(settings.index),
        options.file,
        replace=options.replace,
        patience=settings.patience,
        check=lambda manifest: check_normalizer(manifest, options.file),
    )
    if options.json:
        return print_json(
            {"index": str(settings.index), "documents": manifest.documents, "passages": manifest.passages}
        )
    print(f"{manifest.documents} documents, {manifest.passages} passages; {settings.index}")
    return 0
