"""What an index is made of: documents, their passages and windows, and the windows' vectors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.documents import Document, Passage, Window
from corpus.text.normalize import encoder_form
from corpus.text.passages import passages_of, window_text, windows_of
from retrieval.models.encoder import Encoder, Progress

_ASKED_SHARE, _ASKED_MOST = 4, 24
"""Of a document's sentences one in so many, and so many at most, are also encoded as questions would be."""


@dataclass(frozen=True)
class Contents:
    """What an index is made of; all else is computed from it."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    windows: np.ndarray
    """Shape `(windows, 4)`, int32: passage number, first sentence, count of sentences, whether titled."""
    vectors: np.ndarray
    """Shape `(windows, dimension)`, float32: unit vectors as the model gave them, before centring."""
    asked_rows: np.ndarray
    """Shape `(asked,)`, int64: windows that are encoded as questions too, a few sentences of each document. They stand
    in for the questions that will be asked of these texts: what the prompt does, and which windows are near to all."""
    asked: np.ndarray
    """Shape `(asked, dimension)`, float32: their vectors as questions."""

    @classmethod
    def encode(
        cls,
        documents: Iterable[Document],
        encoder: Encoder,
        progress: Progress | None = None,
        like: Contents | None = None,
    ) -> Contents:
        """Split `documents` into passages and windows and encode each window, less those whose words `like` has too."""
        documents = tuple(documents)
        passages = tuple(passage for document in documents for passage in passages_of(document))
        windows = windows_of(passages)
        titles = {document.id: document.title for document in documents}
        texts = [_encoded_text(passages[window.passage], window, titles) for window in windows]
        rows = np.array([(w.passage, w.first, w.count, w.titled) for w in windows], np.int32).reshape(-1, 4)
        chosen = _spread_sentences(passages, rows)
        known, known_asked = like.vectors_of_texts() if like else ({}, {})
        asked = _vectors([texts[row] for row in chosen], known_asked, encoder.encode_queries)
        vectors = _vectors(texts, known, lambda missing: encoder.encode_documents(missing, progress))
        return cls(documents, passages, rows, vectors, chosen, asked)

    def vectors_of_texts(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return the vector of each text that was encoded, as a document and as a question."""
        titles = {document.id: document.title for document in self.documents}
        rows = [Window(passage, first, count, bool(titled)) for passage, first, count, titled in self.windows.tolist()]
        texts = [_encoded_text(self.passages[row.passage], row, titles) for row in rows]
        asked = (texts[row] for row in self.asked_rows.tolist())
        return dict(zip(texts, self.vectors, strict=True)), dict(zip(asked, self.asked, strict=True))

    def relocated(self, documents: Mapping[str, Document]) -> Contents:
        """Return the contents with some documents, by their ids, in place of themselves; their texts must be the same.

        What stands in a passage or window of them stays as it is.
        """
        return replace(self, documents=tuple(documents.get(document.id, document) for document in self.documents))

    def text_of(self, row: int) -> str:
        """Return the original words of the window in `row`."""
        number, first, count, titled = self.windows[row].tolist()
        return window_text(self.passages[number], Window(number, first, count, bool(titled)))

    def window_languages(self) -> list[str]:
        """Return the language of each window."""
        return [self.passages[number].language for number in self.windows[:, 0]]

    def without(self, document_ids: Collection[str]) -> Contents:
        """Return the contents less the documents with these ids."""
        kept = np.array([passage.document_id not in document_ids for passage in self.passages], bool)
        kept_rows = kept[self.windows[:, 0]]
        windows = self.windows[kept_rows].copy()
        windows[:, 0] = (np.cumsum(kept) - 1)[windows[:, 0]]
        kept_asked = kept_rows[self.asked_rows]
        return Contents(
            tuple(document for document in self.documents if document.id not in document_ids),
            tuple(passage for passage, keep in zip(self.passages, kept, strict=True) if keep),
            windows,
            self.vectors[kept_rows],
            (np.cumsum(kept_rows) - 1)[self.asked_rows[kept_asked]],
            self.asked[kept_asked],
        )

    def joined(self, other: Contents) -> Contents:
        """Return the contents of both; the ids must differ."""
        moved = other.windows.copy()
        moved[:, 0] += len(self.passages)
        return Contents(
            self.documents + other.documents,
            self.passages + other.passages,
            np.concatenate([self.windows, moved]),
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.asked_rows, other.asked_rows + len(self.windows)]),
            np.concatenate([self.asked, other.asked]),
        )


def _vectors(
    texts: Sequence[str], known: Mapping[str, np.ndarray], encode: Callable[[list[str]], np.ndarray]
) -> np.ndarray:
    missing = [text for text in texts if text not in known]
    encoded = encode(missing)
    if not known:
        return encoded
    made = iter(encoded)
    vectors = [known[text] if text in known else next(made) for text in texts]
    return np.array(vectors, encoded.dtype).reshape(-1, encoded.shape[1])


def _encoded_text(passage: Passage, window: Window, titles: Mapping[str, str]) -> str:
    words = window_text(passage, window)
    if window.titled:
        words = "\n".join(filter(None, (titles[passage.document_id], passage.section, words)))
    return encoder_form(words)


def _spread_sentences(passages: Sequence[Passage], windows: np.ndarray) -> np.ndarray:
    """Return rows of single sentences, evenly spread over each document, so that every document has a say."""
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(windows[:, 3] == 0):
        rows_of.setdefault(passages[windows[row, 0]].document_id, []).append(int(row))
    chosen: list[int] = []
    for rows in rows_of.values():
        count = min(_ASKED_MOST, -(-len(rows) // _ASKED_SHARE))
        chosen += [rows[i] for i in np.linspace(0, len(rows) - 1, count).round().astype(int)]
    return np.array(chosen, np.int64)
