"""How sure it is that the sources answer the question, and when to refuse."""

from __future__ import annotations

import math

import numpy as np

# A logistic regression over `kb.extractive.EVIDENCE`, fitted on 150 questions about other texts of this field (45 of
# them without an answer there) and on every second question of PoQuAD, a fifth of them impossible. A name or figure
# that no text has was then given more weight, since such questions were few and always without an answer.
_WEIGHTS = np.array([2.5, 1.45, -0.8, -2.8, 0.5, 0.25, -1.45, -1.0, -3.1], np.float32)
_BIAS = 1.7


def confidence(evidence: np.ndarray) -> float:
    """Return the probability, 0 to 1, that the sources answer, from the figures of `kb.extractive.evidence`.

    Nothing found at all is no evidence, and gives 0.
    """
    if not evidence.any():
        return 0.0
    return 1.0 / (1.0 + math.exp(-(float(evidence @ _WEIGHTS) + _BIAS)))
