"""BM25 over passages: the scoring matrix is bm25s's, the tokens are ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import bm25s
import numpy as np

TERM_SATURATION = 1.2
LENGTH_NORMALISATION = 0.5
"""BM25's k1 and b: of three usual pairs no other is better on any public set by more than .004 in R@1."""

_ARRAYS = ("data", "indices", "indptr", "sentence_tokens", "sentence_ends", "passage_ends")


Phrase = tuple[tuple[str, ...], ...]
"""A word or name to be looked for: every part must be there, and any token of a part will do."""

_MOST_CHECKED = 2000
"""Passages of a phrase whose sentences are looked at one by one."""


class SparseIndex:
    """An inverted index of passages with their BM25 scores ready to be summed, and the tokens of each sentence."""

    def __init__(self, arrays: dict[str, np.ndarray], vocabulary: dict[str, int]) -> None:
        self._arrays, self._vocabulary = arrays, vocabulary
        self._size = len(arrays["passage_ends"])
        self._frequency = np.diff(arrays["indptr"])

    @classmethod
    def build(cls, headings: Sequence[Sequence[str]], sentences: Sequence[Sequence[Sequence[str]]]) -> SparseIndex:
        """Index passages, each given as the tokens of its headings and those of each of its sentences."""
        vocabulary: dict[str, int] = {}

        def number(tokens: Sequence[str]) -> list[int]:
            return [vocabulary.setdefault(token, len(vocabulary)) for token in tokens]

        by_sentence = [[number(tokens) for tokens in passage] for passage in sentences]
        passages = [
            number(heading) + [token for tokens in passage for token in tokens]
            for heading, passage in zip(headings, by_sentence, strict=True)
        ]
        flat = [np.unique(tokens) for passage in by_sentence for tokens in passage]
        arrays: dict[str, np.ndarray] = {
            "sentence_tokens": np.concatenate([*flat, np.empty(0)]).astype(np.int32),
            "sentence_ends": np.cumsum([len(tokens) for tokens in flat], dtype=np.int64),
            "passage_ends": np.cumsum([len(passage) for passage in by_sentence], dtype=np.int64),
            "data": np.empty(0, np.float32),
            "indices": np.empty(0, np.int32),
            "indptr": np.zeros(1, np.int32),
        }
        if vocabulary:
            engine = bm25s.BM25(k1=TERM_SATURATION, b=LENGTH_NORMALISATION, method="lucene")
            engine.index((passages, vocabulary), create_empty_token=False, show_progress=False)
            arrays.update({name: np.asarray(engine.scores[name]) for name in ("data", "indices", "indptr")})
        return cls(arrays, vocabulary)

    def scores(self, query: Mapping[str, float]) -> np.ndarray:
        """Return every passage's score for a query given as token weights; shape `(passages,)`, float32."""
        total = np.zeros(self._size, np.float32)
        data, indices, indptr = self._arrays["data"], self._arrays["indices"], self._arrays["indptr"]
        for token, weight in query.items():
            number = self._vocabulary.get(token)
            if number is not None:
                begin, end = indptr[number], indptr[number + 1]
                total[indices[begin:end]] += weight * data[begin:end]
        return total

    def ideal(self, query: Mapping[str, float]) -> float:
        """Return the score that a passage would near if it held every token of the query, unknown ones included."""
        return sum(weight * self.rarity(token) for token, weight in query.items())

    def rarity(self, token: str) -> float:
        """Return the token's inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), as in BM25."""
        number = self._vocabulary.get(token)
        return self.rarity_of(0 if number is None else int(self._frequency[number]))

    def rarity_of(self, count: int) -> float:
        """Return the inverse document frequency of what stands in `count` passages."""
        return float(np.log(1.0 + (self._size - count + 0.5) / (count + 0.5)))

    def knows(self, token: str) -> bool:
        """Tell whether any passage holds `token`."""
        return token in self._vocabulary

    def holds(self, passage: int, tokens: Sequence[str]) -> bool:
        """Tell whether a passage, or its headings, hold any of `tokens`."""
        return passage in self._holding(tokens)

    def saying(self, phrase: Phrase) -> np.ndarray:
        """Return the numbers of the passages that say `phrase`, ascending; its words must share a sentence or stand in
        the headings. Of a phrase in more than 2,000 passages the sentences are not looked at.
        """
        found = None
        for part in phrase:
            found = self._holding(part) if found is None else np.intersect1d(found, self._holding(part), True)
            if not len(found):
                break
        if found is None or len(phrase) < 2 or all(part[0][0] == "c" for part in phrase) or len(found) > _MOST_CHECKED:
            return found if found is not None else np.empty(0, np.int64)
        return found[[self._in_one_sentence(int(passage), phrase) for passage in found]]

    def _holding(self, tokens: Sequence[str]) -> np.ndarray:
        indptr, indices = self._arrays["indptr"], self._arrays["indices"]
        known = [self._vocabulary[token] for token in tokens if token in self._vocabulary]
        lists = [indices[indptr[number] : indptr[number + 1]] for number in known]
        return np.unique(np.concatenate([*lists, np.empty(0, np.int32)])).astype(np.int64)

    def _in_one_sentence(self, passage: int, phrase: Phrase) -> bool:
        wanted = [{self._vocabulary[token] for token in part if token in self._vocabulary} for part in phrase]
        sentences = [set(tokens.tolist()) for tokens in self._sentences(passage)]
        if any(all(part & sentence for part in wanted) for sentence in sentences):
            return True
        # What no sentence of the passage holds, its headings must.
        said = set().union(*sentences)
        return not any(part & said for part in wanted)

    def _sentences(self, passage: int) -> list[np.ndarray]:
        begin = int(self._arrays["passage_ends"][passage - 1]) if passage else 0
        ends = self._arrays["sentence_ends"]
        starts = [int(ends[begin - 1]) if begin else 0, *map(int, ends[begin : self._arrays["passage_ends"][passage]])]
        tokens = self._arrays["sentence_tokens"]
        return [tokens[a:b] for a, b in pairwise(starts)]

    def sentence_coverage(self, passage: int, query: Mapping[str, float]) -> np.ndarray:
        """Return for each sentence of a passage which share of the query, weighted by rarity, it holds; 0 to 1."""
        wanted = {self._vocabulary.get(token, -1): weight * self.rarity(token) for token, weight in query.items()}
        ideal = self.ideal(query) or 1.0
        return np.array(
            [sum(wanted.get(token, 0.0) for token in held.tolist()) / ideal for held in self._sentences(passage)],
            np.float32,
        )

    def save(self, folder: Path) -> None:
        """Write the index into the existing `folder`: arrays and the vocabulary, no pickle."""
        for name in _ARRAYS:
            np.save(folder / f"sparse-{name}.npy", self._arrays[name], allow_pickle=False)
        (folder / "sparse-vocabulary.json").write_text(json.dumps(list(self._vocabulary)), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> SparseIndex:
        """Open what `save` wrote; the arrays stay on disk and are mapped."""
        arrays = {name: np.load(folder / f"sparse-{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS}
        tokens = json.loads((folder / "sparse-vocabulary.json").read_text(encoding="utf-8"))
        return cls(arrays, {token: number for number, token in enumerate(tokens)})
