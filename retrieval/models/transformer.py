"""The layers of a BERT over rows of token numbers: what encodes, what reads and what is trained are the same code.

Rows lie end to end without padding, so that nothing is computed for what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PARTS = ("query", "key", "value")
_KINDS = ("weight", "bias")


class Transformer:
    """Layers by the names that BERT's weights have, query, key and value fused. Safe to use from several threads."""

    def __init__(self, weights: Mapping[str, Any], *, heads: int, epsilon: float) -> None:
        """Take weights in floating point, with the embeddings; what else is among them is left alone."""
        self.weights, self._heads, self._epsilon = weights, heads, epsilon
        self._count = sum(name.endswith(".intermediate.dense.weight") for name in weights)

    def states(self, rows: Sequence[Sequence[int]], dropout: float = 0.0) -> list[Any]:
        """Return the last layer's states of each row; shape `(tokens, dimension)` each.

        Dropout, for training, is of states alone: to draw it for attention takes longer than all the rest.
        """
        import torch

        weights, lengths = self.weights, [len(row) for row in rows]
        places = weights["embeddings.position_embeddings.weight"]
        numbers = torch.tensor([number for row in rows for number in row], device=places.device)
        places = torch.cat([places[:length] for length in lengths])
        words = torch.nn.functional.embedding(numbers, weights["embeddings.word_embeddings.weight"]).to(places.dtype)
        states = words + weights["embeddings.token_type_embeddings.weight"][0] + places
        states = self._dropped(self.normed(states, "embeddings.LayerNorm"), dropout)
        for number in range(self._count):
            states = self._layer(states, lengths, f"encoder.layer.{number}", dropout)
        return list(states.split(lengths))

    def linear(self, states: Any, name: str) -> Any:
        """Return what the matrix of a name makes of states."""
        import torch

        return torch.nn.functional.linear(states, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def normed(self, states: Any, name: str) -> Any:
        """Return states after the layer norm of a name."""
        import torch

        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return torch.nn.functional.layer_norm(states, weight.shape, weight, bias, self._epsilon)

    def _layer(self, states: Any, lengths: Sequence[int], name: str, dropout: float) -> Any:
        import torch
        from torch.nn import functional

        three = self.linear(states, f"{name}.attention.self").view(len(states), 3, self._heads, -1).permute(1, 2, 0, 3)
        seen = torch.cat(
            [
                functional.scaled_dot_product_attention(*row.unsqueeze(1))[0].transpose(0, 1)
                for row in three.split(list(lengths), dim=2)
            ]
        )
        seen = self._dropped(self.linear(seen.flatten(1), f"{name}.attention.output.dense"), dropout)
        states = self.normed(seen + states, f"{name}.attention.output.LayerNorm")
        wide = functional.gelu(self.linear(states, f"{name}.intermediate.dense"))
        wide = self._dropped(self.linear(wide, f"{name}.output.dense"), dropout)
        return self.normed(wide + states, f"{name}.output.LayerNorm")

    def _dropped(self, states: Any, dropout: float) -> Any:
        import torch

        return torch.nn.functional.dropout(states, dropout) if dropout else states


def fused(weights: Mapping[str, Any], kinds: Sequence[str] = _KINDS) -> dict[str, Any]:
    """Return weights with the matrices of query, key and value as one; `kinds` is what there is of each."""
    import torch

    kept = {name: tensor for name, tensor in weights.items() if ".attention.self." not in name}
    for at in _attentions(weights):
        for kind in kinds:
            kept[f"{at}.{kind}"] = torch.cat([weights[f"{at}.{part}.{kind}"] for part in _PARTS])
    return kept


def parted(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return weights with query, key and value apart: what `fused` took."""
    kept = dict(weights)
    for name in [name for name in weights if ".attention.self." in name]:
        at, kind = name.rsplit(".", 1)
        for part, tensor in zip(_PARTS, kept.pop(name).chunk(3), strict=True):
            kept[f"{at}.{part}.{kind}"] = tensor
    return kept


def groups(lengths: Sequence[int], most: int) -> Iterator[slice]:
    """Yield runs of rows that go through together: each of one row, or of at most `most` tokens."""
    first = held = 0
    for place, length in enumerate(lengths):
        if held and held + length > most:
            yield slice(first, place)
            first, held = place, 0
        held += length
    if lengths:
        yield slice(first, len(lengths))


def _attentions(weights: Mapping[str, Any]) -> list[str]:
    ending = ".query.weight"
    return [name.removesuffix(ending) for name in weights if name.endswith(f".attention.self{ending}")]
