"""Arrays as files: one head is read at a time, as Python 3.11 can fail where two threads parse such heads at once.

It says „AST constructor recursion depth mismatch": the depth is counted once for all threads.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np

_READING = Lock()


def mapped(path: Path) -> np.ndarray:
    """Return the array of a file, which stays on disk."""
    with _READING:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def loaded(path: Path) -> np.ndarray:
    """Return the array of a file, read into memory."""
    with _READING:
        return np.asarray(np.load(path, allow_pickle=False))


def all_loaded(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an archive by name, read into memory."""
    with _READING, np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
