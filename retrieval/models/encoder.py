"""Texts to unit vectors: any sentence-transformers model, by name or folder, with its own prompts."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from corpus.user_folders import cache_folder
from retrieval.models.bert import Bert
from retrieval.models.bundled_model import BUNDLED_MODEL, bundled_model_folder
from retrieval.models.dtypes import Dtype, resolved

Progress = Callable[[int, int], None]
"""Called with how many texts are done and how many there are."""

# Small batches keep activations in the processor's cache: on two cores 8 at a time are a third faster than 64.
_BATCH = 8
_PROGRESS_STEP = 64
_COUNTED_AT_ONCE = 10_000
"""Characters whose tokens are counted in one call, for which the tokenizer keeps the interpreter to itself (20 ms)."""


class EncoderError(Exception):
    """A model cannot be had; the message names it and says what to type next."""


class Encoder(Protocol):
    """Turns texts into unit vectors of float32, one row a text."""

    name: str
    digest: str
    dimension: int
    dtype: str

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Return a unit vector of each text that is searched; shape `(len(texts), dimension)`, float32."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Return the same of each question."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many of the model's tokens a text is."""
        ...


class SentenceTransformerEncoder:
    """An `Encoder` over a loaded `SentenceTransformer`, or the default model's `Bert`, which works as one does."""

    def __init__(self, model: Any, name: str, digest: str, dtype: str) -> None:
        self.name, self.digest, self.dtype = name, digest, dtype
        self.dimension = int(model.get_embedding_dimension())
        # sentence-transformers gives every model an empty `document` prompt, which hides the model's own `passage`.
        model.prompts = {role: prompt for role, prompt in model.prompts.items() if prompt}
        self._model = model

    @classmethod
    def load(cls, name_or_folder: str = BUNDLED_MODEL, dtype: Dtype = "auto") -> SentenceTransformerEncoder:
        """Load a model by its Hugging Face name or folder, by default the bundled one. Raises `EncoderError`."""
        with _no_collection():
            return cls._load(name_or_folder, resolved(dtype))

    @classmethod
    def _load(cls, name_or_folder: str, dtype: str) -> SentenceTransformerEncoder:
        model = _bundled(dtype) if name_or_folder == BUNDLED_MODEL else _other(name_or_folder, dtype)
        return cls(model, name_or_folder, _digest(model), dtype)

    def encode_documents(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Return vectors of shape `(len(texts), dimension)` for texts that are searched."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # Like lengths together, so that little is spent on padding; longest first, so that memory peaks at once.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        for begin in range(0, len(order), _PROGRESS_STEP):
            chosen = order[begin : begin + _PROGRESS_STEP]
            vectors[chosen] = _unit(self._model.encode_document([texts[i] for i in chosen], **self._options()))
            if progress:
                progress(begin + len(chosen), len(order))
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        """Return vectors of shape `(len(texts), dimension)` for questions."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return _unit(self._model.encode_query(list(texts), **self._options()))

    def count_tokens(self, text: str) -> int:
        """Return into how many tokens the model's tokenizer cuts a text of any length, without those at its ends.

        A long text is counted in pieces, so that other threads go on meanwhile. It is cut at white space; where there
        is none, each cut may count a token or two more.
        """
        return sum(map(self._count, _pieces(text)))

    def _count(self, text: str) -> int:
        tokenizer = self.tokenizer
        if not hasattr(tokenizer, "encode_batch"):  # one in plain Python, which some models have
            return len(tokenizer.tokenize(text))
        # Where the model's own use of it has set a length, what is longer goes on in `overflowing`.
        first = tokenizer.encode(text, add_special_tokens=False)
        return sum(sum(part.attention_mask) for part in (first, *first.overflowing))

    @property
    def tokenizer(self) -> Any:
        """The model's `tokenizers.Tokenizer`. Its settings are left alone: another thread may be encoding by it."""
        tokenizer = self._model.tokenizer
        return getattr(tokenizer, "backend_tokenizer", tokenizer)

    @staticmethod
    def _options() -> dict[str, Any]:
        return {"batch_size": _BATCH, "show_progress_bar": False, "convert_to_numpy": True}


def _pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces of `_COUNTED_AT_ONCE` characters at most, cut at white space (which goes) if it can be."""
    begin = 0
    while len(text) - begin > _COUNTED_AT_ONCE:
        end = begin + _COUNTED_AT_ONCE
        space = max(text.rfind(" ", begin + 1, end), text.rfind("\n", begin + 1, end))
        yield text[begin : space if space > 0 else end]
        begin = space + 1 if space > 0 else end
    yield text[begin:]


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking over all that the libraries make while they load: a fifth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def load_cross_encoder(name_or_folder: str, dtype: Dtype = "auto") -> Any:
    """Load a sentence-transformers `CrossEncoder` with one output. Raises `EncoderError`."""
    from sentence_transformers import CrossEncoder

    model = _load_quietly(
        CrossEncoder,
        name_or_folder,
        resolved(dtype),
        Path(name_or_folder).is_dir(),
        "give --reranker a folder, a name that is in the Hugging Face cache, or leave it out",
    )
    if model.num_labels != 1:
        raise EncoderError(
            f"the reranker {name_or_folder!r} has {model.num_labels} outputs, expected one score; "
            "give --reranker a model that was trained to rank"
        )
    return model


def _bundled(dtype: str) -> Bert:
    folder = bundled_model_folder(cache_folder())
    with in_one_line(str(folder), f"remove that folder, and it is made again from the package of {BUNDLED_MODEL}"):
        return Bert.load(folder, dtype)


def _other(name_or_folder: str, dtype: str) -> Any:
    from sentence_transformers import SentenceTransformer

    advice = f"give --model a folder, a name that is in the Hugging Face cache, or leave it out for {BUNDLED_MODEL}"
    return _load_quietly(SentenceTransformer, name_or_folder, dtype, Path(name_or_folder).is_dir(), advice)


def _load_quietly(kind: Any, folder: str, dtype: str, offline: bool, advice: str) -> Any:
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    with in_one_line(folder, advice), contextlib.redirect_stderr(io.StringIO()):
        return kind(
            folder,
            device="cpu",
            local_files_only=offline or bool(os.environ.get("HF_HUB_OFFLINE")),
            trust_remote_code=False,
            model_kwargs={"dtype": getattr(torch, dtype), "use_safetensors": True},
        )


@contextlib.contextmanager
def in_one_line(folder: str, advice: str) -> Iterator[None]:
    """Raise what goes wrong while a model is loaded as an `EncoderError` of one line."""
    try:
        yield
    except Exception as error:  # what a folder leads the libraries to that is no model's is no closed list
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(f"cannot load the model {folder!r}: {reason}; {advice}") from error


def _digest(model: Any) -> str:
    """SHA-256 over the prompts and every weight's name, shape and a sample of its values."""
    prompts = {role: prompt for role, prompt in model.prompts.items() if prompt}
    summary = hashlib.sha256(repr(sorted(prompts.items())).encode())
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().flatten()
        # Through bfloat16, so that a model loaded in either precision has one digest.
        sample = flat[:: max(1, flat.numel() // 64)].bfloat16().float().numpy()
        summary.update(f"{name}{tuple(tensor.shape)}".encode() + sample.astype("<f4").tobytes())
    return summary.hexdigest()


def _unit(vectors: np.ndarray) -> np.ndarray:
    vectors = np.asarray(vectors, np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1.0), np.float32)
