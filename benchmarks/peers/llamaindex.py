"""LlamaIndex: QueryFusionRetriever over BM25Retriever and a VectorStoreIndex, by reciprocal rank, no generated queries.

https://developers.llamaindex.ai/python/framework/integrations/retrievers/reciprocal_rerank_fusion/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from llama_index.core import VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.retrievers.bm25 import BM25Retriever

from benchmarks.pools import Paragraph

_DEPTH = 10


class LlamaIndex:
    """The documented defaults: BM25 over words of two letters and more, stemmed and stopped as English."""

    # The page offers a stemmer and stop words by language too, but the versions that it wants have no Polish ones.
    tokens: ClassVar[dict[str, Any]] = {}

    def __init__(self, model: Path, folder: Path) -> None:
        self._embedding = HuggingFaceEmbedding(
            model_name=str(model), device="cpu", query_instruction="query: ", text_instruction="passage: "
        )

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index each paragraph as a node of its own."""
        nodes = [TextNode(id_=paragraph.id, text=paragraph.whole) for paragraph in paragraphs]
        index = VectorStoreIndex(nodes, embed_model=self._embedding)
        self._retriever = QueryFusionRetriever(
            [
                index.as_retriever(similarity_top_k=_DEPTH),
                BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=_DEPTH, **self.tokens),
            ],
            # Needed though it is never called: num_queries=1 turns the generation of queries off.
            llm=MockLLM(),
            similarity_top_k=_DEPTH,
            num_queries=1,
            mode="reciprocal_rerank",
            # The documented True would only start an event loop for each question.
            use_async=False,
        )

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs of both lists."""
        return [hit.node.node_id for hit in self._retriever.retrieve(question)[:k]]


class LlamaIndexHan(LlamaIndex):
    """With the documented `token_pattern` and `skip_stemming`: each Han character is a token, no word is cut short."""

    tokens: ClassVar[dict[str, Any]] = {
        "token_pattern": r"(?u)[\u4e00-\u9fff]|[^\W\u4e00-\u9fff]{2,}",
        "skip_stemming": True,
    }
