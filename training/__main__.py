"""Trains the reader and measures it: python -m training OUT [--start WEIGHTS] [--more FOLDER …].

Stopped, the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from corpus.user_folders import cache_folder
from kb.reading.network import EMBEDDINGS, Network, load_weights, save_weights
from kb.reading.rows import Cutter
from kb.reading.trained import TrainedReader
from retrieval.models.bundled_model import bundled_model_folder
from retrieval.models.encoder import SentenceTransformerEncoder
from retrieval.models.transformer import fused
from training.examples import Examples
from training.fitting import Plan, fit, has_amx
from training.material import OWN, Passage, load, load_messages
from training.measuring import HEAD, measured
from training.neighbours import neighbours

_Row = TypeVar("_Row")
_HEADS = {"span": (2, 1), "answerable.dense": (384, 2), "answerable.out": (1, 1)}
"""The heads' matrices: numbers out, and how many states side by side go in."""


def main() -> None:
    """Prepare, train, write `reader.safetensors` into OUT, measure."""
    chosen = _arguments()
    plan = Plan(**{name: getattr(chosen, name) for name in asdict(Plan())})
    chosen.out.mkdir(parents=True, exist_ok=True)
    encoder = SentenceTransformerEncoder.load(dtype="bfloat16" if has_amx() else "float32")
    passages = load([OWN, *chosen.more])
    messages: Sequence[str] = load_messages([OWN, *chosen.more])
    if chosen.only:
        # What is learned already is gone through again in part, so that it is not forgotten.
        chance = random.Random(plan.seed)
        passages = [
            p
            if p.id.startswith(tuple(chosen.only)) or p.measured
            else replace(p, asked=_part(p.asked, chosen.again, chance))
            for p in passages
        ]
        messages = _part(messages, chosen.again, chance)
    seen, kept = ([p for p in passages if p.measured is apart] for apart in (False, True))
    print(f"{_told(seen)} to train on, {_told(kept)} kept apart", flush=True)
    cutter, others = Cutter(encoder.tokenizer), _neighbours(seen, encoder, chosen.out)
    network = _network(chosen.start, plan.seed, chosen.device)
    examples = Examples(cutter, plan.seed)
    # What was begun with other data, another plan or other weights is not gone on with.
    begun = repr((plan, seen, messages)).encode() + (chosen.start.read_bytes() if chosen.start else b"")
    state = chosen.out / f"state-{hashlib.sha256(begun).hexdigest()[:12]}.pt"
    fit(
        network,
        lambda n: examples.of_epoch(seen, others, n, messages),
        plan,
        state,
        chosen.device,
        lambda s: print(s, flush=True),
    )
    save_weights(network.weights, chosen.out / "reader.safetensors")
    model = bundled_model_folder(cache_folder())
    reader = TrainedReader(Network.load(chosen.out / "reader.safetensors", model), encoder.tokenizer)
    print(HEAD, *measured(reader, kept), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder for the weights and for what is needed to go on")
    parser.add_argument("--start", type=Path, metavar="WEIGHTS", help="a reader to go on from; else the bundled model")
    parser.add_argument(
        "--more", type=Path, nargs="*", default=[], metavar="FOLDER", help="passages and questions beside training/data"
    )
    parser.add_argument("--only", nargs="*", metavar="ID", help="train on the passages alone whose ids begin so")
    parser.add_argument(
        "--again",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="with --only: share of everything else to go through again",
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


def _part(rows: Sequence[_Row], share: float, chance: random.Random) -> tuple[_Row, ...]:
    return tuple(row for row in rows if chance.random() < share)


def _told(passages: list[Passage]) -> str:
    return f"{sum(len(p.asked) for p in passages)} questions on {sum(bool(p.asked) for p in passages)} passages"


def _neighbours(passages: list[Passage], encoder: SentenceTransformerEncoder, out: Path) -> list[list[list[int]]]:
    """Return the passages that retrieval confuses, kept in a file: to find them takes minutes."""
    told = [[p.id, p.text, [a.question for a in p.asked]] for p in passages]
    file = out / f"neighbours-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]}.json"
    if not file.exists():
        file.write_text(json.dumps(neighbours(passages, encoder)), encoding="utf-8")
    found: list[list[list[int]]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _network(start: Path | None, seed: int, device: str) -> Network:
    """Return what is trained: a reader's weights, or the bundled model's layers with heads that know nothing."""
    from safetensors import safe_open

    with safe_open(bundled_model_folder(cache_folder()) / "model.safetensors", "pt") as base:
        embeddings = {name: base.get_tensor(name).float() for name in EMBEDDINGS}
        layers = {n: base.get_tensor(n).float() for n in base.keys() if n not in EMBEDDINGS and "pooler" not in n}  # noqa: SIM118
    weights: dict[str, Any] = load_weights(start) if start else fused(layers) | _new_heads(seed)
    return Network({name: tensor.to(device) for name, tensor in (weights | embeddings).items()})


def _new_heads(seed: int) -> dict[str, Any]:
    import torch

    drawn, width = torch.Generator().manual_seed(seed), 384
    heads: dict[str, Any] = {}
    for name, (out, states) in _HEADS.items():
        heads[f"{name}.weight"] = torch.randn(out, width * states, generator=drawn) * 0.02
        heads[f"{name}.bias"] = torch.zeros(out)
    return heads


if __name__ == "__main__":
    main()
