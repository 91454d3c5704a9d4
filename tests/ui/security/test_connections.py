"""Clients that hold connections and send or take nothing, against a real server; and who has room."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from kb.settings.schema import ServerSettings
from tests.helpers.serving import NESTS, SlowBase, animal_base, served
from ui.security.limits import network_of
from ui.server.connections import Bounds, open_files
from ui.server.server import Server, listen

QUICK = {"head_seconds": 0.5, "body_seconds": 1.0, "unread_seconds": 0.5}
HEAD = b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
HALF = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def opened(address: str, sent: bytes = b"", *, takes: int = 0) -> socket.socket:
    """Return a connection on which `sent` was sent; `takes` bytes are held for it until they are read, where given."""
    client = socket.socket()
    client.settimeout(10)
    if takes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    url = httpx.URL(address)
    client.connect((url.host, url.port))
    client.sendall(sent)
    return client


def rest(client: socket.socket) -> bytes:
    """Return all that comes until the server closes the connection."""
    came = bytearray()
    try:
        while piece := client.recv(65_536):
            came += piece
    except ConnectionError:
        pass
    finally:
        client.close()
    return bytes(came)


class Site:
    """Answers once a request is there whole: in two pieces a while apart at /slowly, with very much at /much."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.asked.release()
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/slowly":
            await send({"type": "http.response.body", "body": b"once upon ", "more_body": True})
            await asyncio.sleep(2 * QUICK["body_seconds"])
        size = 100_000_000 if scope["path"] == "/much" else 0
        await send({"type": "http.response.body", "body": b"a time" + bytes(size)})


@contextmanager
def site_served(**settings: float) -> Iterator[tuple[Server, Site]]:
    """Serve a site that does nothing but answer."""
    ready, site = threading.Event(), Site()
    with listen("127.0.0.1", 0) as listener:
        server = Server(site, listener, lambda address: ready.set(), ServerSettings.model_validate(settings))
        thread = threading.Thread(target=server.serve_until_interrupted, daemon=True)
        thread.start()
        assert ready.wait(60)
        yield server, site
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with site_served(**QUICK) as (server, _):
        yield server


@pytest.fixture
def address(server: Server) -> str:
    return server.address


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def dribbling(client: socket.socket, pieces: Iterator[bytes], pause: float) -> Iterator[None]:
    """Send pieces one after another, as far as they are taken."""
    try:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(pause)
    except ConnectionError:
        pass
    yield


# ------------------------------------------------------------------------------------------------- what is to come


@pytest.mark.parametrize(
    "sent",
    [
        HALF,
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b'Content-Length: 100\r\n\r\n{"quest',
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ],
)
def test_whoever_sends_half_a_request_is_told_so_and_cut_off(address: str, sent: bytes) -> None:
    answer = rest(opened(address, sent))
    assert answer == b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def test_whoever_sends_nothing_is_cut_off_without_a_word(address: str) -> None:
    assert rest(opened(address)) == b""


def test_a_head_that_comes_letter_by_letter_is_given_no_more_time(address: str) -> None:
    client = opened(address, HALF)
    with dribbling(client, (b"X-%d: y\r\n" % number for number in range(30)), 0.05):
        assert b" 200 " not in rest(client)


def test_a_body_that_comes_letter_by_letter_is_given_no_more_time(address: str) -> None:
    client = opened(address, HEAD + b"Content-Length: 1000\r\n\r\n")
    with dribbling(client, (b" " for _ in range(30)), 0.1):
        assert b" 200 " not in rest(client)


def test_what_comes_slowly_but_steadily_is_taken(address: str) -> None:
    body = b" " * 40_000
    client = opened(address, HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body))
    begun = time.monotonic()
    pieces = (body[start : start + 1_000] for start in range(0, len(body), 1_000))
    with dribbling(client, pieces, 0.06):
        assert time.monotonic() - begun > 2 * QUICK["body_seconds"]
        assert rest(client).startswith(b"HTTP/1.1 200 OK")


