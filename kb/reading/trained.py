"""The reader that was trained for this project, on the bundled embedding model's tokenizer and embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from corpus.user_folders import cache_folder
from kb.reading.network import Network
from kb.reading.readings import Excerpt, Reading
from kb.reading.rows import CHARACTERS, Cutter, Tokens, room_after, row_of
from retrieval.models.bundled_model import BUNDLED_MODEL, bundled_model_folder
from retrieval.models.encoder import Encoder

_WINDOWS = 2
"""Of a passage longer than a row, those whose middle is nearest to what retrieval found: what is read is bounded."""


class TrainedReader:
    """A `Reader` over a loaded network and tokenizer. Safe to use from several threads."""

    def __init__(self, network: Network, tokenizer: Any) -> None:
        self._network, self.cutter = network, Cutter(tokenizer)

    @classmethod
    def beside(cls, encoder: Encoder) -> TrainedReader:
        """Return the reader, loaded once a process; with the bundled model in use its tokenizer is shared."""
        bundled = encoder.name == BUNDLED_MODEL
        return cls(_network(), (getattr(encoder, "tokenizer", None) if bundled else None) or _tokenizer())

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Read each excerpt; of the windows of a long one the best counts."""
        rows, begins, parts, owners = list[list[int]](), list[int](), list[Tokens](), list[int]()
        for number, excerpt in enumerate(excerpts):
            head = self.cutter.head(question, excerpt.title)
            for part in self._windows(excerpt, room_after(head)):
                rows.append(row_of(head, part))
                begins.append(len(head))
                parts.append(part)
                owners.append(number)
        readings: list[Reading | None] = [None] * len(excerpts)
        for owner, begin, part, told in zip(owners, begins, parts, self._network.run(rows, begins), strict=True):
            reading, held = _reading(*told, begin, part), readings[owner]
            if held is None or reading.score > held.score:
                readings[owner] = reading
        return [reading for reading in readings if reading is not None]

    def _windows(self, excerpt: Excerpt, room: int) -> list[Tokens]:
        """Return the tokens of a passage, in windows that overlap by half where it is long."""
        begin = max(0, min(excerpt.near - CHARACTERS // 2, len(excerpt.text) - CHARACTERS))
        tokens = self.cutter.tokens(excerpt.text[begin : begin + CHARACTERS], begin)
        count = len(tokens.numbers)
        if count <= room:
            return [tokens]
        firsts = [*range(0, count - room, room // 2), count - room]
        near = next((place for place, (_, end) in enumerate(tokens.places) if end > excerpt.near), count)
        nearest = sorted(firsts, key=lambda first: abs(first + room // 2 - near))[:_WINDOWS]
        return [tokens.part(first, first + room) for first in sorted(set(nearest))]


def _reading(spans: np.ndarray, answerable: float, begin: int, part: Tokens) -> Reading:
    # The first token stands for „no answer here".
    tokens = [0, *range(begin, begin + len(part.numbers))]
    told = spans[tokens].astype(np.float64)
    told -= told.max(axis=0)
    told -= np.log(np.exp(told).sum(axis=0))
    where = np.array(part.places, np.int64).reshape(-1, 2)
    return Reading(answerable, float(told[0].sum()), where, told[1:, 0], told[1:, 1])


@lru_cache(maxsize=1)
def _network() -> Network:
    with resources.as_file(resources.files("kb.reading").joinpath("reader.safetensors")) as weights:
        return Network.load(weights, _model())


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(_model() / "tokenizer.json"))


def _model() -> Path:
    return bundled_model_folder(cache_folder())
