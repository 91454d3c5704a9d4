"""Pure functions that join what the dense and the sparse search say of the same passages."""

from __future__ import annotations

import numpy as np

# Chosen together on public questions and on questions about other texts of the field: one setting serves questions in
# the texts' language, in the other script and in another language (benchmarks/retrieval.py prints its figures).
SPARSE_WEIGHT = 3.0
SPARSE_POWER = 1.5
EXPANDED_WEIGHT = 0.75
"""In texts of another language than the question's; there it is the only keyword evidence that there is."""
EXPANDED_WEIGHT_AT_HOME = 0.4
"""In texts of the question's own language, beside its own words."""
_NEAR_MISSES = 5
_FEW = 4 * _NEAR_MISSES


def keyword_evidence(own: np.ndarray, expanded: np.ndarray, families: np.ndarray, asked: int) -> np.ndarray:
    """Return what the keywords say for each passage, to be added to its cosine; shape `(passages,)`, float32.

    `own` holds each passage's BM25 score as a share of the score that a passage with every word of the question would
    near, `expanded` the share of the question's words that it says in whatever words; `families` the number of each
    passage's language family, `asked` that of the question's. In texts of the question's own language it is mostly
    its own words that count, in others whatever says the same. Only what exceeds the near-misses of the same language
    counts: words that the question shares with every text on its subject say nothing, and a language in which no text
    has its words gets nothing. Neither is scaled by the query's own best hit, which would make a stray name or figure
    count for as much as a real match.
    """
    evidence = np.zeros(len(own), np.float32)
    for family in np.unique(families):
        of = families == family
        weight = EXPANDED_WEIGHT_AT_HOME if family == asked else EXPANDED_WEIGHT
        evidence[of] = np.maximum(SPARSE_WEIGHT * _excess(own, of) ** SPARSE_POWER, weight * _excess(expanded, of))
    return evidence


def _excess(coverage: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return by how much the passages chosen by `of` exceed their near-misses; few passages, also everyone's."""
    missed = near_miss(coverage[of])
    if np.count_nonzero(of) < _FEW:
        missed = max(missed, near_miss(coverage))
    return np.asarray(np.maximum(coverage[of] - missed, 0.0))


def excess_at(values: np.ndarray, families: np.ndarray, place: int) -> np.ndarray:
    """Return by how much each value exceeds the one at `place`, from 0, among the best of its language family."""
    above = np.zeros(len(values), np.float32)
    for family in np.unique(families):
        of = families == family
        ranked = np.sort(values[of])[::-1]
        above[of] = np.maximum(values[of] - ranked[min(place, len(ranked) - 1)], 0.0)
    return above


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
