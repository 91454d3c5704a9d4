"""The reader that was trained for this project, on the bundled embedding model's tokenizer and embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from corpus.normalize import character_form
from corpus.storage import cache_folder
from kb.reading.network import Network
from kb.reading.readings import Excerpt, Reading
from retrieval.bundled_model import BUNDLED_MODEL, bundled_model_folder
from retrieval.encoder import Encoder

LONGEST = 400
"""Tokens of question, title and passage together, as trained; a longer passage is read in windows."""
_LONGEST_QUESTION, _LONGEST_TITLE = 64, 24
_WINDOWS = 2
"""Of a long passage, those whose middle is nearest to what retrieval found: what is read of it is bounded."""
_CHARACTERS = 4000
"""Of a text, what is cut into tokens at all: more than the windows hold in any language."""
_START, _END = 0, 2

Cut = tuple[list[int], list[tuple[int, int]]]


class TrainedReader:
    """A `Reader` over a loaded network and tokenizer. Safe to use from several threads."""

    def __init__(self, network: Network, tokenizer: Any) -> None:
        self._network, self._tokenizer = network, tokenizer

    @classmethod
    def beside(cls, encoder: Encoder) -> TrainedReader:
        """Return the reader, loaded once a process; with the bundled model in use its tokenizer is shared."""
        bundled = encoder.name == BUNDLED_MODEL
        return cls(_network(), (getattr(encoder, "tokenizer", None) if bundled else None) or _tokenizer())

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Read each excerpt; of the windows of a long one the best counts."""
        asked = self._cut(question[:_CHARACTERS])[0][:_LONGEST_QUESTION]
        rows, begins, places, owners = list[list[int]](), list[int](), list[list[tuple[int, int]]](), list[int]()
        for number, excerpt in enumerate(excerpts):
            title = self._cut(excerpt.title[:_CHARACTERS])[0][:_LONGEST_TITLE]
            head = [_START, *asked, _END, *title, _END]
            for numbers, spans in self._windows(excerpt, LONGEST - len(head) - 1):
                rows.append([*head, *numbers, _END])
                begins.append(len(head))
                places.append(spans)
                owners.append(number)
        readings: list[Reading | None] = [None] * len(excerpts)
        for owner, begin, spans, told in zip(owners, begins, places, self._network.run(rows, begins), strict=True):
            reading, held = _reading(*told, begin, spans), readings[owner]
            if held is None or reading.score > held.score:
                readings[owner] = reading
        return [reading for reading in readings if reading is not None]

    def _windows(self, excerpt: Excerpt, room: int) -> list[Cut]:
        """Return the token numbers and places of a passage, in windows that overlap by half where it is long."""
        begin = max(0, min(excerpt.near - _CHARACTERS // 2, len(excerpt.text) - _CHARACTERS))
        numbers, spans = self._cut(excerpt.text[begin : begin + _CHARACTERS])
        spans = [(start + begin, end + begin) for start, end in spans]
        if len(numbers) <= room:
            return [(numbers, spans)]
        firsts = [*range(0, len(numbers) - room, room // 2), len(numbers) - room]
        near = next((place for place, (_, end) in enumerate(spans) if end > excerpt.near), len(spans))
        nearest = sorted(firsts, key=lambda first: abs(first + room // 2 - near))[:_WINDOWS]
        return [(numbers[first : first + room], spans[first : first + room]) for first in sorted(set(nearest))]

    def _cut(self, text: str) -> Cut:
        """Return the numbers and places of the tokens of a text of any length."""
        form = character_form(text)
        first = self._tokenizer.encode(form, add_special_tokens=False)
        numbers, spans = list[int](), list[tuple[int, int]]()
        # Where the encoder's own use of the tokenizer has set a length, what is longer goes on in `overflowing`.
        for part in (first, *first.overflowing):
            held = sum(part.attention_mask)
            numbers += part.ids[:held]
            spans += [(start + form.startswith(" ", start, end), end) for start, end in part.offsets[:held]]
        return numbers, spans


def _reading(spans: np.ndarray, answerable: float, begin: int, places: list[tuple[int, int]]) -> Reading:
    # The first token stands for „no answer here".
    tokens = [0, *range(begin, begin + len(places))]
    told = spans[tokens].astype(np.float64)
    told -= told.max(axis=0)
    told -= np.log(np.exp(told).sum(axis=0))
    where = np.array(places, np.int64).reshape(-1, 2)
    return Reading(answerable, float(told[0].sum()), where, told[1:, 0], told[1:, 1])


@lru_cache(maxsize=1)
def _network() -> Network:
    with resources.as_file(resources.files("kb.reading").joinpath("reader.safetensors")) as weights:
        return Network(weights, _model())


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(_model() / "tokenizer.json"))


def _model() -> Path:
    return bundled_model_folder(cache_folder())
