"""How sure it is that the sources answer the question, and which of the passages read does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kb.fitted import Fitted, probability, said_by, weighed


def passage_chances(passages: Sequence[Mapping[str, float]], fitted: Fitted) -> np.ndarray:
    """Return for each passage read how likely it is the one that answers, if one does; shape `(passages,)`, sum 1.

    A conditional logit over `kb.evidence.passage_evidence` (McFadden 1974).
    """
    odds = np.array([float(weighed(figures, fitted.passages)) for figures in passages])
    powers = np.exp(odds - odds.max(initial=-np.inf))
    return np.asarray(powers / powers.sum())


def confidence(evidence: Mapping[str, float], fitted: Fitted) -> float:
    """Return the probability, 0 to 1, that the sources answer, from the figures of `kb.evidence.evidence`."""
    return float(probability(weighed(evidence, fitted.confidence) + said_by(fitted.trees, evidence)))
