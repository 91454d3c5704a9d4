"""Our own search, through the same door that any user of the library has."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from benchmarks.pools import Paragraph
from corpus.documents import Document
from corpus.text.language import detect_language
from kb.knowledge_base import KnowledgeBase
from kb.settings.schema import ModelSettings, Settings
from retrieval.index.snapshot import Mode
from retrieval.models.encoder import SentenceTransformerEncoder


class Hybrid:
    """Windows, centred vectors and BM25, joined; the index is written to disk, which no other system here does."""

    mode: Mode = "hybrid"

    def __init__(self, model: Path, folder: Path) -> None:
        self._encoder = SentenceTransformerEncoder.load(str(model))
        self._settings = Settings(model=ModelSettings(name=str(model)), index=folder / "index")

    def build(self, paragraphs: Sequence[Paragraph]) -> None:
        """Index documents whose language is detected: the benchmark tells it to no system."""
        documents = [_document(paragraph) for paragraph in paragraphs]
        self._base = KnowledgeBase.of_documents(documents, settings=self._settings, encoder=self._encoder)

    def search(self, question: str, k: int) -> Sequence[str]:
        """Return documents, of which long ones have several passages."""
        hits = self._base.search(question, 3 * k, mode=self.mode)
        return list(dict.fromkeys(hit.passage.document_id for hit in hits))[:k]


class CentredDense(Hybrid):
    """The same index, searched by its vectors only."""

    mode: Mode = "dense"


def _document(paragraph: Paragraph) -> Document:
    digest = hashlib.sha256(paragraph.whole.encode("utf-8", "replace")).hexdigest()
    language = detect_language(paragraph.text)
    return Document(paragraph.id, paragraph.title, paragraph.text, language, paragraph.title, digest)
