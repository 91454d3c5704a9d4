"""What a question compares: the concepts on each side, by their numbers among its words."""

from __future__ import annotations

from kb.close_reading import Reading
from retrieval.index import Question

_SAID = 0.5


def sides_of(question: Question) -> list[int]:
    """Return the numbers of the words of `question` that are concepts, in order: what is compared with what."""
    return [number for number, word in enumerate(question.words) if word.synonyms]


def says_side(reading: Reading, place: int, side: int) -> bool:
    """Tell whether a sentence of a passage speaks of the question's word `side` by any of its names."""
    return bool(reading.words[place, side] > _SAID)
