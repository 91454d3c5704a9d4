"""Which concept an abbreviation means where several share it: the text at hand decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.index.snapshot import Snapshot
from retrieval.index.sparse import Phrase


@dataclass(frozen=True)
class Sense:
    """What an abbreviation means in some texts."""

    by_document: np.ndarray
    """Number of the concept that each document means, shape `(documents,)`."""
    mostly: int
    """Number of the concept that the texts as a whole speak of, the likeliest where they name none."""


def saying_any(snapshot: Snapshot, phrases: Sequence[Phrase]) -> np.ndarray:
    """Return the numbers of the passages that say any of `phrases`, ascending."""
    found = [snapshot.sparse.saying(phrase) for phrase in phrases]
    return np.unique(np.concatenate([*found, np.empty(0, np.int64)]))


def sense(snapshot: Snapshot, rivals: Sequence[int], full_names: Mapping[int, Sequence[Phrase]]) -> Sense:
    """Return what an abbreviation that the concepts `rivals` share means, by the full names beside it.

    A document means the rival that most of its passages name in full; one that names none, the rival that most passages
    of all documents name; with none at all it is the first of `rivals`.
    """
    documents = len(snapshot.contents.documents)
    counts = np.array(
        [
            np.bincount(snapshot.document_numbers[saying_any(snapshot, full_names[rival])], minlength=documents)
            for rival in rivals
        ]
    )
    mostly = int(np.argmax(counts.sum(axis=1)))
    chosen = np.where(counts.any(axis=0), np.argmax(counts, axis=0), mostly)
    return Sense(np.array(rivals)[chosen], rivals[mostly])
