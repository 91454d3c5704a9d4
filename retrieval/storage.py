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

FORMAT_VERSION = 4
"""Of the files in a generation; raise it whenever an older program could not read them."""

_POINTER = "CURRENT"
_MANIFEST = "manifest.json"


class IndexFailure(Exception):
    """An index cannot be opened or changed; the message names the folder, the reason and the command that mends it."""


class IndexMissing(IndexFailure):
    """There is no index in the folder."""


class IndexMismatch(IndexFailure):
    """The index was made with another model, normaliser or format than the one at hand."""


class IndexDamaged(IndexFailure):
    """A file of the index is missing or not what was written."""


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

    @property
    def digest(self) -> str:
        """One SHA-256 over all that the generation holds: equal for equal contents, settings and model."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


class Store:
    """The folder of an index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        """Return generation `name`'s folder and manifest, every file verified against its checksum."""
        generation = self.folder / name
        manifest = self._manifest(generation)
        for file, expected in manifest.files.items():
            try:
                found = _sha256(generation / file)
            except OSError as error:
                raise IndexDamaged(self._mend(f"{name}/{file} cannot be read ({error.strerror})")) from error
            if found != expected:
                raise IndexDamaged(self._mend(f"{name}/{file} is not what was written (checksum differs)"))
        return generation, manifest

    def write(self, fill: Callable[[Path], dict[str, Any]]) -> str:
        """Write a new generation and make it the current one; return its name.

        `fill` writes files into the folder it is given and returns the manifest's fields less `format` and `files`.
        Until the pointer is swung by an atomic rename the old generation stays current, whatever happens.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=self.folder))
        try:
            fields = fill(staging)
            files = {path.name: _sha256(path) for path in sorted(staging.iterdir())}
            manifest = Manifest(format=FORMAT_VERSION, files=files, **fields)
            (staging / _MANIFEST).write_text(
                json.dumps(asdict(manifest), ensure_ascii=False, indent=1), encoding="utf-8"
            )
            for path in staging.iterdir():
                _flush(path)
            _flush(staging)
            name = self._next_name()
            os.rename(staging, self.folder / name)
            self._point_to(name)
        except OSError as error:
            raise IndexFailure(
                f"cannot write the index in {self.folder}: {error.strerror or error}; the old one is untouched"
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self._tidy(name)
        return name

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, which goes when its holder dies. Raises `IndexBusy` after two seconds."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(str(self.folder / ".lock"), timeout=2):
                yield
        except Timeout:
            raise IndexBusy(
                f"another process is changing the index in {self.folder}; try again when it is done"
            ) from None
        except OSError as error:
            raise IndexFailure(f"cannot write to the index folder {self.folder}: {error.strerror or error}") from error

    def _manifest(self, generation: Path) -> Manifest:
        try:
            fields = json.loads((generation / _MANIFEST).read_text(encoding="utf-8"))
            found = fields.get("format")
        except (OSError, ValueError, AttributeError) as error:
            raise IndexDamaged(self._mend(f"{generation.name}/{_MANIFEST} cannot be read")) from error
        if found != FORMAT_VERSION:
            raise IndexMismatch(
                f"the index in {self.folder} has format {found}, this program reads {FORMAT_VERSION}; "
                f"make it anew: cco index PATH ... --rebuild --index {self.folder}"
            )
        try:
            return Manifest(**fields)
        except TypeError as error:
            raise IndexDamaged(self._mend(f"{generation.name}/{_MANIFEST} has other fields than expected")) from error

    def _mend(self, what: str) -> str:
        again = f"cco index PATH ... --rebuild --index {self.folder}"
        return f"the index in {self.folder} is damaged: {what}; make it anew: {again}"

    def _next_name(self) -> str:
        taken = [int(path.name.split("-")[1]) for path in self.folder.glob("generation-[0-9]*") if path.is_dir()]
        return f"generation-{max(taken, default=0) + 1:06d}"

    def _point_to(self, name: str) -> None:
        pointer = self.folder / f".{_POINTER}.new"
        pointer.write_text(name + "\n", encoding="utf-8")
        _flush(pointer)
        os.replace(pointer, self.folder / _POINTER)
        _flush(self.folder)

    def _tidy(self, current: str) -> None:
        """Remove generations that nobody needs; the one before stays for readers that are just opening it."""
        generations = sorted(path for path in self.folder.glob("generation-[0-9]*") if path.name < current)
        for path in [*generations[:-1], *self.folder.glob(".writing-*")]:
            shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
