"""The shipped texts as documents."""

from __future__ import annotations

from functools import cache

from corpus.documents import Document
from corpus.files.sources import find_sources
from corpus.readers import FileReader
from tests.conftest import SHIPPED_TEXTS


@cache
def shipped_documents() -> tuple[Document, ...]:
    """Return the shipped texts, read once a process and by one reader: each of its own starts another."""
    with FileReader() as reader:
        return tuple(document for path in find_sources([SHIPPED_TEXTS])[0] for document in reader.read(path).documents)
