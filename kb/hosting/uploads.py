"""Files that come over the network: kept beside the index under their own names, and indexed."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from filelock import FileLock, Timeout

from corpus.files.sources import SourceError
from corpus.reasons import Reason, Skipped, Value
from kb.any_base import AnyBase
from kb.library.library import Change
from retrieval.storage.folder import IndexBusy, IndexFailure, flush

LONGEST_NAME = 200
"""Bytes of a file's name; file systems take 255."""
_PATIENCE = 60.0
"""Seconds for another process to be done with the files."""
_ASIDE = ".aside-"
_ARRIVED = ".arrived-"
_NAMES = ".names"
"""What is put aside for a change begins with the names of the files that it is about."""

_log = logging.getLogger(__name__)


def folder(base: AnyBase) -> Path:
    """Return where the uploaded files of `base` lie."""
    return base.settings.beside_index("uploads")


def add_uploads(base: AnyBase, files: Sequence[tuple[str, BinaryIO]]) -> Change:
    """Index files, each a name and its bytes; one that came before under the same name is replaced.

    What could not be indexed is not kept. Raises what `KnowledgeBase.add` raises.
    """
    names = [file_name(name) for name, _ in files]
    with changing(base, names) as aside:
        place = aside.parent
        targets = [place / name for name in names]
        # All of them are whole on the disk before any takes the place of an older one.
        arrived = [_arrived(content, aside / f"{_ARRIVED}{number}") for number, (_, content) in enumerate(files)]
        try:
            for target, new in zip(targets, arrived, strict=True):
                if target.exists() and not (aside / target.name).exists():
                    os.replace(target, aside / target.name)
                os.replace(new, target)
            change = base.add(targets)
            return replace(change, skipped=tuple(_bare(item, place) for item in change.skipped))
        except SourceError as error:
            # Whoever sent a file should not learn where it was put.
            bare = _bare(Skipped(error.path, error.why), place)
            raise SourceError(bare.path, bare.why) from None
        finally:
            _keep_what_is_indexed(base, targets, aside)


def remove_documents(base: AnyBase, document_ids: Sequence[str]) -> Change:
    """Remove documents, and their files where they were uploaded. Raises `UnknownDocument`."""
    files = uploaded(base, document_ids)
    if not files:
        return base.remove(document_ids)
    with changing(base, [file.name for file in files]) as aside:
        change = base.remove(document_ids)
        with suppress(OSError):  # the documents are gone all the same
            _keep_what_is_indexed(base, files, aside)
    return change


def uploaded(base: AnyBase, document_ids: Sequence[str]) -> list[Path]:
    """Return the files of documents that were uploaded; one elsewhere is its owner's. Raises `UnknownDocument`."""
    files = dict.fromkeys(Path(base.document(document_id).path) for document_id in document_ids)
    return [file for file in files if file.parent == folder(base)]


@contextmanager
def changing(base: AnyBase, names: Iterable[str]) -> Iterator[Path]:
    """Give a folder for what is put aside while uploaded files of these names change, and nobody else changes any.

    It is gone afterwards; where the process is killed before, `tidy_uploads` settles what became of the files. Raises
    `IndexBusy`, and `IndexFailure` where the files cannot be written.
    """
    place = folder(base)
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(place, _PATIENCE), TemporaryDirectory(prefix=_ASIDE, dir=place) as name:
            aside = Path(name)
            (aside / _NAMES).write_text("\n".join(names), encoding="utf-8")
            yield aside
    except Timeout:
        raise IndexBusy(
            f"another process is changing the uploaded files in {place}; try again when it is done"
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise IndexFailure(
            f"cannot change the uploaded files in {place}: {reason}; make room or allow it there, then try again"
        ) from error


def tidy_uploads(base: AnyBase) -> None:
    """Settle what a change that was killed has left: what is indexed is kept or put back, and the rest dropped.

    A change that is going on, in whatever process, keeps what it has put aside.
    """
    place = folder(base)
    if not any(place.glob(f"{_ASIDE}*")):
        return
    try:
        with _alone(place, 0):  # whoever changes them holds this
            for aside in place.glob(f"{_ASIDE}*"):
                names = {path.name for path in aside.iterdir()} - {_NAMES}
                if (aside / _NAMES).exists():
                    names |= set((aside / _NAMES).read_text(encoding="utf-8", errors="replace").splitlines())
                _keep_what_is_indexed(base, [place / name for name in names], aside)
                shutil.rmtree(aside, ignore_errors=True)
    except Timeout:
        return
    except OSError as error:
        _log.warning("what an upload left in %s cannot be cleared: %s", place, error.strerror)


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


def _alone(place: Path, patience: float) -> FileLock:
    return FileLock(str(place / ".lock"), timeout=patience)


def _arrived(content: BinaryIO, file: Path) -> Path:
    with file.open("wb") as opened:
        shutil.copyfileobj(content, opened)
    flush(file)
    return file


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
