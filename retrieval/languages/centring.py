"""Where each language lies in the model's space: the means that are taken from windows and questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.text.language import FAMILIES, LANGUAGES, UNDETERMINED, family_of
from retrieval.calibration import Rows, blocks, spread
from retrieval.languages.probes import ProbeMeans
from retrieval.languages.twins import Twins

HUBNESS_WEIGHT = 0.75
"""Share of a window's hubness that is taken from its cosine: of .25, .5, .75 and 1 the best over the mixed pools."""
_NEIGHBOURS = 10
_MOST_ASKED = 2048
_AT_ONCE = 4096
"""Windows that are held against them together."""

PRIOR_WINDOWS = 30.0
"""A language with this many windows has its own mean and the prior weighted alike; with more, its own prevails."""


@dataclass(frozen=True)
class LanguageMeans:
    """Mean vectors by language tag, each of shape `(dimension,)`, float32."""

    documents: dict[str, np.ndarray]
    questions: dict[str, np.ndarray]

    @classmethod
    def estimate(
        cls,
        vectors: np.ndarray,
        languages: Sequence[str] | np.ndarray,
        probes: ProbeMeans,
        shifts: Mapping[str, np.ndarray],
    ) -> LanguageMeans:
        """Estimate both means of every language from the windows' `vectors`, shape `(windows, dimension)`.

        A language with few windows, or none, is drawn toward a prior: what the other languages' windows say of the
        subject, moved by the model's offset between the languages as the probe sentences show it. A question's mean is
        its language's document mean plus `shifts`: what the question prompt does to the same sentences.
        """
        tags = np.asarray(languages)
        counts = {language: int((tags == language).sum()) for language in LANGUAGES}
        own = {language: _mean(vectors, np.flatnonzero(tags == language)) for language in LANGUAGES if counts[language]}
        documents = {}
        for language in LANGUAGES:
            prior = _prior(language, own, counts, probes)
            if counts[language]:
                weight = counts[language] / (counts[language] + PRIOR_WINDOWS) if prior is not None else 1.0
                mean = weight * own[language] + (1.0 - weight) * (prior if prior is not None else 0.0)
            else:
                mean = prior if prior is not None else probes.documents[language]
            documents[language] = np.asarray(mean, np.float32)
        questions = {
            language: np.asarray(
                mean + shifts.get(language, probes.questions[language] - probes.documents[language]), np.float32
            )
            for language, mean in documents.items()
        }
        total = sum(counts.values())
        shares = {language: (counts[language] / total if total else 1 / len(LANGUAGES)) for language in LANGUAGES}
        for means in (documents, questions):
            means[UNDETERMINED] = np.asarray(sum(shares[tag] * means[tag] for tag in LANGUAGES), np.float32)
        return cls(documents, questions)


