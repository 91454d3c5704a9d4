"""Arrays as files: one head is read at a time, as Python 3.11 can fail where two threads parse such heads at once.

It says „AST constructor recursion depth mismatch": the depth is counted once for all threads.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from corpus.text.identifier import READING


def mapped(path: Path) -> np.ndarray:
    """Return the array of a file, which stays on disk."""
    with READING:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def checked(path: Path, kind: str, width: tuple[int, ...]) -> np.ndarray:
    """Return the array of a file that somebody else wrote, which stays on disk: any number of rows of a kind and width.

    Its head is held against the file's length before anything of that length is asked for. Raises `ValueError`.
    """
    with READING, path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError("it is in another version of the format")
        shape, columnwise, dtype = np.lib.format.read_array_header_1_0(file)
        begin = file.tell()
    if dtype != np.dtype(kind) or columnwise or len(shape) != 1 + len(width) or shape[1:] != width:
        raise ValueError("it holds numbers of another kind or in other rows")
    if shape[0] < 0 or begin + math.prod(shape) * dtype.itemsize != path.stat().st_size:
        raise ValueError("it is not as long as it says")
    return np.memmap(path, dtype, "r", begin, shape) if math.prod(shape) else np.empty(shape, dtype)


def loaded(path: Path) -> np.ndarray:
    """Return the array of a file, read into memory."""
    with READING:
        return np.asarray(np.load(path, allow_pickle=False))


def all_loaded(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an archive by name, read into memory."""
    with READING, np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
