"""The systems that the retrieval benchmark compares: ours, plain ones, and what users would pick instead.

Each is set up as its documentation's page on hybrid search says, with its own defaults, as many hits from either search
as are asked for in the end, and the same model with the same prompts. Every paragraph is one document of each system:
the paragraphs are short, so that no system's splitter is needed. A title goes before the text, except in ours, whose
documents have titles. A second row follows where the documentation tells what to do about languages without spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from benchmarks.pools import Paragraph


class System(Protocol):
    """Something that finds paragraphs."""

    def __init__(self, model: Path, folder: Path) -> None:
        """Load what is needed: `model` is a sentence-transformers folder, `folder` is empty and the system's own."""

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index `paragraphs`, in place of what was there."""

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return the ids of the `k` best paragraphs, best first."""


@dataclass(frozen=True)
class Entry:
    """Where a system is found and what it needs."""

    label: str
    module: str
    name: str
    packages: tuple[str, ...] = ()
    """Names of the packages on PyPI; the first is the one whose version tells the system's."""
    imports: tuple[str, ...] = ()
    encodes: bool = True
    """Whether it needs the model; what does not is spared the libraries under it."""

    @property
    def installed(self) -> bool:
        """Whether all that it imports is there."""
        return all(find_spec(name) for name in self.imports)

    @property
    def versions(self) -> dict[str, str]:
        """Version of each package."""
        return {package: version(package) for package in self.packages}

    def load(self) -> Any:
        """Import the module and return the class."""
        return getattr(import_module(f"benchmarks.peers.{self.module}"), self.name)


_LANGCHAIN = (
    ("langchain-classic", "langchain-community", "rank-bm25"),
    ("langchain_classic", "langchain_community", "rank_bm25"),
)
_LLAMAINDEX = (
    ("llama-index-core", "llama-index-retrievers-bm25", "llama-index-embeddings-huggingface"),
    ("llama_index", "bm25s"),
)
_HAYSTACK = (("haystack-ai", "sentence-transformers-haystack"), ("haystack", "haystack_integrations"))

SYSTEMS = {
    "ours": Entry("ours (hybrid)", "ours", "Hybrid"),
    "ours-dense": Entry("ours, vectors only (centred)", "ours", "CentredDense"),
    "dense": Entry("plain vectors", "plain", "PlainDense"),
    "bm25": Entry("plain BM25", "plain", "PlainSparse", encodes=False),
    "rrf": Entry("plain reciprocal rank fusion", "plain", "ReciprocalRank"),
    "langchain": Entry("LangChain", "langchain", "LangChain", *_LANGCHAIN),
    "langchain-jieba": Entry("LangChain, jieba words", "langchain", "LangChainJieba", *_LANGCHAIN),
    "llamaindex": Entry("LlamaIndex", "llamaindex", "LlamaIndex", *_LLAMAINDEX),
    "llamaindex-han": Entry("LlamaIndex, Han characters", "llamaindex", "LlamaIndexHan", *_LLAMAINDEX),
    "haystack": Entry("Haystack", "haystack", "Haystack", *_HAYSTACK),
    "txtai": Entry("txtai", "txtai", "Txtai", ("txtai",), ("txtai",)),
    "lancedb": Entry("LanceDB", "lancedb", "LanceDb", ("lancedb",), ("lancedb",)),
    "lancedb-icu": Entry("LanceDB, ICU words", "lancedb", "LanceDbIcu", ("lancedb",), ("lancedb",)),
}
"""Every row of the benchmark, by the name that `--systems` takes."""
