"""What encoding took, told apart from the rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Clock:
    """Counts up while a system runs."""

    encoded: int = 0
    """Texts whose vectors were not in the cache."""
    seconds: float = 0.0
    """Time spent in encoding and in the cache itself."""
