"""Work that goes on while the page is used: one job at a time of each kind, with its progress."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from kb.errors import is_expected

Report = Callable[[str, int, int], None]

_log = logging.getLogger(__name__)


@dataclass
class Job:
    """One piece of work: how far it is, and what came of it."""

    name: str
    step: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    error: Exception | None = None
    """What it failed with; the page says it in its own language, the log in full."""
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return not self.finished.is_set()

    def report(self, step: str, done: int, total: int) -> None:
        """Note how far it is."""
        self.step, self.done, self.total = step, done, total


class Jobs:
    """The jobs of one server."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def job(self, name: str) -> Job | None:
        """Return the newest job of a kind."""
        return self._jobs.get(name)

    def start(self, name: str, work: Callable[[Report], Any]) -> Job:
        """Start a job, or return the one of this kind that still runs."""
        with self._starting:
            running = self._jobs.get(name)
            if running and running.running:
                return running
            job = self._jobs[name] = Job(name)
        threading.Thread(target=copy_context().run, args=(self._run, job, work), name=name, daemon=True).start()
        return job

    def clear(self, name: str) -> None:
        """Forget a job that is over, once its outcome has been shown."""
        with self._starting:
            if (job := self._jobs.get(name)) and not job.running:
                del self._jobs[name]

    def _run(self, job: Job, work: Callable[[Report], Any]) -> None:
        try:
            job.result = work(job.report)
        except Exception as error:
            if is_expected(error):
                _log.error("%s failed: %s", job.name, error)
            else:
                _log.exception("%s failed", job.name)
            job.error = error
        finally:
            job.finished.set()
