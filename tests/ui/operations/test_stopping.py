"""A real server that is told to stop while questions are being answered and others wait, from programs and the page."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from kb import KnowledgeBase
from tests.helpers.serving import NESTS, animal_base
from tests.ui.api.test_api import failed
from ui.operations.metrics import Metrics
from ui.operations.observer import Observer
from ui.operations.running import Running

SERVE = """
import sys, time
from pathlib import Path
from kb import KnowledgeBase, Settings
from kb.settings.schema import LogSettings, ServerSettings
from tests.helpers.fakes import FakeEncoder, read_by_stand_in
from ui import app
from ui.operations import running
from ui.server import server
from ui.operations.logs import configure

folder, stop_seconds, seconds = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])

class Slow(KnowledgeBase):
    def ask(self, question, **options):
        if not options.get("quotes_only"):  # those that the page tries by itself
            time.sleep(seconds)
        return super().ask(question, **options)

# One after another, looked at so often that a moment between two is not missed, and little time for what is left over.
app.ASKED_AT_ONCE, running._PAUSE, server._LAST_SECONDS = 1, 0.001, 1
settings = Settings(
    index=folder, log=LogSettings(format="json"), server=ServerSettings(stop_seconds=stop_seconds)
)
configure(settings.log)
read_by_stand_in()
app.serve(Slow.open(settings=settings, encoder=FakeEncoder()), port=0, ready=lambda address: print(address, flush=True))
"""
STOPPING = "the server is stopping; try again in a moment"


@dataclass
class Process:
    """A server in a process of its own."""

    address: str
    running: subprocess.Popen[str]

    def stop(self) -> None:
        """Tell it to stop, and wait until it says so."""
        self.running.send_signal(signal.SIGTERM)
        until = time.monotonic() + 10
        while httpx.get(f"{self.address}/readyz").status_code != 503:
            assert time.monotonic() < until
            time.sleep(0.02)

    def ended(self) -> str:
        """Wait for its end, which must be a clean one; return its log."""
        log = self.running.communicate(timeout=20)[1]
        assert self.running.returncode == 0, log[-2000:]
        return log


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return animal_base(tmp_path)


@contextmanager
def process(base: KnowledgeBase, *, stop_seconds: float, seconds: float) -> Iterator[Process]:
    command = [sys.executable, "-c", SERVE, str(base.settings.index), str(stop_seconds), str(seconds)]
    root, pipe = Path(__file__).parents[3], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=root) as running:
        try:
            assert running.stdout
            yield Process(running.stdout.readline().strip(), running)
        finally:
            running.kill()


def joined(number: int, event: int) -> dict[str, Any]:
    """Return what a browser sends to the page's queue to ask."""
    sent = {"question": NESTS, "history": [], "number": 1, "token": f"t{number}", "ui": "en"}
    return {"data": [], "event_data": sent, "fn_index": event, "trigger_id": None, "session_hash": f"s{number}"}


async def on_the_page(client: httpx.AsyncClient, number: int) -> str:
    """Return all that a browser is sent for the question with which it has joined the queue."""
    shown = ""
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": f"s{number}"}) as stream:
        async for line in stream.aiter_lines():
            shown += line
            if '"process_completed"' in line:
                break
    return shown


async def submit_event(client: httpx.AsyncClient) -> int:
    config = (await client.get("/config")).json()
    return next(int(event["id"]) for event in config["dependencies"] if event["targets"][0][1] == "submit")


@pytest.mark.process
def test_all_that_was_accepted_is_answered_and_what_comes_later_is_told_to_come_back(base: KnowledgeBase) -> None:
    async def ask(server: Process) -> None:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=server.address, timeout=30, limits=limits) as client:
            event = await submit_event(client)
            for number in range(6):
                (await client.post("/gradio_api/queue/join", json=joined(number, event))).raise_for_status()
            page = [asyncio.create_task(on_the_page(client, number)) for number in range(6)]
            programs = [
                asyncio.create_task(client.post("/api/ask", json={"question": NESTS, "stream": number % 2 == 0}))
                for number in range(4)
            ]
            while "cco_questions_running 3.0" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(server.stop)
            assert failed(await client.post("/api/ask", json={"question": NESTS}), 503) == STOPPING
            assert failed(await client.post("/gradio_api/queue/join", json=joined(99, event)), 503) == STOPPING
            for response in await asyncio.gather(*programs):
                assert response.status_code == 200
                assert "Birds build nests of straw." in response.text
            for shown in await asyncio.gather(*page):
                assert "Birds build nests of straw." in shown and '"process_completed"' in shown

    with process(base, stop_seconds=30, seconds=0.6) as server:
        asyncio.run(ask(server))
        log = server.ended()
    assert "stopped before all answers were given" not in log


@pytest.mark.process
def test_it_waits_no_longer_than_it_may_and_says_so_to_those_who_wait(base: KnowledgeBase) -> None:
    async def ask(server: Process) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=server.address, timeout=30) as client:
            asked = [asyncio.create_task(client.post("/api/ask", json={"question": NESTS})) for _ in range(5)]
            while "cco_questions_running 3.0" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(server.stop)
            return await asyncio.gather(*asked)

    with process(base, stop_seconds=0.2, seconds=3.0) as server:
        responses = asyncio.run(ask(server))
        log = server.ended()
    assert {failed(response, 503) for response in responses} == {STOPPING}
    assert [line for line in log.splitlines() if "stopped before all answers were given" in json.loads(line)["message"]]


def test_a_refused_request_is_taken_in_whole_before_it_is_answered(tmp_path: Path) -> None:
    body = [b'{"question": ', NESTS.encode(), b'"}']
    events: list[str] = []

    async def receive() -> Message:
        events.append("received")
        return {"type": "http.request", "body": body.pop(0), "more_body": bool(body)}

    async def send(message: Message) -> None:
        events.append(message["type"])

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nothing new is begun")

    running = Running()
    running.stopping = True
    scope = {"type": "http", "method": "POST", "path": "/api/ask", "headers": []}
    asyncio.run(Observer(never, Metrics(animal_base(tmp_path)), running)(scope, receive, send))
    assert events == ["received"] * 3 + ["http.response.start", "http.response.body"]
