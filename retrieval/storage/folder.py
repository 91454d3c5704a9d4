"""An index on disk: a folder of generations, each complete and unchanging, and one pointer to the current one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

FORMAT_VERSION = 5
"""Of the files in a generation; raise it whenever an older program could not read them."""

_POINTER = "CURRENT"
_MANIFEST = "manifest.json"
_WRITER = ".writer"
"""Who holds the lock, for those who wait; the lock itself is the operating system's."""
_VERIFIED_WHOLE = 32_000_000
"""Bytes up to which a file is read whole when an index is opened, some 20 ms; of a larger one its ends are."""
_END = 1_000_000


class IndexFailure(Exception):
    """An index cannot be opened or changed; the message names the folder, the reason and the command that mends it."""


class IndexMissing(IndexFailure):
    """There is no index in the folder."""


class IndexMismatch(IndexFailure):
    """The index was made with another model, normaliser or format than the one at hand."""


class IndexDamaged(IndexFailure):
    """A file of the index is missing or not what was written."""


class IndexExists(IndexFailure):
    """There is an index in the folder already."""


class IndexBusy(IndexFailure):
    """Another process is changing the index."""


@dataclass(frozen=True)
class Manifest:
    """What a generation holds and what it was made with."""

    format: int
    normalizer: str
    model: str
    model_digest: str
    dimension: int
    dtype: str
    documents: int
    passages: int
    windows: int
    settings: dict[str, Any]
    files: dict[str, str]
    """File name to the SHA-256 of its bytes."""
    dense: dict[str, Any] = field(default_factory=dict)
    """What kind the index of vectors is, its parameters, its recall and on how many questions that was measured."""
    sizes: dict[str, int] = field(default_factory=dict)
    """File name to its bytes."""
    ends: dict[str, str] = field(default_factory=dict)
    """File name to the SHA-256 of its first and last megabyte, of files too large to be read at every opening."""

    @property
    def digest(self) -> str:
        """One SHA-256 over all that the generation holds: equal for equal contents, settings and model."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


MADE_WITH = ("normalizer", "model", "model_digest", "dimension", "dtype")
"""The fields of a manifest that say what its vectors and tokens were made with."""


class Store:
    """The folder of an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Tell whether there is an index, whole or damaged."""
        return (self.folder / _POINTER).exists()

    def current(self) -> str:
        """Return the current generation's name. Raises `IndexMissing`."""
        try:
            name = (self.folder / _POINTER).read_text(encoding="utf-8").strip()
        except (FileNotFoundError, NotADirectoryError):
            raise IndexMissing(
                f"there is no index in {self.folder}; make one: cco index --index {self.folder}"
            ) from None
        except UnicodeDecodeError as error:
            raise IndexDamaged(self._mend("its pointer file is damaged")) from error
        except OSError as error:
            raise IndexFailure(f"cannot read the index in {self.folder}: {error.strerror}") from error
        if not name or Path(name).name != name:
            raise IndexDamaged(self._mend("its pointer file is damaged"))
        return name

    def open(self, name: str) -> tuple[Path, Manifest]:
        """Return generation `name`'s folder and manifest, every file verified: small ones whole, large ones in part.

        Raises `IndexDamaged` or `IndexMismatch`.
        """
        generation = self.folder / name
        manifest = self._manifest(generation)
        for file in manifest.files:
            if fault := self.fault_of(generation, manifest, file, full=False):
                raise IndexDamaged(self._mend(f"{name}/{file} {fault}"))
        return generation, manifest

    def manifest(self, name: str) -> Manifest:
        """Return a generation's manifest. Raises `IndexDamaged` or `IndexMismatch`."""
        return self._manifest(self.folder / name)

    @staticmethod
    def fault_of(generation: Path, manifest: Manifest, file: str, *, full: bool) -> str:
        """Return what is wrong with a file of a generation, in words; nothing where it is whole."""
        path = generation / file
        try:
            size = path.stat().st_size
            whole = full or size <= _VERIFIED_WHOLE
            same = size == manifest.sizes[file] and (
                _sha256(path) == manifest.files[file] if whole else _sha256_of_ends(path) == manifest.ends[file]
            )
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        return "" if same else "is not what was written (checksum differs)"

    def generations(self) -> list[str]:
        """Return the names of the generations, newest first."""
        return sorted((path.name for path in self.folder.glob("generation-[0-9]*") if path.is_dir()), reverse=True)

    def write(self, fill: Callable[[Path], dict[str, Any]]) -> str:
        """Write a new generation and make it the current one; return its name.

        `fill` writes files into the folder it is given and returns the manifest's fields less `format` and `files`.
        Until the pointer is swung by an atomic rename the old generation stays current, whatever happens.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=self.folder))
        try:
            fields = fill(staging)
            paths = sorted(staging.iterdir())
            sizes = {path.name: path.stat().st_size for path in paths}
            manifest = Manifest(
                format=FORMAT_VERSION,
                files={path.name: _sha256(path) for path in paths},
                sizes=sizes,
                ends={path.name: _sha256_of_ends(path) for path in paths if sizes[path.name] > _VERIFIED_WHOLE},
                **fields,
            )
            written = {**asdict(manifest), "checksum": manifest.digest}
            (staging / _MANIFEST).write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")
            for path in staging.iterdir():
                flush(path)
            flush(staging)
            name = self._next_name()
            os.rename(staging, self.folder / name)
            self.point_to(name)
        except OSError as error:
            raise IndexFailure(
                # NumPy says only how many of its numbers were written.
                f"cannot write the index in {self.folder}: {error.strerror or 'No space left on device'}; "
                "the old one is untouched"
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self.tidy()
        return name

    @contextmanager
    def writing(self, patience: float = 2.0) -> Iterator[None]:
        """Hold the writer's lock, which goes when its holder dies. Raises `IndexBusy` after `patience` seconds."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(str(self.folder / ".lock"), timeout=patience if patience < float("inf") else -1):
                (self.folder / _WRITER).write_text(str(os.getpid()), encoding="utf-8")
                yield
        except Timeout:
            raise IndexBusy(
                f"the index in {self.folder} is in use by process {self._writer()}, which is changing it; "
                "try again when it is done, or wait for it with --wait"
            ) from None
        except OSError as error:
            raise IndexFailure(f"cannot write to the index folder {self.folder}: {error.strerror or error}") from error

    def _manifest(self, generation: Path) -> Manifest:
        try:
            return parsed_manifest((generation / _MANIFEST).read_bytes(), f"the index in {self.folder}")
        except _ManifestDamaged as error:
            raise IndexDamaged(self._mend(f"{generation.name}/{_MANIFEST} {error}")) from error
        except (OSError, ValueError) as error:
            raise IndexDamaged(self._mend(f"{generation.name}/{_MANIFEST} cannot be read")) from error

    def damaged(self, what: str) -> IndexDamaged:
        """Return the error for something that is damaged, which names what mends it."""
        return IndexDamaged(self._mend(what))

    def _mend(self, what: str) -> str:
        again = f"cco index PATH ... --rebuild --index {self.folder}"
        return (
            f"the index in {self.folder} is damaged: {what}; mend it: cco check --index {self.folder}, "
            f"or make it anew: {again}"
        )

    def _writer(self) -> str:
        try:
            return str(int((self.folder / _WRITER).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return "unknown"

    def _next_name(self) -> str:
        taken = [int(path.name.split("-")[1]) for path in self.folder.glob("generation-[0-9]*") if path.is_dir()]
        return f"generation-{max(taken, default=0) + 1:06d}"

    def point_to(self, name: str) -> None:
        """Make a generation the current one, in one step and for good."""
        pointer = self.folder / f".{_POINTER}.new"
        pointer.write_text(name + "\n", encoding="utf-8")
        flush(pointer)
        os.replace(pointer, self.folder / _POINTER)
        flush(self.folder)

    def tidy(self) -> None:
        """Remove generations that nobody needs; the one before stays for readers that are just opening it."""
        current = self.current()
        older = [name for name in self.generations() if name < current]
        for path in [*(self.folder / name for name in older[1:]), *self.folder.glob(".writing-*")]:
            shutil.rmtree(path, ignore_errors=True)


class _ManifestDamaged(ValueError):
    """A manifest is not what was written."""


def parsed_manifest(written: bytes, where: str) -> Manifest:
    """Return the manifest that was written as JSON. Raises `ValueError` where it is damaged, and `IndexMismatch`."""
    fields = json.loads(written)
    found = fields.get("format") if isinstance(fields, dict) else None
    if found != FORMAT_VERSION:
        if not isinstance(found, int):
            raise ValueError("names no format")
        raise IndexMismatch(
            f"{where} has format {found}, this program reads {FORMAT_VERSION}; "
            "make it anew: cco index PATH ... --rebuild --index DIR"
        )
    try:
        checksum = fields.pop("checksum", None)
        manifest = Manifest(**fields)
    except TypeError:
        raise _ManifestDamaged("has other fields than expected") from None
    if not _is_typed(manifest):
        raise _ManifestDamaged("has fields of another kind than expected")
    if manifest.digest != checksum:
        raise _ManifestDamaged("is not what was written (checksum differs)")
    return manifest


def _is_typed(manifest: Manifest) -> bool:
    words = (manifest.normalizer, manifest.model, manifest.model_digest, manifest.dtype)
    counts = (manifest.documents, manifest.passages, manifest.windows, manifest.dimension)
    tables = (manifest.settings, manifest.dense, manifest.files, manifest.sizes, manifest.ends)
    return (
        all(isinstance(word, str) for word in words)
        and all(type(count) is int and count >= 0 for count in counts)
        and all(isinstance(table, dict) for table in tables)
        and all(isinstance(digest, str) for digest in (*manifest.files.values(), *manifest.ends.values()))
        and all(type(size) is int and size >= 0 for size in manifest.sizes.values())
        and manifest.sizes.keys() == manifest.files.keys()
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sha256_of_ends(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(_END)
        file.seek(max(0, path.stat().st_size - _END))
        return hashlib.sha256(head + file.read(_END)).hexdigest()


def flush(path: Path) -> None:
    """Have what was written to a file, or renamed in a folder, outlast a loss of power."""
    is_folder = path.is_dir()
    try:
        # Windows flushes only what is open for writing, and opens no folder.
        descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)
    except PermissionError:
        if is_folder:
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
