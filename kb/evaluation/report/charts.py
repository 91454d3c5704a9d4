"""Where the marks of the report's plots stand; `charts.html.j2` draws them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 14, 12, 46
_COLUMNS = 24
_ORDER = ("zh-Hans", "zh-Hant", "pl", "en", "und")


def x(share: float) -> float:
    """Return the place of a share of the plot's width."""
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def y(share: float) -> float:
    """Return the place of a share of the plot's height."""
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


@dataclass(frozen=True)
class RiskPlot:
    """The line of risk against coverage, where it ends, what is at the top, and where refusing begins."""

    line: str
    end: float
    top: float
    limit: float | None


def risk_plot(curve: Sequence[tuple[float, float, float]], threshold: float | None) -> RiskPlot:
    """Place a curve of coverage, risk and confidence."""
    # The next of 10, 20, 50 and 100 per cent.
    top = next(top for top in (0.1, 0.2, 0.5, 1.0) if max((risk for _, risk, _ in curve), default=1.0) <= top)
    points = [(coverage, risk) for coverage, risk, _ in curve]
    line = " ".join(
        f"{x(coverage)},{y(risk / top)}" for coverage, risk in [(0.0, risk) for _, risk in points[:1]] + points
    )
    answered = [coverage for coverage, _, confidence in curve if threshold is not None and confidence >= threshold]
    return RiskPlot(line, x(points[-1][0]) if points else x(0), top, x(answered[-1]) if answered else None)


@dataclass(frozen=True)
class Column:
    """A column of a histogram: its rectangle, from where to where it counts, and how many."""

    x: float
    y: float
    width: float
    height: float
    start: float
    end: float
    count: int


@dataclass(frozen=True)
class Histogram:
    """Columns, what the scales end at, and whether the last column has what lies beyond."""

    columns: Sequence[Column]
    limit: float
    most: int
    is_cut: bool


def histogram(milliseconds: Sequence[float]) -> Histogram:
    """Count times in columns; the slowest in a hundred share the last."""
    limit = _nice(float(np.percentile(milliseconds, 99)))
    counts, _ = np.histogram(np.minimum(milliseconds, limit), bins=_COLUMNS, range=(0, limit))
    most = 4 * math.ceil(int(counts.max()) / 4)
    width = (x(1) - x(0)) / _COLUMNS
    columns = []
    for place, count in enumerate(counts.tolist()):
        left, height = round(x(0) + place * width + 1, 1), y(0) - y(count / most)
        start, end = limit * place / _COLUMNS, limit * (place + 1) / _COLUMNS
        columns.append(Column(left, round(y(0) - height, 1), round(width - 2, 1), round(height, 1), start, end, count))
    return Histogram(columns, limit, most, max(milliseconds) > limit)


def by_language(groups: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, list[Any]]]]:
    """Return the languages of documents, and those of questions each with its group for each of them, None for none."""
    asked, sources = ({name.split(">")[side] for name in groups} for side in (0, 1))
    columns = [tag for tag in _ORDER if tag in sources]
    return columns, [(tag, [groups.get(f"{tag}>{source}") for source in columns]) for tag in _ORDER if tag in asked]


def depth(value: float) -> float:
    """Return how deep a cell's colour is: deeper from half right to all right, the lightest below a half."""
    return float(max(0.0, (value - 0.5) / 0.5) ** 1.5)


def _nice(value: float) -> float:
    """Return a round number from `value` up that four ticks part well."""
    power = 10 ** math.floor(math.log10(max(value, 1e-3)))
    return next(float(step * power) for step in (1, 2, 4, 6, 8, 10) if value <= step * power)


FOR_TEMPLATES: Mapping[str, Any] = {
    "WIDTH": _WIDTH,
    "HEIGHT": _HEIGHT,
    **{function.__name__: function for function in (x, y, risk_plot, histogram, by_language, depth)},
}
