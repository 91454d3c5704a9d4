"""A library as one file: the current generation in a zip archive, with its manifest's digests.

All of the generation goes out, so that every program that reads this format can take it over. What comes in need hold
only what the rest is computed from.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from retrieval.index.snapshot import Snapshot
from retrieval.storage.folder import MADE_WITH, IndexExists, IndexFailure, Manifest, Store, flush, parsed_manifest
from retrieval.storage.foreign import PARTS, ForeignFault, checked_contents
from retrieval.storage.persistence import write_snapshot

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 10_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,100}")
_TEXT = (".jsonl", ".json")
"""What is worth compressing."""
_BLOCK = 1 << 20
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNPACKED_UNSEEN, _DENSEST = 20_000_000, 100
"""Bytes that a member may unpack to however small it is, and how many times its size beyond; texts take a tenth."""
_NOT_WHOLE = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, ValueError, RuntimeError, TypeError,
    LookupError, OverflowError, MemoryError,
)  # fmt: skip
"""What comes of reading an archive or a manifest that nobody wrote so."""


class TransferError(Exception):
    """A library's file cannot be written or read; the message says why and what to do."""


def export_library(store: Store, target: Path, *, replace: bool = False) -> Manifest:
    """Write the current generation into the file `target`, in one step. Raises `TransferError` and `IndexFailure`."""
    if target.is_dir() or (target.exists() and not replace):
        raise TransferError(f"{target} exists; name another file, or type --replace")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:50]}-", dir=target.parent)
    except OSError as error:
        raise TransferError(f"cannot write {target}: {error.strerror or error}") from error
    try:
        with os.fdopen(descriptor, "w+b") as file:
            manifest = _packed(store, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
        flush(target.parent)
    except OSError as error:
        raise TransferError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return manifest


def _packed(store: Store, file: Any) -> Manifest:
    while True:
        name = store.current()
        generation, manifest = store.open(name)
        file.seek(0)
        file.truncate()
        try:
            with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                archive.writestr(zipfile.ZipInfo(_MANIFEST), (generation / _MANIFEST).read_bytes())
                for member in manifest.files:
                    info = zipfile.ZipInfo(member)
                    info.compress_type = zipfile.ZIP_DEFLATED if member.endswith(_TEXT) else zipfile.ZIP_STORED
                    with (generation / member).open("rb") as source, archive.open(info, "w", force_zip64=True) as out:
                        shutil.copyfileobj(source, out, _BLOCK)
            return manifest
        except FileNotFoundError:
            if store.current() == name:
                raise  # else tidied away by a writer meanwhile


def import_library(
    store: Store, source: Path, *, replace: bool = False, patience: float = 2.0, check: Callable[[Manifest], None]
) -> Manifest:
    """Make the library in the file `source` the current generation, as `foreign` takes it; return how it was.

    Names in it lead nowhere but into the index. `check` may refuse its manifest, and makes the normaliser ready.
    Whatever is wrong, the index stays as it was. Raises `TransferError`, `IndexExists`, `IndexMismatch`,
    `IndexFailure`.
    """
    try:
        with source.open("rb") as file, zipfile.ZipFile(file) as archive:
            manifest = _manifest_of(archive, source)
            check(manifest)
            with store.writing(patience):
                if store.exists() and not replace:
                    raise IndexExists(
                        f"there is an index in {store.folder} already; "
                        "name another folder with --index, or type --replace"
                    )
                _take_over(archive, manifest, source, store)
    except ForeignFault as error:
        raise TransferError(f"{source} is refused: {error}") from error
    except _NOT_WHOLE as error:
        raise TransferError(f"{source} is no whole library file: {_flat(error)}") from error
    except OSError as error:
        raise TransferError(f"cannot read {source}: {error.strerror or error}") from error
    return manifest


def _flat(error: BaseException) -> str:
    """Return what an error says in one line, whatever stands in the file that it is about."""
    return ascii(str(error) or type(error).__name__)[1:-1]


def _take_over(archive: zipfile.ZipFile, manifest: Manifest, source: Path, store: Store) -> None:
    # Begins as what a writer leaves behind that was killed, so that the next one tidies it away.
    unpacked = Path(tempfile.mkdtemp(prefix=".writing-", dir=store.folder))
    try:
        _unpack(archive, manifest, source, unpacked)
        contents, probes = checked_contents(unpacked, manifest)
        made = {name: getattr(manifest, name) for name in MADE_WITH}
        write_snapshot(store, Snapshot.build(contents, probes), made, proven=True)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _manifest_of(archive: zipfile.ZipFile, source: Path) -> Manifest:
    """Return the manifest of a library file that holds what it names and nothing else."""
    parts = {part.filename: part for part in archive.infolist()}
    if _MANIFEST not in parts or parts[_MANIFEST].file_size > _LARGEST_MANIFEST:
        raise TransferError(f"{source} is no library file: it has no {_MANIFEST}; cco export writes one")
    manifest = parsed_manifest(archive.read(_MANIFEST), str(source))
    if strange := [name for name in {*manifest.files, *parts} if not _NAME.fullmatch(name)]:
        raise TransferError(f"{source} is refused: it holds a file named {min(strange)!r}, which no library has")
    if len(parts) != len(archive.infolist()) or parts.keys() - {_MANIFEST} != manifest.files.keys():
        raise TransferError(f"{source} is refused: it does not hold the files that its {_MANIFEST} names")
    if absent := [name for name in PARTS if name not in parts]:
        raise TransferError(f"{source} is refused: it has no {absent[0]}")
    if any(part.compress_type not in _PACKINGS or _is_bomb(part) for part in archive.infolist()):
        raise TransferError(f"{source} is refused: it is packed as no library is")
    if wrong := [name for name, size in manifest.sizes.items() if parts[name].file_size != size]:
        raise TransferError(f"{source} is damaged: {wrong[0]} is not as long as its {_MANIFEST} says")
    return manifest


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _UNPACKED_UNSEEN and part.file_size > _DENSEST * part.compress_size


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, source: Path, folder: Path) -> None:
    """Write those files into `folder` that all others are computed from."""
    needed = sum(manifest.sizes.values()) + sum(manifest.sizes[name] for name in PARTS)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise IndexFailure(f"{source} needs {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free")
    for name in PARTS:
        left = manifest.sizes[name]
        with archive.open(name) as packed, (folder / name).open("wb") as file:
            while left and (block := packed.read(min(left, _BLOCK))):
                file.write(block)
                left -= len(block)
        if fault := Store.fault_of(folder, manifest, name, full=True):
            raise TransferError(f"{source} is damaged: {name} {fault}")
