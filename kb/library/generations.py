"""A generation of a library: what it was made with, and whether that fits the program at hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.text.segment import normalizer
from retrieval.index.snapshot import Snapshot
from retrieval.models.encoder import Encoder
from retrieval.storage.folder import MADE_WITH, IndexMismatch, Manifest


@dataclass(frozen=True, eq=False)
class OpenGeneration:
    """A generation that is open, with the model that made it.

    They are one value, so that no question is encoded with one model and looked for among the vectors of another.
    """

    name: str
    snapshot: Snapshot
    manifest: Manifest
    encoder: Encoder


def check_normalizer(manifest: Manifest, folder: Path) -> None:
    """Refuse an index whose search forms were made otherwise than this program makes them. Raises `IndexMismatch`."""
    if manifest.normalizer != normalizer():
        raise IndexMismatch(
            f"the index in {folder} was made with normaliser {manifest.normalizer}, this program has {normalizer()}; "
            f"make it anew: cco index PATH ... --rebuild --index {folder}"
        )


def check_match(manifest: Manifest, encoder: Encoder, folder: Path) -> None:
    """Refuse an index that was made with another model, dtype or normaliser. Raises `IndexMismatch`.

    What a model gives in bfloat16 has other ranks and confidences than in float32 (`benchmarks/precision.py`).
    """
    check_normalizer(manifest, folder)
    again = f"make it anew: cco index PATH ... --rebuild --index {folder}"
    if (manifest.model_digest, manifest.dimension) != (encoder.digest, encoder.dimension):
        raise IndexMismatch(
            f"the index in {folder} was made with the model {manifest.model} ({manifest.model_digest[:8]}), not with "
            f"{encoder.name} ({encoder.digest[:8]}); open it with --model {manifest.model}, "
            f"or {again} --model {encoder.name}"
        )
    if manifest.dtype != encoder.dtype:
        raise IndexMismatch(
            f"the index in {folder} was made in {manifest.dtype}, the settings ask for {encoder.dtype}; {again}, "
            f"or open it with CCO_MODEL_DTYPE={manifest.dtype}"
        )


def made_with(encoder: Encoder) -> dict[str, object]:
    """Return these fields for an index that is made now."""
    values = (normalizer(), encoder.name, encoder.digest, encoder.dimension, encoder.dtype)
    return dict(zip(MADE_WITH, values, strict=True))
