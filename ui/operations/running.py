"""What is being worked on, so that a server that is told to stop can let it finish."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PAUSE = 0.05
_DELIVERY = 0.3
"""Seconds in which what was finished last is sent."""


class Running:
    """Counts what is being worked on. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self.requests = set[str]()
        """Ids of the requests that are being served."""
        self.stopping = False
        """Whether nothing new is to be begun."""
        self.queued: Callable[[], int] = lambda: 0
        """Tells how much has been accepted that is in a queue of its own: the questions of the page."""

    @property
    def busy(self) -> bool:
        """Whether anything that was accepted is not done yet."""
        return self._count > 0 or self.queued() > 0

    @contextmanager
    def work(self) -> Iterator[None]:
        """Count as being worked on what is done within."""
        with self._lock:
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1

    async def stop(self, seconds: float, at_once: Callable[[], bool] = lambda: False) -> bool:
        """Take nothing new and wait for what was accepted, at most `seconds` and until `at_once` says so.

        Return whether all of it was done.
        """
        self.stopping = True
        waited_for = self.busy
        deadline = time.monotonic() + seconds
        while self.busy and time.monotonic() < deadline and not at_once():
            await asyncio.sleep(_PAUSE)
        if waited_for and not at_once():
            await asyncio.sleep(_DELIVERY)
        return not self.busy
