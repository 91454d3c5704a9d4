"""The default model at work: a BERT with mean pooling, straight over torch.

sentence-transformers takes any model, and 7 s of processor time to be imported, for which every start and every
`cco ask` would wait. What it does with the default model's folder stands here in a page; a test holds the two against
each other, tokens and vectors.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.models.transformer import Transformer, fused

WORDS = "embeddings.word_embeddings.weight"
_PREFIX = "0.model."
"""What sentence-transformers puts before the weights' names; the model's digest is taken over them."""


class Bert:
    """Encodes as a `SentenceTransformer` over the same folder would. Safe to use from several threads."""

    def __init__(
        self, weights: dict[str, Any], tokenizer: Any, config: dict[str, Any], prompts: dict[str, str]
    ) -> None:
        self._weights, self.tokenizer, self.prompts = weights, tokenizer, prompts
        self._layers = Transformer(
            fused(weights), heads=int(config["num_attention_heads"]), epsilon=float(config["layer_norm_eps"])
        )

    @classmethod
    def load(cls, folder: Path, dtype: str) -> Bert:
        """Load from an unpacked model's folder."""
        import torch
        from safetensors import safe_open
        from tokenizers import AddedToken, Tokenizer

        config, special, told = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("config.json", "special_tokens_map.json", "config_sentence_transformers.json")
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special.values()])
        tokenizer.enable_truncation(config["max_position_embeddings"])
        with safe_open(folder / "model.safetensors", "pt") as file:
            names = [name for name in file.keys() if name != WORDS]  # noqa: SIM118, it is no mapping
            weights = {name: file.get_tensor(name).to(getattr(torch, dtype)) for name in names}
        return cls({WORDS: words_of(folder), **weights}, tokenizer, config, told["prompts"])

    def get_embedding_dimension(self) -> int:
        """Return how many numbers a vector has."""
        return int(self._weights["embeddings.LayerNorm.weight"].numel())

    def state_dict(self) -> dict[str, Any]:
        """Return the weights by the names that sentence-transformers gives them."""
        return {_PREFIX + name: tensor for name, tensor in self._weights.items()}

    def encode_document(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        """Return the vectors of texts that are searched; shape `(len(texts), dimension)`, float32."""
        return self._encode(self.prompts["passage"], texts, options["batch_size"])

    def encode_query(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        """Return the vectors of questions."""
        return self._encode(self.prompts["query"], texts, options["batch_size"])

    def _encode(self, prompt: str, texts: Sequence[str], batch_size: int) -> np.ndarray:
        import torch

        tokens = [found.ids for found in self.tokenizer.encode_batch([prompt + text for text in texts])]
        vectors = np.empty((len(tokens), self.get_embedding_dimension()), np.float32)
        with torch.inference_mode():
            for first in range(0, len(tokens), batch_size):
                states = self._layers.states(tokens[first : first + batch_size])
                mean = torch.stack([row.float().mean(0) for row in states])
                # Through the model's own type, as sentence-transformers does.
                unit = torch.nn.functional.normalize(mean.to(states[0].dtype), dim=-1)
                vectors[first : first + batch_size] = unit.float().numpy()
        return vectors


@lru_cache(maxsize=4)
def words_of(folder: Path) -> Any:
    """Return the word embeddings of a model's folder: most of its weights, mapped once for all that use them.

    They stay on the disk; the rows in use come into memory, as pages that the system takes back when it needs them.
    """
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", "pt") as file:
        return file.get_tensor(WORDS)
