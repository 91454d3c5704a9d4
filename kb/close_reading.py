"""A found passage read for a question: what each of its sentences says of it, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kb.outright import says_outright
from kb.questions import is_question, names_in
from retrieval.centring import FAMILIES
from retrieval.index import EXPANDED_SHARE, Hit, Question, Snapshot
from retrieval.sparse import says

Span = tuple[int, int]


@dataclass(frozen=True)
class Reading:
    """One passage beside one question. `n` is its count of sentences, `u` the count of the question's units."""

    hit: Hit
    spans: tuple[Span, ...]
    """The sentences, as spans of the document's text; without questions that nothing after them answers."""
    texts: tuple[str, ...]
    cosines: np.ndarray
    """Of the question and each sentence; shape `(n,)`."""
    around: np.ndarray
    """Mean cosine of the question and the runs of three sentences that each sentence is in; shape `(n,)`."""
    nearest_run: np.ndarray
    """Highest such cosine; shape `(n,)`."""
    apart: np.ndarray
    """Cosine of question and sentence once what the whole passage is about is taken out of both; shape `(n,)`."""
    said: np.ndarray
    """How far each sentence says each unit of the question, 0 to 1; shape `(n, u)`. Units are the question's tokens
    where the passage is in its language, else its words, which other names and other languages' words say too."""
    in_headings: np.ndarray
    """Whether the headings say each unit; shape `(u,)`, bool."""
    rarity: np.ndarray
    """What each unit weighs; shape `(u,)`. Units that no text has weigh too, so that shares stay below 1."""
    words: np.ndarray
    """How far each sentence says each of the question's `words`, by any of its names; shape `(n, words)`, 0 to 1."""
    words_told: np.ndarray
    """The same of the passage as a whole, its headings included; shape `(words,)`."""
    holds_names: np.ndarray
    """Whether the passage or its headings hold each name and figure of the question; shape `(names,)`, bool."""
    outright: np.ndarray
    """Whether each sentence says outright what is asked (`kb.outright`); shape `(n,)`, bool."""

    @cached_property
    def shares(self) -> np.ndarray:
        """Which share of the question each sentence says; shape `(n,)`, 0 to 1."""
        return _share(self.said, self.rarity)

    @cached_property
    def later(self) -> np.ndarray:
        """The share among what the first sentence does not say, whose subject goes without saying in the others."""
        return _share(self.said, self.rarity * (self.said[0] == 0) * self.said.any(axis=0))

    @cached_property
    def beside_headings(self) -> np.ndarray:
        """The share among what the headings do not say; shape `(n,)`, 0 to 1."""
        common = self.said.mean(axis=0) > _COMMON
        return _share(self.said, self.rarity * ~(self.in_headings | common))

    @cached_property
    def local(self) -> np.ndarray:
        """The share with each unit weighed by how few of the passage's sentences say it; shape `(n,)`, 0 to 1."""
        count = len(self.texts)
        told = (self.said > 0).sum(axis=0)
        few = np.maximum(np.log((count + 1) / (told + 0.5)), 0.0)
        return _share(self.said, few * (told > 0) * np.minimum(self.rarity, _RARE))

    def heard(self, place: int) -> np.ndarray:
        """How far a sentence says each of the question's words, taken in what its reader has read before: the first
        sentence and the headings, which say the subject once for all; shape `(words,)`, 0 to 1."""
        # Words of the headings are told by the passage and by none of its sentences.
        headed = np.where(self.words.any(axis=0), 0.0, self.words_told)
        return np.asarray(np.maximum(self.words[place], _HINTED * np.maximum(self.words[0], headed)))

    def share_heard(self, place: int) -> float:
        """Return the share of the question's units that a sentence, the first one and the headings say; 0 to 1."""
        heard = np.maximum(np.maximum(self.said[place], self.said[0]), self.in_headings)
        return float(_share(heard, self.rarity))


_HINTED = 0.9
"""What a word counts for that the first sentence or a heading says and the sentence itself does not."""
_COMMON = 0.34
"""Share of a passage's sentences above which a word that they say is its subject."""
_RARE = 3.0
"""Rarity above which a unit counts for no more within a passage."""


