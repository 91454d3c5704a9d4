"""How much is done at once: a few questions run, some wait, more are told to come back."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeVar

import anyio
from anyio.to_thread import run_sync

from ui.api_errors import ApiError

RUNNING_AT_ONCE = 3
"""The model keeps all cores busy with fewer."""
MOST_WAITING = 100
"""In each line."""

Line = Literal["page", "programs"]
Result = TypeVar("Result")

_HELD: ContextVar[frozenset[Gate]] = ContextVar("gates", default=frozenset())
"""Those of which whatever runs has a turn already, so that what it does in it takes no second one."""


class Gate:
    """Gives turns, so many at once: to the page and to programs alternately where both wait, in each line in order.

    Safe to use from several threads. Raises `ApiError` (503) when too many wait.
    """

    def __init__(self, running: int = RUNNING_AT_ONCE, waiting: int = MOST_WAITING) -> None:
        self._free, self._most = running, waiting
        self._lines: dict[Line, deque[Future[None]]] = {"page": deque(), "programs": deque()}
        self._lock = threading.Lock()
        self._threads = anyio.CapacityLimiter(running)

    async def run(self, work: Callable[[], Result], line: Line = "programs") -> Result:
        """Return what `work` does in a thread, as soon as it is its turn."""
        ticket = self._ticket(line)
        try:
            await asyncio.shield(asyncio.wrap_future(ticket))  # else cancelling would mark the ticket too
        except BaseException:
            self._withdraw(ticket)
            raise
        claim = threading.Lock()

        def turn() -> Result:
            if not claim.acquire(blocking=False):
                raise asyncio.CancelledError
            with self._holding():
                return work()

        try:
            return await run_sync(turn, limiter=self._threads)
        finally:
            # Work that has begun gives its turn back itself once it ends, even where nobody waits for it any more.
            if claim.acquire(blocking=False):
                self._leave()

    @contextmanager
    def turn(self, line: Line = "page") -> Iterator[None]:
        """Wait until it is one's turn, unless one has it already, and hold it within."""
        if self in _HELD.get():
            yield
            return
        ticket = self._ticket(line)
        try:
            ticket.result()
        except BaseException:
            self._withdraw(ticket)
            raise
        with self._holding():
            yield

    @contextmanager
    def spare(self) -> Iterator[bool]:
        """Hold a turn within where one is free at once; gives whether it was."""
        with self._lock:
            free = self._free > 0
            self._free -= free
        if not free:
            yield False
            return
        with self._holding():
            yield True

    @contextmanager
    def _holding(self) -> Iterator[None]:
        token = _HELD.set(_HELD.get() | {self})
        try:
            yield
        finally:
            _HELD.reset(token)
            self._leave()

    def _ticket(self, line: Line) -> Future[None]:
        """Return what is done as soon as it is its holder's turn."""
        ticket: Future[None] = Future()
        with self._lock:
            waiting = self._lines[line]
            if self._free:
                self._free -= 1
                ticket.set_result(None)
            elif len(waiting) < self._most:
                waiting.append(ticket)
            else:
                told = "too many questions are waiting; try again in a moment"
                raise ApiError(503, told, headers={"Retry-After": "5"})
        return ticket

    def _withdraw(self, ticket: Future[None]) -> None:
        """Wait no longer; a turn that has come just now is given on."""
        with self._lock:
            for waiting in self._lines.values():
                if ticket in waiting:
                    waiting.remove(ticket)
                    return
        self._leave()

    def _leave(self) -> None:
        """Give the turn to whoever is next: of the line that has waited longest since it was last served."""
        with self._lock:
            for line in list(self._lines):
                if waiting := self._lines[line]:
                    self._lines[line] = self._lines.pop(line)
                    ticket = waiting.popleft()
                    break
            else:
                self._free += 1
                return
        ticket.set_result(None)
