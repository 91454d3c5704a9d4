"""What one would write first: one vector a paragraph, BM25 over good tokens, and both joined by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.pools import Paragraph
from corpus.text.segment import content_tokens, lexical_tokens
from retrieval.index.dense import DenseIndex
from retrieval.index.fusion import reciprocal_rank
from retrieval.index.sparse import SparseIndex
from retrieval.models.encoder import SentenceTransformerEncoder


class PlainDense:
    """One vector a paragraph, as the model gives it, searched exactly."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._encoder = SentenceTransformerEncoder.load(str(model))

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Encode and index each paragraph."""
        self._ids = [paragraph.id for paragraph in paragraphs]
        vectors = self._encoder.encode_documents([paragraph.whole for paragraph in paragraphs])
        self._index = DenseIndex.build(vectors)

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the nearest paragraphs."""
        numbers, _ = self._index.search(self._encoder.encode_queries([question])[0], k)
        return [self._ids[number] for number in numbers]

    def scores(self, question: str) -> np.ndarray:
        """Return the cosine of every paragraph."""
        numbers, cosines = self._index.search(self._encoder.encode_queries([question])[0], len(self._ids))
        scores = np.empty(len(self._ids), np.float32)
        scores[numbers] = cosines
        return scores


class PlainSparse:
    """BM25 over our tokens: jieba words and character pairs, Polish lemmas. Needs no model."""

    def __init__(self, model: Path, folder: Path) -> None:
        pass

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index each paragraph's tokens."""
        self._ids = [paragraph.id for paragraph in paragraphs]
        self._index = SparseIndex.build(
            [lexical_tokens(paragraph.title) for paragraph in paragraphs],
            [[lexical_tokens(paragraph.text)] for paragraph in paragraphs],
        )

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs that hold a word of the question."""
        scores = self.scores(question)
        best = np.argsort(-scores, kind="stable")[:k]
        return [self._ids[number] for number in best if scores[number] > 0]

    def scores(self, question: str) -> np.ndarray:
        """Return the BM25 score of every paragraph."""
        return self._index.scores(dict.fromkeys(content_tokens(question), 1.0))


class ReciprocalRank:
    """The two above joined by the sum of 1 / (60 + rank), over whole lists."""

    def __init__(self, model: Path, folder: Path) -> None:
        self._dense, self._sparse = PlainDense(model, folder), PlainSparse(model, folder)

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Build both."""
        self._ids = [paragraph.id for paragraph in paragraphs]
        self._dense.build(paragraphs)
        self._sparse.build(paragraphs)

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the paragraphs that stand high in both lists."""
        sparse = self._sparse.scores(question)
        # What holds no word of the question is in no list of BM25's, and gets nothing from its place among the rest.
        scores = reciprocal_rank(self._dense.scores(question)) + np.where(sparse > 0, reciprocal_rank(sparse), 0.0)
        return [self._ids[number] for number in np.argsort(-scores, kind="stable")[:k]]
