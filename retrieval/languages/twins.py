"""Sentences that say nearly the same: those of a folder of like papers are one sentence many times over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.text.language import LANGUAGES
from retrieval.languages.probes import PROBES

TWIN_SHARE = 0.2
"""What is left of the distance of two sentences on different things where they are twins.

Of lines of one form that are filled in differently most are so near to the next, of sentences of the shipped texts,
which are all on one subject, hardly any to one of another text. From .15 to .3 benchmarks/alike.py gains alike.
"""
_ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Twins:
    """Some sentences, in groups of twins."""

    vectors: np.ndarray
    """Of the sentences, as told and not centred; shape `(sentences, dimension)`."""
    least: np.ndarray
    """The cosine from which on a text is each one's twin; shape `(sentences,)`."""
    groups: np.ndarray
    """The number of each one's group: twins of twins are in one; shape `(sentences,)`."""

    @classmethod
    def among(
        cls, vectors: np.ndarray, languages: Sequence[str] | np.ndarray, probes: Mapping[str, np.ndarray]
    ) -> Twins:
        """Group sentences given by their vectors and languages; `probes` are the probe sentences' means, by language.

        How near unrelated sentences are differs by model and language; the length of the probes' mean tells it.
        """
        distances = {tag: _unrelated_distance(probes[tag]) for tag in LANGUAGES}
        others = float(np.mean(list(distances.values())))
        apart = np.array([distances.get(tag, others) for tag in languages], np.float32)
        least = 1.0 - TWIN_SHARE * apart - _ROUNDING
        near = vectors @ vectors.T >= np.maximum(least[:, None], least[None, :])
        return cls(vectors, np.asarray(least, np.float32), _components(near))

    @property
    def first(self) -> np.ndarray:
        """The places of the first sentence of each group, ascending."""
        return np.sort(np.unique(self.groups, return_index=True)[1])

    def said_by(self, texts: np.ndarray, begins: np.ndarray) -> np.ndarray:
        """Tell for each passage which sentences it says, by itself or by a twin; shape `(passages, sentences)`, bool.

        `texts` are the vectors of its windows, not centred, those of a passage one after another from `begins` on.
        """
        same = np.logical_or.reduceat(texts @ self.vectors.T >= self.least, begins, axis=0)
        groups = np.zeros((len(begins), int(self.groups.max(initial=-1)) + 1), bool)
        passages, sentences = np.nonzero(same)
        groups[passages, self.groups[sentences]] = True
        return np.asarray(groups[:, self.groups])


def _unrelated_distance(mean: np.ndarray) -> float:
    """Return one less the mean cosine of two different sentences, of unit vectors with this mean."""
    count = len(next(iter(PROBES.values())))
    return float(np.clip((1.0 - mean @ mean) * count / (count - 1), 0.0, 1.0))


def _components(near: np.ndarray) -> np.ndarray:
    """Return for each row the number of the group that it is in, whose rows are joined by pairs that are near."""
    groups = np.full(len(near), -1, np.int64)
    count = 0
    for row in range(len(near)):
        if groups[row] >= 0:
            continue
        coming = [row]
        groups[row] = count
        while coming:
            found = np.flatnonzero(near[coming.pop()] & (groups < 0))
            groups[found] = count
            coming += found.tolist()
        count += 1
    return groups
