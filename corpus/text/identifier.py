"""Which of a few languages a text is in: py3langid, with what it needs for these kept unpacked in the cache folder.

Unpacking takes half a second of every process that reads a Latin text; what is kept is read in a tenth of that.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from corpus.user_folders import cache_folder

READING = Lock()
"""Held while the heads of files of arrays are read: Python 3.11 can fail where two threads parse such heads at once."""
_ARRAYS = {"classes", "priors", "weights", "moves", "rows", "features"}


def identifier(languages: Sequence[str]) -> Callable[[str], str]:
    """Return what tells in which of these languages a text is most likely."""
    from py3langid.langid import LanguageIdentifier

    told = _arrays(languages)
    found = LanguageIdentifier(
        told["weights"],
        told["priors"],
        told["classes"].tolist(),
        told["moves"].data,
        told["features"].data,
        tk_row=told["rows"].data,
    )
    return lambda text: str(found.classify(text)[0])


def _arrays(languages: Sequence[str]) -> Mapping[str, np.ndarray]:
    file: Path | None = None
    with suppress(OSError):  # without a folder of one's own it is unpacked each time, and all else goes on
        file = cache_folder() / f"languages-{'-'.join(languages)}-{metadata.version('py3langid')}.npz"
        if (kept := _read(file)) is not None:
            return kept
    arrays = _unpacked(languages)
    if file is not None:
        with suppress(OSError):
            _write(file, arrays)
    return arrays


def _read(file: Path) -> Mapping[str, np.ndarray] | None:
    """Return what is kept; nothing where there is none, or it is damaged."""
    try:
        with READING, file.open("rb") as data, np.load(data, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
    except (FileNotFoundError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    return arrays if arrays.keys() == _ARRAYS else None


def _write(file: Path, arrays: Mapping[str, np.ndarray]) -> None:
    partial = file.with_suffix(f".{os.getpid()}.partial")
    try:
        with partial.open("wb") as out:
            np.savez(out, allow_pickle=False, **dict[str, Any](arrays))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _unpacked(languages: Sequence[str]) -> Mapping[str, np.ndarray]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    with READING:
        whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages(list(languages))
    return {
        "classes": np.array(whole.nb_classes),
        "priors": whole.nb_pc,
        "weights": whole.nb_ptc,
        "moves": np.array(whole.tk_nextmove),
        "rows": np.array(whole.tk_row),
        "features": np.array(whole.tk_output, np.int32),
    }
