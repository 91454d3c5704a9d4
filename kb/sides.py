"""What a question compares: the names on each side."""

from __future__ import annotations

from dataclasses import dataclass

from kb.close_reading import Reading
from retrieval.index import Question

_SAID = 0.5


@dataclass(frozen=True)
class Side:
    """One of the things compared, by its number among the question's words."""

    word: int


def sides_of(question: Question) -> list[Side]:
    """Return the concepts that `question` names, in order: what is compared with what."""
    return [Side(number) for number, word in enumerate(question.words) if word.synonyms]


def says_side(reading: Reading, place: int, side: Side) -> bool:
    """Tell whether a sentence of a passage speaks of `side` by any of its names."""
    return bool(reading.words[place, side.word] > _SAID)
