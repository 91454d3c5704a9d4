"""Has processes change what is stored, through a fault of the machine, and judges what is left of it.

The faults: a kill at a random moment, no room on the disk, a clock that is set back and forward, two writers at once.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.helpers.fault_worker import options_of, steps
from tests.helpers.stored import State

ROOT = Path(__file__).resolve().parents[2]
DAY = 86_400.0
SMALL_DISK = 4_000_000
"""Bytes; what is stored takes a tenth of it."""
TWO_WRITERS: dict[str, Sequence[str]] = {
    "library": ("add", "add", "change", "remove", "rebuild"),  # not "build", which is to replace what others wrote
    "import": ("take over",),
    "upload": ("send", "send", "replace", "remove", "shelve"),  # nothing is brought back after another's change
}


@dataclass
class Verdict:
    """What became of what is stored."""

    runs: int = 0
    done: int = 0
    """Changes that were reported as done."""
    interrupted: int = 0
    """Begun and not reported as done when the process ended."""
    messages: Counter[str] = field(default_factory=Counter)
    """Clear lines by which changes were reported as failed."""
    lost: list[str] = field(default_factory=list)
    """States that are neither as of the last change reported as done nor as of the one begun after it."""
    unopened: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    """Errors that are no clear line, and workers that ended by themselves."""
    state: State | None = None
    """As it was last found."""

    @property
    def refused(self) -> int:
        """Changes that were reported as failed, in one clear line."""
        return self.messages.total()

    @property
    def faults(self) -> list[str]:
        """Whatever is wrong."""
        return [*self.lost, *self.unopened, *self.other]


class Worker:
    """A process of `tests.helpers.fault_worker`."""

    def __init__(self, root: Path, what: str, **options: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.fault_worker", *_arguments(root, what, options)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def said(self) -> dict[str, Any]:
        """Return what it says next, nothing where it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return dict(json.loads(line)) if line else {}

    def go(self) -> None:
        """Have one that waits begin."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # how it ended is told when it is waited for
            self._process.stdin.write("go\n")
            self._process.stdin.flush()

    def killed(self) -> str:
        """Kill it; return how it ended where that was before."""
        self._process.send_signal(signal.SIGKILL)
        return self.ended(-signal.SIGKILL)

    def ended(self, expected: int = 0) -> str:
        """Wait until it has ended; return how where that is not as expected."""
        _, errors = self._process.communicate()
        return "" if self._process.returncode == expected else f"the worker broke by itself: {errors[-300:]}"


class Here:
    """The same in this process, which has the libraries loaded already; it cannot be killed."""

    def __init__(self, root: Path, what: str, **options: object) -> None:
        self._steps = steps(options_of(_arguments(root, what, options)))
        self._broke = ""

    def said(self) -> dict[str, Any]:
        """Return what it says next, nothing where it has ended."""
        try:
            return next(self._steps, {})
        except Exception:
            self._broke = traceback.format_exc()
            return {}

    def go(self) -> None:
        """Do nothing: it begins when it is waited for."""

    def killed(self) -> str:
        """Return how it ended."""
        return self._broke

    def ended(self) -> str:
        """Have it come to its end; return how where that is not as expected."""
        while self.said():
            pass
        return self._broke and f"the worker broke by itself: {self._broke[-300:]}"


Start = Callable[..., "Worker | Here"]


def _arguments(root: Path, what: str, options: Mapping[str, object]) -> list[str]:
    root.mkdir(parents=True, exist_ok=True)
    words = [str(root), what]
    for name, value in options.items():
        if value:
            words += [f"--{name}", *(map(str, value) if isinstance(value, list | tuple) else [str(value)])]
    return words


def kill_repeatedly(
    root: Path,
    kills: int,
    what: str = "library",
    *,
    seed: int = 1,
    at_least: int = 0,
    planted: str = "",
    kinds: Sequence[str] = (),
    within: float = 1.0,
    look: Start = Worker,
) -> Verdict:
    """Have a worker make changes, kill it at a random moment and judge, so many times.

    The moment comes `within` so many seconds after it has reported `at_least` so many changes as done. What is left
    is opened by the next worker, in the end by `look`.
    """
    chance, verdict = random.Random(seed), Verdict()
    for number in range(kills):
        worker = Worker(root, what, seed=seed * 1000 + number, kinds=kinds, planted=planted)
        if not _judge(root, worker.said(), verdict, f"kill {number}"):
            worker.killed()
            shutil.rmtree(root)  # the next kill is of something sound again
            verdict.state = None
            continue
        worker.said()
        worker.go()
        patience = time.monotonic() + 60
        while at_least and _done_in(root) < at_least and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, within))
        if fault := worker.killed():
            verdict.other.append(f"kill {number}: {fault}")
            return verdict
        verdict.runs += 1
    _look(root, what, verdict, f"kill {kills}", look)
    return verdict


def without_room(
    root: Path, changes: int, what: str, *, seed: int = 1, room: str = "disk", start: Start = Worker
) -> Verdict:
    """Have every change be tried where there is little room, and made where there is enough."""
    verdict = Verdict()
    # What cannot be made twice, such as bringing something back, is left out.
    kinds = TWO_WRITERS["upload"] if what == "upload" else ()
    with small_disk(root / "stored") if room == "disk" else nullcontext():
        _run(root, what, verdict, "full", [{"seed": seed, "steps": changes, "room": room, "kinds": kinds}], start)
    return verdict


def under_other_clocks(root: Path, changes: int, what: str, *, seed: int = 1, start: Start = Worker) -> Verdict:
    """Have changes be made while the clock is right, a day behind, a day ahead, and right again."""
    verdict = Verdict()
    for number, shift in enumerate((0.0, -DAY, DAY, 0.0)):
        options = {"seed": seed + number, "steps": changes, "shift": shift}
        _run(root, what, verdict, f"clock {shift:+.0f} s", [options], start)
    return verdict


def two_at_once(root: Path, rounds: int, changes: int, what: str, *, seed: int = 1) -> Verdict:
    """Have two workers make changes at once, each of what is its own."""
    verdict = Verdict()
    for number in range(rounds):
        both = [
            {"seed": seed * 1000 + 2 * number + one, "steps": changes, "mine": mine, "kinds": TWO_WRITERS.get(what, ())}
            for one, mine in enumerate("de")
        ]
        _run(root, what, verdict, f"round {number}", both)
    return verdict


@contextmanager
def small_disk(place: Path, size: int = SMALL_DISK) -> Iterator[None]:
    """Have a folder be a disk of its own, with little on it. Raises `OSError` where this process may not."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    done = subprocess.run(mount, check=False, capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield
    finally:
        # Lazily, since what is open there may be mapped into memory for as long as this process lives.
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def may_mount() -> bool:
    """Tell whether this process may have a small disk."""
    try:
        with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder) / "disk"):
            return True
    except OSError:
        return False


