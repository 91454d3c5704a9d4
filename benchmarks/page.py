"""How quick the page is, and how steady: `python -m benchmarks.page`. Prints one line for each promise.

Usable after the server is up, first words after Enter, fifty people asking at once, memory over two thousand questions;
on the shipped texts, extractive. Needs Chromium for the first two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from kb import KnowledgeBase
from kb.evaluation.runs import __file__ as evaluation
from tests.helpers.screenshots import TEXTS, launch, running_page
from tests.needs import chromium
from ui.chat.turns import warm_up

PEOPLE = 50
QUESTIONS = 2_000
ASKED = 20
"""Times that first words are waited for."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, metavar="DIR", help="an index of the shipped texts, if there is one")
    parser.add_argument("--questions", type=int, default=QUESTIONS, metavar="N", help=f"for the memory ({QUESTIONS})")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        if options.index:
            base = KnowledgeBase.open(options.index)
        else:
            base = KnowledgeBase.build([TEXTS], Path(scratch) / "index")
        with running_page(base) as address:
            started = time.perf_counter()
            threading.Thread(target=warm_up, args=(base,), daemon=True).start()  # as `cco serve` does
            if chromium():
                browse(address, started)
            crowd(address)
            remember(address, options.questions)


def browse(address: str, up: float) -> None:
    """Print how long after the server is up the page is usable, and how long after Enter the first words show."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(locale="zh-CN")
        before = time.perf_counter()
        page.goto(address)
        page.locator("body.ready #question").wait_for()
        now = time.perf_counter()
        print(f"usable after opening: {now - before:.2f} s (browser's own start {before - up:.2f} s), at most 2 s")
        waits = [first_words(page, question) for question in islice(cycle(shipped_questions()), ASKED)]
        print(f"first words after Enter: median {1e3 * statistics.median(waits):.0f} ms, p95 {p95(waits):.0f} ms of "
              f"{len(waits)}, the very first {1e3 * waits[0]:.0f} ms; at most 300 ms")  # fmt: skip
        browser.close()


_WAIT_FOR_WORDS = """
number => {
  const words = `#turn-${number} :is(.answer, .refusal)`;
  window.waited = new Promise(done => {
    let from;
    const pressed = event => { if (event.key === "Enter") from = performance.now(); };
    addEventListener("keydown", pressed, { once: true, capture: true });
    const watcher = new MutationObserver(() => {
      if (!document.querySelector(words)) return;
      watcher.disconnect();
      done(performance.now() - from);
    });
    watcher.observe(document.querySelector("#talk"), { childList: true, subtree: true });
  });
}
"""


def first_words(page: Page, question: str) -> float:
    """Ask on the page; return the seconds from Enter to the first words of an answer or a refusal, as it sees them."""
    number = page.locator(".turn").count() + 1
    page.locator("#question").fill(question)
    page.evaluate(_WAIT_FOR_WORDS, number)
    page.keyboard.press("Enter")
    waited: float = page.evaluate("window.waited")
    page.locator("body:not(.asking)").wait_for()
    return waited / 1e3


def crowd(address: str) -> None:
    """Print how long people wait when `PEOPLE` ask at the same moment, each through the page's own queue."""

    async def all_ask() -> list[float]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=address, timeout=60.0, limits=limits) as client:
            events = await submit_event(client)
            questions = list(islice(cycle(shipped_questions()), PEOPLE))
            return await asyncio.gather(*(ask(client, events, n, q) for n, q in enumerate(questions)))

    waits = asyncio.run(all_ask())
    print(f"{PEOPLE} people at once: median {statistics.median(waits):.2f} s, p95 {p95(waits) / 1e3:.2f} s, "
          f"longest {max(waits):.2f} s, no error; at most 4 s")  # fmt: skip


async def submit_event(client: httpx.AsyncClient) -> int:
    """Return the number of the event that asks."""
    config = (await client.get("/config")).json()
    return next(int(event["id"]) for event in config["dependencies"] if event["targets"][0][1] == "submit")


async def ask(client: httpx.AsyncClient, event: int, person: int, question: str) -> float:
    """Ask as a browser does; return the seconds to the whole answer. Raises `RuntimeError` where there is none."""
    started, session = time.perf_counter(), f"person{person}x{started_name()}"
    sent = {"question": question, "history": [], "number": 1, "token": f"t{person}", "ui": "en"}
    body = {"data": [], "event_data": sent, "fn_index": event, "trigger_id": None, "session_hash": session}
    (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
    shown = ""
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
        async for line in stream.aiter_lines():
            if not line.startswith("data:"):
                continue
            message = json.loads(line[5:])
            shown += line
            if message["msg"] == "process_completed":
                if not message["success"]:
                    raise RuntimeError(f"no answer to {question!r}: {message}")
                break
    if "answered" not in shown and "refused" not in shown:
        raise RuntimeError(f"no answer to {question!r}")
    return time.perf_counter() - started


def started_name() -> str:
    """Return letters that no other session has."""
    return f"{time.perf_counter_ns():x}"


def remember(address: str, count: int) -> None:
    """Print how much memory the server holds before and after `count` questions, each by somebody else.

    Before it every question has been asked once, so that what is looked up once is not taken for a leak.
    """

    async def ask_all(count: int) -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60.0) as client:
            events = await submit_event(client)
            for number, question in enumerate(islice(cycle(shipped_questions()), count)):
                await ask(client, events, number, question)

    asyncio.run(ask_all(len(list(shipped_questions()))))
    before, started = resident(), time.perf_counter()
    asyncio.run(ask_all(count))
    after, seconds = resident(), time.perf_counter() - started
    print(f"memory over {count} questions: {before:.0f} MB before, {after:.0f} MB after, {seconds:.0f} s")


def resident() -> float:
    """Return the megabytes of memory that this process holds."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1e3
    raise OSError("/proc/self/status does not tell the memory in use")


def shipped_questions() -> Iterator[str]:
    """Yield the questions of the shipped set."""
    lines = Path(evaluation).with_name("questions.jsonl").read_text(encoding="utf-8").splitlines()
    return (json.loads(line)["question"] for line in lines)


def p95(seconds: Sequence[float]) -> float:
    """Return the 95th percentile in milliseconds: the least that at least 95 of 100 do not exceed."""
    ranked = sorted(seconds)
    return 1e3 * ranked[-(-len(ranked) * 95 // 100) - 1]


if __name__ == "__main__":
    main()
