"""Seeing inside a server: health, figures, logs; and stopping it without losing an answer."""

from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from kb import KnowledgeBase
from kb.accounts.users import Users
from kb.answering.answers import Answer
from kb.settings.schema import LogSettings
from retrieval.storage.folder import IndexBusy, IndexFailure
from tests.helpers.serving import NESTS, SlowBase, animal_base, served
from tests.ui.api.test_api import failed
from ui.app import web_app
from ui.operations.logs import JsonLines, Repeats, configure
from ui.server.server import Server, listen


@pytest.fixture
def base(tmp_path: Path) -> KnowledgeBase:
    return animal_base(tmp_path)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Gathers what is logged, as JSON lines."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(stream: io.StringIO, message: str = "") -> list[dict[str, Any]]:
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in told if not message or line["message"] == message]


def line_of(request_id: str, stream: io.StringIO, message: str) -> dict[str, Any]:
    """Return the line of that request; a server of a test before this one may still be finishing its own."""
    return next(line for line in lines(stream, message) if line.get("request_id") == request_id)


def figures(address: str, **headers: str) -> dict[str, float]:
    """Return what /metrics says: name with labels to value."""
    text = httpx.get(f"{address}/metrics", headers=headers).text
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")}


# --------------------------------------------------------------------------------------------------------- figures


def test_figures_tell_of_questions_refusals_stages_the_index_and_the_model(base: KnowledgeBase) -> None:
    slow = SlowBase(base)

    def ask(question: str, **options: Any) -> Answer:
        if "boom" in question:
            raise RuntimeError("boom")
        answer = base.ask(question, **options)
        return replace(answer, failure="timeout", dropped=2) if "model" in question else answer

    slow.ask = ask  # type: ignore[method-assign]
    with served(slow) as address:  # type: ignore[arg-type]
        for question in (NESTS, NESTS, "Jaka jest stolica Australii?", "model birds", "boom"):
            httpx.post(f"{address}/api/ask", json={"question": question})
        httpx.get(f"{address}/api/search?query=birds")
        httpx.get(f"{address}/api/none/{'x' * 300}")
        httpx.request("BREW", f"{address}/tea")
        told = figures(address)
    assert told['cco_questions_total{engine="extractive",language="en",outcome="answered"}'] == 3
    assert told['cco_questions_total{engine="extractive",language="pl",outcome="refused"}'] == 1
    assert told['cco_questions_total{engine="",language="",outcome="failed"}'] == 1
    assert told['cco_llm_failures_total{reason="timeout"}'] == 1
    assert told["cco_llm_sentences_dropped_total"] == 2
    assert told["cco_searches_total"] == 1
    for stage in ("encode", "search", "answer", "total"):
        assert told[f'cco_stage_seconds_count{{stage="{stage}"}}'] == 4
    assert (told["cco_index_documents"], told["cco_index_passages"], told["cco_index_windows"]) == (4, 4, 12)
    assert told['cco_requests_total{method="POST",route="/api/ask",status="200"}'] == 4
    assert told['cco_requests_total{method="POST",route="/api/ask",status="500"}'] == 1
    assert told['cco_requests_total{method="GET",route="/api",status="404"}'] == 1
    assert any(name.startswith('cco_requests_total{method="other"') for name in told)
    assert told["cco_questions_running"] == 0
    assert told["process_resident_memory_bytes"] > 10_000_000


def test_figures_are_for_users_health_is_for_all(base: KnowledgeBase) -> None:
    users = Users.of(base.settings)
    users.add("jan", "correct horse")
    token = {"Authorization": f"Bearer {users.new_token('jan')[0]}"}
    with served(base, everyone=True) as address:
        failed(httpx.get(f"{address}/metrics"), 403)
        assert "cco_index_documents 4.0" in httpx.get(f"{address}/metrics", headers=token).text
    with served(base) as address:
        failed(httpx.get(f"{address}/metrics"), 401)
        assert httpx.get(f"{address}/healthz").json() == {"status": "ok"}
        assert httpx.get(f"{address}/readyz").json() == {"status": "ready"}


# ------------------------------------------------------------------------------------------------------------ logs


