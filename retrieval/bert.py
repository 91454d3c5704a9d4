"""The default model at work: a BERT with mean pooling, straight over torch.

sentence-transformers takes any model, and 7 s of processor time to be imported, for which every start and every
`cco ask` would wait. What it does with the default model's folder stands here in a page; a test holds the two against
each other, tokens and vectors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_PREFIX = "0.model."
"""What sentence-transformers puts before the weights' names; the model's digest is taken over them."""


class Bert:
    """Encodes as a `SentenceTransformer` over the same folder would. Safe to use from several threads."""

    def __init__(
        self, weights: dict[str, Any], tokenizer: Any, config: dict[str, Any], prompts: dict[str, str]
    ) -> None:
        import torch

        self._torch, self._weights, self.tokenizer, self.prompts = torch, weights, tokenizer, prompts
        self._heads, self._epsilon = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        self._layers, self._padding = int(config["num_hidden_layers"]), int(config["pad_token_id"])
        self._dtype = weights["embeddings.LayerNorm.weight"].dtype
        # The three are computed at once, from one matrix.
        self._attending = [
            tuple(
                torch.cat(
                    [weights[f"encoder.layer.{n}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
                )
                for kind in ("weight", "bias")
            )
            for n in range(self._layers)
        ]

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
            weights = {name: file.get_tensor(name) for name in list(file.keys())}
        # Most of the weights are the words': they stay on disk, and the rows in use are converted as they are read.
        weights = {
            name: tensor if name == "embeddings.word_embeddings.weight" else tensor.to(getattr(torch, dtype))
            for name, tensor in weights.items()
        }
        return cls(weights, tokenizer, config, told["prompts"])

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
        tokens = [found.ids for found in self.tokenizer.encode_batch([prompt + text for text in texts])]
        vectors = np.empty((len(tokens), self.get_embedding_dimension()), np.float32)
        with self._torch.inference_mode():
            for chosen in _batches([len(ids) for ids in tokens], batch_size):
                vectors[chosen] = self._pooled([tokens[i] for i in chosen])
        return vectors

    def _pooled(self, tokens: Sequence[Sequence[int]]) -> np.ndarray:
        torch = self._torch
        longest = max(map(len, tokens))
        ids = torch.tensor([[*row, *[self._padding] * (longest - len(row))] for row in tokens])
        lengths = torch.tensor([len(row) for row in tokens])
        mask = torch.arange(longest)[None] < lengths[:, None]
        padded = bool((lengths < longest).any())
        states = self._states(ids, mask[:, None, None] if padded else None).float()
        mean = (states * mask[..., None]).sum(1) / lengths[:, None]
        # Through the model's own type, as sentence-transformers does.
        return np.asarray(torch.nn.functional.normalize(mean.to(self._dtype), dim=-1).float().numpy())

    def _states(self, ids: Any, mask: Any) -> Any:
        """Return the last layer's states; shape `(texts, tokens, dimension)`."""
        weights, rows = self._weights, ids.shape[1]
        words = self._torch.nn.functional.embedding(ids, weights["embeddings.word_embeddings.weight"]).to(self._dtype)
        states = words + weights["embeddings.token_type_embeddings.weight"][0]
        states = self._normed(states + weights["embeddings.position_embeddings.weight"][:rows], "embeddings")
        for number in range(self._layers):
            states = self._layer(states, mask, number)
        return states

    def _layer(self, states: Any, mask: Any, number: int) -> Any:
        functional, name = self._torch.nn.functional, f"encoder.layer.{number}"
        texts, rows, dimension = states.shape
        three = functional.linear(states, *self._attending[number])
        query, key, value = three.view(texts, rows, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self._linear(seen.transpose(1, 2).reshape(texts, rows, dimension), f"{name}.attention.output.dense")
        states = self._normed(seen + states, f"{name}.attention.output")
        wide = functional.gelu(self._linear(states, f"{name}.intermediate.dense"))
        return self._normed(self._linear(wide, f"{name}.output.dense") + states, f"{name}.output")

    def _linear(self, states: Any, name: str) -> Any:
        return self._torch.nn.functional.linear(states, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _normed(self, states: Any, name: str) -> Any:
        weight, bias = self._weights[f"{name}.LayerNorm.weight"], self._weights[f"{name}.LayerNorm.bias"]
        return self._torch.nn.functional.layer_norm(states, weight.shape, weight, bias, self._epsilon)


def _batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield the places of texts of like lengths together, the longest first, so that little is spent on padding."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]
