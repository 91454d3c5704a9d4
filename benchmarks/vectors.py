"""One cache of vectors for every system, and a clock for what encoding takes, under `SentenceTransformer.encode`.

All systems encode through it, each by its own way, so that nothing of a system is changed: its vectors are merely there
sooner. Without the cache a run over ten systems would encode every paragraph ten times.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.clock import Clock

_PROMPTS = ("query: ", "passage: ")
_AT_ONCE = 500


class PromptError(Exception):
    """A system encodes a text without one of the model's prompts, or with two; the message shows the text."""


class VectorCache:
    """Vectors in one file, by what the model was given: its precision, the prompt and the text."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._database = sqlite3.connect(file, check_same_thread=False)
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB)")
        self._lock = threading.Lock()
        self._clock = clock

    def install(self) -> None:
        """Put the cache under every `SentenceTransformer` of this process."""
        original = SentenceTransformer.encode

        def encode(
            model: Any, inputs: Any, prompt_name: str | None = None, prompt: str | None = None, **options: Any
        ) -> Any:
            started = time.perf_counter()
            name = prompt_name or model.default_prompt_name
            lead = prompt if prompt is not None else (model.prompts[name] if name else "")
            texts = [inputs] if isinstance(inputs, str) else list(inputs)
            with self._lock:
                vectors = self._vectors(original, model, [lead + text for text in texts])
            found: Any = vectors[0] if isinstance(inputs, str) else vectors
            if options.get("convert_to_tensor"):
                import torch

                found = torch.from_numpy(found)
            self._clock.seconds += time.perf_counter() - started
            return found

        SentenceTransformer.encode = encode

    def _vectors(self, original: Any, model: Any, texts: Sequence[str]) -> np.ndarray:
        check_prompts(texts)
        precision = str(next(model.parameters()).dtype)
        keys = [hashlib.sha256(f"{precision}\n{text}".encode()).digest() for text in texts]
        known = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            # The prompt is part of the text by now, which is how the library itself goes about it.
            new = np.asarray(
                original(model, list(missing.values()), prompt="", batch_size=8, show_progress_bar=False), np.float32
            )
            known.update(zip(missing, new, strict=True))
            rows = [(key, vector.tobytes()) for key, vector in zip(missing, new, strict=True)]
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
            self._clock.encoded += len(missing)
        return np.stack([known[key] for key in keys])

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        found: dict[bytes, np.ndarray] = {}
        for begin in range(0, len(keys), _AT_ONCE):
            some = keys[begin : begin + _AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self._database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)
            found.update((key, np.frombuffer(vector, np.float32)) for key, vector in rows)
        return found


def check_prompts(texts: Sequence[str]) -> None:
    """Raise `PromptError` unless each text begins with exactly one of the model's prompts."""
    for text in texts:
        rest = next((text[len(prompt) :] for prompt in _PROMPTS if text.startswith(prompt)), None)
        if rest is None or rest.startswith(_PROMPTS):
            raise PromptError(f"expected one of {_PROMPTS} before the text, got {text[:40]!r}")
