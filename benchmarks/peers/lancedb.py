"""LanceDB: a table with vectors and a full-text index, searched as `hybrid`, joined by reciprocal rank fusion.

https://docs.lancedb.com/search/hybrid-search and https://docs.lancedb.com/indexing/fts-index
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import lancedb
from lancedb.index import FTS
from lancedb.rerankers import RRFReranker
from sentence_transformers import SentenceTransformer

from benchmarks.pools import Paragraph


class LanceDb:
    """The documented defaults: words between spaces and punctuation, stemmed and stopped as English."""

    tokens: ClassVar[dict[str, Any]] = {}

    def __init__(self, model: Path, folder: Path) -> None:
        # Vectors are made outside and given with the question, as the page shows: the library's own embedding
        # function has no prompts.
        self._model = SentenceTransformer(str(model), device="cpu", local_files_only=True)
        self._database = lancedb.connect(str(folder / "lance"))

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Write a table of all paragraphs and index its text."""
        texts = [paragraph.whole for paragraph in paragraphs]
        vectors = self._model.encode(texts, prompt_name="passage")
        rows = [
            {"id": paragraph.id, "text": text, "vector": vector}
            for paragraph, text, vector in zip(paragraphs, texts, vectors, strict=True)
        ]
        self._table = self._database.create_table("paragraphs", data=rows, mode="overwrite")
        self._table.create_index("text", config=FTS(**self.tokens))

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs of both lists."""
        vector = self._model.encode(question, prompt_name="query")
        query = self._table.search(query_type="hybrid").vector(vector).text(question)
        return [row["id"] for row in query.rerank(RRFReranker()).limit(k).to_list()]


class LanceDbIcu(LanceDb):
    """The tokenizer that its documentation has for Chinese and works without a model file; no English words cut off."""

    tokens: ClassVar[dict[str, Any]] = {"base_tokenizer": "icu", "stem": False, "remove_stop_words": False}
