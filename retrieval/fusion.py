"""Pure functions that join what the dense and the sparse search say of the same passages."""

from __future__ import annotations

import numpy as np

# Chosen together on public questions: one setting serves questions in the texts' language, in the other script and in
# another language (benchmarks/end_to_end.py prints the figures that it gives).
SPARSE_WEIGHT = 3.0
SPARSE_POWER = 1.5
_NEAR_MISSES = 5


def fused(dense: np.ndarray, sparse: np.ndarray, near_miss: float) -> np.ndarray:
    """Join cosines and keyword coverages of the same passages into one score.

    `dense` holds cosines of centred vectors, `sparse` each passage's BM25 score as a share of the score that a passage
    holding every word of the question would near, `near_miss` the share that passages about something else reach for
    this question. Only what exceeds it counts. Neither list is scaled by the query's own best hit: a question in
    another language than the texts meets them in a stray name or figure only, and must not have its best keyword hit
    counted as much as a real one.
    """
    return np.asarray(dense + SPARSE_WEIGHT * np.maximum(sparse - near_miss, 0.0) ** SPARSE_POWER, np.float32)


def near_miss(sparse: np.ndarray) -> float:
    """Return the coverage that near-misses reach: the sixth best of all passages', or of a quarter of few passages."""
    place = min(_NEAR_MISSES, len(sparse) // 4)
    return float(np.partition(sparse, -1 - place)[-1 - place]) if place else 0.0


def reciprocal_rank(*rankings: np.ndarray, constant: float = 60.0) -> np.ndarray:
    """Join scores of the same passages by rank: the sum of 1 / (constant + rank), Cormack et al., SIGIR 2009."""
    total = np.zeros(len(rankings[0]), np.float32)
    for scores in rankings:
        ranks = np.empty(len(scores), np.int64)
        ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        total += 1.0 / (constant + ranks)
    return total
