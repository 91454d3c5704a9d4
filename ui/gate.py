"""How much is done at once: a few questions run, some wait, more are told to come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio.to_thread import run_sync

from ui.api_errors import ApiError

RUNNING_AT_ONCE = 3
"""The model keeps all cores busy with fewer."""
MOST_WAITING = 100

Result = TypeVar("Result")


class Gate:
    """Runs work in threads, so many at once. Raises `ApiError` (503) when too many wait."""

    def __init__(self, running: int = RUNNING_AT_ONCE, waiting: int = MOST_WAITING) -> None:
        self._limiter = anyio.CapacityLimiter(running)
        self._most, self._inside = running + waiting, 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` does, as soon as it is its turn."""
        if self._inside >= self._most:
            raise ApiError(503, "too many questions are waiting; try again in a moment", headers={"Retry-After": "5"})
        self._inside += 1  # between this and the check nobody else has a turn
        try:
            return await run_sync(work, limiter=self._limiter)
        finally:
            self._inside -= 1
