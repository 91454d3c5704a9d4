"""The trained network: token numbers in, what its two heads say out; over the bundled model's embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.models.bert import WORDS, words_of
from retrieval.models.transformer import Transformer, fused, groups, parted

_HEADS, _EPSILON = 12, 1e-12
_AT_ONCE = 2048
"""Tokens that go through the layers together, so that memory stays bounded."""
EMBEDDINGS = tuple(f"embeddings.{kind}_embeddings.weight" for kind in ("word", "position", "token_type"))
_SCALE = "_scale"


class Network:
    """The layers and the heads, in float32.

    Float32 on purpose: bfloat16 needs AMX, and int8 gives other answers on a processor without VNNI than with it.
    """

    def __init__(self, weights: Mapping[str, Any]) -> None:
        """Take the reader's own weights, fused, and the embeddings."""
        self.weights = weights
        self._layers = Transformer(weights, heads=_HEADS, epsilon=_EPSILON)

    @classmethod
    def load(cls, weights: Path, model: Path) -> Network:
        """Load the reader's own weights, and open the model folder whose embeddings it shares."""
        from safetensors import safe_open

        with safe_open(model / "model.safetensors", "pt") as base:
            small = {name: base.get_tensor(name) for name in EMBEDDINGS if name != WORDS}
        return cls(load_weights(weights) | small | {WORDS: words_of(model)})

    def run(self, rows: Sequence[Sequence[int]], begins: Sequence[int]) -> list[tuple[np.ndarray, float]]:
        """Return for each row of token numbers the heads' numbers for each token, and the answerable head's logit.

        The passage's tokens begin at `begins` and end before the row's last. Shapes `(tokens, 2)`.
        """
        import torch

        found: list[tuple[np.ndarray, float]] = []
        with torch.inference_mode():
            for group in groups([len(row) for row in rows], _AT_ONCE):
                found += [(spans.numpy(), float(answers)) for spans, answers in self.heads(rows[group], begins[group])]
        return found

    def heads(
        self, rows: Sequence[Sequence[int]], begins: Sequence[int], dropout: float = 0.0
    ) -> list[tuple[Any, Any]]:
        """Return the same as tensors, all rows at once."""
        return [
            self._heads(states, begin) for states, begin in zip(self._layers.states(rows, dropout), begins, strict=True)
        ]

    def _heads(self, states: Any, begin: int) -> tuple[Any, Any]:
        import torch

        body = states[begin : len(states) - 1]
        pooled = torch.cat([states[0], body.mean(0) if len(body) else states[0]])
        inner = torch.nn.functional.gelu(self._layers.linear(pooled, "answerable.dense"))
        return self._layers.linear(states, "span"), self._layers.linear(inner, "answerable.out")[0]


def load_weights(file: Path) -> dict[str, Any]:
    """Return the weights of a file in float32, fused."""
    import torch
    from safetensors.torch import load_file

    # Fused first, while they are small; and nothing keeps the file mapped.
    own = fused(load_file(file), kinds=("weight", "weight" + _SCALE, "bias"))
    return {
        name: tensor.float().mul_(own[name + _SCALE][:, None]) if tensor.dtype == torch.int8 else tensor.clone()
        for name, tensor in own.items()
        if not name.endswith(_SCALE)
    }


def save_weights(weights: Mapping[str, Any], file: Path) -> None:
    """Write the reader's own weights: matrices as int8 with one scale a row, but for the two small ones."""
    import torch
    from safetensors.torch import save_file

    kept: dict[str, Any] = {}
    for name, tensor in parted({name: t for name, t in weights.items() if name not in EMBEDDINGS}).items():
        whole = tensor.detach().float().cpu().contiguous()
        if whole.dim() < 2 or len(whole) < 3:
            kept[name] = whole.clone()
            continue
        scale = whole.abs().amax(1).clamp(min=1e-12) / 127
        kept[name], kept[name + _SCALE] = (whole / scale[:, None]).round().to(torch.int8), scale
    save_file(kept, file, {"format": "pt"})
