"""The one limit: what runs at once, who waits in which order, and that nothing on the server goes past it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from kb import KnowledgeBase
from kb.accounts.users import Users
from kb.settings.schema import ServerSettings
from retrieval.storage.folder import IndexBusy
from tests.helpers.serving import NESTS, animal_base, served
from tests.ui.api.test_api import failed
from tests.ui.api.test_api_mcp import in_session
from tests.ui.operations.test_stopping import joined, on_the_page, submit_event
from ui.security.access import Access, AuthMiddleware, sender_now
from ui.security.concurrency import HALF_FORGOTTEN, MUCH, ConcurrencyLimiter, Line
from ui.security.errors import ApiError


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as threads:
        yield threads


# ------------------------------------------------------------------------------------------------------------- turns


def test_both_lines_are_served_in_turn_and_each_in_order(threads: ThreadPoolExecutor) -> None:
    gate, order = ConcurrencyLimiter(1), list[str]()

    def take(name: str, line: Line) -> None:
        with gate.turn(line):
            order.append(name)

    with gate.turn():
        names = ("program 1", "program 2", "program 3", "program 4", "page 1", "page 2")
        for waiting, name in enumerate(names, 1):
            threads.submit(take, name, "page" if name.startswith("page") else "programs")
            until(lambda: sum(map(len, gate._lines.values())) == waiting)  # noqa: B023
    until(lambda: len(order) == 6)
    assert order in (
        ["page 1", "program 1", "page 2", "program 2", "program 3", "program 4"],
        ["program 1", "page 1", "program 2", "page 2", "program 3", "program 4"],
    )


def test_whoever_has_had_least_comes_first(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = ContextVar("sender", default="")
    monkeypatch.setattr("ui.security.concurrency.sender_now", sender.get)
    clock, order = [0.0], list[str]()
    gate = ConcurrencyLimiter(1, now=lambda: clock[0])

    def take(name: str, seconds: float) -> None:
        sender.set(name.split()[0])
        with gate.turn("programs"):
            order.append(name)
            clock[0] += seconds

    def wait_in_line(*names: str) -> None:
        with gate.turn("programs"):
            for waiting, name in enumerate(names, 1):
                threads.submit(take, name, 9.0 if name.startswith("greedy") else 1.0)
                until(lambda: len(gate._lines["programs"]) == waiting)  # noqa: B023
        until(lambda: len(order) == len(names) and gate._free == 1)

    wait_in_line("greedy 1", "greedy 2", "greedy 3", "modest 1", "modest 2", "other 1")
    assert order == ["greedy 1", "modest 1", "other 1", "modest 2", "greedy 2", "greedy 3"]
    order.clear()
    wait_in_line("greedy 4", "modest 3", "new 1")
    assert order == ["new 1", "modest 3", "greedy 4"]
    clock[0] += 100 * HALF_FORGOTTEN
    order.clear()
    wait_in_line("greedy 5", "modest 4")
    assert order == ["greedy 5", "modest 4"]


def test_whoever_has_a_turn_comes_after_those_who_have_none(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = ContextVar("sender", default="")
    monkeypatch.setattr("ui.security.concurrency.sender_now", sender.get)
    gate, order, go = ConcurrencyLimiter(2, now=lambda: 0.0), list[str](), threading.Event()

    def take(name: str) -> None:
        sender.set(name.split()[0])
        with gate.turn("programs"):
            order.append(name)
            if name.endswith("long"):
                go.wait(20)

    with gate.turn("programs"):
        held = threads.submit(take, "greedy long")
        until(lambda: order == ["greedy long"])
        threads.submit(take, "greedy 2")
        until(lambda: len(gate._lines["programs"]) == 1)
        threads.submit(take, "modest 1")
        until(lambda: len(gate._lines["programs"]) == 2)
    until(lambda: len(order) == 3)
    go.set()
    held.result(20)
    assert order == ["greedy long", "modest 1", "greedy 2"]


def test_one_turn_is_kept_for_those_who_have_not_had_much(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, clock = ContextVar("sender", default=""), [0.0]
    monkeypatch.setattr("ui.security.concurrency.sender_now", sender.get)
    gate, begun, go = ConcurrencyLimiter(3, now=lambda: clock[0]), list[str](), threading.Event()

    def take(name: str) -> None:
        sender.set(name)
        with gate.turn("programs"):
            begun.append(name)
            go.wait(20)

    def had(name: str, seconds: float) -> None:
        sender.set(name)
        with gate.turn("programs"):
            clock[0] += seconds

    threads.submit(had, "greedy", MUCH + 1).result(20)
    held = [threads.submit(take, "greedy") for _ in range(3)]
    until(lambda: len(gate._lines["programs"]) == 1)
    assert begun == ["greedy"] * 2 and gate._free == 1
    threads.submit(take, "modest")
    until(lambda: begun[2:] == ["modest"])
    go.set()
    for one in held:
        one.result(20)
    until(lambda: gate._free == 3)


def test_whoever_fills_a_line_makes_way_in_it(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = ContextVar("sender", default="")
    monkeypatch.setattr("ui.security.concurrency.sender_now", sender.get)
    gate = ConcurrencyLimiter(1, waiting=3)

    def take(name: str) -> None:
        sender.set(name)
        with gate.turn("programs"):
            pass

    with gate.turn("programs"):
        greedy = []
        for waiting in range(1, 4):
            greedy.append(threads.submit(take, "greedy"))
            until(lambda: len(gate._lines["programs"]) == waiting)  # noqa: B023
        modest = threads.submit(take, "modest")
        refused = greedy[2].exception(20)
        assert isinstance(refused, ApiError) and refused.status_code == 503
        # Two of one and one of the other: now whoever comes is turned away, but for somebody new.
        assert isinstance(threads.submit(take, "modest").exception(20), ApiError)
        assert isinstance(threads.submit(take, "greedy").exception(20), ApiError)
        new = threads.submit(take, "new")
        assert isinstance(greedy[1].exception(20), ApiError)
    assert [one.exception(20) for one in (greedy[0], modest, new)] == [None] * 3
    until(lambda: gate._free == 1)


def test_what_a_request_asks_for_is_its_senders_for_as_long_as_it_is_served() -> None:
    begun = list[Context]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(copy_context())
        assert sender_now() == "address 10.0.0.1"

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "client": ("10.0.0.1", 1),
    }
    access = Access(Users(Path("none")), ServerSettings(), loopback=False, everyone=True)
    asyncio.run(AuthMiddleware(app, access)(scope, None, None))  # type: ignore[arg-type]
    assert begun[0].run(sender_now) == ""


def test_one_line_that_is_full_turns_nobody_of_the_other_away(threads: ThreadPoolExecutor) -> None:
    gate, done = ConcurrencyLimiter(1, waiting=2), list[str]()

    def take(line: Line) -> None:
        with gate.turn(line):
            done.append(line)

    with gate.turn():
        for _ in range(2):
            threads.submit(take, "programs")
        until(lambda: len(gate._lines["programs"]) == 2)
        refused = threads.submit(take, "programs").exception(20)
        assert isinstance(refused, ApiError) and refused.detail.startswith("too many questions are waiting; try again")
        assert (refused.status_code, refused.headers) == (503, {"Retry-After": "5"})
        threads.submit(take, "page")
        until(lambda: len(gate._lines["page"]) == 1)
    until(lambda: len(done) == 3)


def test_whoever_has_a_turn_takes_no_second_one() -> None:
    gate = ConcurrencyLimiter(1, waiting=0)

    def work() -> str:
        with gate.turn(), gate.turn():
            return "done"

    assert asyncio.run(gate.run(work)) == "done"
    other = ConcurrencyLimiter(1, waiting=0)
    with gate.turn(), other.turn():
        assert work() == "done"
        with pytest.raises(ApiError), ConcurrencyLimiter(0, waiting=0).turn():
            pass
    assert gate._free == other._free == 1


def test_a_spare_turn_is_one_that_is_free_at_once() -> None:
    gate = ConcurrencyLimiter(2)
    with gate.spare() as first, gate.spare() as second, gate.spare() as third:
        assert (first, second, third) == (True, True, False)
    with gate.turn(), gate.spare() as left:
        assert left


def test_work_that_nobody_waits_for_any_more_keeps_its_turn_to_its_end() -> None:
    gate, go, began, after = ConcurrencyLimiter(1), threading.Event(), threading.Event(), list[float]()

    def long() -> None:
        began.set()
        go.wait(20)
        after.append(time.monotonic())

    async def ask() -> None:
        given_up = asyncio.create_task(gate.run(long))
        await asyncio.to_thread(began.wait)
        waits = asyncio.create_task(gate.run(lambda: after.append(time.monotonic())))
        leaves = asyncio.create_task(gate.run(lambda: after.append(0.0)))
        last = asyncio.create_task(gate.run(lambda: after.append(time.monotonic())))
        await asyncio.sleep(0.05)
        for task in (given_up, leaves):
            task.cancel()
        await asyncio.sleep(0.05)
        assert after == [] and len(gate._lines["programs"]) == 2
        go.set()
        await asyncio.gather(waits, last)

    asyncio.run(ask())
    assert len(after) == 3 and after == sorted(after)
    assert gate._free == 1


def test_turns_are_neither_lost_nor_doubled_where_many_give_up() -> None:
    gate, running, most = ConcurrencyLimiter(3), list[int](), list[int]()

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.001)
        running.pop()

    async def ask(number: int) -> None:
        task = asyncio.create_task(gate.run(work, "page" if number % 2 else "programs"))
        await asyncio.sleep(0.0004 * (number % 17))
        if number % 3 == 0:
            task.cancel()
        await asyncio.wait([task])

    async def all_of_them() -> None:
        for _ in range(6):
            await asyncio.gather(*(ask(number) for number in range(90)))

    asyncio.run(all_of_them())
    until(lambda: gate._free == 3)
    assert max(most) == 3 and not any(gate._lines.values())


# ------------------------------------------------------------------------------------------------------ nothing past it


class BusyBase:
    """Takes its time over whatever is asked of it, and counts how much is asked at once."""

    def __init__(self, base: KnowledgeBase, seconds: float) -> None:
        self._base, self._seconds = base, seconds
        self._lock, self._running = threading.Lock(), 0
        self.most, self.asked = 0, list[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> Any:
        with self._counted("ask", question):
            return self._base.ask(question, **options)

    def search(self, *arguments: Any, **options: Any) -> Any:
        with self._counted("search", arguments[0]):
            return self._base.search(*arguments, **options)

    def question(self, text: str) -> Any:
        with self._counted("question", text):
            return self._base.question(text)

    @contextmanager
    def _counted(self, what: str, text: str) -> Iterator[None]:
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
            self.asked.append(f"{what} {text}")
        time.sleep(self._seconds)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1


def test_page_api_chat_clients_and_mcp_tools_share_one_limit(tmp_path: Path) -> None:
    base = BusyBase(animal_base(tmp_path), 0.05)

    def tool(address: str, name: str, **arguments: Any) -> None:
        result = in_session(f"{address}/gradio_api/mcp/", "call_tool", name, arguments)
        assert not result.isError, result.content

    def post(address: str, path: str, body: dict[str, Any]) -> None:
        httpx.post(f"{address}{path}", json=body, timeout=60).raise_for_status()

    def get(address: str, path: str) -> None:
        httpx.get(f"{address}{path}", timeout=60).raise_for_status()

    def page(address: str, number: int) -> None:
        async def ask() -> str:
            async with httpx.AsyncClient(base_url=address, timeout=60) as client:
                event = await submit_event(client)
                (await client.post("/gradio_api/queue/join", json=joined(number, event))).raise_for_status()
                return await on_the_page(client, number)

        assert "Birds build nests of straw." in asyncio.run(ask())

    chat = {"model": "cco", "messages": [{"role": "user", "content": NESTS}]}
    with served(base) as address, ThreadPoolExecutor(40) as threads:  # type: ignore[arg-type]
        asking = [
            future
            for number in range(4)
            for future in (
                threads.submit(page, address, number),
                threads.submit(tool, address, "ask", question=NESTS),
                threads.submit(tool, address, "search", query="birds"),
                threads.submit(post, address, "/api/ask", {"question": NESTS}),
                threads.submit(post, address, "/api/ask", {"question": NESTS, "stream": True}),
                threads.submit(post, address, "/api/search", {"query": "birds"}),
                threads.submit(get, address, "/api/search?query=birds"),
                threads.submit(get, address, "/pages/library?q=birds"),
                threads.submit(get, address, "/pages/concepts/customer-lifetime-value"),
                threads.submit(post, address, "/v1/chat/completions", chat),
            )
        ]
        for future in asking:
            future.result(120)
    assert base.most == 3
    assert base.asked.count(f"ask {NESTS}") == 20
    assert base.asked.count("search birds") == 16


def test_a_flood_of_programs_turns_more_programs_away_and_no_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.service.ConcurrencyLimiter", lambda **_: ConcurrencyLimiter(1, waiting=2))
    base = BusyBase(animal_base(tmp_path), 0.6)
    finished: list[str] = []

    def program(address: str) -> httpx.Response:
        response = httpx.post(f"{address}/api/ask", json={"question": NESTS}, timeout=60)
        if response.status_code == 200:
            finished.append("program")
        return response

    def reader(address: str) -> None:
        httpx.get(f"{address}/pages/library?q=birds", timeout=60).raise_for_status()
        finished.append("reader")

    with served(base) as address, ThreadPoolExecutor(10) as threads:  # type: ignore[arg-type]
        programs = [threads.submit(program, address) for _ in range(3)]
        until(lambda: base.asked)
        time.sleep(0.2)
        refused = httpx.post(
            f"{address}/v1/chat/completions",
            json={"model": "cco", "messages": [{"role": "user", "content": NESTS}]},
            timeout=60,
        )
        assert failed(refused, 503) == "too many questions are waiting; try again in a moment"
        assert refused.headers["retry-after"] == "5"
        tool = in_session(f"{address}/gradio_api/mcp/", "call_tool", "ask", {"question": NESTS})
        assert tool.isError and "too many questions are waiting" in json.dumps(tool.content[0].text)
        threads.submit(reader, address).result(60)
        assert [future.result(60).status_code for future in programs] == [200, 200, 200]
    assert finished[:3].count("reader") == 1


def test_changes_that_wait_for_each_other_hold_nothing_else_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, gates = animal_base(tmp_path), list[ConcurrencyLimiter]()
    go, adding = threading.Event(), list[int]()

    def slowly(self: KnowledgeBase, paths: Any, **options: Any) -> Any:
        adding.append(1)
        go.wait(30)
        raise IndexBusy("in use")

    def gate(*arguments: Any, **options: Any) -> ConcurrencyLimiter:
        gates.append(ConcurrencyLimiter(*arguments, **options))
        return gates[-1]

    monkeypatch.setattr(KnowledgeBase, "add", slowly)
    monkeypatch.setattr("ui.service.ConcurrencyLimiter", gate)
    with served(base) as address, ThreadPoolExecutor(50) as threads:

        def upload(number: int) -> int:
            if number < 5:
                files = {"files": (f"{number}.md", b"Dogs.")}
                return httpx.post(f"{address}/api/documents", files=files, timeout=60).status_code
            path = f"/pages/library/files?name={number}.md"
            return httpx.post(f"{address}{path}", content=b"Dogs.", timeout=60).status_code

        uploads = [threads.submit(upload, number) for number in range(50)]
        try:
            until(lambda: sum(map(len, gates[1]._lines.values())) == 49)
            assert httpx.get(f"{address}/documents/birds", timeout=5).status_code == 200
            assert len(adding) == 1
        finally:
            go.set()
        assert {one.result(60) for one in uploads} == {503}
