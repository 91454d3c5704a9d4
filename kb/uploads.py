"""Files that come over the network: kept beside the index under their own names, and indexed."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from corpus.readers import SourceError
from corpus.reasons import Reason, Skipped, Value
from kb.any_base import AnyBase
from kb.knowledge_base import Change
from retrieval.storage import IndexBusy

LONGEST_NAME = 200
"""Bytes of a file's name; file systems take 255."""
PATIENCE = 60.0
"""Seconds to wait for whoever else changes what was uploaded."""
_ASIDE = ".aside-"

_log = logging.getLogger(__name__)


def folder(base: AnyBase) -> Path:
    """Return where the uploaded files of `base` lie."""
    return base.settings.beside_index("uploads")


def add_uploads(base: AnyBase, files: Sequence[tuple[str, BinaryIO]]) -> Change:
    """Index files, each a name and its bytes; one that came before under the same name is replaced.

    What could not be indexed is not kept. Raises what `KnowledgeBase.add` raises, `IndexBusy` too where others change.
    """
    place = _made(base)
    with _changing(place), tempfile.TemporaryDirectory(prefix=_ASIDE, dir=place) as aside:
        targets = []
        for name, content in files:
            target = place / file_name(name)
            if target.exists():
                os.replace(target, Path(aside) / target.name)
            with target.open("wb") as file:
                shutil.copyfileobj(content, file)
            targets.append(target)
        try:
            change = base.add(targets)
            return replace(change, skipped=tuple(_bare(item, place) for item in change.skipped))
        except SourceError as error:
            # Whoever sent a file should not learn where it was put.
            bare = _bare(Skipped(error.path, error.why), place)
            raise SourceError(bare.path, bare.why) from None
        finally:
            _keep_what_is_indexed(base, targets, Path(aside))


def tidy_uploads(base: AnyBase) -> None:
    """Put back what an upload that was killed had put aside, where it is still what is indexed, and drop the rest.

    An upload that is going on, in whatever process, keeps what it has put aside.
    """
    place = folder(base)
    if not any(place.glob(f"{_ASIDE}*")):
        return
    try:
        with _changing(place, patience=0):  # whoever uploads holds this
            for aside in place.glob(f"{_ASIDE}*"):
                _keep_what_is_indexed(base, [place / older.name for older in aside.iterdir()], aside)
                shutil.rmtree(aside, ignore_errors=True)
    except IndexBusy:
        return
    except OSError as error:
        _log.warning("what an upload left in %s cannot be cleared: %s", place, error.strerror)


def remove_documents(base: AnyBase, document_ids: Sequence[str]) -> Change:
    """Remove documents, and their files where they were uploaded. Raises `UnknownDocument` and `IndexBusy`."""
    with _changing(_made(base)):
        files = [Path(base.document(document_id).path) for document_id in document_ids]
        change = base.remove(document_ids)
        needed = {document.path for document in base.documents()}  # an archive holds several
        for file in files:
            if file.parent == folder(base) and str(file) not in needed:
                file.unlink(missing_ok=True)
    return change


def file_name(name: str) -> str:
    """Return the last part of `name` as it can be a file's: without folders, control characters and leading dots."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    last = "".join(c for c in last if c.isprintable() and unicodedata.category(c) != "Cs").strip().lstrip(".")
    stem, dot, ending = last.rpartition(".")
    if not dot:
        stem, ending = ending, ""
    ending = ending[:20]
    room = LONGEST_NAME - len(f"{dot}{ending}".encode())
    return f"{stem.encode()[:room].decode(errors='ignore') or 'file'}{dot}{ending}"


def _bare(item: Skipped, place: Path) -> Skipped:
    """Return what was passed over, with its path and those in its reason as they are below `place`."""

    def cut(value: Value) -> Value:
        return value.replace(f"{place}{os.sep}", "") if isinstance(value, str) else value

    values = {name: cut(value) for name, value in item.why.values.items()}
    because = tuple(_bare(cause, place) for cause in item.why.because)
    return Skipped(str(cut(item.path)), Reason(item.why.code, values, because))


def _made(base: AnyBase) -> Path:
    place = folder(base)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


@contextmanager
def _changing(place: Path, *, patience: float | None = None) -> Iterator[None]:
    """Be the only one that changes what was uploaded. Raises `IndexBusy` after `patience` seconds."""
    lock = FileLock(str(place / ".lock"), timeout=PATIENCE if patience is None else patience)
    try:
        lock.acquire()
    except Timeout:
        raise IndexBusy(
            f"the files in {place} are being changed by somebody else; try again when that is done"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _keep_what_is_indexed(base: AnyBase, targets: Sequence[Path], aside: Path) -> None:
    indexed = {document.path for document in base.documents()}
    for target in dict.fromkeys(targets):
        older = aside / target.name
        if str(target.absolute()) not in indexed:
            target.unlink(missing_ok=True)
        elif older.exists() and (not target.exists() or _is_unread(base, target)):
            os.replace(older, target)


def _is_unread(base: AnyBase, target: Path) -> bool:
    """Tell whether what is indexed under this file is what was there before."""
    digests = {document.digest for document in base.documents() if document.path == str(target.absolute())}
    return hashlib.sha256(target.read_bytes()).hexdigest() not in digests