def read(snapshot: Snapshot, question: Question, hit: Hit) -> Reading:
    """Read the passage of `hit` for `question`, which was made ready for `snapshot`."""
    passage = hit.passage
    count = len(passage.sentences)
    runs, vectors = snapshot.windows_of(hit.number)
    cosines = vectors @ question.vector
    around, nearest, of = np.zeros(count), np.full(count, -np.inf), np.zeros(count)
    for (first, length, titled), cosine in zip(runs.tolist(), cosines.tolist(), strict=True):
        if titled:
            within = slice(first, first + length)
            around[within] += cosine
            nearest[within] = np.maximum(nearest[within], cosine)
            of[within] += 1
    sentences = snapshot.sparse.sentences(hit.number)
    words = _words(question, sentences)
    if snapshot.same_family(question, hit.number) or not question.sought:
        said, in_headings, rarity = _tokens(snapshot, question, hit.number, sentences)
    else:
        said, in_headings = words, np.zeros(words.shape[1], bool)
        rarity = np.array([word.weight for word in question.sought])
    texts = sentences_of(hit)
    kept = _worth_reading(texts)
    texts = tuple(texts[place] for place in kept)
    return Reading(
        hit,
        tuple(passage.sentences[place] for place in kept),
        texts,
        np.asarray(cosines[kept], np.float64),
        (around / of)[kept],
        nearest[kept],
        _apart(vectors[:count], question.vector)[kept],
        said[kept],
        in_headings,
        rarity,
        words[kept],
        _words_told(question, hit.number),
        np.array([snapshot.sparse.holds(hit.number, name) for name in names_in(question.text)], bool),
        says_outright(question, texts),
    )


def _worth_reading(texts: Sequence[str]) -> list[int]:
    """Return the places of what states something, and of each question that a statement comes after; of none, all.

    Of several questions in a row none is answered by what follows: they announce what a whole text is about.
    """
    asks = [is_question(text) for text in texts]
    beside = [False, *asks[:-1]], [*asks[1:], True]
    kept = [n for n, asked in enumerate(asks) if not asked or not (beside[0][n] or beside[1][n])]
    return kept or list(range(len(texts)))


def sentences_of(hit: Hit) -> tuple[str, ...]:
    """Return the sentences of a found passage."""
    passage = hit.passage
    return tuple(passage.text[a - passage.start : b - passage.start] for a, b in passage.sentences)


def _words(question: Question, sentences: Sequence[frozenset[int]]) -> np.ndarray:
    said = [
        [
            1.0
            if word.own and says(sentence, word.own)
            else EXPANDED_SHARE * any(says(sentence, other) for other in word.others)
            for word in question.sought
        ]
        for sentence in sentences
    ]
    return np.array(said, np.float64).reshape(len(sentences), len(question.sought))


def _words_told(question: Question, number: int) -> np.ndarray:
    told = [
        1.0 if _among(word.own_passages, number) else EXPANDED_SHARE * _among(word.other_passages, number)
        for word in question.words
    ]
    return np.array(told, np.float64)


def _among(ascending: np.ndarray, number: int) -> bool:
    place = int(np.searchsorted(ascending, number))
    return place < len(ascending) and int(ascending[place]) == number


def _tokens(
    snapshot: Snapshot, question: Question, number: int, sentences: Sequence[frozenset[int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return `said`, `in_headings` and `rarity` of a passage in the question's own language."""
    tokens = list(question.tokens)
    numbers = [snapshot.sparse.number(token) for token in tokens]
    held = np.array([[token in sentence for token in numbers] for sentence in sentences], np.float64)
    held = held.reshape(len(sentences), len(tokens))
    _say_synonyms(held, snapshot, question, tokens, sentences)
    in_headings = np.array([snapshot.sparse.holds(number, [token]) for token in tokens], bool) & ~held.any(axis=0)
    return held, in_headings, np.array([snapshot.sparse.rarity(token) for token in tokens])


def _say_synonyms(
    held: np.ndarray, snapshot: Snapshot, question: Question, tokens: list[str], sentences: Sequence[frozenset[int]]
) -> None:
    """Let a sentence that says a concept by another name say the tokens of the question's name for it."""
    for word in question.words:
        others = [sought for synonym in word.synonyms if (sought := snapshot.sparse.sought(synonym))]
        own = [place for place, token in enumerate(tokens) if any(token in part for part in word.own)]
        for row, sentence in enumerate(sentences if others and own else ()):
            if any(says(sentence, other) for other in others):
                held[row, own] = np.maximum(held[row, own], EXPANDED_SHARE)


def _apart(vectors: np.ndarray, question: np.ndarray) -> np.ndarray:
    """Return the cosines of `question` and each of `vectors` less their parts along the mean of `vectors`."""
    # The last numbers of both are about crowding, not about meaning.
    vectors, question = vectors[:, : -len(FAMILIES)], question[: -len(FAMILIES)]
    subject = _unit(vectors.mean(axis=0))
    rest = vectors - np.outer(vectors @ subject, subject)
    asked = question - (question @ subject) * subject
    return np.asarray(_unit(rest) @ _unit(asked), np.float64)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6))


def _share(said: np.ndarray, weights: np.ndarray) -> np.ndarray:
    total = float(weights.sum())
    return np.asarray(said @ weights / total if total > 0 else np.zeros(len(said)))
