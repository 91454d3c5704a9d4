"""How to keep a model from preferring its own language: what each way gives on the mixed pools, vectors only.

    CCO_SHARED=... python -m benchmarks.centring

Prints a Markdown table of R@1: a question's translation must come before all near-misses in either language. The
question's mean is that of the questions themselves. „CSLS" takes from each cosine the mean cosine of a text's ten
nearest questions (Conneau et al., 2018; the half that depends on the text, since the other changes no ranking).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from corpus.text.normalize import encoder_form
from kb.evaluation.sets.question_sets import load_parallel
from kb.library.library import loaded
from kb.settings.schema import Settings

PAIRS = (("pl", "zh-Hans"), ("zh-Hans", "pl"), ("pl", "zh-Hant"), ("zh-Hant", "pl"))
_LINES = 500
_NEIGHBOURS = 10

Score = Callable[["Pool"], np.ndarray]


class Pool:
    """Vectors of one pair: the questions, their translations, and near-misses in the questions' own language."""

    def __init__(
        self, questions: np.ndarray, translations: np.ndarray, near_misses: np.ndarray, asked: np.ndarray
    ) -> None:
        self.questions, self.pool = questions, np.vstack([translations, near_misses])
        self.own = np.arange(len(self.pool)) >= len(translations)
        self.asked = asked
        """The same texts as the pool, encoded as questions."""

    def centred(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return questions, pool and asked, each less the mean of its language, unit vectors."""
        return unit(self.questions - self.questions.mean(axis=0)), self._less(self.pool), self._less(self.asked)

    def _less(self, vectors: np.ndarray) -> np.ndarray:
        means = np.stack([vectors[~self.own].mean(axis=0), vectors[self.own].mean(axis=0)])
        return unit(vectors - means[self.own.astype(int)])


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return the rows at length 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def plain(pool: Pool) -> np.ndarray:
    """Cosines as the model gives them."""
    return np.asarray(pool.questions @ pool.pool.T)


def mean(pool: Pool) -> np.ndarray:
    """Cosines less the means of the languages."""
    questions, texts, _ = pool.centred()
    return np.asarray(questions @ texts.T)


def directions(count: int, centred: bool) -> Score:
    """Cosines without the first directions along which the languages differ or all texts vary most."""

    def score(pool: Pool) -> np.ndarray:
        questions, texts = pool.centred()[:2] if centred else (pool.questions, pool.pool)
        _, _, axes = np.linalg.svd(texts - texts.mean(axis=0), full_matrices=False)
        first = axes[:count]
        bare = [unit(vectors - vectors @ first.T @ first) for vectors in (questions, texts)]
        return np.asarray(bare[0] @ bare[1].T)

    return score


def csls(weight: float, by_language: bool) -> Score:
    """Centred cosines less `weight` times how near each text is to its nearest questions, of all or of one language."""

    def score(pool: Pool) -> np.ndarray:
        questions, texts, asked = pool.centred()
        near = asked @ texts.T
        np.fill_diagonal(near, -1.0)
        if by_language:
            near = near[pool.own]
        crowding = np.sort(near, axis=0)[-_NEIGHBOURS:].mean(axis=0)
        return np.asarray(questions @ texts.T - weight * crowding)

    return score


WAYS: dict[str, Score] = {
    "cosine as it is": plain,
    **{f"less the first {n} directions": directions(n, False) for n in (1, 2, 3)},
    "less the language means": mean,
    **{f"means, less the first {n} directions": directions(n, True) for n in (1, 2, 3)},
    **{f"means, CSLS × {w} over all questions": csls(w, False) for w in (0.5, 1.0)},
    **{f"means, CSLS × {w} over one language's questions": csls(w, True) for w in (0.5, 0.75, 1.0)},
}


def main() -> int:
    """Print the table; 2 where the public sets are not there."""
    shared = os.environ.get("CCO_SHARED")
    if not shared:
        print("benchmarks.centring: set CCO_SHARED to the folder that holds bench/ntrex_a.tsv", file=sys.stderr)
        return 2
    lines = load_parallel(Path(shared) / "bench" / "ntrex_a.tsv")
    encoder = loaded(Settings.load().model)
    forms = {tag: [encoder_form(text) for text in lines[tag][: 2 * _LINES]] for tag in {t for p in PAIRS for t in p}}
    asked = {tag: encoder.encode_queries(texts) for tag, texts in forms.items()}
    told = {tag: encoder.encode_documents(texts) for tag, texts in forms.items()}
    print("| way | " + " | ".join(f"{a} > {b}" for a, b in PAIRS) + " | mean |")
    print("|---|" + "---|" * (len(PAIRS) + 1))
    for name, way in WAYS.items():
        figures = []
        for source, target in PAIRS:
            both = np.vstack([asked[target][:_LINES], asked[source][_LINES:]])
            pool = Pool(asked[source][:_LINES], told[target][:_LINES], told[source][_LINES:], both)
            figures.append(float(np.mean(way(pool).argmax(axis=1) == np.arange(_LINES))))
        print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in [*figures, np.mean(figures)]) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
