"""Which sentences of a passage answer: a probability for each, from what the passage's other sentences look like."""

from __future__ import annotations

import re

import numpy as np

FEATURES = {
    "share of the best by all evidence": -0.334,
    "share of the nearest": 0.653,
    "share of the one with most of the question's words": 3.274,
    "log share of the best by all evidence": 0.026,
    "log share of the nearest": 0.254,
    "log share of the one with most of the question's words": -0.126,
    "follows the best": 1.14,
    "precedes the best": -0.076,
    "follows the one with most of the question's words": -0.861,
    "precedes the one with most of the question's words": 0.911,
    "is the nearest": 0.449,
    "has most of the question's words": 0.755,
    "log count of sentences": 0.171,
    "log length": 0.326,
    "opens the passage": -0.522,
    "has the sign of an answer, times share of the best": 0.864,
    "names in it": -0.727,
    "follows the nearest": 0.519,
}
"""Features and their weights: a logistic regression on every second question of three public sets, one a language."""
_BIAS = -4.063

# How sharply evidence, cosines and shares of the question's words are turned into shares that add up to 1.
_SHARPNESS = (6.0, 10.0, 8.0)
_LEAST = 1e-4
_NAME = re.compile(r"(?<=[a-ząćęłńóśźż,;] )[A-ZĄĆĘŁŃÓŚŹŻ]")
_MOST_NAMES = 4
_LATIN_WIDTH = 0.32


def text_width(text: str) -> float:
    """Return how much there is to read: a Han character counts as one, any other as about a third."""
    return sum(1.0 if character >= "\u2e80" else _LATIN_WIDTH for character in text)


def probabilities(
    texts: list[str], evidence: np.ndarray, cosines: np.ndarray, shares: np.ndarray, signs: np.ndarray
) -> np.ndarray:
    """Return for each sentence of one passage, in order, how likely it holds the answer, if the passage does.

    All arrays have shape `(sentences,)`: what speaks for each sentence in all, its cosine with the question, the share
    of the question's words in it, and whether it has what such an answer has. Shape of the result: the same; 0 to 1.
    """
    best, near, said = (
        _softmax(values * sharp) for values, sharp in zip((evidence, cosines, shares), _SHARPNESS, strict=True)
    )
    count = len(texts)
    first = np.arange(count) == 0
    nearest, fullest = np.arange(count) == np.argmax(cosines), np.arange(count) == np.argmax(shares)
    columns = [
        *(best, near, said),
        *(np.log(best + _LEAST), np.log(near + _LEAST), np.log(said + _LEAST)),
        *(np.sqrt(_before(best)), np.sqrt(_after(best)), _before(said), _after(said)),
        *(nearest, fullest, np.full(count, np.log(count)), np.log1p([text_width(text) for text in texts]), first),
        signs * best,
        np.array([min(len(_NAME.findall(text)), _MOST_NAMES) / _MOST_NAMES for text in texts]),
        _before(nearest.astype(float)),
    ]
    logits = np.stack(columns, axis=1) @ np.array(list(FEATURES.values())) + _BIAS
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(np.asarray(values, np.float64) - np.max(values))
    return np.asarray(powers / powers.sum())


def _before(values: np.ndarray) -> np.ndarray:
    """Return for each place what stands before it, 0 for the first."""
    return np.concatenate([[0.0], values[:-1]])


def _after(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[1:], [0.0]])
