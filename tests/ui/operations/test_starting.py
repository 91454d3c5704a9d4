"""What a server answers while the program is still being loaded, and how the real page takes its place."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock
from starlette.types import Receive, Scope, Send

from kb import KnowledgeBase, Settings
from kb.accounts.users import Users
from kb.settings.schema import SettingsError
from tests.helpers.fakes import FakeEncoder, write_animals
from tests.helpers.serving import NESTS, animal_base
from tests.ui.api.test_api import failed
from ui import starting
from ui.locale.messages import Words
from ui.security import guard
from ui.server.server import Server, listen
from ui.starting import Starting, Step

ROOT = Path(__file__).parents[3]
SERVE = """
import os, sys, time
from pathlib import Path
from ui import cli
from ui.commands import serving, shared
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder, read_by_stand_in

def wait():
    if sys.stdin.readline() != "go on\\n":
        time.sleep(60)

class Gated(FakeEncoder):
    digest = os.environ.get("DIGEST", FakeEncoder.digest)

    def encode_documents(self, texts, progress=None):
        if progress:  # the texts of the library
            progress(1, len(texts))
            wait()
        return super().encode_documents(texts, progress)

def load(cls, *names):
    wait()
    return Gated()

SentenceTransformerEncoder.load = classmethod(load)
read_by_stand_in()
serving.SHIPPED_TEXTS = Path(sys.argv[1])
sys.exit(cli.main(["serve", *sys.argv[2:]]))
"""
"""`cco serve` over the four animals with a model that is loaded, and that encodes, when it is told to go on."""


@dataclass
class Process:
    """A server in a process of its own."""

    address: str
    running: subprocess.Popen[str]

    def go_on(self) -> None:
        assert self.running.stdin
        print("go on", file=self.running.stdin, flush=True)

    def reaches(self, step: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the start is at `step`; return what is told of it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                told = httpx.get(f"{self.address}/readyz", trust_env=False, timeout=30).json()
            except httpx.HTTPError:
                pytest.fail(self.running.communicate(timeout=30)[1][-2000:])
            if step in (told.get("step"), told["status"]):
                return dict(told)
            time.sleep(0.05)
        pytest.fail(f"the start never came to {step!r}: {told}")

    def ended(self, status: int) -> str:
        """Wait for its end; return what it wrote."""
        log = self.running.communicate(timeout=30)[1]
        assert self.running.returncode == status, log[-2000:]
        return log


@contextmanager
def process(folder: Path, environment: Mapping[str, str] = {}) -> Iterator[Process]:
    """Run `cco serve` over `folder/animals` with the index `folder/index`."""
    if not (folder / "animals").exists():
        write_animals(folder / "animals")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    options = [str(folder / "animals"), "--port", port, "--index", str(folder / "index")]
    variables, pipe = {**os.environ, **environment}, subprocess.PIPE
    command = [sys.executable, "-c", SERVE, *options]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT, env=variables) as running:
        try:
            assert running.stderr
            while not (line := running.stderr.readline()).startswith("cco:"):
                assert line, "the server ended"
            found = re.fullmatch(r"cco: starting at (http://\S+) \(Ctrl\+C stops\)\n", line)
            assert found, line
            yield Process(found[1], running)
        finally:
            running.kill()


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that notes what it is sent and answers nothing; gives its place and what it noted."""
    noted: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                noted.append(connection.recv(100).decode("latin-1"))
                connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}", noted
        server.shutdown(socket.SHUT_RDWR)


# --------------------------------------------------------------------------------------------------- the real command


