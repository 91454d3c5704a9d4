"""Which sentences of a passage answer: a probability for each, from how it stands out among the passage's others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kb.close_reading import Reading
from kb.fitted import probability, weighed
from kb.questions import Kind, bears_sign, is_question, kind_of

_SHARPNESS = {"later": 6.0, "local": 6.0, "beside_headings": 6.0, "cosines": 8.0}
"""How sharply a figure is turned into shares that add up to 1 over a passage's sentences."""
_OPENING = (Kind.DEFINITION, Kind.PERSON, Kind.REASON, Kind.LIST, Kind.PLACE)
_LATIN_WIDTH = 0.32


def text_width(text: str) -> float:
    """Return how much there is to read: a Han character counts as one, any other as about a third."""
    return sum(1.0 if character >= "\u2e80" else _LATIN_WIDTH for character in text)


def features(reading: Reading, question: str) -> dict[str, np.ndarray]:
    """Return what is known of each sentence of a passage, each of shape `(n,)`.

    What the first sentence and the headings say goes without saying in the others, so each figure is taken three ways:
    as it is, as a share of all sentences' and as its distance from the highest.
    """
    count = len(reading.texts)
    kind = kind_of(question)
    place = np.arange(count)
    signs = np.array([bears_sign(question, text) for text in reading.texts], float)
    shares = {name: _softmax(getattr(reading, name) * sharp) for name, sharp in _SHARPNESS.items()}
    found: dict[str, np.ndarray] = {}
    for name in ("later", "local", "beside_headings"):
        found[name] = getattr(reading, name)
        found[f"{name}, share"] = shares[name]
        found[f"{name}, gap"] = _gap(getattr(reading, name))
    for name in ("cosines", "around", "nearest_run", "apart"):
        gap = _gap(getattr(reading, name))
        found[f"{name}, gap"] = gap
        found[f"{name}, highest"] = (gap == 0.0).astype(float)
    found["apart"] = reading.apart
    found["share of the question, gap"] = _gap(reading.shares)
    found["follows the nearest"] = _before((_gap(reading.cosines) == 0.0).astype(float))
    found["follows what has the later words"] = _before(shares["later"])
    found["precedes what has the local words"] = _after(shares["local"])
    found["sign"] = signs
    found["outright"] = reading.outright.astype(float)
    for name in ("local", "later"):
        found[f"sign, {name}"] = signs * shares[name]
    found["sign, apart"] = signs * reading.apart
    found["opens"] = (place == 0).astype(float)
    for opening in _OPENING:
        found[f"opens, {opening.value}"] = found["opens"] * float(kind is opening)
    found["asks"] = np.array([is_question(text) for text in reading.texts], float)
    found["log count"] = np.full(count, np.log(count))
    found["log width"] = np.log1p([text_width(text) for text in reading.texts])
    return found


def probabilities(reading: Reading, question: str, weights: Mapping[str, float]) -> np.ndarray:
    """Return for each sentence of a passage how likely it answers, if the passage does; shape `(n,)`, 0 to 1.

    `weights` are those of `Fitted.sentences`. What a question of the text's own promises, the sentence after it keeps.
    """
    found = np.asarray(probability(weighed(features(reading, question), weights)))
    for place in np.flatnonzero([is_question(text) for text in reading.texts]):
        if place + 1 < len(found):
            found[place + 1] = max(found[place + 1], found[place])
        found[place] = found.min()
    return found


def _softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - np.max(values))
    return np.asarray(powers / powers.sum())


def _gap(values: np.ndarray) -> np.ndarray:
    return np.asarray(values - np.max(values))


def _before(values: np.ndarray) -> np.ndarray:
    """Return for each place what stands before it, 0 for the first."""
    return np.concatenate([[0.0], values[:-1]])


def _after(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[1:], [0.0]])
