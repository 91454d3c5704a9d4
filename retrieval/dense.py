"""FAISS over windows: exact search in centred unit vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np


class DenseIndex:
    """Exact inner-product search over unit vectors."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: np.ndarray) -> DenseIndex:
        """Index `vectors` of shape `(windows, dimension)`, float32."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, np.float32))
        return cls(index)

    def search(self, query: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the `k` nearest windows' numbers and cosines, best first."""
        k = min(k, self._index.ntotal)
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores, numbers = self._index.search(query.reshape(1, -1), k)
        return numbers[0], scores[0]

    def vectors(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the stored vectors of the windows `numbers`, shape `(len(numbers), dimension)`."""
        chosen = np.asarray(numbers, np.int64)
        return np.asarray(
            self._index.reconstruct_batch(chosen) if len(chosen) else np.empty((0, self._index.d)), np.float32
        )

    def save(self, path: Path) -> None:
        """Write the index to `path`; through memory, since FAISS's own writer does not report a full disk."""
        path.write_bytes(faiss.serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Open what `save` wrote."""
        return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), np.uint8)))
