"""LangChain: EnsembleRetriever over BM25Retriever and FAISS, weights one half each.

https://docs.langchain.com/oss/python/integrations/retrievers/bm25 and the page on EnsembleRetriever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.embeddings import HuggingFaceBgeEmbeddings
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS

from benchmarks.pools import Paragraph

_DEPTH = 10


class LangChain:
    """The documented defaults: BM25 takes words at white space, which Chinese does not have.

    Where no word is found BM25Retriever still returns ten paragraphs, and the first ties with the nearest vector's.
    """

    words: Callable[[str], list[str]] | None = None

    def __init__(self, model: Path, folder: Path) -> None:
        # The class that takes a prompt for either side; langchain-huggingface has another, but wants huggingface-hub
        # below 2, which the product's own set has left behind. Its vectors are the same.
        self._embeddings = HuggingFaceBgeEmbeddings(
            model_name=str(model),
            model_kwargs={"device": "cpu"},
            query_instruction="query: ",
            embed_instruction="passage: ",
        )

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index each paragraph in both retrievers."""
        texts = [paragraph.whole for paragraph in paragraphs]
        sources: list[dict[str, Any]] = [{"source": paragraph.id} for paragraph in paragraphs]
        options = {"preprocess_func": type(self).words} if type(self).words else {}
        sparse = BM25Retriever.from_texts(texts, metadatas=sources, **options)
        sparse.k = _DEPTH
        dense = FAISS.from_texts(texts, self._embeddings, metadatas=sources)
        self._retriever = EnsembleRetriever(
            retrievers=[sparse, dense.as_retriever(search_kwargs={"k": _DEPTH})], weights=[0.5, 0.5]
        )

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the best paragraphs of both lists."""
        return [document.metadata["source"] for document in self._retriever.invoke(question)[:k]]


def _jieba_words(text: str) -> list[str]:
    import jieba

    return [word for word in jieba.lcut(text) if word.strip()]


class LangChainJieba(LangChain):
    """The documented `preprocess_func`, which its page advises for word-level tokens, with jieba for the words."""

    words = staticmethod(_jieba_words)
