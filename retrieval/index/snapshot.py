"""The index as it is searched: one state of its contents, their vectors and their tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import tee
from typing import Literal

import numpy as np

from corpus.documents import Passage
from corpus.text.language import detect_language
from corpus.text.normalize import encoder_form
from corpus.text.segment import content_tokens, lexical_tokens
from retrieval.index.contents import Contents
from retrieval.index.dense import DenseIndex
from retrieval.index.fusion import excess_at, keyword_evidence
from retrieval.index.sparse import Phrase, Sought, SparseIndex, highest, says
from retrieval.languages.centring import (
    Asked,
    CentredRows,
    LanguageMeans,
    centred,
    family_number,
    hubness,
    hubness_weights,
    prompt_shifts,
)
from retrieval.languages.probes import ProbeMeans
from retrieval.models.encoder import Encoder

EXPANDED_SHARE = 0.9
"""What another name for a word of the question counts for, the word itself counting 1."""
SPARSE_EXPANDED_SHARE = 0.5
"""What the share of words said in another language counts for beside BM25's, which near-misses reach less easily."""
LEAST_IDEAL = 2.0
"""The rarity of a word that one passage in seven has. Where all words of a question are together not so rare, keywords
tell less of it: which of the passages that all say them says them oftener is chance."""
SYNONYM_SHARE = 0.5
"""The same within BM25, where the names of one concept in one language meet each other."""

Mode = Literal["hybrid", "dense", "sparse"]
MODES: tuple[Mode, ...] = ("hybrid", "dense", "sparse")

# How many windows and passages each search hands to the fusion; more changed no figure by .001.
_DEPTH = 200
_LOOKED_AT = 30
"""First passages that are looked at sentence by sentence and window by window."""
_SEVERAL = 3
TOGETHER_WEIGHT, SEVERAL_WEIGHT = 0.3, 0.3
"""From .15 to .45 each all gain; chosen on either half of the public questions they gain on the other half too."""


@dataclass(frozen=True)
class AskedWord:
    """A word or name of the question, and the names by which texts in other words or languages say the same."""

    own: Phrase
    others: tuple[Phrase, ...]
    """The expansion: never the user's own words, and weighted below them."""
    own_passages: np.ndarray
    """Numbers of the passages that say it as the question does, ascending."""
    other_passages: np.ndarray
    """Numbers of the passages that say one of the other names, ascending."""
    synonyms: tuple[Phrase, ...] = ()
    """Those of the others that count in texts of the question's own language too."""
    said: str = ""
    """What the question says, in search form, and the names that the expansion adds, to be shown."""
    names: tuple[str, ...] = ()
    nowhere: bool = False
    """Whether other names are known for it, and no text says it or one of them."""


@dataclass(frozen=True)
class SoughtWord:
    """A word of the question as it is looked for in a sentence."""

    weight: float
    """Its share of the rarity of all the question's words; they add up to 1."""
    own: Sought | None
    others: tuple[Sought, ...]


@dataclass(frozen=True)
class Question:
    """A question made ready for search: its words, vector and language."""

    text: str
    language: str
    vector: np.ndarray
    """Centred unit vector, then the weights of a window's hubness; shape `(dimension + len(FAMILIES),)`."""
    tokens: dict[str, float]
    """Its content tokens and their weights."""
    words: tuple[AskedWord, ...] = ()
    """Its content words and their expansion."""
    sought: tuple[SoughtWord, ...] = ()
    """The same as the index that it was made ready for looks for them within sentences."""
    own_vector: np.ndarray | None = None
    """As the model gave it, whatever the index holds; shape `(dimension,)`."""


@dataclass(frozen=True)
class Hit:
    """A passage found for a question, with what spoke for it."""

    passage: Passage
    number: int
    """The passage's number in the index that found it."""
    score: float
    dense: float
    """Cosine of the question and the passage's best window, both centred, less its share of hubness; -1.75 to 1.75."""
    sparse: float
    """BM25 score as a share of that of a passage with every word of the question; 0 to about 2."""
    start: int
    end: int
    """Span of the best window in the document's text."""
    reranked: float | None = None
    """What the second stage says, where there is one; the score is then that of the place, not of the passage."""


