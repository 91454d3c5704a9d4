"""Hold a real server against many clients, of which a third mean harm, while its library changes.

    .venv/bin/python -m benchmarks.hostile [--minutes 30] [--clients 200] [--hostile 0.33] [--seed 1]

First the well-behaved clients alone, then with the hostile ones and the changes, then alone again. It prints what must
hold and what was seen of it; the exit status is 3 where something does not hold.

The well-behaved ask, wait and ask again, together so often that two processors are `BUSY` busy; what one question costs
is measured first. Before that every question is asked and every kind of hostile client has come once, so that what is
loaded or kept once is not taken for a leak; then, and again at the end, the same questions are asked one after another
and the memory is read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from argon2 import PasswordHasher

from benchmarks.api import STARTS_WITHIN
from benchmarks.api_mixed import ELSEWHERE, FORMS, History, text_of
from benchmarks.hostile_checks import Asked, Held, Seen, cited_wrongly, held_by, table, verdicts
from benchmarks.hostile_clients import KINDS, UPLOADS, Foe, Kind, client_from, does, lock_the_users
from corpus.files.sources import SourceError
from corpus.readers import read_document
from kb.accounts.users import Users
from kb.evaluation.runs import __file__ as evaluation
from kb.settings.schema import Settings

BUSY = 0.45
"""Share of two processors that the well-behaved keep busy."""
PHASES = {"quiet": 0.2, "hostile": 0.65, "after": 0.15}
"""Shares of the time."""
HOSTILE_NAMES = 4
"""Names that the hostile sign in under; the limits are by name."""
HOSTILE_PAUSE = 1.0
SHORTEST_PAUSE = 2.0
"""Seconds; nobody reads an answer in less."""
CHANGES_EVERY, REBUILT_EVERY, LOCKED_EVERY = 3.0, 240.0, 180.0
CHANGING = 6
"""Documents that change."""
AT_ONCE = 6
FIXED = 25
"""Questions after which the memory is read."""
CHANGED_WITHIN = 600.0
"""Seconds; a change waits for those before it, and for an index that is being made anew."""
STOPS_WITHIN = 60.0
MOST_SHOWN = 20_000
"""Characters of the server's log, its end, where something does not hold."""
SETTLE = 20.0
"""Seconds that a server is left alone before its memory is read: it gives back what is free every 15."""


@dataclass(frozen=True)
class Place:
    """A running server, seen from outside."""

    address: str
    process: int
    users: Users
    log: Path


@dataclass(frozen=True)
class Plan:
    """What is to be done to it."""

    minutes: float = 30.0
    clients: int = 200
    hostile: float = 0.33
    seed: int = 1
    kinds: tuple[Kind, ...] = KINDS
    questions: tuple[str, ...] = ()
    """What the well-behaved ask besides what changes; by default the shipped questions."""


