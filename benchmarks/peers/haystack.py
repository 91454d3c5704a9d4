"""Haystack: in-memory BM25 and embedding retrievers, joined by DocumentJoiner's reciprocal rank fusion.

https://docs.haystack.deepset.ai/docs/documentjoiner
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.pools import Paragraph


class Haystack:
    """The documented defaults: ten hits of each retriever, BM25 over words and, in Chinese, single characters."""

    def __init__(self, model: Path, folder: Path) -> None:
        device = ComponentDevice.from_str("cpu")
        self._documents = SentenceTransformersDocumentEmbedder(
            model=str(model), device=device, prefix="passage: ", progress_bar=False
        )
        questions = SentenceTransformersTextEmbedder(
            model=str(model), device=device, prefix="query: ", progress_bar=False
        )
        self._documents.warm_up()
        questions.warm_up()
        self._store = InMemoryDocumentStore()
        pipeline = Pipeline()
        pipeline.add_component("text_embedder", questions)
        pipeline.add_component("embedding_retriever", InMemoryEmbeddingRetriever(self._store))
        pipeline.add_component("bm25_retriever", InMemoryBM25Retriever(self._store))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("text_embedder", "embedding_retriever")
        pipeline.connect("bm25_retriever", "joiner")
        pipeline.connect("embedding_retriever", "joiner")
        self._pipeline = pipeline

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Embed and store each paragraph; the pipeline, which may not share its parts with another, stays."""
        self._store.delete_all_documents()
        documents = [Document(id=paragraph.id, content=paragraph.whole) for paragraph in paragraphs]
        self._store.write_documents(self._documents.run(documents)["documents"])

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs of both lists."""
        found = self._pipeline.run({"text_embedder": {"text": question}, "bm25_retriever": {"query": question}})
        return [document.id for document in found["joiner"]["documents"][:k]]
