"""Print how fast this machine encodes, in float32 and bfloat16 and by batch size, as ratios within one run.

.venv/bin/python -m benchmarks.encoding
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from corpus.readers import read_document
from corpus.text.passages import passages_of
from corpus.user_folders import cache_folder
from retrieval.models.bundled_model import bundled_model_folder

TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
BATCHES = (1, 8, 32, 64)


def main() -> None:
    """Time each setting on the passages of the shipped texts, and compare the vectors."""
    texts = [p.text for file in sorted(TEXTS.glob("*.md")) for p in passages_of(read_document(file))][:60]
    folder = str(bundled_model_folder(cache_folder()))
    torch.manual_seed(0)
    seconds: dict[tuple[str, int], float] = {}
    vectors: dict[str, np.ndarray] = {}
    for dtype in ("float32", "bfloat16"):
        model = SentenceTransformer(folder, device="cpu", model_kwargs={"dtype": getattr(torch, dtype)})
        model.encode(texts[:8])
        for batch in BATCHES:
            started = time.perf_counter()
            found = np.asarray(model.encode(texts, batch_size=batch), np.float32)
            seconds[dtype, batch] = time.perf_counter() - started
        vectors[dtype] = found / np.linalg.norm(found, axis=1, keepdims=True)
    best = min(seconds.values())
    print(f"{len(texts)} passages, {torch.get_num_threads()} threads\n")
    print("| batch | float32 | bfloat16 | times the fastest |\n|---|---|---|---|")
    for batch in BATCHES:
        pair = [seconds[dtype, batch] for dtype in ("float32", "bfloat16")]
        print(f"| {batch} | {pair[0]:.2f} s | {pair[1]:.2f} s | {pair[0] / best:.2f} / {pair[1] / best:.2f} |")
    print(f"\nleast cosine between the two: {(vectors['float32'] * vectors['bfloat16']).sum(axis=1).min():.5f}")


if __name__ == "__main__":
    main()
