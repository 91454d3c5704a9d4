"""An optional second stage: a cross-encoder reads question and passage together and puts the first hits in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from corpus.text.normalize import encoder_form
from retrieval.index.snapshot import Hit
from retrieval.models.dtypes import Dtype
from retrieval.models.encoder import in_one_line, load_cross_encoder

_BATCH = 8


class Reranker(Protocol):
    """Judges pairs of a question and a text."""

    name: str

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Return how well each text answers, the higher the better; shape `(len(texts),)`, float32."""
        ...


class CrossEncoderReranker:
    """A `Reranker` over any sentence-transformers `CrossEncoder` with one output."""

    def __init__(self, name_or_folder: str, dtype: Dtype = "auto") -> None:
        """Load a model by its Hugging Face name or folder. Raises `EncoderError`."""
        self.name = name_or_folder
        self._model = load_cross_encoder(name_or_folder, dtype)
        # A folder can hold what can be loaded and judges nothing, which every question would end at.
        with in_one_line(name_or_folder, "give --reranker a model that was trained to rank"):
            if not np.isfinite(self.scores("?", ["."])).all():
                raise ValueError("it scores with what is no number")

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        """Return the model's score of each pair; both are read in Simplified characters, as by the embedding model."""
        pairs = [(encoder_form(question), encoder_form(text)) for text in texts]
        return np.asarray(self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False), np.float32)


def reranked(hits: Sequence[Hit], question: str, reranker: Reranker, depth: int) -> list[Hit]:
    """Return `hits` with the first `depth` of them in the reranker's order, ties as they stood.

    The scores stay where they are, so that the first place keeps what the first place had: what reads them further on
    (the answerer, the confidence) knows the scale of the first stage.
    """
    first = list(hits[:depth])
    if not first:
        return []
    judged = reranker.scores(question, [hit.passage.text for hit in first])
    order = np.argsort(-judged, kind="stable")
    moved = [
        replace(first[old], score=first[new].score, reranked=float(judged[old]))
        for new, old in enumerate(order.tolist())
    ]
    return [*moved, *hits[depth:]]
