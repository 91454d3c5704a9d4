"""Kills a process that changes an index, at random moments, and judges what is left of it."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb import KnowledgeBase, Settings
from kb.health import check
from tests.fakes import FakeEncoder
from tests.fault_worker import settings_in, state_of

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Verdict:
    """What became of an index under a number of kills."""

    kills: int = 0
    changes: int = 0
    """Reported as done."""
    interrupted: int = 0
    """Begun and not reported as done when the kill came."""
    faults: list[str] = field(default_factory=list)
    state: dict[str, str] | None = None
    """What the index held when it was last judged."""


def kill_repeatedly(
    folder: Path, kills: int, *, seed: int = 1, at_least: int = 0, planted: str = "", kinds: Sequence[str] = ()
) -> Verdict:
    """Have a worker change the index in `folder`, kill it at a random moment and judge, so many times.

    The moment comes within a second after it is ready and has reported `at_least` so many changes as done.
    """
    chance, verdict = random.Random(seed), Verdict()
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(kills):
        (folder / "journal").unlink(missing_ok=True)
        arguments = [str(folder), str(seed * 1000 + number), planted, *kinds]
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.fault_worker", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert worker.stdout is not None
        if not worker.stdout.readline():
            verdict.faults.append(
                f"kill {number}: the worker could not begin: {worker.communicate()[1].decode()[-300:]}"
            )
            return verdict
        patience = time.monotonic() + 60
        while at_least and (folder / "journal").read_text().count("done") < at_least and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 1.0))
        worker.send_signal(signal.SIGKILL)
        _, errors = worker.communicate()
        verdict.kills += 1
        if worker.returncode != -signal.SIGKILL:
            verdict.faults.append(f"kill {number}: the worker broke by itself: {errors.decode()[-300:]}")
            return verdict
        before = len(verdict.faults)
        judge(folder, verdict, f"kill {number}")
        if len(verdict.faults) > before:
            shutil.rmtree(folder)  # the next kill is of a sound library again
            folder.mkdir()
            verdict.state = None
    return verdict


def judge(folder: Path, verdict: Verdict, when: str) -> None:
    """Hold the index against the journal: it must be as of the last change reported as done, or one later."""
    allowed, last = _journal(folder, verdict)
    try:
        base = KnowledgeBase.open(settings=Settings(index=folder / "index"), encoder=FakeEncoder())
        found = state_of(base)
        verdict.state = found
        if allowed and found not in allowed:
            verdict.faults.append(f"{when}: {len(found)} documents, neither as before nor as after {last}")
        for name, text in found.items():
            hit = base.search(text.split(" ")[0], k=1)[0].passage
            if (hit.document_id, hit.text) != (name, text):
                verdict.faults.append(f"{when}: searching for {name} finds {hit.document_id}")
        saved, settings = _settings(folder), Settings.load(environment=settings_in(folder))
        if saved and settings.passages not in saved:
            verdict.faults.append(f"{when}: the settings say {settings.passages}, and {saved} was saved")
        health = check(base.settings, mend=False)
        verdict.faults += [f"{when}: {fault}" for fault in health.faults]
    except Exception as error:
        verdict.faults.append(f"{when}: {type(error).__name__}: {error}")


def _journal(folder: Path, verdict: Verdict) -> tuple[list[dict[str, str]], str]:
    """Return the states that the index may be in, and the last line of the journal."""
    lines = [line for line in _lines(folder) if not line.startswith("sav")]
    states = [json.loads(line.removeprefix("begin ")) for line in lines if line.startswith("begin ")]
    states = [verdict.state, *states] if verdict.state is not None else states
    verdict.changes += lines.count("done")
    if not lines or lines[-1] == "done":
        return states[-1:], "done"
    verdict.interrupted += 1
    return states[-2:] if len(states) > 1 else [], lines[-1][:80]


def _settings(folder: Path) -> list[int]:
    """Return what `passages` may be in the settings' file: what was saved last, or what was being saved."""
    lines = [line for line in _lines(folder) if line.startswith("sav")]
    numbers = [int(line.removeprefix("saving ")) for line in lines if line != "saved"]
    if not lines or lines[-1] == "saved":
        return numbers[-1:]
    return numbers[-2:] if len(numbers) > 1 else []


def _lines(folder: Path) -> list[str]:
    return (folder / "journal").read_text(encoding="utf-8").splitlines() if (folder / "journal").exists() else []
