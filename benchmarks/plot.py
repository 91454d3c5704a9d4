"""R@1 of every system as dots, a panel a language and a panel a pair of languages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.pools import Pool
from benchmarks.tables import Row, share

_OURS, _OTHER, _GRID, _INK = "#b3401f", "#7a8794", "#e3e6e9", "#22272c"
_GROUPS = (
    "Questions and paragraphs in one language",
    "Lines that ask for their translation, among as many other lines in their own language",
)


def plot(rows: Sequence[Row], pools: Sequence[Pool], file: Path) -> None:
    """Write the plot to `file`, in the format that its name ends in."""
    import matplotlib

    matplotlib.use("Agg")
    # Ids in an SVG are random otherwise, and every run would change the file.
    matplotlib.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "retrieval"})
    from matplotlib import pyplot

    groups = [[pool for pool in pools if (">" in pool.name) == mixed] for mixed in (False, True)]
    # An empty column keeps the two groups apart.
    columns: list[Pool | None] = [*groups[0], None, *groups[1]]
    figure, axes = pyplot.subplots(
        1,
        len(columns),
        sharey=True,
        figsize=(1.7 * len(pools) + 2.6, 0.34 * len(rows) + 1.6),
        width_ratios=[1 if pool else 0.12 for pool in columns],
        layout="constrained",
    )
    for axis, pool in zip(axes, columns, strict=True):
        if pool:
            _panel(axis, rows, pool)
        else:
            axis.set_axis_off()
    axes[0].set_yticks(range(len(rows)), [row.label for row in rows], color=_INK)
    axes[0].get_yticklabels()[0].set_fontweight("bold")
    axes[0].invert_yaxis()
    for group, words in zip(groups, _GROUPS, strict=True):
        if group:
            first = axes[columns.index(group[0])]
            heading = first.annotate(words, (0, 1), (0, 26), "axes fraction", "offset points", fontsize=9, color=_OTHER)
            # It reaches over several panels, which the layout would make room for in the first.
            heading.set_in_layout(False)
    figure.suptitle("R@1: how often the right one comes first\n\n", x=0.01, ha="left", fontsize=12, color=_INK)
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None, dpi=130, facecolor="white")
    pyplot.close(figure)


def _panel(axis: Any, rows: Sequence[Row], pool: Pool) -> None:
    values = [row.scores[pool.name]["R@1"] for row in rows]
    colours = [_OURS if place == 0 else _OTHER for place in range(len(rows))]
    axis.hlines(range(len(rows)), 0, values, color=_GRID, linewidth=2.5, zorder=1)
    axis.scatter(values, range(len(rows)), color=colours, s=38, zorder=2, clip_on=False)
    for place, value in enumerate(values):
        axis.annotate(
            share(value),
            (value, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=colours[place],
            fontweight="bold" if place == 0 else "normal",
        )
    axis.set(xlim=(0, 1.35), ylim=(-0.6, len(rows) - 0.4))
    axis.set_xticks((0, 0.5, 1), ("0", ".5", "1"), color=_OTHER)
    axis.set_title(pool.name.replace(">", " → "), fontsize=10, color=_INK, loc="left")
    axis.tick_params(length=0)
    axis.tick_params(axis="y", pad=8)
    for side in axis.spines.values():
        side.set_visible(False)
