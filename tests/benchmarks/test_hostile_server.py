"""A server under hostile clients: a short run of it, and that what must hold is noticed where it does not."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hostile import Place, Plan, Soak, tokens_of
from benchmarks.hostile_checks import LARGEST_LOG, Asked, Held, Seen, cited_wrongly, fault_of, held_by, table, verdicts
from benchmarks.hostile_clients import KINDS, UPLOADS, save_settings_that_do_not_work
from kb import KnowledgeBase
from kb.accounts.users import Users
from kb.answering.answers import Answer
from tests.helpers.serving import NESTS, animal_base, served

MINE = ("Where do birds build nests?", "猫喜欢什么？", "Czy ryby śpią w nocy?")


def place(base: KnowledgeBase, address: str, folder: Path) -> Place:
    (folder / "log").touch()
    return Place(address, os.getpid(), Users.of(base.settings), folder / "log")


def broken(held: list[Held]) -> set[str]:
    return {one.name for one in held if not one.holds}


# ------------------------------------------------------------------------------------------------------- short runs


@pytest.mark.slow
def test_a_short_run_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.hostile.SETTLE", 0.1)
    monkeypatch.setattr("benchmarks.hostile_clients.HELD_SECONDS", 3.0)
    for name in UPLOADS.keys() - {"harm-lines.md", "harm-bomb.docx", "harm-json.jsonl"}:
        monkeypatch.delitem(UPLOADS, name)  # a process is started for each
    base = animal_base(tmp_path, server={"head_seconds": 0.5, "body_seconds": 1.0})
    users = Users.of(base.settings)
    users.add("operator", "correct horse battery", "editor")
    # It would load torch.
    kinds = tuple(kind for kind in KINDS if kind is not save_settings_that_do_not_work)
    with served(base) as address:
        soak = Soak(place(base, address, tmp_path), Plan(0.15, 20, kinds=kinds, questions=MINE))
        held = asyncio.run(soak.run())
    # The clients are in the server's own process, so neither times nor memory are the server's.
    measured = {one.name for one in held if one.measured}
    assert broken(held) <= measured, table(soak.seen)
    assert {kind.__name__.replace("_", " ") for kind in kinds} <= soak.seen.statuses.keys()
    assert soak.seen.phases["hostile"].of_changing > 0


class Faulty:
    """Answers as it is told to; all else is as in the base that it stands before."""

    def __init__(self, base: KnowledgeBase, ask: Any) -> None:
        self._base, self._ask = base, ask

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> Answer:
        return self._ask(self._base, question)  # type: ignore[no-any-return]


def misquoted(base: KnowledgeBase, question: str) -> Answer:
    answer = base.ask(question)
    return replace(answer, citations=tuple(replace(one, quote=one.quote.upper()) for one in answer.citations))


def failing(base: KnowledgeBase, question: str) -> Answer:
    raise RuntimeError("broken")


def test_a_planted_wrong_quote_and_a_planted_500_are_noticed(tmp_path: Path) -> None:
    base = animal_base(tmp_path)
    users, faulty = Users.of(base.settings), Faulty(base, None)

    async def asked(soak: Soak, ask: Any, *, stream: bool = False) -> Seen:
        """Return what a well-behaved client sees where questions are answered so."""
        faulty._ask, soak.seen = ask, Seen()
        async with soak.client("127.0.1.1", "anna") as client:
            await soak.learn(client)
            await soak.ask(client, NESTS, soak.seen.phases.setdefault("quiet", Asked()), stream=stream)
        return soak.seen

    async def all_of_it(soak: Soak) -> None:
        soak.tokens = tokens_of(users, ["anna"])
        for stream in (False, True):
            right = await asked(soak, lambda base, question: base.ask(question), stream=stream)
            assert (right.wrong, right.phases["quiet"].citations) == ([], 2)
            wrong = await asked(soak, misquoted, stream=stream)
            assert wrong.wrong == ["birds never said 'BIRDS SING AT DAWN.' at 0"]
        seen = await asked(soak, failing)
        assert [fault.split(" {")[0] for fault in seen.errors] == ["well-behaved: 500"] and len(seen.broken) == 1
        assert {"no 5xx but 503 with Retry-After", "every well-behaved question answered"} <= broken(verdicts(seen))

    with served(faulty) as address:  # type: ignore[arg-type]
        asyncio.run(all_of_it(Soak(place(base, address, tmp_path), Plan())))


# ------------------------------------------------------------------------------------------------------ what must hold


def good() -> Seen:
    """Return what is seen of a server that keeps every promise."""
    seen = Seen(health=[0.01] * 100, memory={"warm": 100, "end": 104}, lag=[0.0])
    for phase, seconds in (("quiet", 1.0), ("hostile", 3.0)):
        seen.phases[phase] = Asked([0.1] * 94 + [seconds] * 6, citations=10, of_changing=2)
    return seen


def test_what_holds_is_told() -> None:
    assert broken(verdicts(good())) == set()
    assert table(good()).splitlines()[1].startswith("held    95 of 100 questions at most 3 times slower")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"errors": ["a: 500"]}, "no 5xx"),
        ({"phases": {"quiet": Asked([1.0] * 9, 1, 1), "hostile": Asked([3.1] * 9)}}, "at most 3 times slower"),
        ({"phases": {"quiet": Asked([], 1, 1), "hostile": Asked([])}}, "at most 3 times slower"),
        ({"broken": ["timed out"]}, "answered"),
        ({"throttled": 1}, "throttled"),
        ({"wrong": ["a never said 'b' at 0"]}, "no wrong citation"),
        ({"phases": good().phases | {name: Asked([1.0]) for name in ("quiet", "hostile")}}, "no wrong citation"),
        ({"memory": {"warm": 100, "end": 106}}, "memory"),
        ({"memory": {}}, "memory"),
        ({"health": [0.1] * 98 + [1.1] * 2}, "/healthz"),
        ({"health": []}, "/healthz"),
        ({"log": LARGEST_LOG + 1}, "log"),
    ],
)
def test_what_does_not_hold_is_noticed(change: dict[str, Any], name: str) -> None:
    (found,) = broken(verdicts(replace(good(), **change)))
    assert name in found


def test_only_503_with_retry_after_is_no_fault() -> None:
    assert [fault_of(status, {}) for status in (200, 404, 429, 500, 502, 503)] == [
        *("", "", "", "500", "502", "503 without Retry-After"),
    ]
    assert fault_of(503, {"retry-after": "5"}) == ""


def test_a_document_that_there_never_was_is_noticed(tmp_path: Path) -> None:
    citation = {"document_id": "ghosts", "start": 0, "end": 3, "quote": "Boo"}
    soak = Soak(Place("", 0, Users(tmp_path / "users"), tmp_path), Plan())
    assert cited_wrongly(soak.history, {"citations": [citation]}, 0.0, 1.0) == ["there was never a document ghosts"]


_HOLDS = """
import mmap
print(flush=True); input()
held = mmap.mmap(-1, 100_000_000)  # not from what the C library has left over
held.write(b"1" * 100_000_000)
print(flush=True); input()
"""


@pytest.mark.process
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="memory is told by Linux alone")
def test_the_memory_of_a_process_is_told() -> None:
    # A process of its own: in that of the tests, memory of the tests before comes free at any moment.
    with subprocess.Popen([sys.executable, "-c", _HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        before = held_by(process.pid)
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
        assert 99e6 < held_by(process.pid) - before < 102e6
        process.stdin.write(b"\n")
    assert held_by(2**22 + 1) == 0