def test_every_request_has_an_id_that_its_lines_share_and_no_question_is_written(
    base: KnowledgeBase, logged: io.StringIO
) -> None:
    with served(base) as address:
        given = httpx.post(f"{address}/api/ask", json={"question": NESTS}, headers={"X-Request-ID": "abc-1"})
        made = httpx.get(f"{address}/api/search?query=secretbirds", headers={"X-Request-ID": "no\\good id"})
    assert given.headers["x-request-id"] == "abc-1"
    assert len(made.headers["x-request-id"]) == 32
    answered = line_of("abc-1", logged, "question answered")
    assert (answered["language"], answered["citations"]) == ("en", 2)
    request = line_of("abc-1", logged, "request")
    wanted = {"method": "POST", "path": "/api/ask", "status": 200, "user": "local", "level": "info"}
    assert wanted.items() <= request.items()
    text = "".join(json.dumps(line) for line in lines(logged) if line["logger"] != "httpx")  # the client's own
    assert "nests" not in text and "secretbirds" not in text


def test_questions_are_written_where_the_operator_wants_them(tmp_path: Path, logged: io.StringIO) -> None:
    with served(animal_base(tmp_path, log={"questions": True})) as address:
        httpx.post(f"{address}/api/ask", json={"question": "猫喜欢什么？"}, headers={"X-Request-ID": "cat-1"})
    assert line_of("cat-1", logged, "question answered")["question"] == "猫喜欢什么？"


def test_a_trace_goes_to_the_log_and_nowhere_else(base: KnowledgeBase, logged: io.StringIO) -> None:
    slow = SlowBase(base)

    def ask(question: str, **options: Any) -> Answer:
        raise RuntimeError("broken at /secret/place")

    slow.ask = ask  # type: ignore[method-assign]
    with served(slow) as address:  # type: ignore[arg-type]
        response = httpx.post(f"{address}/api/ask", json={"question": NESTS}, headers={"X-Request-ID": "t1"})
    assert failed(response, 500) == "something went wrong on the server; its log says what"
    line = line_of("t1", logged, "a request failed")
    assert "RuntimeError: broken at /secret/place" in line["trace"]


