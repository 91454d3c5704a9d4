"""Passages that retrieval takes for the right ones and that do not answer: what a reader must tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.text.language import family_of
from retrieval.models.encoder import Encoder
from training.material import Passage

_NEAREST = 3
"""Of each language: by likeness alone nearly all would be in the question's own."""


def neighbours(passages: Sequence[Passage], encoder: Encoder) -> list[list[list[int]]]:
    """Return for each passage and each of its questions the numbers of others that are nearest to the question."""
    if not passages:
        return []
    texts = encoder.encode_documents([f"{passage.title} {passage.text}".strip() for passage in passages])
    asked = [(number, asked.question) for number, passage in enumerate(passages) for asked in passage.asked]
    questions = encoder.encode_queries([question for _, question in asked])
    families = [family_of(passage.language) for passage in passages]
    members = [np.flatnonzero(np.array(families) == family) for family in sorted(set(families))]
    found: list[list[list[int]]] = [[] for _ in passages]
    for (number, _), vector in zip(asked, questions, strict=True):
        likeness = texts @ vector
        nearest = [n for some in members for n in some[np.argsort(-likeness[some], kind="stable")][: _NEAREST + 1]]
        found[number].append([int(n) for n in nearest if n != number])
    return found