@dataclass
class Soak:
    """One run: who there is, and what was seen. For one event loop."""

    place: Place
    plan: Plan
    seen: Seen = field(default_factory=Seen)
    history: History = field(default_factory=History)
    tokens: dict[str, str] = field(default_factory=dict)
    pause: float = 1.0
    """Seconds for which a well-behaved client waits between two questions, on average."""

    @property
    def server(self) -> httpx.URL:
        """Its address."""
        return httpx.URL(self.place.address)

    @property
    def questions(self) -> tuple[str, ...]:
        """What the well-behaved ask besides what changes."""
        return self.plan.questions or tuple(shipped_questions())

    async def run(self) -> list[Held]:
        """Do all of it and return what held."""
        plan, chance = self.plan, random.Random(self.plan.seed)
        foes = round(plan.clients * plan.hostile)
        names = [f"reader{n}" for n in range(plan.clients - foes)]
        self.tokens = tokens_of(self.place.users, [*names, *(f"foe{n}" for n in range(HOSTILE_NAMES))])
        async with self.client("127.0.3.1", "editor") as editor:
            editor.timeout = CHANGED_WITHIN
            await self.learn(editor)
            await self.learn_uploads()
            await self.warm_up(editor, chance, names)
            for phase, share in PHASES.items():
                asked = self.seen.phases[phase] = Asked()
                until = asyncio.get_running_loop().time() + 60 * plan.minutes * share
                clients = [self.regular(n, name, asked, until) for n, name in enumerate(names)]
                meanwhile = [self.watch_health(until), self.watch_lag(until)]
                if phase == "hostile":
                    meanwhile += self.hostile(foes, chance, until)
                    clients.append(self.change(editor, random.Random(plan.seed), until))
                async with background(*meanwhile):
                    await asyncio.gather(*clients)
                await self.until_nothing_changes(editor)
                await asyncio.sleep(SETTLE)
                self.seen.memory[phase] = held_by(self.place.process)
            await self.ask_the_same(editor)
            await asyncio.sleep(SETTLE)
            self.seen.memory["end"] = held_by(self.place.process)
            await self.look_at_the_library(editor)
        self.seen.log = self.place.log.stat().st_size
        return verdicts(self.seen)

    @asynccontextmanager
    async def client(self, source: str, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client that sends from an address as one of the users."""
        async with client_from(source, self.server) as client:
            client.headers["Authorization"] = f"Bearer {self.tokens[name]}"
            yield client

    async def learn(self, editor: httpx.AsyncClient) -> None:
        """Note every text that is there."""
        for one in (await editor.get("/api/documents")).json()["documents"]:
            text = (await editor.get(f"/api/documents/{quote(one['id'])}")).json()["text"]
            self.history.begin(one["id"], text)

    async def learn_uploads(self) -> None:
        """Note what the hostile will upload, which may be cited as well."""
        with tempfile.TemporaryDirectory() as folder:
            for name, make in UPLOADS.items():
                file = Path(folder, name)
                file.write_bytes(make())
                try:
                    self.history.begin(file.stem, (await asyncio.to_thread(read_document, file)).text)
                except SourceError:
                    continue  # so does the server, and cites nothing of it

    # ------------------------------------------------------------------------------------------------ well-behaved

    async def warm_up(self, editor: httpx.AsyncClient, chance: random.Random, names: Sequence[str]) -> None:
        """Have everything loaded, read the memory, and find the pace."""
        for number in range(CHANGING):
            await self.put(editor, f"W0D{number}", 0)
        await self.rebuild(editor)
        await self.until_nothing_changes(editor)
        until = asyncio.get_running_loop().time() + 1.0
        await asyncio.gather(*(does(self.foe(n, chance, until), [kind], 1.0) for n, kind in enumerate(self.plan.kinds)))
        await self.ask_everything(names)
        await self.ask_the_same(editor)
        before, started = processor_time(self.place.process), time.perf_counter()
        await self.ask_the_same(editor)
        each, took = (processor_time(self.place.process) - before) / FIXED, (time.perf_counter() - started) / FIXED
        await asyncio.sleep(SETTLE)
        self.seen.memory["warm"] = held_by(self.place.process)
        self.pause = max(SHORTEST_PAUSE, len(names) * each / (BUSY * (os.cpu_count() or 1)))
        say(f"a question takes {took:.2f} s, {each:.2f} s of a processor; "
            f"{len(names)} clients ask every {self.pause:.0f} s")  # fmt: skip

    async def ask_everything(self, names: Sequence[str]) -> None:
        """Ask every question once, some at the same time: the models keep something for each length and thread."""
        asking = names[:AT_ONCE]

        async def ask(number: int, name: str) -> None:
            async with self.client("127.0.3.2", name) as client:
                for question in self.questions[number :: len(asking)]:
                    (await client.post("/api/ask", json={"question": question})).raise_for_status()

        await asyncio.gather(*(ask(number, name) for number, name in enumerate(asking)))

    async def ask_the_same(self, client: httpx.AsyncClient) -> None:
        """Ask the same questions one after another."""
        for question in (self.questions * FIXED)[:FIXED]:
            (await client.post("/api/ask", json={"question": question})).raise_for_status()

    async def regular(self, number: int, name: str, asked: Asked, until: float) -> None:
        """Ask, wait, ask again; every citation is held against the library as it was."""
        chance, loop = random.Random(f"{self.plan.seed} {name} {until}"), asyncio.get_running_loop()
        pause = chance.random() * self.pause
        async with self.client(f"127.0.1.{1 + number % 250}", name) as client:
            while loop.time() + pause < until:
                await asyncio.sleep(pause)
                changing = [form.format(name=f"W0D{chance.randrange(CHANGING)}") for form in FORMS]
                question = chance.choice([chance.choice(self.questions), chance.choice(changing)])
                try:
                    await self.ask(client, question, asked, stream=chance.random() < 0.25)
                except (OSError, httpx.HTTPError, ValueError, LookupError) as error:
                    self.seen.broken.append(f"{question[:60]!r}: {type(error).__name__}: {error}")
                pause = chance.expovariate(1 / self.pause)

    async def ask(self, client: httpx.AsyncClient, question: str, asked: Asked, *, stream: bool) -> None:
        """Ask until there is an answer, coming back when told to; note how long it took and what it cites."""
        loop, sent = asyncio.get_running_loop(), {"question": question, "stream": stream}
        begun = loop.time()
        while True:
            at = time.monotonic()
            response = await client.post("/api/ask", json=sent)
            self.seen.note("well-behaved", response.status_code, response.headers, response.text[:120])
            if response.status_code not in (429, 503) or "retry-after" not in response.headers:
                break
            asked.told_to_wait += response.status_code == 503
            self.seen.throttled += response.status_code == 429
            await asyncio.sleep(float(response.headers["retry-after"]))
        if response.status_code != 200:
            self.seen.broken.append(f"{question[:60]!r}: {response.status_code} {response.text[:120]}")
            return
        answered = time.monotonic()
        asked.seconds.append(loop.time() - begun)
        answer = last_event(response.text) if stream else response.json()
        asked.citations += len(answer["citations"])
        asked.of_changing += sum(one["document_id"].startswith("W0D") for one in answer["citations"])
        self.seen.wrong += cited_wrongly(self.history, answer, at, answered)

    # ------------------------------------------------------------------------------------------------ what changes

    async def change(self, editor: httpx.AsyncClient, chance: random.Random, until: float) -> None:
        """Add, change and remove documents, and have the index made anew now and then."""
        loop, version = asyncio.get_running_loop(), 0
        rebuilt = loop.time() - REBUILT_EVERY / 2
        while loop.time() < until:
            version, name = version + 1, f"W0D{chance.randrange(CHANGING)}"
            try:
                await (self.drop(editor, name) if chance.random() < 0.25 else self.put(editor, name, version))
                if loop.time() - rebuilt > REBUILT_EVERY:
                    rebuilt = loop.time()
                    await self.rebuild(editor)
            except (OSError, httpx.HTTPError) as error:  # it may be done all the same, and the history leaves that open
                self.seen.lost("changes", error)
            await asyncio.sleep(min(chance.expovariate(1 / CHANGES_EVERY), max(0.0, until - loop.time())))

    async def put(self, editor: httpx.AsyncClient, name: str, version: int) -> None:
        """Add a document, or change it to another version."""
        content = text_of(name, version).encode()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"{name}.md")
            file.write_bytes(content)
            self.history.begin(name, read_document(file).text)
        response = await editor.post("/api/documents", files={"files": (f"{name}.md", content)})
        self.seen.note("changes", response.status_code, response.headers, response.text[:120])
        if response.status_code == 201:
            self.history.settled(name)

    async def drop(self, editor: httpx.AsyncClient, name: str) -> None:
        """Remove a document."""
        response = await editor.delete(f"/api/documents/{name}")
        self.seen.note("changes", response.status_code, response.headers, response.text[:120])
        if response.status_code == 200:
            self.history.settled(name, gone=True)

    async def rebuild(self, editor: httpx.AsyncClient) -> None:
        """Have the index made anew, beside all else."""
        response = await editor.post("/pages/library/rebuild")
        self.seen.note("rebuilds", response.status_code, response.headers)

    async def until_nothing_changes(self, editor: httpx.AsyncClient) -> None:
        """Wait until what was begun is done: the index made anew, and all the changes that wait before this one."""
        while 'id="start-rebuild"' not in (await editor.get("/pages/library/rebuild")).text:
            await asyncio.sleep(0.5)
        await self.put(editor, "W0D0", -1)

    async def look_at_the_library(self, editor: httpx.AsyncClient) -> None:
        """Hold every document that is there at the end against what was reported."""
        listed = {one["id"] for one in (await editor.get("/api/documents")).json()["documents"]}
        now = time.monotonic()
        for name, states in self.history.states.items():
            if name not in listed and states[-1].ends == float("inf") and len(states) == 1 and "harm" not in name:
                self.seen.wrong.append(f"{name} is gone, and nobody removed it")
        for name in sorted(listed):
            text = (await editor.get(f"/api/documents/{quote(name)}")).json()["text"]
            if not any(state.text == text and state.ends > now for state in self.history.states.get(name, ())):
                self.seen.wrong.append(f"{name} is not what was reported last")

    # ----------------------------------------------------------------------------------------------------- hostile

    def foe(self, number: int, chance: random.Random, until: float) -> Foe:
        """Return a hostile client."""
        name, source = f"foe{number % HOSTILE_NAMES}", f"127.0.2.{1 + number % HOSTILE_NAMES}"
        tokens, own = (self.tokens[name], self.tokens["careless"]), random.Random(chance.random())
        return Foe(self.server, source, *tokens, self.place.users.file, self.seen, own, until)

    def hostile(self, count: int, chance: random.Random, until: float) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what the hostile clients do, and who locks the users' file."""
        kinds = self.plan.kinds
        yield self.lock(self.foe(0, chance, until))
        for number in range(count):
            first = number % len(kinds)  # so that all of them are there at any time
            yield does(self.foe(number, chance, until), (*kinds[first:], *kinds[:first]), HOSTILE_PAUSE)

    async def lock(self, foe: Foe) -> None:
        """Lock the users' file now and then: whoever asks meanwhile waits, and of a hundred more than two must not."""
        async with foe.client:
            foe.kind = "lock the users"
            await asyncio.sleep(LOCKED_EVERY / 5)
            while True:
                await lock_the_users(foe)
                await asyncio.sleep(LOCKED_EVERY)

    async def watch_health(self, until: float) -> None:
        """Ask how the server is, each time over a connection of its own."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            begun = loop.time()
            try:
                async with client_from("127.0.4.1", self.server) as client:
                    begun = loop.time()
                    response = await client.get("/healthz", timeout=30)
                    self.seen.note("health", response.status_code, response.headers)
                self.seen.health.append(loop.time() - begun)
            except (OSError, httpx.HTTPError) as error:
                self.seen.lost("health", error)
                self.seen.health.append(float("inf"))
            await asyncio.sleep(0.25)

    async def watch_lag(self, until: float) -> None:
        """Note how late this process itself comes to what it has to do."""
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            begun = loop.time()
            await asyncio.sleep(0.1)
            self.seen.lag.append(loop.time() - begun - 0.1)


@asynccontextmanager
async def background(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work meanwhile; it ends with the block. Raises what it failed with."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


def tokens_of(users: Users, readers: Sequence[str]) -> dict[str, str]:
    """Make users, two of them editors, and return the token of each."""
    roles = {"editor": "editor", "careless": "editor"} | dict.fromkeys(readers, "reader")
    cheap = Users(users.file, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    for name, role in roles.items():
        cheap.add(name, f"correct horse {name}", "editor" if role == "editor" else "reader")
    return {name: cheap.new_token(name)[0] for name in roles}


def shipped_questions() -> Iterator[str]:
    """Yield the questions of the shipped set, and those that go with the documents that change."""
    lines = Path(evaluation).with_name("questions.jsonl").read_text(encoding="utf-8").splitlines()
    yield from ELSEWHERE
    yield from (json.loads(line)["question"] for line in lines)


def last_event(stream: str) -> Any:
    """Return the answer at the end of a stream of events. Raises `LookupError` where there is none."""
    for part in reversed(stream.split("\n\n")):
        if part.startswith("event: answer\ndata: "):
            return json.loads(part.split("data: ", 1)[1])
    raise LookupError(f"a stream without an answer: {stream[-200:]!r}")


def processor_time(process: int) -> float:
    """Return the seconds that a process has computed for."""
    fields = Path("/proc", str(process), "stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def say(text: str) -> None:
    """Print it for whoever waits."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def serving(folder: Path, like: Path | None = None) -> Iterator[Place]:
    """Run `cco serve` for as long as the block lasts: on a copy of the index `like`, or on the shipped texts."""
    (folder / "cco.toml").write_text("[log]\nlevel = 'warning'\nformat = 'json'\n", encoding="utf-8")
    index, log = folder / "index", folder / "log"
    if like:
        shutil.copytree(like, index)
    users = Users.of(Settings(index=index))
    users.add("operator", "correct horse battery", "editor")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--index", str(index), "--port", str(port)]
    environment = {**os.environ, "CCO_SETTINGS": str(folder / "cco.toml"), "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as errors, subprocess.Popen(command, stderr=errors, env=environment) as server:
        try:
            address, until = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_WITHIN
            while not _is_ready(address):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.3)
            yield Place(address, server.pid, users, log)
        finally:
            server.terminate()
            try:
                server.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                server.kill()
                say(f"the server had to be killed: told to stop, it went on for {STOPS_WITHIN:.0f} s")


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def main() -> None:
    """Run it and print what held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--hostile", type=float, default=0.33, help="share of the clients that mean harm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--index", type=Path, help="work on a copy of this index instead of making one")
    parser.add_argument("--lenient", action="store_true", help="tell times and memory, and fail by all else alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), options.index) as place:
        soak = Soak(place, Plan(options.minutes, options.clients, options.hostile, options.seed))
        held = asyncio.run(soak.run())
        print(table(soak.seen))
        broken = [one for one in held if not one.holds and not (options.lenient and one.measured)]
        if broken:
            say(place.log.read_text(encoding="utf-8", errors="replace")[-MOST_SHOWN:])
    sys.exit(3 if broken else 0)


if __name__ == "__main__":
    main()
