"""txtai: an Embeddings index with `hybrid`, which adds BM25 to the vectors.

https://neuml.github.io/txtai/embeddings/configuration/general/ and .../vectors/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from txtai import Embeddings

from benchmarks.pools import Paragraph


class Txtai:
    """The documented defaults: the mean of cosine and scaled BM25, over words as Unicode cuts them."""

    def __init__(self, model: Path, folder: Path) -> None:
        # `vectors` goes to the model as it is. With `instructions` the question would get its prompt twice: once
        # from there and once from the model's own configuration.
        self._index = Embeddings(
            path=str(model),
            method="sentence-transformers",
            gpu=False,
            vectors={"prompts": {"query": "query: ", "document": "passage: "}},
            hybrid=True,
        )

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index each paragraph under its id."""
        self._index.index([(paragraph.id, paragraph.whole) for paragraph in paragraphs])

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs."""
        return [found for found, _ in self._index.search(question, k)]
