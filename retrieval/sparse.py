"""BM25 over passages: the scoring matrix is bm25s's, the tokens are ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import bm25s
import numpy as np

TERM_SATURATION = 1.2
LENGTH_NORMALISATION = 0.5
"""BM25's k1 and b: of three usual pairs no other is better on any public set by more than .004 in R@1."""

_ARRAYS = ("data", "indices", "indptr", "sentence_tokens", "sentence_ends", "passage_ends")


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
        count = 0 if number is None else int(self._frequency[number])
        return float(np.log(1.0 + (self._size - count + 0.5) / (count + 0.5)))

    def knows(self, token: str) -> bool:
        """Tell whether any passage holds `token`."""
        return token in self._vocabulary

    def holds(self, passage: int, tokens: Sequence[str]) -> bool:
        """Tell whether a passage, or its headings, hold any of `tokens`."""
        indptr, indices = self._arrays["indptr"], self._arrays["indices"]
        known = (self._vocabulary[token] for token in tokens if token in self._vocabulary)
        return any(passage in indices[indptr[number] : indptr[number + 1]] for number in known)

    def sentence_coverage(self, passage: int, query: Mapping[str, float]) -> np.ndarray:
        """Return for each sentence of a passage which share of the query, weighted by rarity, it holds; 0 to 1."""
        begin = int(self._arrays["passage_ends"][passage - 1]) if passage else 0
        end = int(self._arrays["passage_ends"][passage])
        ends, tokens = self._arrays["sentence_ends"], self._arrays["sentence_tokens"]
        wanted = {self._vocabulary.get(token, -1): weight * self.rarity(token) for token, weight in query.items()}
        ideal = self.ideal(query) or 1.0
        shares = np.zeros(end - begin, np.float32)
        for place, sentence in enumerate(range(begin, end)):
            first = int(ends[sentence - 1]) if sentence else 0
            held = tokens[first : int(ends[sentence])].tolist()
            shares[place] = sum(wanted.get(token, 0.0) for token in held) / ideal
        return shares

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
