"""Stand-ins for tests: an encoder whose vectors can be worked out in the head, and texts to go with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from corpus.documents import Document
from corpus.text.language import detect_language
from corpus.text.normalize import search_form
from corpus.text.segment import lexical_tokens
from kb.reading.readings import Excerpt, Reading
from kb.reading.trained import TrainedReader

ANIMALS = {
    "cat": r"猫|\b(?:kot\w*|cats?)\b",
    "dog": r"狗|\b(?:psy|pies|psa|dogs?)\b",
    "fish": r"鱼|\b(?:ryb\w*|fish)\b",
    "bird": r"鸟|\b(?:ptak\w*|birds?)\b",
}
"""The words that `FakeEncoder` counts, one dimension each, in Simplified characters and any case."""

TEXTS = {
    "cats": ("zh-Hans", "猫喜欢睡觉。猫每天睡十六个小时。"),
    "dogs": ("zh-Hant", "狗喜歡散步。狗每天散步兩次。"),
    "fish": ("pl", "Ryby pływają w stawie. Ryby nie śpią w nocy."),
    "birds": ("en", "Birds sing at dawn. Birds build nests of straw."),
}
"""Id to language and text: one animal a document, one language a document."""


class FakeEncoder:
    """Counts animals: a text's vector is how often each is named, or points along the fifth axis where none is."""

    name = "fake-animals"
    digest = "fa" * 32
    dimension = 5
    dtype = "float32"

    def __init__(self) -> None:
        self.encoded: list[str] = []
        """All texts encoded as documents, in order."""

    def encode_documents(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        self.encoded += texts
        if progress:
            progress(len(texts), len(texts))
        return self._vectors(texts)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors(texts)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def _vectors(self, texts: Sequence[str]) -> np.ndarray:
        counts = [[len(re.findall(pattern, text, re.IGNORECASE)) for pattern in ANIMALS.values()] for text in texts]
        rows = np.array([[*row, 0 if any(row) else 1] for row in counts], np.float32).reshape(-1, self.dimension)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def document(document_id: str, text: str, language: str | None = None, **fields: object) -> Document:
    """Return a document of one paragraph, without going through a file."""
    values: dict[str, object] = {
        "title": document_id,
        "language": language or detect_language(text),
        "source": f"{document_id}.md",
        "digest": f"digest of {document_id}: {text}",
    }
    return Document(id=document_id, text=text, **{**values, **fields})  # type: ignore[arg-type]


def animal_documents() -> list[Document]:
    """Return `TEXTS` as documents."""
    return [document(name, text, language) for name, (language, text) in TEXTS.items()]


def write_animals(folder: Path) -> Path:
    """Write `TEXTS` into the new `folder` as Markdown with front matter; return the folder."""
    folder.mkdir(parents=True)
    for name, (language, text) in TEXTS.items():
        (folder / f"{name}.md").write_text(f"---\ntitle: {name}\nlanguage: {language}\n---\n{text}\n", encoding="utf-8")
    return folder


class FakeReader:
    """Finds the sentences that name the animal of the question, else the one with most of its words."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        return [self._reading(question, excerpt.text) for excerpt in excerpts]

    @staticmethod
    def _reading(question: str, text: str) -> Reading:
        asked, animals = set(lexical_tokens(question)), _named(question)
        sentences = [match.span() for match in re.finditer(r"[^。.!?！？\n]+", text) if match.group().strip()]
        told = [len(asked & set(lexical_tokens(text[start:end]))) / max(len(asked), 1) for start, end in sentences]
        saying = [n for n, (start, end) in enumerate(sentences) if animals & _named(text[start:end])]
        saying = saying or [n for n, share in enumerate(told) if share == max(told)][:1]
        starts, ends = np.full(len(sentences), -9.0), np.full(len(sentences), -9.0)
        if saying:
            starts[saying[0]] = ends[saying[-1]] = -0.01
        answerable = -12.0 + 15.0 * bool(animals & _named(text)) + 20.0 * max(told, default=0.0)
        return Reading(answerable, 0.0, np.array(sentences, np.int64).reshape(-1, 2), starts, ends)


def read_by_stand_in() -> None:
    """Have `FakeReader` read in this process: to load the real one and torch takes a server of a test seconds."""
    TrainedReader.beside = classmethod(lambda cls, encoder: FakeReader())  # type: ignore[assignment, method-assign]


def _named(text: str) -> set[str]:
    form = search_form(text)
    return {animal for animal, pattern in ANIMALS.items() if re.search(pattern, form)}
