"""What a reader is given and what it says: for each passage where an answer may stand, and whether one does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

Span = tuple[int, int]

LONGEST_SPAN = 60
"""Tokens that an answer may run over."""


@dataclass(frozen=True)
class Excerpt:
    """A passage to be read."""

    title: str
    text: str
    near: int = 0
    """The character around which retrieval found the question told: a long text is read around it."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One excerpt read for one question. `n` is the count of its tokens that were read."""

    answerable: float
    """Log odds that the excerpt answers, from the head trained for that alone."""
    null: float
    """Log probability that the words of the answer are not there, from the head that marks them."""
    places: np.ndarray
    """Where each token stands in the excerpt's text; shape `(n, 2)`."""
    starts: np.ndarray
    """Log probability of each token to be the answer's first; shape `(n,)`."""
    ends: np.ndarray
    """Log probability of each token to be the answer's last; shape `(n,)`."""

    @cached_property
    def _best(self) -> tuple[int, int]:
        joint = _allowed(self.starts[:, None] + self.ends[None, :], -np.inf)
        first, last = divmod(int(joint.argmax()), len(self.ends))
        return first, last

    @property
    def log_probability(self) -> float:
        """Log probability of the best span; minus infinity where nothing was read."""
        if not len(self.starts):
            return -np.inf
        first, last = self._best
        return float(self.starts[first] + self.ends[last])

    @property
    def span(self) -> Span:
        """The words that likeliest answer, as a span of the excerpt's text; empty where nothing was read."""
        if not len(self.starts):
            return 0, 0
        first, last = self._best
        return int(self.places[first, 0]), int(self.places[last, 1])

    def span_in(self, part: Span) -> Span:
        """Return how much of the span stands in `part` of the text; empty where nothing does."""
        start, end = max(self.span[0], part[0]), min(self.span[1], part[1])
        return start, max(start, end)

    @property
    def score(self) -> float:
        """What ranks excerpts and tells those that answer from others; log odds by name, not calibrated."""
        return self.answerable + (self.log_probability - self.null) / 4 if len(self.starts) else -np.inf

    @property
    def chance(self) -> float:
        """The chance that the excerpt answers, 0 to 1, as far as the score goes by itself."""
        return float(1.0 / (1.0 + np.exp(-np.clip(self.score, -50.0, 50.0))))

    def mass(self, spans: Sequence[Span]) -> np.ndarray:
        """Return how likely the answer, if there is one, touches each of `spans` of the text; 0 to 1 each."""
        if not len(self.starts):
            return np.zeros(len(spans))
        joint = _allowed(np.exp(self.starts[:, None] + self.ends[None, :]), 0.0)
        joint /= max(float(joint.sum()), 1e-30)
        # Of all spans those that begin before its end and end after its start: two sums over a corner of the table.
        corner = joint[:, ::-1].cumsum(axis=0).cumsum(axis=1)[:, ::-1]
        found = np.zeros(len(spans))
        for number, (start, end) in enumerate(spans):
            first = int(np.searchsorted(self.places[:, 1], start, side="right"))
            last = int(np.searchsorted(self.places[:, 0], end, side="left")) - 1
            if first <= last:
                found[number] = corner[last, first]
        return found


class Reader(Protocol):
    """Reads passages for a question. Safe to use from several threads."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Return what each of `excerpts` holds, in order."""
        ...


def _allowed(joint: np.ndarray, other: float) -> np.ndarray:
    """Return `joint` with `other` where a span would end before it begins or be too long."""
    length = np.arange(len(joint))[None, :] - np.arange(len(joint))[:, None]
    return np.where((length >= 0) & (length <= LONGEST_SPAN - 1), joint, other)