class Snapshot:
    """One state of an index, complete and unchanging: what a reader searches."""

    def __init__(
        self, contents: Contents, dense: DenseIndex, sparse: SparseIndex, means: LanguageMeans, probes: ProbeMeans
    ) -> None:
        self.contents, self.dense, self.sparse = contents, dense, sparse
        self.means, self.probes = means, probes
        self.documents = {document.id: document for document in contents.documents}
        counts = np.bincount(contents.windows[:, 0], minlength=len(contents.passages))
        self._window_ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @classmethod
    def build(cls, contents: Contents, probes: ProbeMeans, older: Snapshot | None = None) -> Snapshot:
        """Compute the language means, the FAISS index and the BM25 index of `contents`.

        Passages that `contents` took over from `older` are not split into tokens again.
        """
        languages = np.array(contents.window_languages())
        asked_languages = languages[contents.asked_rows]
        shifts = prompt_shifts(contents.asked, contents.vectors[contents.asked_rows], asked_languages)
        means = LanguageMeans.estimate(contents.vectors, languages, probes, shifts)
        windows = CentredRows(contents.vectors, languages, means.documents)
        asked = centred(contents.asked, asked_languages, means.questions)
        owners = contents.windows[:, 0]
        sentences_asked = Asked(
            asked, contents.vectors[contents.asked_rows], asked_languages, owners[contents.asked_rows]
        )
        crowding = hubness(windows, contents.vectors, owners, sentences_asked, probes.documents)
        questions = np.hstack([asked, hubness_weights(asked_languages.tolist())])
        dense = DenseIndex.build(windows.with_beside(crowding), questions)
        headings, sentences = tee(_tokens(contents, older))
        sparse = SparseIndex.build((one[0] for one in headings), (one[1] for one in sentences))
        return cls(contents, dense, sparse, means, probes)

    # ------------------------------------------------------------------------------------------------------ search

    def question(
        self, text: str, encoder: Encoder, language: str | None = None, words: tuple[AskedWord, ...] = ()
    ) -> Question:
        """Make `text` ready for search; its language is detected unless given. `words` as for `questions`."""
        return self.questions([text], encoder, [language], [words])[0]

    def questions(
        self,
        texts: Sequence[str],
        encoder: Encoder,
        languages: Sequence[str | None] | None = None,
        words: Sequence[tuple[AskedWord, ...]] | None = None,
    ) -> list[Question]:
        """Make several questions ready at once, which a model does faster than one by one.

        `words` are those of each question and what they are called elsewhere in this index; without them only the
        question's own tokens are looked for.
        """
        tags = [
            known or detect_language(text) for text, known in zip(texts, languages or [None] * len(texts), strict=True)
        ]
        given = encoder.encode_queries([encoder_form(text) for text in texts])
        vectors = centred(given, tags, self.means.questions)
        # A window's last numbers are how crowded it is, a question's what that takes from the cosine.
        vectors = np.hstack([vectors, hubness_weights(tags)])
        asked = words or [()] * len(texts)
        return [
            Question(text, tag, vector, dict.fromkeys(content_tokens(text), 1.0), said, self._sought(said), own)
            for text, tag, vector, said, own in zip(texts, tags, vectors, asked, given, strict=True)
        ]

    def _sought(self, words: Sequence[AskedWord]) -> tuple[SoughtWord, ...]:
        once = {id(word): word for word in words}
        rarities = {name: self._rarity(word) for name, word in once.items()}
        total = sum(rarities[id(word)] for word in words)
        found = {
            name: SoughtWord(
                rarities[name] / total,
                self.sparse.sought(word.own),
                tuple(other for other in map(self.sparse.sought, word.others) if other),
            )
            for name, word in once.items()
        }
        return tuple(found[id(word)] for word in words)

    def _rarity(self, word: AskedWord) -> float:
        return self.sparse.rarity_of(len(np.union1d(word.own_passages, word.other_passages)))

    def search(
        self,
        question: Question,
        *,
        k: int = 10,
        mode: Mode = "hybrid",
        languages: Collection[str] = (),
        keyword_weight: float = 1.0,
    ) -> list[Hit]:
        """Return the `k` best passages for `question`, best first, in `languages` only where some are given.

        `keyword_weight` makes the keywords count for more or less beside the vectors than was measured to be best.
        """
        if not self.contents.passages:
            return []
        allowed = self._allowed(languages)
        own, expanded = self._coverage(question), self._expanded_coverage(question)
        foreign = self.families != family_number(question.language)
        sparse = np.where(foreign, np.maximum(own, SPARSE_EXPANDED_SHARE * expanded), own)
        near = self._near(question, allowed)
        candidates = set(near) if mode != "sparse" else set()
        if mode != "dense":
            top = highest(np.where(allowed, sparse, -1.0), _DEPTH)
            candidates.update(int(number) for number in top if sparse[number] > 0 and allowed[number])
        numbers = np.array(sorted(candidates), np.int64)
        if not len(numbers):
            return []
        best = [near.get(int(number)) or self._best_window(int(number), question) for number in numbers]
        cosines = np.array([cosine for _, cosine in best], np.float32)
        keywords = np.zeros(len(sparse), np.float32)
        keywords[allowed] = keyword_evidence(
            own[allowed], expanded[allowed], self.families[allowed], family_number(question.language)
        )
        both = cosines + keyword_weight * keywords[numbers]
        scores = {"hybrid": both, "dense": cosines, "sparse": sparse[numbers]}[mode]
        order = np.lexsort((numbers, -scores))
        if mode == "hybrid":
            looked = order[: max(k, _LOOKED_AT)]
            scores[looked] += self._second_look(question, numbers[looked])
            order = looked[np.lexsort((numbers[looked], -scores[looked]))]
        return [self._hit(int(numbers[i]), float(scores[i]), best[i], float(sparse[numbers[i]])) for i in order[:k]]

    def _second_look(self, question: Question, numbers: np.ndarray) -> np.ndarray:
        """Return what a closer look at some passages adds to their scores; shape `(len(numbers),)`, float32.

        Words of the question that stand together in one sentence say more than words strewn over the passage, and a
        passage with several near windows is on the subject, where a single one may be near by chance.
        """
        together = np.array([self.sentence_shares(question, int(number)).max(initial=0.0) for number in numbers])
        begin, end = self._window_ends[numbers], self._window_ends[numbers + 1]
        near = [self.dense.vectors(np.arange(a, b)) @ question.vector for a, b in zip(begin, end, strict=True)]
        several = np.array([np.sort(cosines)[-_SEVERAL:].mean() for cosines in near])
        together = excess_at(together, self.families[numbers], _LOOKED_AT // 3)
        return np.asarray(TOGETHER_WEIGHT * together + SEVERAL_WEIGHT * several, np.float32)

    def same_family(self, question: Question, number: int) -> bool:
        """Tell whether passage `number` is in the question's language, in whichever script."""
        return bool(self.families[number] == family_number(question.language))

    def sentence_shares(self, question: Question, number: int) -> np.ndarray:
        """Return which share of the question's words each sentence of passage `number` says, in order; 0 to 1.

        In the question's own language its own words, token by token; in another whatever says the same.
        """
        if self.same_family(question, number) or not question.sought:
            return self.sparse.sentence_coverage(number, question.tokens)
        return np.array([_said(question.sought, tokens) for tokens in self.sparse.sentences(number)], np.float32)

    def _allowed(self, languages: Collection[str]) -> np.ndarray:
        if not languages:
            return np.ones(len(self.contents.passages), bool)
        return np.isin(self._passage_languages, list(languages))

    @cached_property
    def document_numbers(self) -> np.ndarray:
        """Which document each passage is of, by its place among the documents; shape `(passages,)`, int64."""
        places = {document.id: place for place, document in enumerate(self.contents.documents)}
        return np.array([places[passage.document_id] for passage in self.contents.passages], np.int64)

    @cached_property
    def _passage_languages(self) -> np.ndarray:
        return np.array([passage.language for passage in self.contents.passages])

    @cached_property
    def families(self) -> np.ndarray:
        """The number of each passage's language family, as in `language.FAMILIES`; shape `(passages,)`."""
        return np.array([family_number(passage.language) for passage in self.contents.passages], np.int8)

    def _coverage(self, question: Question) -> np.ndarray:
        """Return every passage's BM25 score as a share of that of a passage with all of the question's own words.

        A passage that says a concept by another name gets part of what the question's name for it would have given.
        """
        scores = self.sparse.scores(question.tokens)
        for word in question.words:
            if word.synonyms:
                tokens = {token for part in word.own for token in part if token in question.tokens}
                scores[word.other_passages] += SYNONYM_SHARE * self.sparse.ideal(dict.fromkeys(tokens, 1.0))
        return scores / max(self.sparse.ideal(question.tokens), LEAST_IDEAL)

    def _expanded_coverage(self, question: Question) -> np.ndarray:
        """Return which share of the question's words, weighted by rarity, each passage says in whatever words."""
        shares = np.zeros(len(self.contents.passages), np.float32)
        total = 0.0
        for word in question.words:
            rarity = self._rarity(word)
            shares[word.other_passages] += rarity * EXPANDED_SHARE
            shares[word.own_passages] += rarity
            both = np.intersect1d(word.own_passages, word.other_passages, True)
            shares[both] -= rarity * EXPANDED_SHARE
            total += rarity
        return shares / total if total else shares

    def _near(self, question: Question, allowed: np.ndarray) -> dict[int, tuple[int, float]]:
        """Return the nearest passages: number -> (best window, cosine)."""
        among = None if allowed.all() else allowed[self.contents.windows[:, 0]]
        near: dict[int, tuple[int, float]] = {}
        for window, cosine in zip(*self.dense.search(question.vector, _DEPTH, among), strict=True):
            number = int(self.contents.windows[window, 0])
            if number not in near:
                near[number] = (int(window), float(cosine))
        return near

    def _best_window(self, number: int, question: Question) -> tuple[int, float]:
        begin, end = int(self._window_ends[number]), int(self._window_ends[number + 1])
        cosines = self.dense.vectors(np.arange(begin, end)) @ question.vector
        best = int(np.argmax(cosines))
        return begin + best, float(cosines[best])

    def _hit(self, number: int, score: float, best: tuple[int, float], sparse: float) -> Hit:
        passage = self.contents.passages[number]
        _, first, count, _ = self.contents.windows[best[0]]
        start, end = passage.sentences[first][0], passage.sentences[first + count - 1][1]
        return Hit(passage, number, score, best[1], sparse, start, end)


def _said(words: Sequence[SoughtWord], sentence: frozenset[int]) -> float:
    # A word that is said again is the same object: it is looked for once and weighs as often as it is said.
    times = Counter(map(id, words))
    share = 0.0
    for word in {id(word): word for word in words}.values():
        if word.own and says(sentence, word.own):
            share += times[id(word)] * word.weight
        elif any(says(sentence, other) for other in word.others):
            share += times[id(word)] * EXPANDED_SHARE * word.weight
    return share


def _tokens(contents: Contents, older: Snapshot | None) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield the tokens of each passage's headings and sentences; those of `older` that are kept stand in its order."""
    known = {id(passage) for passage in contents.passages} if older else set()
    kept = (
        (
            (passage, tokens)
            for passage, tokens in zip(older.contents.passages, older.sparse.tokens_by_passage(), strict=True)
            if id(passage) in known
        )
        if older
        else iter(())
    )
    titles = {document.id: document.title for document in contents.documents}
    coming = next(kept, None)
    for passage in contents.passages:
        if coming is not None and coming[0] is passage:
            yield coming[1]
            coming = next(kept, None)
            continue
        # Keyword search reads a passage under its titles, which often alone say what the passage is about.
        heading = f"{titles[passage.document_id]}\n{passage.section}"
        spans = ((a - passage.start, b - passage.start) for a, b in passage.sentences)
        yield lexical_tokens(heading), [lexical_tokens(passage.text[a:b]) for a, b in spans]
