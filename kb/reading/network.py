"""The trained network: token numbers in, a vector for each out; twelve layers over the bundled model's embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

_LAYERS, _HEADS = 12, 12
_EPSILON = 1e-12
_AT_ONCE = 2048
"""Tokens that go through the layers together, so that memory stays bounded."""


class Network:
    """The weights of `reader.safetensors`, in float32, and how they are run.

    Float32 on purpose: bfloat16 needs AMX, and int8 gives other answers on a processor without VNNI than with it.
    """

    def __init__(self, weights: Path, embeddings: Path) -> None:
        """Load the reader's own weights, and open the model folder whose embeddings it shares."""
        import torch
        from safetensors import safe_open
        from safetensors.torch import load_file

        own = load_file(weights)
        self._own: dict[str, Any] = {
            name: tensor.float() * own[f"{name}_scale"][:, None] if tensor.dtype == torch.int8 else tensor
            for name, tensor in own.items()
            if not name.endswith("_scale")
        }
        for layer in range(_LAYERS):
            at = f"encoder.layer.{layer}.attention.self."
            for kind in ("weight", "bias"):
                parts = [self._own.pop(f"{at}{part}.{kind}") for part in ("query", "key", "value")]
                self._own[f"{at}all.{kind}"] = torch.cat(parts)
        # Mapped, not read: of the 384 MB of word embeddings only the rows that are looked up come into memory, and
        # they are the same pages that the encoder was loaded from.
        with safe_open(embeddings / "model.safetensors", "pt") as base:
            self._words = base.get_tensor("embeddings.word_embeddings.weight")
            places = base.get_tensor("embeddings.position_embeddings.weight")
            self._places = places + base.get_tensor("embeddings.token_type_embeddings.weight")[0]

    def run(self, rows: Sequence[Sequence[int]], begins: Sequence[int]) -> list[tuple[np.ndarray, float]]:
        """Return for each row of token numbers the heads' numbers for each token, and the answerable head's logit.

        The passage's tokens begin at `begins` and end before the row's last. Shapes `(tokens, 2)`.
        """
        import torch

        found: list[tuple[np.ndarray, float]] = []
        with torch.inference_mode():
            for first, last in _groups([len(row) for row in rows]):
                vectors = self._vectors(rows[first:last])
                found += [self._heads(x, begin) for x, begin in zip(vectors, begins[first:last], strict=True)]
        return found

    def _vectors(self, rows: Sequence[Sequence[int]]) -> Any:
        """Return the last layer's vectors of each row. Rows lie end to end, without padding."""
        import torch
        from torch.nn import functional

        lengths = [len(row) for row in rows]
        numbers = torch.tensor([number for row in rows for number in row])
        places = torch.cat([self._places[:length] for length in lengths])
        x = self._norm("embeddings.LayerNorm", self._words[numbers] + places)
        for layer in range(_LAYERS):
            at = f"encoder.layer.{layer}."
            asked = self._linear(f"{at}attention.self.all", x).view(len(x), 3, _HEADS, -1).permute(1, 2, 0, 3)
            told = [
                functional.scaled_dot_product_attention(*part.unsqueeze(1)).squeeze(0).transpose(0, 1).flatten(1)
                for part in asked.split(lengths, dim=2)
            ]
            x = self._norm(
                f"{at}attention.output.LayerNorm", x + self._linear(f"{at}attention.output.dense", torch.cat(told))
            )
            inner = functional.gelu(self._linear(f"{at}intermediate.dense", x))
            x = self._norm(f"{at}output.LayerNorm", x + self._linear(f"{at}output.dense", inner))
        return x.split(lengths)

    def _heads(self, x: Any, begin: int) -> tuple[np.ndarray, float]:
        import torch
        from torch.nn import functional

        spans = self._linear("span", x).numpy()
        body = x[begin : len(x) - 1]
        pooled = torch.cat([x[0], body.mean(0) if len(body) else x[0]])
        inner = functional.gelu(self._linear("answerable.dense", pooled))
        return spans, float(self._linear("answerable.out", inner))

    def _linear(self, name: str, x: Any) -> Any:
        from torch.nn import functional

        return functional.linear(x, self._own[f"{name}.weight"], self._own[f"{name}.bias"])

    def _norm(self, name: str, x: Any) -> Any:
        from torch.nn import functional

        weight, bias = self._own[f"{name}.weight"], self._own[f"{name}.bias"]
        return functional.layer_norm(x, (x.shape[-1],), weight, bias, _EPSILON)


def _groups(lengths: Sequence[int]) -> list[tuple[int, int]]:
    """Return the runs of rows that go through together, each of one row or of at most `_AT_ONCE` tokens."""
    found, first, held = list[tuple[int, int]](), 0, 0
    for place, length in enumerate(lengths):
        if held and held + length > _AT_ONCE:
            found.append((first, place))
            first, held = place, 0
        held += length
    return [*found, (first, len(lengths))] if lengths else []