def _mean(vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the mean of some rows, a block at a time: they need not fit into memory."""
    total = sum(vectors[rows[block]].sum(axis=0, dtype=np.float64) for block in blocks(len(rows)))
    return np.asarray(total / len(rows), np.float32)


def _prior(
    language: str, own: Mapping[str, np.ndarray], counts: Mapping[str, int], probes: ProbeMeans
) -> np.ndarray | None:
    others = [tag for tag in own if tag != language]
    total = sum(counts[tag] for tag in others)
    if not total:
        return None
    offset = probes.documents[language]
    return np.asarray(sum(counts[tag] * (own[tag] + offset - probes.documents[tag]) for tag in others) / total)


def centred(
    vectors: np.ndarray, languages: Sequence[str] | np.ndarray | np.ndarray, means: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Take from each vector the mean of its language and bring it back to unit length; shape `(texts, dimension)`.

    A model places its languages apart, so that same-language near-misses outrank the right passage in another
    language; without the means what is left is what the text says.
    """
    if not len(vectors):
        return np.asarray(vectors, np.float32)
    moved = np.asarray(vectors, np.float32) - np.stack([means.get(tag, means[UNDETERMINED]) for tag in languages])
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    # A text that is all there is of its language is its own mean: nothing is left but rounding.
    return np.asarray(np.where(norms > 1e-4, moved / np.maximum(norms, 1e-4), vectors), np.float32)


class CentredRows:
    """Windows centred when they are read, and what stands beside them: a million need not fit into memory at once."""

    def __init__(
        self,
        vectors: np.ndarray,
        languages: np.ndarray,
        means: Mapping[str, np.ndarray],
        beside: np.ndarray | None = None,
    ) -> None:
        self._vectors, self._languages, self._means = vectors, languages, means
        self._beside = np.empty((len(vectors), 0), np.float32) if beside is None else beside

    @property
    def shape(self) -> tuple[int, int]:
        """Count of windows and of columns."""
        return len(self._vectors), self._vectors.shape[1] + self._beside.shape[1]

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return the rows named, float32."""
        return np.hstack([centred(self._vectors[rows], self._languages[rows], self._means), self._beside[rows]])

    def with_beside(self, beside: np.ndarray) -> CentredRows:
        """Return the same with further columns, shape `(windows, columns)`."""
        return CentredRows(self._vectors, self._languages, self._means, beside)


def prompt_shifts(asked: np.ndarray, told: np.ndarray, languages: Sequence[str] | np.ndarray) -> dict[str, np.ndarray]:
    """Return per language what the question prompt does to a sentence: the mean of `asked - told`, rows alike."""
    tags = np.asarray(languages)
    return {
        language: np.asarray((asked - told)[tags == language].mean(axis=0), np.float32)
        for language in LANGUAGES
        if (tags == language).any()
    }


@dataclass(frozen=True, eq=False)
class Asked:
    """Sentences of the texts that were encoded as questions too."""

    vectors: np.ndarray
    """As questions, centred; shape `(sentences, dimension)`."""
    told: np.ndarray
    """As they stand in the texts, not centred; shape `(sentences, dimension)`."""
    languages: np.ndarray
    owners: np.ndarray
    """The numbers of the passages that they stand in."""

    def sampled(self, most: int) -> Asked:
        """Return at most so many of them, evenly spread."""
        rows = spread(len(self.vectors), most)
        return Asked(self.vectors[rows], self.told[rows], self.languages[rows], self.owners[rows])


def hubness(
    windows: np.ndarray | Rows,
    told: np.ndarray,
    owners: np.ndarray,
    asked: Asked,
    probes: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return how crowded each window is for questions of each language family, shape `(windows, len(FAMILIES))`.

    Crowding is the mean cosine with the ten sentences that, asked as questions, are nearest. `windows` has shape
    `(windows, dimension)`, centred, `told` the same as they are; `owners` are the numbers of their passages, ascending.
    Some windows are near to every question, and those of a question's own language are nearer than others; taking
    their crowding off evens both out. This is the document's half of CSLS (Conneau et al., ICLR 2018), taken by the
    question's language. A family without enough sentences takes all of them.

    A passage's own sentences say nothing of its crowding. No more do their twins elsewhere, and of twins only one
    counts: else an invoice among invoices is crowded by what it says itself, and whatever lies beside them comes first.
    """
    asked = asked.sampled(_MOST_ASKED)
    twins = Twins.among(asked.told, asked.languages, probes)
    kept = twins.first
    families = np.array([family_of(language) for language in asked.languages[kept]])
    crowding = np.zeros((windows.shape[0], len(FAMILIES)), np.float32)
    for block, begins in _passages_together(owners):
        said = twins.said_by(told[block], begins)
        own = np.searchsorted(begins, np.arange(block.stop - block.start), "right") - 1
        cosines = windows[block] @ asked.vectors[kept].T
        cosines[said[own][:, kept] | (owners[block][:, None] == asked.owners[kept][None, :])] = -1.0
        for column, family in enumerate(FAMILIES):
            of = families == family
            crowding[block, column] = _nearest_mean(cosines[:, of] if of.sum() >= _NEIGHBOURS else cosines)
    return crowding


def _passages_together(owners: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield blocks of windows that end where a passage ends, and where in each its passages begin."""
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    ends = np.append(firsts[1:], len(owners))
    place = 0
    while place < len(firsts):
        after = max(place + 1, int(np.searchsorted(ends, firsts[place] + _AT_ONCE, "right")))
        yield slice(int(firsts[place]), int(ends[after - 1])), firsts[place:after] - firsts[place]
        place = after


def _nearest_mean(cosines: np.ndarray) -> np.ndarray:
    count = min(_NEIGHBOURS, cosines.shape[1] // 4)
    if not count:
        return np.zeros(len(cosines), np.float32)
    nearest = np.partition(cosines, -count, axis=1)[:, -count:]
    return np.asarray(np.where(nearest > -1.0, nearest, 0.0).mean(axis=1), np.float32)


def family_number(language: str) -> int:
    """Return the place in `FAMILIES` of a language tag's family."""
    return FAMILIES.index(family_of(language))


def hubness_weights(languages: Sequence[str]) -> np.ndarray:
    """Return what each question's vector takes from the columns of `hubness`, shape `(questions, len(FAMILIES))`."""
    families = [family_of(language) for language in languages]
    weights = [[-HUBNESS_WEIGHT * (f == family) for f in FAMILIES] for family in families]
    return np.array(weights, np.float32).reshape(-1, len(FAMILIES))
