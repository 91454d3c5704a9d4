"""A process that changes what is stored until it is killed, and writes down beforehand and afterwards what it does.

python -m tests.helpers.fault_worker ROOT WHAT [--seed 1] [--steps N] [--mine LETTER] [--kinds KIND ...]
    [--planted FAULT] [--shift SECONDS] [--room disk|limit]

ROOT holds `stored`, what it is about, and outside of that `files` and the writer's `journal`. First one line of JSON
goes out: the state that a process finds which has seen nothing of it before, and what is wrong with it; when it is
ready, another. After a line on stdin it changes: each change is one line `begin STATE` in the journal and, once it was
reported as done, one line `done`; `failed MESSAGE` where there was no room for it, and then it is made again with room.
Each line is on the disk before the worker goes on.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import pytest

from kb.errors import is_expected
from kb.settings import file as settings_file
from retrieval.storage.folder import Store
from tests.helpers.stored import STORED, State, Stored

LARGEST_ROOM = 100_000
"""Bytes that are left at most where there is to be little room."""


def main() -> None:
    """Go through `steps`, tell the harness and wait for it."""
    for told in steps(options_of(sys.argv[1:])):
        print(json.dumps(told), flush=True)
        if "ready" in told:
            sys.stdin.readline()


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("what", choices=STORED)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=10**6)
    parser.add_argument("--mine", default="d")
    parser.add_argument("--kinds", nargs="*", default=())
    parser.add_argument("--planted", default="")
    parser.add_argument("--shift", type=float, default=0.0)
    parser.add_argument("--room", choices=("disk", "limit"))
    return parser.parse_args(arguments)


def steps(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield what is found, then that changes can begin, then make them."""
    with shifted(options.shift):
        stored = STORED[options.what](options.root, options.mine, options.kinds)
        state = stored.state()
        yield {"state": state, "faults": stored.faults(state)}
        if not options.steps:
            return
        stored.begin()
        yield {"ready": True}
        plant(options.planted)
        if not stored.whole:
            state = {name: state[name] for name in stored.some(state)}
        work(stored, state, options)


def work(stored: Stored, state: State, options: argparse.Namespace) -> None:
    """Change it at random, so many times."""
    chance = random.Random(options.seed)
    journal = os.open(options.root / f"journal-{options.mine}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write_down(line: str) -> None:
        os.write(journal, line.encode() + b"\n")
        os.fsync(journal)

    for _ in range(options.steps):
        after, make = stored.changed(chance.choice(stored.kinds), state, chance)
        write_down(("begin-whole " if stored.whole else "begin ") + json.dumps(after))
        if not options.room or not _made_without(options.room, stored, state, make, chance, write_down):
            make()
        write_down("done")
        state = after


def _made_without(
    room: str,
    stored: Stored,
    state: State,
    make: Callable[[], object],
    chance: random.Random,
    write_down: Callable[[str], None],
) -> bool:
    """Make a change where there is little room; return whether it was made, else look whether all is as before."""
    try:
        with ROOM[room](stored.place, chance.choice((0, chance.randrange(LARGEST_ROOM)))):
            make()
    except Exception as error:
        told = str(error) if is_expected(error) else repr(error)
        clear = is_expected(error) and "\n" not in told
        write_down(f"{'failed' if clear else 'unclear'} {told!a}")
        found = stored.state()
        if {name: found.get(name) for name in {*state, *stored.some(found)}} != state:
            write_down(f"half-made {json.dumps(found)}")
        return False
    return True


# ----------------------------------------------------------------------------------------------------------- no room


@contextmanager
def full_disk(place: Path, left: int) -> Iterator[None]:
    """Leave so many bytes on the disk of `place`, which is small."""
    filler = place / ".filler"
    try:
        with filler.open("wb", buffering=0) as file:
            with suppress(OSError):
                while True:
                    file.write(bytes(4096))
            file.truncate(max(0, file.tell() - left))
        yield
    finally:
        filler.unlink()


@contextmanager
def limited_files(place: Path, left: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, which a full disk would not let either."""
    import resource

    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


ROOM = {"disk": full_disk, "limit": limited_files}


# --------------------------------------------------------------------------------------------------------- the clock


@contextmanager
def shifted(seconds: float) -> Iterator[None]:
    """Have the clock of this process go so much later than the machine's."""
    now, now_ns = time.time, time.time_ns

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(time.time(), tz)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now() + seconds)
        patch.setattr(time, "time_ns", lambda: now_ns() + int(seconds * 1e9))
        for name, module in list(sys.modules.items()):
            if (
                name.split(".")[0] in {"corpus", "retrieval", "kb"}
                and vars(module).get("datetime") is datetime.datetime
            ):
                patch.setattr(module, "datetime", Shifted)
        yield


# ----------------------------------------------------------------------------------------------------- planted faults


def plant(fault: str) -> None:
    """Break what is stored on purpose, so that it can be seen that the faults are noticed."""
    if fault == "pointer-first":
        rename = os.rename

        def late(source: Path, target: Path) -> None:
            Store(Path(target).parent).point_to(Path(target).name)
            time.sleep(0.1)
            rename(source, target)

        os.rename = late  # type: ignore[assignment]
    elif fault == "early":
        write = Store.write

        def lazily(self: Store, fill: object) -> str:
            if self.exists():
                return self.current()  # reported as done, and not written
            return write(self, fill)  # type: ignore[arg-type]

        Store.write = lazily  # type: ignore[method-assign]
    elif fault == "in-place":
        settings_file.os.replace = _written_over  # type: ignore[attr-defined]
    elif fault == "late-commit":
        sqlite3.connect = partial(sqlite3.connect, factory=_Late, check_same_thread=False)  # type: ignore[assignment]
    elif fault:
        raise SystemExit(f"no fault is called {fault}")


def _written_over(source: Path, target: Path) -> None:
    """Write what is in one file into the other, as a program would that does not replace it."""
    data = Path(source).read_bytes()
    with Path(target).open("wb", buffering=0) as file:
        for byte in data:
            file.write(bytes([byte]))
            time.sleep(0.005)


class _Late(sqlite3.Connection):
    """Keeps what was done a moment after it was reported."""

    def __exit__(self, *error: object) -> Literal[False]:
        return False

    def close(self) -> None:
        threading.Timer(0.1, self._keep).start()

    def _keep(self) -> None:
        self.commit()
        super().close()


if __name__ == "__main__":
    main()
