"""Weights that were fitted for an embedding model: which sentence answers, which passage, and whether any does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np


class Node(NamedTuple):
    """A question that a regression tree asks of one figure, or, without a figure, what the tree says."""

    figure: str
    value: float
    """Up to which the figure leads on to `below`, above it to `above`; at a leaf the log odds that are added."""
    below: int
    above: int


Tree = tuple[Node, ...]


@dataclass(frozen=True)
class Fitted:
    """Logistic regressions over named figures; each one's constant is called „constant"."""

    sentences: Mapping[str, float]
    """Over `kb.sentences.features`: whether a sentence answers, if its passage does."""
    passages: Mapping[str, float]
    """Over `kb.evidence.passage_evidence`: which of the passages read answers, if any does."""
    confidence: Mapping[str, float]
    """Over `kb.evidence.evidence`: whether the sources answer."""
    trees: tuple[Tree, ...]
    """Over the same; what they add to its log odds is what no sum of figures can say."""
    model_digest: str
    """Of the embedding model whose cosines they were fitted to."""
    for_this_model: bool
    """Whether that is the model in use. Where it is not, a confidence is a guess and no probability."""

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, model_digest: str) -> Fitted:
        """Return the weights fitted for a model, or the default model's where there are none for it."""
        shipped = _shipped()
        known = shipped.get(model_digest)
        digest = model_digest if known else next(iter(shipped))
        weights = known or shipped[digest]
        trees = tuple(tuple(map(Node._make, nodes)) for nodes in weights["trees"])
        return cls(weights["sentences"], weights["passages"], weights["confidence"], trees, digest, known is not None)


def weighed(figures: Mapping[str, float | np.ndarray], weights: Mapping[str, float]) -> np.ndarray:
    """Return the constant and the sum of `figures` times their weights: log odds. What has no weight is left out."""
    total = np.asarray(weights["constant"], np.float64)
    for name, weight in weights.items():
        if name != "constant":
            total = total + weight * np.asarray(figures[name], np.float64)
    return total


def said_by(trees: Sequence[Tree], figures: Mapping[str, float]) -> float:
    """Return the sum of what `trees` say of `figures`, in log odds."""
    total = 0.0
    for tree in trees:
        node = tree[0]
        while node.figure:
            node = tree[node.below if figures[node.figure] <= node.value else node.above]
        total += node.value
    return total


def probability(log_odds: np.ndarray) -> np.ndarray:
    """Return the probability of `log_odds`, of the same shape; 0 to 1."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, dict[str, Any]]:
    """Return all weights by the digest of their model; the first is the default model's. benchmarks/fit.py makes it."""
    found: dict[str, dict[str, Any]] = json.loads(
        resources.files("kb").joinpath("fitted.json").read_text(encoding="utf-8")
    )
    return found