def _run(
    root: Path, what: str, verdict: Verdict, when: str, workers: Sequence[dict[str, Any]], start: Start = Worker
) -> None:
    """Let workers come to their end, at once, and judge."""
    running = [start(root, what, **options) for options in workers]
    for worker in running:
        if not _judge(root, worker.said(), verdict, when) or not worker.said():
            verdict.other += [f"{when}: {worker.killed()}" for worker in running]
            return
    for worker in running:
        worker.go()
    for worker in running:
        if fault := worker.ended():
            verdict.other.append(f"{when}: {fault}")
    verdict.runs += 1
    _look(root, what, verdict, when, start, shift=workers[0].get("shift"))


def _look(root: Path, what: str, verdict: Verdict, when: str, start: Start, **options: object) -> None:
    """Open what is there, change nothing, and judge."""
    worker = start(root, what, steps="0", **options)
    _judge(root, worker.said(), verdict, when)
    worker.ended()


def _judge(root: Path, said: dict[str, Any], verdict: Verdict, when: str) -> bool:
    """Hold what a new process found against the journals, which then begin anew; tell whether it was sound.

    Of what is each writer's it must be as of the last change reported as done, or of the one begun after it.
    """
    journals = [_Journal(file, verdict) for file in sorted(root.glob("journal-*"))]
    verdict.other += [f"{when}: {line}" for journal in journals for line in journal.unclear]
    lost = [f"{when}: {line}" for journal in journals for line in journal.half_made]
    if not said:
        verdict.unopened.append(f"{when}: it cannot be opened")
        return False
    found = said["state"]
    whole = [state for journal in journals if journal.whole for state in journal.allowed]
    if whole and found not in whole:
        lost.append(f"{when}: {_short(found)} is nobody's")
    lost += [
        f"{when}: {_short(found)}, neither as before nor as after: {list(map(_short, journal.allowed))}"
        for journal in journals
        if not journal.whole and _part(found, journal.mine) not in journal.allowed
    ]
    lost += [f"{when}: {fault}" for fault in said["faults"]]
    verdict.lost += lost
    verdict.state = found
    return not lost


class _Journal:
    """What a worker wrote down; it is taken away when it is read."""

    def __init__(self, file: Path, verdict: Verdict) -> None:
        self.mine = file.name.removeprefix("journal-")
        self.whole = False
        self.half_made, self.unclear = list[str](), list[str]()
        held: State | None = _part(verdict.state or {}, self.mine)
        pending: State | None = None
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, _, told = line.partition(" ")
            if kind in ("begin", "begin-whole"):
                pending, self.whole = json.loads(told), kind == "begin-whole"
            elif kind == "done":
                held, pending = pending, None
                verdict.done += 1
            elif kind == "failed":
                verdict.messages[told] += 1
            else:
                (self.unclear if kind == "unclear" else self.half_made).append(line)
        verdict.interrupted += pending is not None
        self.allowed = [state for state in (held, pending) if state is not None]
        file.unlink()


def _part(state: State, mine: str) -> State:
    return {name: value for name, value in state.items() if name.startswith(mine)}


def _short(state: State) -> str:
    return str(state)[:300]


def _done_in(root: Path) -> int:
    return sum(file.read_text(encoding="utf-8").count("done\n") for file in root.glob("journal-*"))