def test_time_begins_anew_with_each_request(address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for _ in range(4):
            assert client.get("/healthz").status_code == 200
            time.sleep(0.2)
    second = opened(address, HALF + b"\r\n")
    assert second.recv(65_536).startswith(b"HTTP/1.1 200")
    second.sendall(HALF)
    assert b" 408 " in rest(second)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_may_take_longer_than_all_of_these_times(address: str, method: str) -> None:
    with httpx.stream(method, f"{address}/slowly", timeout=30) as stream:
        assert stream.read() == b"once upon a time"


def test_a_streamed_answer_of_the_real_site_may_too(tmp_path: Path) -> None:
    slow = SlowBase(animal_base(tmp_path, server=QUICK))
    with served(slow) as address:  # type: ignore[arg-type]
        asked = {"question": NESTS, "stream": True}
        threading.Timer(2 * QUICK["body_seconds"], slow.go.set).start()
        assert "Birds build nests of straw." in httpx.post(f"{address}/api/ask", json=asked, timeout=30).text


def test_whoever_takes_nothing_of_an_answer_is_cut_off(server: Server) -> None:
    request = HALF.replace(b"/healthz", b"/much") + b"\r\n"
    with opened(server.address, request, takes=4_096) as client:
        assert client.recv(8)
        held = {one for one in server.server_state.connections if one.client == client.getsockname()}
        assert len(held) == 1
        wait_until(lambda: not held & server.server_state.connections)


# ------------------------------------------------------------------------------------------------------- how many


class FakeConnection:
    """What the bounds see of a connection, and whether they closed it."""

    def __init__(self, host: str, since: float, idle: bool) -> None:
        self.client, self.since, self.idle, self.closed = (host, 1), since, idle, False
        self.transport = self

    def close(self) -> None:
        self.closed = True


def connections(*hosts: str, idle: bool = True) -> list[Any]:
    return [FakeConnection(host, float(number), idle) for number, host in enumerate(hosts)]


def test_one_address_has_its_share_and_of_its_idle_ones_the_oldest_makes_way() -> None:
    bounds = Bounds(ServerSettings(connections=100, connections_per_address=2), 1_000)
    first, second, third, other = connections(*["10.0.0.1"] * 3, "10.0.0.2")
    assert [bounds.take(one) for one in (first, second, third, other)] == [True] * 4
    assert [one.closed for one in (first, second, third, other)] == [True, False, False, False]
    second.idle = third.idle = False
    (fourth,) = connections("10.0.0.1")
    assert not bounds.take(fourth)
    bounds.leave(second)
    assert bounds.take(fourth)


def test_whoever_is_answered_never_makes_way() -> None:
    bounds = Bounds(ServerSettings(connections=4), 1_000)
    assert all(bounds.take(one) for one in connections(*(f"10.0.0.{n}" for n in range(4)), idle=False))
    assert not any(bounds.take(one) for one in connections("10.0.1.1", "127.0.0.1"))


def test_a_proxy_on_this_machine_may_bring_everybody() -> None:
    for here in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
        bounds = Bounds(ServerSettings(connections=50, connections_per_address=1), 1_000)
        assert all(bounds.take(one) for one in connections(*[here] * 50, idle=False)), here


def test_files_are_left_for_other_things_than_connections() -> None:
    bounds = Bounds(ServerSettings(), 40)
    taken = [bounds.take(one) for one in connections(*(f"10.0.0.{n}" for n in range(40)), idle=False)]
    assert taken.count(True) == 30


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("2001:db8::1", "2001:db8::ffff:0:0:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1", "fe80::2", False),
        ("somebody", "nobody", False),
    ],
)
def test_a_household_is_one_sender(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
        assert open_files() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(65_536, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_half_sent_requests_keep_nobody_out() -> None:
    with site_served(connections=10) as (server, _), ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(opened(server.address, HALF))
        for _ in range(5):
            assert httpx.get(f"{server.address}/healthz").status_code == 200


def test_where_all_are_answered_one_more_is_told_to_come_back() -> None:
    with site_served(connections=4) as (server, site), ExitStack() as stack:
        busy = []
        for _ in range(4):
            busy.append(stack.enter_context(opened(server.address, HEAD + b"Content-Length: 9\r\n\r\n")))
            assert site.asked.acquire(timeout=10)
        refused = rest(opened(server.address))
        assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n")
        busy[0].close()
        wait_until(lambda: len(server.server_state.connections) < 4)
        assert httpx.get(f"{server.address}/healthz").status_code == 200


SERVE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 192))
from kb import KnowledgeBase, Settings
from kb.settings.schema import LogSettings
from tests.helpers.fakes import FakeEncoder, read_by_stand_in
from ui import app
from ui.operations.logs import configure
settings = Settings(index=Path(sys.argv[1]), log=LogSettings(format="json"))
configure(settings.log)
read_by_stand_in()
base = KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
app.serve(base, port=0, ready=lambda address: print(address, flush=True))
"""


@pytest.mark.process
def test_more_connections_than_files_may_be_open_neither_stop_the_server_nor_fill_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(animal_base(tmp_path).settings.index)]
    log = tmp_path / "log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdout=-1, stderr=errors, cwd=Path(__file__).parents[3]) as running,
        ExitStack() as stack,
    ):
        stack.callback(running.kill)
        assert running.stdout
        address = running.stdout.readline().decode().strip()
        for _ in range(300):
            stack.enter_context(opened(address, HALF))
        for _ in range(3):
            assert httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    assert log.stat().st_size < 30_000