@pytest.mark.process
def test_it_answers_from_the_first_moment_and_turns_into_the_page(tmp_path: Path) -> None:
    with proxy() as (place, noted):
        # As a desktop sets them; not even a request of this machine to itself may go there.
        variables = {f"{name}_PROXY": f"http://{place}" for name in ("HTTP", "HTTPS")} | {
            "ALL_PROXY": f"socks://{place}/",
            "NO_PROXY": "",
        }
        with process(tmp_path, variables) as server, httpx.Client(trust_env=False, timeout=30) as client:
            server.reaches("model")
            shown = client.get(f"{server.address}/", headers={"Accept-Language": "pl,en;q=0.5"})
            assert (shown.status_code, shown.headers["Retry-After"]) == (503, "2")
            assert '<html lang="pl">' in shown.text and "Wczytywanie modelu" in shown.text
            assert client.get(f"{server.address}/healthz").status_code == 200
            asked = client.post(f"{server.address}/api/ask", json={"question": NESTS})
            assert failed(asked, 503) == "the server is starting (model); try again in a moment"
            assert asked.headers["Retry-After"] == "2"
            server.go_on()
            told = server.reaches("encoding")
            assert told["done"] == 1 < told["total"]
            shown = client.get(f"{server.address}/documents/cats?ui=zh-Hant", headers={"Accept": "text/html"})
            assert f"1 / {told['total']}" in shown.text and "cats" not in shown.text
            server.go_on()
            server.reaches("ready")
            answer = client.post(f"{server.address}/api/ask", json={"question": NESTS}).json()
            assert answer["answered"]
            page = client.get(f"{server.address}/")
            assert page.status_code == 200 and "gradio" in page.text
            server.running.send_signal(signal.SIGTERM)
            log = server.ended(0)
        assert noted == []
    assert "cco: no index yet, making one of the shipped texts\n" in log
    assert f"cco: 4 documents at {server.address} (Ctrl+C stops)\n" in log
    assert log.count("Application shutdown complete") == 1


@pytest.mark.process
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_ends_at_once_and_the_next_one_is_whole(tmp_path: Path, told: int) -> None:
    with process(tmp_path) as server:
        server.go_on()
        server.reaches("encoding")
        began = time.monotonic()
        server.running.send_signal(told)
        log = server.ended(130)
        assert time.monotonic() - began < 8
    assert log.endswith("cco: stopped\n") and "Traceback" not in log and "documents at" not in log
    with process(tmp_path) as server:
        server.go_on()
        server.reaches("encoding")
        server.go_on()
        server.reaches("ready")
        assert httpx.post(f"{server.address}/api/ask", json={"question": NESTS}, timeout=30).json()["answered"]


@pytest.mark.process
def test_a_change_that_takes_longer_than_stopping_may_does_not_keep_the_server_alive(tmp_path: Path) -> None:
    settings = tmp_path / "cco.toml"
    settings.write_text("[server]\nstop_seconds = 0.2\n", encoding="utf-8")
    animal_base(tmp_path)
    with process(tmp_path, {"CCO_SETTINGS": str(settings)}) as server:
        server.reaches("model")
        server.go_on()
        server.reaches("ready")
        files = {"files": ("note.md", b"Dogs eat twice a day.")}
        # While another process writes, the upload waits with its file in place.
        with FileLock(tmp_path / "index" / ".lock"), ThreadPoolExecutor(1) as threads:
            upload = threads.submit(httpx.post, f"{server.address}/api/documents", files=files, timeout=60)
            while not list(tmp_path.glob("index.uploads/note.md")):
                time.sleep(0.05)
            server.running.send_signal(signal.SIGTERM)
            assert "stopped before all answers were given" in server.ended(0)
            assert upload.exception(30) or upload.result().status_code == 503
    assert [document.id for document in KnowledgeBase.open(tmp_path / "index", encoder=FakeEncoder()).documents()] == [
        *("birds", "cats", "dogs", "fish"),
    ]


@pytest.mark.process
def test_a_start_that_fails_ends_with_its_one_line(tmp_path: Path) -> None:
    animal_base(tmp_path)
    with process(tmp_path, {"DIGEST": "00" * 32}) as server:
        server.reaches("model")
        server.go_on()
        log = server.ended(1)
    last = log.splitlines()[-1]
    assert last.startswith("cco: the index in ") and "was made with the model fake-animals" in last
    assert "Traceback" not in log


# -------------------------------------------------------------------------------------------- what is told, and to whom


@contextmanager
def starting_server() -> Iterator[tuple[Starting, Server, asyncio.AbstractEventLoop]]:
    """Serve a start that gets nowhere by itself."""
    loops: list[asyncio.AbstractEventLoop] = []
    up = threading.Event()

    def begin(address: str) -> None:
        loops.append(asyncio.get_running_loop())
        up.set()

    site = Starting(guard.Names("127.0.0.1", ()))
    with listen("127.0.0.1", 0) as listener:
        server = Server(site, listener, begin)
        thread = threading.Thread(target=server.serve_until_interrupted, daemon=True)
        thread.start()
        assert up.wait(10)
        try:
            yield site, server, loops[0]
        finally:
            server.should_exit = True
            thread.join(10)


