"""Words and their numbers in sorted arrays, which are searched where they lie on disk."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np

from retrieval.arrays import mapped

_REMEMBERED = 50_000
"""Words; one question and its expansion look up some hundreds, many of them several times."""


class Vocabulary:
    """A mapping of words to numbers that is never read whole: a look-up reads some twenty words."""

    def __init__(self, text: np.ndarray, ends: np.ndarray, numbers: np.ndarray) -> None:
        """Take the words' UTF-8 in ascending order end to end, where each ends, and their numbers."""
        self._arrays = {"text": text, "ends": ends, "numbers": numbers}
        # A memory view is sliced and read five times as fast as an array.
        self._text, self._ends = text.data, ends.data
        self._found: dict[str, int | None] = {}

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> Vocabulary:
        """Make it from words and their numbers."""
        words = sorted((_bytes(word), number) for word, number in numbers.items())
        return cls(
            np.frombuffer(b"".join(word for word, _ in words), np.uint8),
            np.cumsum([len(word) for word, _ in words], dtype=np.int64),
            np.array([number for _, number in words], np.int32),
        )

    def number(self, word: str) -> int | None:
        """Return the number of `word`, or None where it is not known. What was looked up lately is remembered."""
        found = self._found
        if word not in found:
            if len(found) >= _REMEMBERED:
                found = self._found = {}
            found[word] = self._looked_up(word)
        return found[word]

    def _looked_up(self, word: str) -> int | None:
        wanted = _bytes(word)
        place = bisect_left(range(len(self._ends)), wanted, key=self._word)
        known = place < len(self._ends) and self._word(place) == wanted
        return int(self._arrays["numbers"][place]) if known else None

    def words(self) -> list[str]:
        """Return all words by their numbers, which count from 0 without a gap."""
        text, ends = self._arrays["text"].tobytes(), [0, *self._arrays["ends"].tolist()]
        words = [""] * len(self._arrays["numbers"])
        for number, (start, end) in zip(self._arrays["numbers"].tolist(), pairwise(ends), strict=True):
            words[number] = text[start:end].decode("utf-8", "surrogatepass")
        return words

    def save(self, folder: Path, name: str) -> None:
        """Write three arrays, whose files' names begin with `name`, into the existing `folder`."""
        for part, values in self._arrays.items():
            np.save(folder / f"{name}-{part}.npy", values, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, name: str) -> Vocabulary:
        """Open what `save` wrote; the arrays stay on disk and are mapped."""
        parts = (mapped(folder / f"{name}-{part}.npy") for part in ("text", "ends", "numbers"))
        return cls(*parts)

    def _word(self, place: int) -> bytes:
        return bytes(self._text[self._ends[place - 1] if place else 0 : self._ends[place]])


def _bytes(word: str) -> bytes:
    # A text may hold lone surrogates, which plain UTF-8 refuses.
    return word.encode("utf-8", "surrogatepass")
