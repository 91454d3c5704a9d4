"""How sure it is that the sources answer the question, and when to refuse."""

from __future__ import annotations

import math

import numpy as np

# Logistic regression over `kb.extractive.evidence`, fitted on public questions of three languages, once with their
# passage in the index and once without it (benchmarks/fit_confidence.py prints these numbers).
_WEIGHTS = np.array([1.07, 1.83, -1.63, 0.31, 0.14, 0.0, -1.24, -2.0], np.float32)
_BIAS = 1.35


def confidence(evidence: np.ndarray) -> float:
    """Return the probability, 0 to 1, that the sources answer, from the figures of `kb.extractive.evidence`."""
    return 1.0 / (1.0 + math.exp(-(float(evidence @ _WEIGHTS) + _BIAS)))
