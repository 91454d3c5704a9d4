"""What the confidence is worth: does it tell what the sources answer, and does it say how surely?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kb.evaluation.figures.bootstrap import Figure

BINS = 10


def auroc_of(scores: Sequence[float], positive: Sequence[bool]) -> Figure:
    """Return as a figure the chance that a positive scores above a negative, ties half (Mann and Whitney, 1947)."""
    group, order, starts = _tied(np.asarray(scores, float))
    flags = np.asarray(positive, bool)[order]

    def figure(weights: np.ndarray) -> np.ndarray:
        sorted_ = weights[:, order]
        up = np.add.reduceat(sorted_ * flags, starts, axis=1)
        down = np.add.reduceat(sorted_ * ~flags, starts, axis=1)
        below = np.cumsum(down, axis=1) - down
        pairs = up.sum(axis=1) * down.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(pairs > 0, (up * (below + down / 2)).sum(axis=1) / pairs, np.nan)

    return figure if len(group) else _nothing


def area_under_risk(confidences: Sequence[float], wrong: Sequence[bool]) -> Figure:
    """Return as a figure the area under the risk-coverage curve (Geifman and El-Yaniv, 2017): 0 is perfect.

    The mean, over all coverages, of the share of wrong answers among those that would be given. Questions of one
    confidence are given together.
    """
    group, order, starts = _tied(-np.asarray(confidences, float))
    faults = np.asarray(wrong, float)[order]

    def figure(weights: np.ndarray) -> np.ndarray:
        sorted_ = weights[:, order]
        given = np.add.reduceat(sorted_, starts, axis=1)
        missed = np.add.reduceat(sorted_ * faults, starts, axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            risk = np.nan_to_num(np.cumsum(missed, axis=1) / np.cumsum(given, axis=1))
            return np.asarray((risk * given).sum(axis=1) / given.sum(axis=1))

    return figure if len(group) else _nothing


def risk_coverage(confidences: Sequence[float], wrong: Sequence[bool]) -> list[list[float]]:
    """Return the risk-coverage curve: for each distinct confidence, from the highest, coverage, risk and itself."""
    scores = np.asarray(confidences, float)
    group, order, starts = _tied(-scores)
    if not len(group):
        return []
    given = np.cumsum(np.add.reduceat(np.ones(len(order)), starts))
    missed = np.cumsum(np.add.reduceat(np.asarray(wrong, float)[order], starts))
    return [
        [float(c / len(order)), float(m / c), float(scores[order[s]])]
        for c, m, s in zip(given, missed, starts, strict=True)
    ]


def calibration_error(confidences: Sequence[float], true: Sequence[bool]) -> Figure:
    """Return as a figure the expected calibration error (Naeini et al., 2015) over ten bins of equal width."""
    places = _bins(confidences)
    gaps = np.asarray(true, float) - np.asarray(confidences, float)
    of_bin = np.zeros((len(gaps), BINS))
    of_bin[np.arange(len(gaps)), places] = gaps

    def figure(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.abs(weights @ of_bin).sum(axis=1) / weights.sum(axis=1))

    return figure if len(gaps) else _nothing


def reliability(confidences: Sequence[float], true: Sequence[bool]) -> list[dict[str, Any]]:
    """Return the ten bins: bounds, how many, mean confidence, and the share that is true; None of an empty one."""
    scores, flags, places = np.asarray(confidences, float), np.asarray(true, float), _bins(confidences)
    bins = []
    for number in range(BINS):
        within = places == number
        count = int(within.sum())
        bins.append(
            {
                "from": number / BINS,
                "to": (number + 1) / BINS,
                "n": count,
                "confidence": float(scores[within].mean()) if count else None,
                "true": float(flags[within].mean()) if count else None,
            }
        )
    return bins


def _bins(confidences: Sequence[float]) -> np.ndarray:
    # A confidence of 1 is in the last bin; one on a bound in the bin above it.
    places: np.ndarray = np.minimum((np.asarray(confidences, float) * BINS).astype(int), BINS - 1)
    return places


def _tied(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct keys ascending, the order that sorts them, and where each begins in it."""
    order = np.argsort(keys, kind="stable")
    distinct, starts = np.unique(keys[order], return_index=True)
    return distinct, order, starts


def _nothing(weights: np.ndarray) -> np.ndarray:
    return np.full(len(weights), np.nan)
