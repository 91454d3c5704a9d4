"""An encoder that remembers on disk: a run over a file's own paragraphs encodes them once, however often it is made."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from corpus.user_folders import cache_folder
from retrieval.models.encoder import Encoder, Progress

MOST_KEPT = 150_000
"""Vectors; beyond so many those go that were used the longest ago. About 300 MB."""
_BLOCK = 256
"""Texts that are kept together. Their number is the encoder's own step, so that blocks give what the whole gives."""
_SECONDS_TO_WAIT = 10.0
_SCHEMA = "create table if not exists vectors (key blob primary key, vector blob not null, used integer not null)"

_log = logging.getLogger(__name__)


class KeptVectors:
    """Keeps each vector under its text and all else that it depends on; what cannot be kept is encoded again."""

    def __init__(self, encoder: Encoder, file: Path | None = None) -> None:
        self._encoder = encoder
        self.name, self.digest = encoder.name, encoder.digest
        self.dimension, self.dtype = encoder.dimension, encoder.dtype
        self._file = file or cache_folder() / "evaluation-vectors.sqlite3"
        self._database = self._opened()

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Return vectors of shape `(len(texts), dimension)`; they are kept a block at a time.

        A block is encoded whole or taken whole: which texts share a batch bears on the last digits.
        """
        vectors = np.empty((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for begin in range(0, len(order), _BLOCK):
            rows = order[begin : begin + _BLOCK]
            vectors[rows] = self._block([texts[i] for i in rows], "document", self._encoder.encode_documents)
            if progress:
                progress(begin + len(rows), len(order))
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Return vectors of shape `(len(texts), dimension)`; a question alone is not kept, as its time is measured."""
        if len(texts) < 2:
            return self._encoder.encode_queries(texts)
        return self._block(texts, "question", self._encoder.encode_queries)

    def count_tokens(self, text: str) -> int:
        """Count as the encoder does."""
        return self._encoder.count_tokens(text)

    def _block(self, texts: Sequence[str], kind: str, encode: Callable[[Sequence[str]], np.ndarray]) -> np.ndarray:
        place = f"{self.digest}\0{self.dtype}\0{kind}\0{len(texts)}\0"
        whole = hashlib.sha256("\0".join([place, *texts]).encode("utf-8", "surrogatepass")).digest()
        found = self._known(whole)
        if found is not None and found.size == len(texts) * self.dimension:
            return found.reshape(len(texts), self.dimension)
        vectors = np.ascontiguousarray(encode(texts), np.float32)
        self._keep(whole, vectors)
        return vectors

    def _opened(self) -> sqlite3.Connection | None:
        try:
            database = sqlite3.connect(self._file, timeout=_SECONDS_TO_WAIT, isolation_level=None)
            database.execute("pragma journal_mode = wal")
            database.execute(_SCHEMA)
            return database
        except (sqlite3.Error, OSError) as error:
            self._given_up(error)
            return None

    def _known(self, key: bytes) -> np.ndarray | None:
        if self._database is None:
            return None
        try:
            row = self._database.execute("select vector from vectors where key = ?", (key,)).fetchone()
            if row is None:
                return None
            self._database.execute(
                "update vectors set used = (select max(used) + 1 from vectors) where key = ?", (key,)
            )
            return np.frombuffer(row[0], np.float32)
        except (sqlite3.Error, ValueError) as error:
            self._given_up(error)
            return None

    def _keep(self, key: bytes, vectors: np.ndarray) -> None:
        if self._database is None:
            return
        # A block is one row; the oldest rows go until what is left is within bounds.
        rows = MOST_KEPT // _BLOCK
        try:
            self._database.execute(
                "insert or replace into vectors values (?, ?, (select coalesce(max(used), 0) + 1 from vectors))",
                (key, vectors.tobytes()),
            )
            self._database.execute(
                "delete from vectors where key not in (select key from vectors order by used desc limit ?)", (rows,)
            )
        except sqlite3.Error as error:
            self._given_up(error)

    def _given_up(self, error: Exception) -> None:
        _log.warning("vectors are not kept between runs: %s cannot be used (%s)", self._file.name, error)
        self._database = None