def test_a_fault_outside_every_route_is_caught_too(
    base: KnowledgeBase, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.security.access.Access.visitor", lambda self, request: 1 / 0)
    with served(base) as address:
        failed(httpx.get(f"{address}/", headers={"X-Request-ID": "t2"}), 500)
    assert "ZeroDivisionError" in line_of("t2", logged, "a request failed")["trace"]


@pytest.mark.parametrize(("error", "seconds"), [(IndexFailure("damaged"), "5"), (IndexBusy("in use"), "2")])
def test_whoever_cannot_be_served_now_is_told_when_to_come_back(
    base: KnowledgeBase, error: Exception, seconds: str
) -> None:
    slow = SlowBase(base)

    def ask(question: str, **options: Any) -> Answer:
        raise error

    slow.ask = ask  # type: ignore[method-assign]
    with served(slow) as address:  # type: ignore[arg-type]
        response = httpx.post(f"{address}/api/ask", json={"question": NESTS})
        assert "retry-after" not in httpx.get(f"{address}/healthz").headers
    assert failed(response, 503) and response.headers["retry-after"] == seconds


@pytest.mark.parametrize(("format_", "expected"), [("json", "{"), ("text", "12"), ("auto", "{")])
def test_the_settings_choose_the_form(format_: Any, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure(LogSettings(format=format_))
    record = logging.makeLogRecord({"msg": "half \ud800", "levelname": "INFO", "levelno": logging.INFO, "name": "x"})
    logging.getLogger().handlers[0].handle(record)
    text = stream.getvalue()
    assert text.startswith("{") == (expected == "{")
    if expected == "{":
        assert json.loads(text)["message"] == "half \ud800"


def test_what_is_logged_over_and_over_is_counted_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    repeats = Repeats(lambda: now[0])

    def written(level: int, message: str, *arguments: object, error: Exception | None = None) -> list[str]:
        told = (type(error), error, None) if error else None
        record = logging.LogRecord("x", level, "", 0, message, arguments, told)  # type: ignore[arg-type]
        return [one.getMessage() for one in repeats.passed(record)]

    assert [line for _ in range(1000) for line in written(logging.ERROR, "full")] == ["full"] * 3
    assert len([line for number in range(1000) for line in written(logging.WARNING, "no %s", number)]) == 60
    assert len([line for _ in range(1000) for line in written(logging.INFO, "request")]) == 1000
    failures = [line for text in "aaaab" for line in written(logging.ERROR, "full", error=ValueError(text))]
    assert failures == ["full"] * 4
    now[0] = 60.0
    assert written(logging.INFO, "request") == [
        "997 more like this within 60 s: full",
        "940 more like this within 60 s: no 999",
        "1 more like this within 60 s: full",
        "request",
    ]
    assert written(logging.ERROR, "full") == ["full"]
    assert len(repeats._kinds) == 1


def test_the_log_of_a_server_counts_what_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure(LogSettings(format="json"))
    for _ in range(1000):
        logging.getLogger("asyncio").error("socket.accept() out of system resource")
    assert len(stream.getvalue().splitlines()) == 3


# -------------------------------------------------------------------------------------------------------- stopping


@pytest.mark.slow
def test_a_server_that_stops_lets_answers_finish_and_takes_no_new_ones(base: KnowledgeBase) -> None:
    slow, ready = SlowBase(base), threading.Event()
    with listen("127.0.0.1", 0) as listener, ThreadPoolExecutor(1) as threads:
        server = Server(web_app(slow), listener, lambda address: ready.set())  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_until_interrupted, daemon=True)
        thread.start()
        assert ready.wait(60)
        address = server.address

        def stream() -> str:
            return httpx.post(f"{address}/api/ask", json={"question": NESTS, "stream": True}, timeout=30).text

        answer = threads.submit(stream)
        assert slow.asked.acquire(timeout=10)
        server.should_exit = True
        until = time.monotonic() + 10
        while httpx.get(f"{address}/readyz").status_code != 503 and time.monotonic() < until:
            time.sleep(0.05)
        assert httpx.get(f"{address}/readyz").json() == {"status": "stopping"}
        refused = httpx.post(f"{address}/api/ask", json={"question": NESTS})
        assert failed(refused, 503) == "the server is stopping; try again in a moment"
        slow.go.set()
        assert "event: answer" in answer.result(timeout=10)
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_waits_no_longer_than_it_may(tmp_path: Path, logged: io.StringIO) -> None:
    slow = SlowBase(animal_base(tmp_path, server={"stop_seconds": 0.5}))
    with ThreadPoolExecutor(1) as threads:
        with served(slow) as address:  # type: ignore[arg-type]
            answer = threads.submit(httpx.post, f"{address}/api/ask", json={"question": NESTS}, timeout=30)
            assert slow.asked.acquire(timeout=10)
            began = time.monotonic()
        assert time.monotonic() - began < 9
        slow.go.set()
        assert failed(answer.result(timeout=30), 503) == "the server is stopping; try again in a moment"
    assert lines(logged, "stopped before all answers were given")


SERVE = """
import sys
from pathlib import Path
from kb import KnowledgeBase, Settings
from kb.settings.schema import LogSettings
from tests.helpers.fakes import FakeEncoder
from ui.app import serve
from ui.operations.logs import configure
settings = Settings(index=Path(sys.argv[1]), log=LogSettings(format="json"))
configure(settings.log)
base = KnowledgeBase.open(settings=settings, encoder=FakeEncoder())
serve(base, port=0, ready=lambda address: print(address, flush=True))
"""


# The reader of this server is the real one, which it has loaded, or is loading, as it is told to end.
@pytest.mark.process
def test_sigterm_ends_a_server_cleanly_and_its_log_is_json(base: KnowledgeBase) -> None:
    command = [sys.executable, "-c", SERVE, str(base.settings.index)]
    root, pipe = Path(__file__).parents[3], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=root) as server:
        assert server.stdout and server.stderr
        address = server.stdout.readline().strip()
        assert httpx.post(f"{address}/api/ask", json={"question": NESTS}, timeout=30).json()["answered"]
        server.send_signal(signal.SIGTERM)
        log = server.stderr.read()
        assert server.wait(20) == 0
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["level"] for line in told} <= {"info", "warning", "error"}
    assert {"question answered", "request"} <= {line["message"] for line in told}
    assert "nests" not in log
