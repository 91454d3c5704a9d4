"""BM25 over passages: the scoring matrix is bm25s's, the tokens are ours."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path

import bm25s
import numpy as np

from retrieval.arrays import mapped
from retrieval.index.vocabulary import Vocabulary

TERM_SATURATION = 1.2
LENGTH_NORMALISATION = 0.5
"""BM25's k1 and b: of three usual pairs no other is better on any public set by more than .004 in R@1."""

_ARRAYS = ("data", "indices", "indptr", "sentence_tokens", "sentence_ends", "passage_ends", "tokens", "token_ends")
"""The last two: all tokens in the order of the text, and where those of each passage's headings and sentences end."""


Phrase = tuple[tuple[str, ...], ...]
"""A word or name to be looked for: every part must be there, and any token of a part will do."""
Sought = tuple[frozenset[int], ...]
"""The same as numbers of tokens in an index."""

_MOST_CHECKED = 2000
"""Passages of a phrase whose sentences are looked at one by one."""


class SparseIndex:
    """An inverted index of passages with their BM25 scores ready to be summed, and the tokens of each sentence."""

    def __init__(self, arrays: dict[str, np.ndarray], vocabulary: Vocabulary) -> None:
        self._arrays, self._vocabulary = arrays, vocabulary
        self._size = len(arrays["passage_ends"])

    @classmethod
    def build(cls, headings: Iterable[Sequence[str]], sentences: Iterable[Sequence[Sequence[str]]]) -> SparseIndex:
        """Index passages, each given as the tokens of its headings and those of each of its sentences.

        Both are gone through once, side by side, so that the tokens of all passages need never be in memory together.
        """
        numbers: dict[str, int] = {}
        sentence_tokens, sentence_ends, passage_ends = array("i"), array("q"), array("q")
        all_tokens, token_ends, begins = array("i"), array("q"), array("q", [0])

        def number(tokens: Sequence[str]) -> list[int]:
            return [numbers.setdefault(token, len(numbers)) for token in tokens]

        for heading, passage in zip(headings, sentences, strict=True):
            all_tokens.extend(number(heading))
            token_ends.append(len(all_tokens))
            for tokens in passage:
                numbered = number(tokens)
                all_tokens.extend(numbered)
                token_ends.append(len(all_tokens))
                sentence_tokens.extend(sorted(set(numbered)))
                sentence_ends.append(len(sentence_tokens))
            begins.append(len(all_tokens))
            passage_ends.append(len(sentence_ends))
        arrays: dict[str, np.ndarray] = {
            "sentence_tokens": np.array(sentence_tokens, np.int32),
            "sentence_ends": np.array(sentence_ends, np.int64),
            "passage_ends": np.array(passage_ends, np.int64),
            "tokens": np.array(all_tokens, np.int32),
            "token_ends": np.array(token_ends, np.int64),
            "data": np.empty(0, np.float32),
            "indices": np.empty(0, np.int32),
            "indptr": np.zeros(1, np.int32),
        }
        if numbers:
            # SciPy's way of sorting the scores by token takes half the memory of bm25s's own.
            engine = bm25s.BM25(k1=TERM_SATURATION, b=LENGTH_NORMALISATION, method="lucene", csc_backend="scipy")
            passages = [all_tokens[begin:end] for begin, end in pairwise(begins)]
            engine.index((passages, numbers), create_empty_token=False, show_progress=False)
            arrays.update({name: np.asarray(engine.scores[name]) for name in ("data", "indices", "indptr")})
        return cls(arrays, Vocabulary.of(numbers))

    def scores(self, query: Mapping[str, float]) -> np.ndarray:
        """Return every passage's score for a query given as token weights; shape `(passages,)`, float32."""
        total = np.zeros(self._size, np.float32)
        for token, weight in query.items():
            span = self._span(token)
            # Three times as fast as `total[...] +=`, which goes through a frequent word's passages five times.
            found = self._arrays["indices"][span].astype(np.intp)
            np.add.at(total, found, np.float32(weight) * self._arrays["data"][span])
        return total

    def ideal(self, query: Mapping[str, float]) -> float:
        """Return the score that a passage would near if it held every token of the query, unknown ones included."""
        return sum(weight * self.rarity(token) for token, weight in query.items())

    def rarity(self, token: str) -> float:
        """Return the token's inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)), as in BM25."""
        span = self._span(token)
        return self.rarity_of(span.stop - span.start)

    def rarity_of(self, count: int) -> float:
        """Return the inverse document frequency of what stands in `count` passages."""
        return float(np.log(1.0 + (self._size - count + 0.5) / (count + 0.5)))

    def number(self, token: str) -> int | None:
        """Return the number of `token`, as `sentences` has it; None where no passage holds it."""
        return self._vocabulary.number(token)

    def knows(self, token: str) -> bool:
        """Tell whether any passage holds `token`."""
        return self._vocabulary.number(token) is not None

    def holds(self, passage: int, tokens: Sequence[str]) -> bool:
        """Tell whether a passage, or its headings, hold any of `tokens`."""
        return any(_holds(self._arrays["indices"][self._span(token)], passage) for token in tokens)

    def sought(self, phrase: Phrase) -> Sought | None:
        """Return `phrase` as numbers of tokens, None where a part of it stands nowhere."""
        parts = []
        for part in phrase:
            numbers = {self._vocabulary.number(token) for token in part} - {None}
            if not numbers:
                return None
            parts.append(frozenset(numbers))
        return tuple(parts)  # type: ignore[arg-type]

    def saying(self, phrase: Phrase) -> np.ndarray:
        """Return the numbers of the passages that say `phrase`, ascending.

        Its words must share a sentence or stand in the headings. Of a phrase in more than 2,000 passages the sentences
        are not looked at.
        """
        wanted = self.sought(phrase)
        if not wanted:
            return np.empty(0, np.int64)
        found = self._holding(wanted[0])
        for part in wanted[1:]:
            found = np.intersect1d(found, self._holding(part), assume_unique=True)
        if len(phrase) < 2 or all(part[0][0] == "c" for part in phrase) or len(found) > _MOST_CHECKED:
            return found
        return found[[self._in_one_sentence(int(passage), wanted) for passage in found]]

    def _holding(self, numbers: frozenset[int]) -> np.ndarray:
        indptr, indices = self._arrays["indptr"], self._arrays["indices"]
        lists = [indices[indptr[number] : indptr[number + 1]] for number in numbers]
        return np.unique(np.concatenate(lists)).astype(np.int64)

    def _in_one_sentence(self, passage: int, wanted: Sought) -> bool:
        sentences = self.sentences(passage)
        if any(says(sentence, wanted) for sentence in sentences):
            return True
        # What no sentence of the passage holds, its headings must.
        said = frozenset().union(*sentences)
        return not any(part & said for part in wanted)

    def sentences(self, passage: int) -> list[frozenset[int]]:
        """Return the numbers of the tokens of each sentence of a passage."""
        begin = int(self._arrays["passage_ends"][passage - 1]) if passage else 0
        ends = self._arrays["sentence_ends"]
        starts = [int(ends[begin - 1]) if begin else 0, *map(int, ends[begin : self._arrays["passage_ends"][passage]])]
        tokens = self._arrays["sentence_tokens"]
        return [frozenset(tokens[a:b].tolist()) for a, b in pairwise(starts)]

    def tokens_by_passage(self) -> Iterator[tuple[list[str], list[list[str]]]]:
        """Yield the tokens of each passage's headings and of each of its sentences, as they were given to `build`."""
        words, tokens = self._vocabulary.words(), self._arrays["tokens"]
        parts = pairwise([0, *self._arrays["token_ends"].tolist()])
        for count in np.diff(self._arrays["passage_ends"], prepend=0).tolist():
            texts = [[words[number] for number in tokens[a:b].tolist()] for a, b in islice(parts, count + 1)]
            yield texts[0], texts[1:]

    def sentence_coverage(self, passage: int, query: Mapping[str, float]) -> np.ndarray:
        """Return for each sentence of a passage which share of the query, weighted by rarity, it holds; 0 to 1."""
        weights = {self._vocabulary.number(token): weight * self.rarity(token) for token, weight in query.items()}
        ideal = self.ideal(query) or 1.0
        return np.array(
            [sum(weights.get(token, 0.0) for token in held) / ideal for held in self.sentences(passage)], np.float32
        )

    def save(self, folder: Path) -> None:
        """Write the index into the existing `folder`: arrays only, no pickle."""
        for name in _ARRAYS:
            np.save(folder / f"sparse-{name}.npy", self._arrays[name], allow_pickle=False)
        self._vocabulary.save(folder, "sparse-vocabulary")

    @classmethod
    def load(cls, folder: Path) -> SparseIndex:
        """Open what `save` wrote; everything stays on disk and is mapped."""
        arrays = {name: mapped(folder / f"sparse-{name}.npy") for name in _ARRAYS}
        return cls(arrays, Vocabulary.load(folder, "sparse-vocabulary"))

    def _span(self, token: str) -> slice:
        """Return where the passages that hold `token` stand, an empty slice where none does."""
        number = self._vocabulary.number(token)
        if number is None:
            return slice(0, 0)
        return slice(int(self._arrays["indptr"][number]), int(self._arrays["indptr"][number + 1]))


def says(sentence: frozenset[int], wanted: Sought) -> bool:
    """Tell whether a sentence, given as the numbers of its tokens, holds every part of what is sought."""
    return all(part & sentence for part in wanted)


def highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the `count` highest scores, best first, of equal ones the first; without sorting all."""
    if count < len(scores):
        least = np.partition(scores, -count)[-count]
        above = np.flatnonzero(scores > least)
        chosen = np.concatenate([above, np.flatnonzero(scores == least)[: count - len(above)]])
    else:
        chosen = np.arange(len(scores))
    return np.asarray(chosen[np.lexsort((chosen, -scores[chosen]))])


def _holds(ascending: np.ndarray, number: int) -> bool:
    place = int(np.searchsorted(ascending, number))
    return place < len(ascending) and int(ascending[place]) == number