def test_programs_are_told_to_come_back_in_the_one_shape_and_people_see_the_page() -> None:
    with starting_server() as (site, server, _), httpx.Client(base_url=server.address) as client:
        site.report("encoding", 256, 968)
        for method, path in (
            ("POST", "/api/ask"), ("GET", "/api/documents"), ("POST", "/v1/chat/completions"),
            ("POST", "/gradio_api/mcp/"), ("GET", "/metrics"), ("POST", "/signin"),
        ):  # fmt: skip
            refused = client.request(method, path, headers={"Accept": "text/html" if "api" in path else "*/*"})
            assert failed(refused, 503) == "the server is starting (encoding 256 of 968); try again in a moment"
            assert refused.headers["Retry-After"] == "2"
        step = {"step": "encoding", "done": 256, "total": 968}
        assert client.get("/healthz").json() == {"status": "ok", "starting": step}
        assert client.get("/readyz").json() == {"status": "starting", **step}
        for path in ("/", "/?ui=pl", "/signin?next=/", "/documents/x"):
            shown = client.get(path, headers={"Accept": "text/html,*/*"})
            assert shown.status_code == 503 and "256" in shown.text
            for name, value in guard.HEADERS.items():
                assert shown.headers[name] == value
            assert shown.headers["Cache-Control"] == "no-store"
        assert client.head("/").content == b""


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_what_another_site_sends_is_refused_meanwhile_too(headers: dict[str, str]) -> None:
    with starting_server() as (_, server, _):
        assert httpx.get(f"{server.address}/healthz", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("accepted", "chosen", "expected"),
    [
        ("zh-TW,zh;q=0.9", "", "zh-Hant"),
        ("zh-CN", "", "zh-Hans"),
        ("de,pl;q=0.5", "", "pl"),
        ("pl", "en", "en"),
        ("de", "xx", "en"),
    ],
)
def test_the_page_speaks_the_readers_language(accepted: str, chosen: str, expected: str) -> None:
    assert Words.preferred(chosen, accepted).language == expected


def test_what_has_been_read_waits_for_the_model() -> None:
    site = Starting(guard.Names("127.0.0.1", ()))
    site.report("reading", 3, 20)
    assert site.step == Step("reading", 3, 20)
    site.report("reading", 20, 20)
    assert site.step == Step("model")


def test_nobody_is_let_in_where_others_reach_a_server_without_users(tmp_path: Path) -> None:
    up: list[str] = []
    with pytest.raises(SettingsError, match="others reach this server, and there are no users"):
        starting.serve(
            Settings(index=tmp_path / "index"), lambda report: pytest.fail("it was opened"), "0.0.0.0", 0, up=up.append
        )
    assert up == []


def test_a_site_that_takes_over_is_started_and_stopped_as_if_it_had_been_there_from_the_start() -> None:
    seen: list[str] = []

    async def real(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["kept"] = "yes"
            for event in ("startup", "shutdown"):
                seen.append((await receive())["type"])
                await send({"type": f"lifespan.{event}.complete"})
            return
        seen.append(f"{scope['path']} {scope['state']['kept']}")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    with starting_server() as (site, server, loop), httpx.Client(base_url=server.address) as client:
        assert client.get("/").status_code == 503  # over the connection that is used again below
        asyncio.run_coroutine_threadsafe(server.hand_over(real), loop).result(10)
        site.site = real
        assert client.get("/page").status_code == 204
    assert seen == ["lifespan.startup", "/page yes", "lifespan.shutdown"]


def test_a_site_that_cannot_start_is_an_error() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with (
        starting_server() as (_, server, loop),
        pytest.raises(RuntimeError, match="the page could not be started"),
    ):
        asyncio.run_coroutine_threadsafe(server.hand_over(broken), loop).result(10)


@pytest.mark.process
def test_users_learn_no_more_and_sign_in_as_soon_as_it_is_there(tmp_path: Path) -> None:
    settings = Settings(index=tmp_path / "index")
    Users.of(settings).add("ann", "a long password", "reader")
    with process(tmp_path) as server:
        server.go_on()
        server.reaches("encoding")
        assert "cats" not in httpx.get(f"{server.address}/", headers={"Accept": "text/html"}).text
        server.go_on()
        server.reaches("ready")
        shown = httpx.get(f"{server.address}/", headers={"Accept": "text/html"})
        assert (shown.status_code, shown.headers["Location"]) == (303, "/signin?next=%2F")
