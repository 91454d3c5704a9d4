"""Which passages speak of which concepts, and which concepts occur together in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from kb.terms.concepts import Concept
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Snapshot


@dataclass(frozen=True)
class ConceptMap:
    """The concepts of the field as the texts of one snapshot speak of them."""

    concepts: tuple[Concept, ...]
    passages: tuple[tuple[int, ...], ...]
    """For each concept the numbers of the passages that speak of it, ascending."""
    together: dict[tuple[int, int], int]
    """For each two concepts, the lower number first, in how many passages both stand; none with 0."""

    @classmethod
    def of(cls, snapshot: Snapshot, lexicon: Lexicon) -> ConceptMap:
        """Look every concept up in `snapshot`."""
        passages = tuple(
            tuple(lexicon.passages_of(number, snapshot).tolist()) for number in range(len(lexicon.concepts))
        )
        said_in: dict[int, list[int]] = {}
        for number, found in enumerate(passages):
            for passage in found:
                said_in.setdefault(passage, []).append(number)
        pairs = Counter(pair for numbers in said_in.values() for pair in combinations(numbers, 2))
        return cls(lexicon.concepts, passages, dict(pairs))

    @property
    def spoken_of(self) -> int:
        """How many of the concepts the texts speak of."""
        return sum(map(bool, self.passages))

    def number(self, concept_id: str) -> int | None:
        """Return the number of the concept with this id."""
        return next((n for n, concept in enumerate(self.concepts) if concept.id == concept_id), None)

    def neighbours(self, number: int) -> list[tuple[int, int]]:
        """Return the concepts that occur together with one, and in how many passages, the most frequent first."""
        found = [(b if a == number else a, count) for (a, b), count in self.together.items() if number in (a, b)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def drawn(self, most: int) -> list[int]:
        """Return the concepts most worth drawing, in an order that keeps those together that occur together."""
        ties = Counter[int]()
        for (a, b), count in self.together.items():
            ties[a] += count
            ties[b] += count
        chosen = [number for number, _ in sorted(ties.items(), key=lambda tie: (-tie[1], tie[0]))[:most]]
        if len(chosen) < 3:
            return chosen
        weights = np.array([[float(self.together.get((min(a, b), max(a, b)), 0)) for b in chosen] for a in chosen])
        np.fill_diagonal(weights, 0.0)
        # How near two are is their count as a share of what either has (cosine), so that the frequent do not rule.
        share = weights / np.sqrt(np.outer(weights.sum(1), weights.sum(1)))
        return [chosen[place] for place in _chained(share)]


def _chained(nearness: np.ndarray) -> list[int]:
    """Return a chain through all that begins with the best connected and always goes on to the nearest that is left."""
    order = [int(nearness.sum(1).argmax())]
    left = set(range(len(nearness))) - set(order)
    while left:
        near = {place: nearness[order[-1], place] + 0.3 * nearness[order[-2:], place].sum() for place in left}
        following = max(sorted(left), key=lambda place: near[place])
        order.append(following)
        left.remove(following)
    return order
