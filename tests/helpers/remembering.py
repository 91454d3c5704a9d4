"""What models say of the same input is the same: the tests compute it once a process, and remember it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from kb.reading.readings import Excerpt, Reading
from kb.reading.trained import TrainedReader
from retrieval.models.encoder import SentenceTransformerEncoder


class Memory:
    """What was computed, by what it was computed of: texts in one batch, in this order, and nothing less."""

    def __init__(self) -> None:
        self._held: dict[Any, Any] = {}
        self._on = True

    def of(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return what is remembered, else what is computed now."""
        if not self._on:
            return compute()
        if key not in self._held:
            self._held[key] = compute()
        return self._held[key]

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Neither remember nor recall while the block lasts."""
        self._on = False
        try:
            yield
        finally:
            self._on = True


MEMORY = Memory()


class RememberingReader:
    """The trained reader, which reads the same excerpts for the same question once."""

    def __init__(self, reader: TrainedReader) -> None:
        self._reader, self.cutter = reader, reader.cutter

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        return list(
            MEMORY.of(
                ("read", question, tuple(excerpts)),
                lambda: [_unchangeable(reading) for reading in self._reader.read(question, excerpts)],
            )
        )


def remembering(encoder: SentenceTransformerEncoder) -> SentenceTransformerEncoder:
    """Have an encoder encode the same texts as questions, in the same batch, once."""
    encode = encoder.encode_queries

    def remembered(texts: Sequence[str]) -> np.ndarray:
        # A copy, as whoever asks the model has vectors of his own.
        return np.array(MEMORY.of(("question", encoder.digest, encoder.dtype, *texts), lambda: encode(texts)))

    encoder.encode_queries = remembered  # type: ignore[method-assign]
    return encoder


def _unchangeable(reading: Reading) -> Reading:
    for array in (reading.places, reading.starts, reading.ends):
        array.flags.writeable = False
    return reading
