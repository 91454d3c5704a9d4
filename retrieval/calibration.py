"""How far a coarse search must look: chosen and measured against exact search, when the index is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

LEAST_RECALL = 0.99
"""Share of the ten nearest windows that must be found, on questions other than those that a setting is chosen by."""
NEIGHBOURS = 10
_AIMED_AT = 0.998
_SAMPLE = 512
_BLOCK = 4_096
_COMPARED_PER_SCANNED = 128
"""Comparing one window exactly takes as long as scanning so many codes (5.5 ns and 0.7 us at 388 columns)."""
_ROUNDING = 1e-5


class Rows(Protocol):
    """Vectors by row number: a NumPy array, or something that makes rows when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Count of rows and of columns."""

    def __getitem__(self, rows: slice | np.ndarray, /) -> np.ndarray:
        """Return the rows named, float32."""


@dataclass(frozen=True)
class Setting:
    """How much of an index one search looks at."""

    probes: int
    """Lists that are scanned."""
    depth: int
    """Windows that the scan hands to the exact comparison."""


Candidates = Callable[[np.ndarray, Setting], np.ndarray]
"""From questions `(questions, columns)` the exact scores of what a scan finds, in its order; -inf for nothing."""


def blocks(count: int) -> Iterable[slice]:
    """Return slices that go through `count` rows a block at a time."""
    return [slice(begin, begin + _BLOCK) for begin in range(0, count, _BLOCK)]


def spread(count: int, most: int) -> np.ndarray:
    """Return at most `most` of `count` row numbers, evenly spread."""
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def sample_questions(vectors: Rows, asked: np.ndarray | None) -> np.ndarray:
    """Return questions to calibrate by: of those `asked`, and where they are few, windows moved by as much again."""
    given = np.empty((0, vectors.shape[1]), np.float32)
    if asked is not None and len(asked):
        given = np.asarray(asked[spread(len(asked), _SAMPLE)], np.float32)
    rows = vectors[spread(vectors.shape[0], _SAMPLE - len(given))]
    noise = np.random.default_rng(0).standard_normal(rows.shape, np.float32)
    return np.concatenate([given, rows + noise * rows.std(axis=0)]) if len(rows) else given


def tenth_best(vectors: Rows, questions: np.ndarray) -> np.ndarray:
    """Return for each question the exact score of its tenth nearest window, shape `(questions,)`."""
    best = np.full((len(questions), NEIGHBOURS), -np.inf, np.float32)
    for block in blocks(vectors.shape[0]):
        scores = np.concatenate([best, questions @ vectors[block].T], axis=1)
        best = np.partition(scores, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
    return np.asarray(best.min(axis=1), np.float32)


def recall_by_depth(scores: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Return the recall at ten of the first one, two, three ... candidates of `scores`, shape `(questions, depth)`.

    A window counts by its score and not by its number, so that of equal windows either will do.
    """
    found = np.cumsum(scores >= least[:, None] - _ROUNDING, axis=1)
    return np.asarray(np.minimum(found, NEIGHBOURS).mean(axis=0) / NEIGHBOURS)


def settings(
    questions: np.ndarray, least: np.ndarray, candidates: Candidates, *, windows: int, lists: int, deepest: int
) -> list[Setting]:
    """Return the settings with recall enough on `questions`, the cheapest first; last the one that looks at most.

    Costs are counted, not timed: the same windows give the same setting on every machine.
    """
    options = []
    for probes in [2**power for power in range(lists.bit_length()) if 2**power <= lists]:
        recalls = recall_by_depth(candidates(questions, Setting(probes, max(NEIGHBOURS, deepest // 2))), least)
        enough = np.flatnonzero(recalls >= _AIMED_AT)
        if len(enough):
            options.append(Setting(probes, int(enough[0]) + 1))
    options.sort(key=lambda one: windows * one.probes / lists + _COMPARED_PER_SCANNED * one.depth)
    return [*options, Setting(lists, deepest)]
