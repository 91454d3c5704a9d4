"""What stands around the page: who comes in, what programs may call, and what is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable

from fastapi import FastAPI

from kb import KnowledgeBase
from kb.accounts.audit import Audit
from ui.api.routes import programs
from ui.operations.health import health
from ui.operations.metrics import Metrics
from ui.operations.observer import Observer
from ui.operations.running import Running
from ui.operations.watched import Watched
from ui.security.access import Access, AuthMiddleware, users_of
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.gradio_guard import close_unneeded
from ui.security.guard import Guard, Names, is_loopback
from ui.security.limits import BodyLimit
from ui.site.signin import signing_in

_log = logging.getLogger(__name__)


class Service:
    """The parts that all requests to one site share."""

    def __init__(self, base: KnowledgeBase, host: str = "127.0.0.1", *, everyone: bool = False) -> None:
        """Take where the site will listen, and whether it is open to everyone.

        Raises `SettingsError` where it would be open to others without anyone having said so.
        """
        self.running = Running()
        self.metrics = Metrics(base)
        self.audit = Audit.of(base.settings)
        self.concurrency = ConcurrencyLimiter()
        # Changes go one after another, and apart, so that those which wait for each other hold no question up.
        self.changes = ConcurrencyLimiter(running=1)
        self.base = Watched(base, self.metrics, self.running, self.audit, self.concurrency)
        self._settings = base.settings.server
        self._host = host
        users = users_of(base.settings, host, everyone=everyone)
        self.access = Access(users, self._settings, loopback=is_loopback(host), everyone=everyone)

    def add_routes(self, site: FastAPI) -> None:
        """Give `site` the routes that are not the page's. To be called before the page is mounted at the root."""
        programs(site, self.base, self.concurrency, self.changes)
        site.include_router(signing_in(self.access, self.audit))
        site.include_router(health(self.metrics, self.running))
        site.state.stop = self._stop

    def guard(self, site: FastAPI) -> None:
        """Put what guards `site` before it. To be called last; what is added last sees a request first."""
        close_unneeded(site)
        site.add_middleware(BodyLimit, largest_upload=self._settings.largest_upload)
        site.add_middleware(AuthMiddleware, access=self.access)
        site.add_middleware(Guard, names=Names(self._host, self._settings.hosts))
        site.add_middleware(Observer, metrics=self.metrics, running=self.running)

    async def _stop(self, at_once: Callable[[], bool]) -> bool:
        """Let what was accepted be done, for as long as the settings say or until `at_once`; return whether all was."""
        done = await self.running.stop(self._settings.stop_seconds, at_once)
        if not done:
            _log.warning("stopped before all answers were given")
        return done
