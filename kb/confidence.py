"""How sure it is that the sources answer the question, and when to refuse."""

from __future__ import annotations

import math

import numpy as np

# A first, simple rule: a logistic regression over `kb.extractive.EVIDENCE`, fitted on 150 questions about other texts
# of this field (45 of them without an answer there) and 16 about other subjects; a name or figure that no text has was
# then given more weight, since such questions were few and always without an answer where the languages agree.
_WEIGHTS = np.array([1.3, 0.89, -0.14, 0.03, 0.0, 0.06, -1.1, -1.0, -2.05], np.float32)
_BIAS = 0.65


def confidence(evidence: np.ndarray) -> float:
    """Return the probability, 0 to 1, that the sources answer, from the figures of `kb.extractive.evidence`.

    Nothing found at all is no evidence, and gives 0.
    """
    if not evidence.any():
        return 0.0
    return 1.0 / (1.0 + math.exp(-(float(evidence @ _WEIGHTS) + _BIAS)))
