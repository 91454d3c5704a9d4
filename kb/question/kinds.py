"""What kind of message somebody typed, recognised once: a fact asked for, a list, small talk, and eleven more."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np

from corpus.text.normalize import HAN, search_form
from corpus.text.segment import fold
from retrieval.models.bundled_model import BUNDLED_MODEL


class Kind(StrEnum):
    """What a message wants, by the names that programs see."""

    FACT = "fact"
    DEFINITION = "definition"
    LIST = "list"
    """Items or steps."""
    COMPARISON = "comparison"
    REASON = "reason"
    YES_NO = "yes-no"
    OPINION = "opinion"
    """What somebody named thinks or advises."""
    FIGURE = "figure"
    """A number, or how one is computed."""
    SUMMARY = "summary"
    """Of one document or one subject."""
    OVERVIEW = "overview"
    """Of what the sources are."""
    SEVERAL = "several"
    """Two questions or more."""
    SMALL_TALK = "small-talk"
    ASSISTANT = "assistant"
    """Something about the assistant itself."""
    OTHER = "other"
    """A request that none of these is: to translate, to write a poem; or nothing that is asked at all."""


KINDS = tuple(Kind)
ASKING = KINDS[: KINDS.index(Kind.SMALL_TALK)]
"""Those that the sources may answer; the others are told from them first, and one from another."""
HASHED = 30_000
"""Places that the n-grams are hashed to; half as many cost a point of F1."""
SURE = 0.6
"""Chance from which a message is taken for one that is not looked up: one of 908 questions on the subject, all of
benchmarks/development.jsonl and the look half of benchmarks/plain.jsonl, is."""
MARKS = 5
_LONGEST_GRAM = 4
_READ = 400
"""Characters from the start of a message; what it wants stands there, and a pasted page costs no more."""
_WORD = re.compile(rf"[a-z0-9]+|[{HAN}]|[?!]")


@dataclass(frozen=True)
class Recogniser:
    """Two linear classifiers over hashed n-grams, what marks a message, and the bundled model's vector of it.

    One tells what the sources may answer from what they do not, the other what kind of question it is. The vectors of
    another model mean nothing to them; then n-grams and marks alone count.
    """

    weights: Mapping[str, np.ndarray]
    """`grams`, `marks`, `vector`: a row a feature; `constants`: a row without a vector, and one with it. Each has a
    column for each of `ASKING`, then one for whatever is asked, then those of the other kinds. `rarity` of the grams,
    `mean` of the vectors."""

    @classmethod
    def load(cls) -> Recogniser:
        """Return the recogniser that the program comes with, loaded once a process."""
        return _shipped()

    def chances(self, message: str, vector: np.ndarray | None, model: str = BUNDLED_MODEL) -> np.ndarray:
        """Return the probability of each of `KINDS`; `vector` as `model` gives it for the message."""
        places, counts = hashed(message)
        grams = counts * self.weights["rarity"][places]
        odds = grams / max(float(np.linalg.norm(grams)), 1e-9) @ self.weights["grams"][places]
        odds = odds + marks(message) @ self.weights["marks"]
        known = vector is not None and model == BUNDLED_MODEL
        if vector is not None and known:
            odds = odds + centred(vector, self.weights["mean"]) @ self.weights["vector"]
        odds = odds + self.weights["constants"][int(known)]
        among, (asks, *others) = _softmax(odds[: len(ASKING)]), _softmax(odds[len(ASKING) :])
        return np.array([*(among * asks), *others])


def likeliest(chances: np.ndarray) -> Kind:
    """Return the kind of the highest chance; one that the sources are not asked for only where that is sure."""
    best = int(chances.argmax())
    return KINDS[best if chances[best] >= SURE else int(chances[: len(ASKING)].argmax())]


def hashed(message: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where a message's n-grams are hashed to, and the damped count of each place."""
    form = _form(message)
    found: Counter[str] = Counter(
        form[at : at + size] for size in range(1, _LONGEST_GRAM + 1) for at in range(len(form) - size + 1)
    )
    found.update(_words(form))
    places: Counter[int] = Counter()
    for gram, count in found.items():
        places[zlib.crc32(gram.encode("utf-8", "surrogatepass")) % HASHED] += count
    return np.array(list(places), np.int64), np.array([1 + math.log(count) for count in places.values()])


def marks(message: str) -> np.ndarray:
    """Return what shows of a message at a glance: its question marks and its length; shape `(MARKS,)`."""
    form = _form(message)
    asked, length = form.count("?"), len(form)
    return np.array([asked > 0, asked > 1, math.log(length) / 5, length < 10, length < 18]) / 2


def centred(vectors: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return unit vectors less what all messages have in common."""
    apart = vectors - mean
    return np.asarray(apart / np.maximum(np.linalg.norm(apart, axis=-1, keepdims=True), 1e-9))


def _softmax(odds: np.ndarray) -> np.ndarray:
    raised = np.exp(odds - odds.max())
    return np.asarray(raised / raised.sum())


def _form(message: str) -> str:
    # With its edges marked: how a message opens and ends tells most.
    return f"^ {fold(search_form(message[:_READ].strip()))} $"


def _words(form: str) -> list[str]:
    """Return words, neighbours, the first and the last, each unlike any n-gram of characters."""
    words = _WORD.findall(form)
    pairs = [f"b:{a}_{b}" for a, b in pairwise(words)]
    return [*(f"w:{word}" for word in words), *pairs, *([f"f:{words[0]}", f"l:{words[-1]}"] if words else [])]


@lru_cache(maxsize=1)
def _shipped() -> Recogniser:
    from safetensors.numpy import load

    stored: Mapping[str, Any] = load(resources.files("kb.question").joinpath("kinds.safetensors").read_bytes())
    return Recogniser({name: values.astype(np.float32) for name, values in stored.items()})
