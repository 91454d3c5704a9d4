"""The training itself: AdamW over rows packed without padding; stopped at any step, it goes on from its last state."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.reading.network import EMBEDDINGS, Network
from retrieval.models.transformer import groups
from training.examples import Example

_WARM = 0.06
"""Share of the steps over which the rate rises to its full height; from there it falls to nothing."""
_DECAY, _BETAS, _CLIP = 0.01, (0.9, 0.98), 1.0
KEPT_EVERY = 300.0
"""Seconds between two states on disk: what a stop costs at most."""


@dataclass(frozen=True)
class Plan:
    """What decides the outcome, beside the data: the same plan gives the same weights on the same processor."""

    epochs: int = 1
    rate: float = 5e-5
    tokens: int = 4096
    """In one step."""
    dropout: float = 0.1
    frozen: int = 0
    """Lowest layers that stay as they are."""
    steps: int = 0
    """At most so many, of examples in random order; 0: all."""
    seed: int = 1


Say = Callable[[str], None]


def fit(
    network: Network,
    epoch: Callable[[int], list[Example]],
    plan: Plan,
    state: Path,
    device: str,
    say: Say,
    *,
    kept_every: float = KEPT_EVERY,
) -> None:
    """Train the network in place. `state` is written as it goes, and gone on from where it exists."""
    import torch

    learned = _learned(network, plan)
    decayed = [tensor for tensor in learned.values() if tensor.dim() > 1]
    others = [tensor for tensor in learned.values() if tensor.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": _DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=plan.rate,
        betas=_BETAS,
    )
    steps = [step for number in range(plan.epochs) for step in _steps(epoch(number), plan.tokens)]
    steps = steps[: plan.steps or None]
    done = _taken_up(state, learned, optimizer)
    began, kept, mean = time.monotonic(), time.monotonic(), 0.0
    for number in range(done, len(steps)):
        torch.manual_seed(plan.seed * 1_000_003 + number)
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * _height(number, len(steps))
        loss = _loss(network, steps[number], plan.dropout, device)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned.values(), _CLIP)
        optimizer.step()
        mean = float(loss.detach()) if number == done else 0.98 * mean + 0.02 * float(loss.detach())
        if time.monotonic() - kept > kept_every or number + 1 == len(steps):
            _keep(state, learned, optimizer, number + 1)
            kept = time.monotonic()
        if (number + 1) % 10 == 0 or number + 1 == len(steps):
            left = (time.monotonic() - began) / (number + 1 - done) * (len(steps) - number - 1)
            say(f"step {number + 1} of {len(steps)}, loss {mean:.3f}, {left / 60:.0f} min left")
    for tensor in learned.values():
        tensor.requires_grad_(False)


def _learned(network: Network, plan: Plan) -> dict[str, Any]:
    kept = tuple(f"encoder.layer.{number}." for number in range(plan.frozen))
    learned = {n: t for n, t in network.weights.items() if n not in EMBEDDINGS and not n.startswith(kept)}
    for tensor in learned.values():
        tensor.requires_grad_(True)
    return learned


def _steps(examples: Sequence[Example], tokens: int) -> list[Sequence[Example]]:
    return [examples[group] for group in groups([len(example.row) for example in examples], tokens)]


def _height(number: int, steps: int) -> float:
    return min(1.0, (number + 1) / (_WARM * steps)) * (1 - number / steps)


def _loss(network: Network, examples: Sequence[Example], dropout: float, device: str) -> Any:
    """Return the mean loss: of first and last token, "none" being the first, and of whether the passage answers."""
    import torch
    from torch.nn import functional

    with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or has_amx()):
        told = network.heads([example.row for example in examples], [example.begin for example in examples], dropout)
    losses = []
    for example, (spans, answers) in zip(examples, told, strict=True):
        tokens = torch.tensor([0, *range(example.begin, len(example.row) - 1)], device=device)
        where = [place - example.begin + 1 if place else 0 for place in example.span]
        span = functional.cross_entropy(spans.float()[tokens].T, torch.tensor(where, device=device))
        has = torch.tensor(float(example.span != (0, 0)), device=device)
        losses.append(span + functional.binary_cross_entropy_with_logits(answers.float(), has))
    return torch.stack(losses).mean()


def has_amx() -> bool:
    """Tell whether the processor multiplies in bfloat16 faster than in float32."""
    import torch

    return bool(torch.cpu._is_amx_tile_supported())


def _taken_up(state: Path, learned: dict[str, Any], optimizer: Any) -> int:
    import torch

    if not state.exists():
        return 0
    held = torch.load(state, weights_only=True)
    for name, tensor in learned.items():
        tensor.data.copy_(held["weights"][name])
    optimizer.load_state_dict(held["optimizer"])
    return int(held["step"])


def _keep(state: Path, learned: dict[str, Any], optimizer: Any, step: int) -> None:
    import torch

    weights = {name: tensor.detach() for name, tensor in learned.items()}
    beside = state.with_suffix(".new")
    torch.save({"weights": weights, "optimizer": optimizer.state_dict(), "step": step}, beside)
    os.replace(beside, state)
