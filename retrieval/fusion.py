"""Pure functions that join what the dense and the sparse search say of the same passages."""

from __future__ import annotations

import numpy as np

# Both chosen together on half the questions of each public set and checked on the other half: one weight serves
# questions in the texts' language, in the other script and in another language (benchmarks/retrieval.py).
SPARSE_WEIGHT = 3.0
SPARSE_POWER = 2.0


def fused(dense: np.ndarray, sparse: np.ndarray) -> np.ndarray:
    """Join cosines and keyword coverages of the same passages into one score.

    `dense` holds cosines of centred vectors, `sparse` each passage's BM25 score as a share of the score that a passage
    holding every word of the question would near. Neither is scaled by the query's own best hit: a question in
    another language than the texts meets them in a stray name or figure only, and its best keyword hit must not
    count as much as a real one. The power makes a share of a fifth nearly nothing and a share of a half decisive.
    """
    return np.asarray(dense + SPARSE_WEIGHT * np.maximum(sparse, 0.0) ** SPARSE_POWER, np.float32)


def reciprocal_rank(*rankings: np.ndarray, constant: float = 60.0) -> np.ndarray:
    """Join scores of the same passages by rank: the sum of 1 / (constant + rank), Cormack et al., SIGIR 2009."""
    total = np.zeros(len(rankings[0]), np.float32)
    for scores in rankings:
        ranks = np.empty(len(scores), np.int64)
        ranks[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        total += 1.0 / (constant + ranks)
    return total
