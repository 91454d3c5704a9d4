"""What the retrieval benchmark found, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.pools import Pool
from kb.evaluation.figures.measures import ranking_measures

MEASURES = ("R@1", "R@10", "MRR@10", "nDCG@10")


@dataclass(frozen=True)
class Row:
    """What one system did."""

    label: str
    scores: dict[str, dict[str, float]]
    """Pool -> measure -> mean over its questions."""
    p50: float
    p95: float
    """Milliseconds a question, encoding taken off, over the questions of all pools."""
    build_s: float
    """Seconds to index the largest pool, encoding taken off."""
    peak_mb: float


@dataclass(frozen=True)
class Missing:
    """A system without figures, and why."""

    label: str
    reason: str


def row_of(label: str, result: Mapping[str, Any], pools: Sequence[Pool]) -> Row:
    """Return the figures of a worker's `result`."""
    scores = {}
    for pool in pools:
        relevant = {question.id: {question.right} for question in pool.questions}
        measured = ranking_measures(relevant, result["pools"][pool.name]["found"])
        scores[pool.name] = {measure: measured[measure] for measure in MEASURES}
    milliseconds = [value for pool in pools for value in result["pools"][pool.name]["ms"]]
    p50, p95 = np.percentile(milliseconds, [50, 95])
    build = result["pools"][largest(pools).name]["build_s"]
    return Row(label, scores, float(p50), float(p95), float(build), float(result["peak_mb"]))


def largest(pools: Sequence[Pool]) -> Pool:
    """Return the pool with the most text, by which building is timed."""
    return max(pools, key=lambda pool: pool.characters)


def quality_table(rows: Sequence[Row | Missing], pools: Sequence[Pool], measure: str) -> str:
    """Return a table of `measure`, a row a system, a column a pool; the best of each column is bold."""
    best = {
        pool.name: max((round(row.scores[pool.name][measure], 3) for row in rows if isinstance(row, Row)), default=0)
        for pool in pools
    }
    lines = [f"| {measure} | " + " | ".join(pool.name for pool in pools) + " |", "|---" * (len(pools) + 1) + "|"]
    for row in rows:
        if isinstance(row, Missing):
            lines.append(f"| {row.label} | {row.reason}" + " |" * len(pools))
            continue
        cells = []
        for pool in pools:
            score = row.scores[pool.name][measure]
            cells.append(f"**{share(score)}**" if round(score, 3) == best[pool.name] else share(score))
        lines.append(f"| {row.label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cost_table(rows: Sequence[Row | Missing], pools: Sequence[Pool]) -> str:
    """Return a table of times and memory."""
    pool = largest(pools)
    lines = [
        f"| encoding not counted | median, ms | 95th percentile, ms | build, s ({pool.name}, {len(pool.paragraphs)}) "
        "| peak memory, MB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.label} | {row.p50:.1f} | {row.p95:.1f} | {row.build_s:.2f} | {row.peak_mb:.0f} |"
        for row in rows
        if isinstance(row, Row)
    ]
    return "\n".join(lines)


def pool_table(pools: Sequence[Pool]) -> str:
    """Return a table of the pools' sizes."""
    lines = ["| pool | paragraphs | questions |", "|---|---|---|"]
    lines += [f"| {pool.name} | {len(pool.paragraphs)} | {len(pool.questions)} |" for pool in pools]
    return "\n".join(lines)


def share(value: float) -> str:
    """Write a share with three digits, without the naught before the point."""
    return f"{value:.3f}".removeprefix("0")
