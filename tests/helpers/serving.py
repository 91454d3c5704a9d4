"""A real server on loopback for the tests of what it answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder, write_animals
from ui.app import web_app
from ui.server.server import Server, listen

NESTS = "Where do birds build nests?"
"""A question that the animals answer; with the fake encoder both sentences about birds are quoted."""


@contextmanager
def served(base: KnowledgeBase, **options: Any) -> Iterator[str]:
    """Serve the site on a free port for as long as the block lasts; gives its address."""
    ready = threading.Event()
    with listen("127.0.0.1", 0) as listener:
        server = Server(web_app(base, **options), listener, lambda address: ready.set(), base.settings.server)
        thread = threading.Thread(target=server.serve_until_interrupted, daemon=True)
        thread.start()
        if not ready.wait(60):
            raise TimeoutError("the server was not up within 60 s")
        yield server.address
        server.should_exit = True
        thread.join(10)


def animal_base(folder: Path, **settings: Any) -> KnowledgeBase:
    """Return a knowledge base of the four animals in the new folder `folder/index`."""
    told = Settings(index=folder / "index", **settings)
    return KnowledgeBase.build([write_animals(folder / "animals")], settings=told, encoder=FakeEncoder())


class SlowBase:
    """Answers only when told to; all else is as in the base that it stands before."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base, self.go, self.asked = base, threading.Event(), threading.Semaphore(0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> object:
        self.asked.release()
        if not self.go.wait(30):
            pytest.fail("nobody let the answer go")
        return self._base.ask(question, **options)
