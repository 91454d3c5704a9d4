"""How sure a figure is: 95 % intervals from resampling the questions (Efron and Tibshirani, 1993, chapter 13).

Every figure here is a function of the weights of the questions: all 1 gives the figure itself, the counts of a resample
that of the resample. So one line of arithmetic serves both, over all resamples at once.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

RESAMPLES = 2_000
_AT_ONCE = 4_000_000
"""Weights held at a time, so that many questions take no more memory than few."""
_SEED = 20_26

Figure = Callable[[np.ndarray], np.ndarray]
"""Takes weights, shape `(r, n)`; returns figures, shape `(r,)` or `(r, m)`, NaN where there is nothing to go by."""


def exact(figure: Figure, n: int) -> np.ndarray:
    """Return the figure over `n` questions, each once; shape `()` or `(m,)`."""
    found: np.ndarray = np.asarray(figure(np.ones((1, n))))[0]
    return found


def intervals(figure: Figure, n: int) -> list[list[float] | None]:
    """Return a 95 % percentile interval of each figure, None where resamples give none.

    The same for the same questions, always: the seed is fixed.
    """
    if n < 2:
        return [None] * np.atleast_1d(exact(figure, n)).size if n else []
    return [_interval(column) for column in resampled(figure, n).T]


def resampled(figure: Figure, n: int, resamples: int = RESAMPLES) -> np.ndarray:
    """Return the figures of `resamples` draws of `n` questions with replacement; shape `(resamples, m)`."""
    if n == 1:  # every draw is the one question
        return np.tile(np.ravel(exact(figure, n)), (resamples, 1))
    from scipy.stats import DegenerateDataWarning, bootstrap  # half a second, which a server need not wait at its start

    def figures(picks: np.ndarray, axis: int) -> np.ndarray:
        cells = picks + n * np.arange(len(picks))[:, None]
        weights = np.bincount(cells.ravel(), minlength=picks.size).reshape(picks.shape).astype(float)
        return np.asarray(figure(weights)).reshape(len(picks), -1).T

    with warnings.catch_warnings():
        # Of SciPy's own interval, which a single resample without a figure undoes; `_interval` leaves such out.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        drawn = bootstrap(
            [np.arange(n)],
            figures,
            n_resamples=resamples,
            batch=max(1, _AT_ONCE // n),
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(_SEED),
        )
    found: np.ndarray = drawn.bootstrap_distribution.T
    return found


def means(values: Sequence[Sequence[float | None]]) -> Figure:
    """Return the figure that is the weighted mean of each row of `values`, shape `(m, n)`; None where one has none."""
    table = np.array([[np.nan if value is None else float(value) for value in row] for row in values], float)
    told = ~np.isnan(table)
    filled = np.where(told, table, 0.0)

    def figure(weights: np.ndarray) -> np.ndarray:
        total = weights @ told.T.astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, (weights @ filled.T) / total, np.nan)

    return figure


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927), which says something of 7 of 7 and of 0 of 7 as well."""
    z = 1.959964
    middle, spread = count + z * z / 2, z * (count * (n - count) / n + z * z / 4) ** 0.5
    return max(0.0, (middle - spread) / (n + z * z)), min(1.0, (middle + spread) / (n + z * z))


def _interval(drawn: np.ndarray) -> list[float] | None:
    there = drawn[~np.isnan(drawn)]
    if len(there) < len(drawn) / 2:
        return None
    low, high = np.percentile(there, [2.5, 97.5])
    return [float(low), float(high)]
