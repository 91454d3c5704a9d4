"""How much is done at once: a few questions run, some wait, more are told to come back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeVar

import anyio
from anyio.to_thread import run_sync

from ui.security.access import sender_now
from ui.security.errors import ApiError

RUNNING_AT_ONCE = 3
"""The model keeps all cores busy with fewer."""
MOST_WAITING = 100
"""In each line."""
HALF_FORGOTTEN = 60.0
"""Seconds after which half of what somebody has used is forgotten."""
MUCH = 10.0
"""Seconds of turns of late; whoever had more leaves the last free turn to those who had less."""
_MOST_SENDERS = 1_000
_LITTLE = 0.01
"""Seconds that count as none."""

Line = Literal["page", "programs"]
Result = TypeVar("Result")

_HELD: ContextVar[frozenset[ConcurrencyLimiter]] = ContextVar("gates", default=frozenset())
"""Those of which whatever runs has a turn already, so that what it does in it takes no second one."""


class _Turn:
    """One turn, waited for or had."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.since: float | None = None
        """When it came."""
        self.ticket: Future[None] = Future()
        """Done as soon as the turn has come; fails where somebody else was given the place."""


class _Shares:
    """Who has how many turns at the moment, and how long they had turns of late. Not safe to use from several threads.

    What is asked differs a hundredfold in what it costs, so that turns alone would not be shares.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._having: Counter[str] = Counter()
        self._used: dict[str, tuple[float, float]] = {}

    def begin(self, turn: _Turn) -> None:
        """Note that a turn has come."""
        turn.since = self._now()
        self._having[turn.sender] += 1

    def end(self, turn: _Turn) -> None:
        """Note that it is over."""
        now = self._now()
        had = now - (now if turn.since is None else turn.since)
        self._having[turn.sender] -= 1
        self._having += Counter()  # without those who have none
        self._used[turn.sender] = (self._seconds(turn.sender, now) + had, now)
        if len(self._used) > _MOST_SENDERS:
            self._used = {name: used for name, used in self._used.items() if self._seconds(name, now)}

    def much(self, turn: _Turn) -> bool:
        """Tell whether its sender has had much."""
        return self._seconds(turn.sender, self._now()) > MUCH

    def first(self, waiting: Sequence[_Turn]) -> _Turn:
        """Return whose turn is next: who has had least; of those who are alike, who came first."""
        now = self._now()
        return min(waiting, key=lambda turn: (self._having[turn.sender], self._seconds(turn.sender, now)))

    def _seconds(self, sender: str, now: float) -> float:
        seconds, then = self._used.get(sender, (0.0, now))
        left = float(seconds * 0.5 ** ((now - then) / HALF_FORGOTTEN))
        return left if left > _LITTLE else 0.0


class ConcurrencyLimiter:
    """Gives turns, so many at once: to the page and to programs alternately where both wait.

    In each line whoever has had least of late comes first, so that nobody waits for all that another has asked; what
    one sender asks is answered in order. Of three turns or more one is kept for those who have not had much: what is
    dear takes seconds, and they would wait for its end. Where a line is full, the newest of whoever waits there most
    often makes way.

    Safe to use from several threads. Raises `ApiError` (503) when too many wait.
    """

    def __init__(
        self,
        running: int = RUNNING_AT_ONCE,
        waiting: int = MOST_WAITING,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._free, self._most = running, waiting
        self._kept = 1 if running > 2 else 0
        self._lines: dict[Line, list[_Turn]] = {"page": [], "programs": []}
        self._shares = _Shares(now)
        self._lock = threading.Lock()
        self._threads = anyio.CapacityLimiter(running)

    async def run(self, work: Callable[[], Result], line: Line = "programs") -> Result:
        """Return what `work` does in a thread, as soon as it is its turn."""
        turn = self._wait_for(line)
        try:
            await asyncio.shield(asyncio.wrap_future(turn.ticket))  # else cancelling would mark the ticket too
        except BaseException:
            self._withdraw(turn)
            raise
        claim = threading.Lock()

        def taken() -> Result:
            if not claim.acquire(blocking=False):
                raise asyncio.CancelledError
            with self._holding(turn):
                return work()

        try:
            return await run_sync(taken, limiter=self._threads)
        finally:
            # Work that has begun gives its turn back itself once it ends, even where nobody waits for it any more.
            if claim.acquire(blocking=False):
                self._leave(turn)

    @contextmanager
    def turn(self, line: Line = "page") -> Iterator[None]:
        """Wait until it is one's turn, unless one has it already, and hold it within."""
        if self in _HELD.get():
            yield
            return
        turn = self._wait_for(line)
        try:
            turn.ticket.result()
        except BaseException:
            self._withdraw(turn)
            raise
        with self._holding(turn):
            yield

    @contextmanager
    def spare(self) -> Iterator[bool]:
        """Hold a turn within where one is free at once; gives whether it was."""
        turn = _Turn("")
        with self._lock:
            free = self._free > self._kept
            if free:
                self._give(turn)
        if not free:
            yield False
            return
        with self._holding(turn):
            yield True

    @contextmanager
    def _holding(self, turn: _Turn) -> Iterator[None]:
        token = _HELD.set(_HELD.get() | {self})
        try:
            yield
        finally:
            _HELD.reset(token)
            self._leave(turn)

    def _may_have(self, turn: _Turn) -> bool:
        return self._free > (self._kept if self._shares.much(turn) else 0)

    def _give(self, turn: _Turn) -> None:
        self._free -= 1
        self._shares.begin(turn)

    def _wait_for(self, line: Line) -> _Turn:
        """Return a turn, which comes at once where one is free."""
        turn, gone = _Turn(sender_now()), None
        with self._lock:
            waiting = self._lines[line]
            if self._may_have(turn):
                self._give(turn)
                turn.ticket.set_result(None)
                return turn
            if len(waiting) >= self._most:
                gone = _making_way(waiting, turn.sender)
                if gone is None:
                    raise _too_many()
                waiting.remove(gone)
            waiting.append(turn)
        if gone:
            gone.ticket.set_exception(_too_many())
        return turn

    def _withdraw(self, turn: _Turn) -> None:
        """Wait no longer; a turn that has come just now is given on."""
        with self._lock:
            for waiting in self._lines.values():
                if turn in waiting:
                    waiting.remove(turn)
                    return
            if turn.since is None:
                return  # it had to make way
        self._leave(turn)

    def _leave(self, turn: _Turn) -> None:
        """Give the turn to whoever is next: of the line that has waited longest since it was last served."""
        with self._lock:
            self._shares.end(turn)
            self._free += 1
            for line in list(self._lines):
                if waiting := [turn for turn in self._lines[line] if self._may_have(turn)]:
                    self._lines[line] = self._lines.pop(line)
                    following = self._shares.first(waiting)
                    self._lines[line].remove(following)
                    self._give(following)
                    break
            else:
                return
        following.ticket.set_result(None)


def _making_way(waiting: list[_Turn], sender: str) -> _Turn | None:
    """Return the turn whose place `sender` is given in a line that is full, None where nobody waits more often."""
    counts = Counter(turn.sender for turn in waiting)
    most = max(counts, key=counts.__getitem__, default=sender)
    if counts[most] <= counts[sender] + 1:
        return None
    return next(turn for turn in reversed(waiting) if turn.sender == most)


def _too_many() -> ApiError:
    return ApiError(503, "too many questions are waiting; try again in a moment", headers={"Retry-After": "5"})
