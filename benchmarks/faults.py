"""Let faults of the machine come over all that the program stores, for real, and print what was left of it.

python -m benchmarks.faults [--kills 50] [--what all|library|import|settings|users|ratings|upload]
    [--fault all|kill|full|clock|two] [--seed 1]

kill: the process that makes changes is killed at a random moment, so many times. full: every change is tried where
there is next to no room, then made with room; on a small disk where this process may mount one (as root), else under
a limit on the size of files. clock: the clock of the process is right, a day behind, a day ahead, right again. two: two
processes make changes at once. Afterwards a new process opens what is there, and it is held against what was reported.

First the harness is shown to notice planted faults: a pointer that swings before its generation is there, changes
reported as done that are not written or not committed yet, settings written over instead of replaced.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.helpers.killing import Verdict, kill_repeatedly, may_mount, two_at_once, under_other_clocks, without_room
from tests.helpers.stored import STORED

FAULTS = ("kill", "full", "clock", "two")
PLANTED = (
    ("library", "pointer-first", ()),
    ("library", "early", ()),
    ("settings", "in-place", ()),
    ("users", "late-commit", ("add",)),
    ("ratings", "late-commit", ("rate",)),
)
"""What is broken, how, and by which changes it shows."""


def main() -> None:
    """Print one row a run; end with 1 where anything was lost or a planted fault was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--what", choices=("all", *STORED), default="all")
    parser.add_argument("--fault", choices=("all", *FAULTS), default="all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kills, seed = options.kills, options.seed
    chosen = STORED if options.what == "all" else (options.what,)
    faults = FAULTS if options.fault == "all" else (options.fault,)
    print(
        "| what | fault | runs | reported as done | refused | interrupted | lost | not opened | otherwise | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    noticed = [
        bool(_row(what, f"planted: {fault}", _killing(what, min(kills, 10), seed, fault, kinds)).faults)
        for what, fault, kinds in PLANTED
        if what in chosen and "kill" in faults
    ]
    room = "disk" if may_mount() else "limit"
    runs: dict[str, Callable[[str], Callable[[Path], Verdict]]] = {
        "kill": lambda what: _killing(what, kills, seed),
        "full": lambda what: lambda root: without_room(root, 2 * kills, what, seed=seed, room=room),
        "clock": lambda what: lambda root: under_other_clocks(root, max(1, kills // 5), what, seed=seed),
        "two": lambda what: lambda root: two_at_once(root, max(1, kills // 10), 20, what, seed=seed),
    }
    names = {"full": "full disk" if room == "disk" else "files of limited size"}
    sound = [not _row(what, names.get(one, one), runs[one](what)).faults for what in chosen for one in faults]
    raise SystemExit(0 if all(noticed) and all(sound) else 1)


def _killing(
    what: str, kills: int, seed: int, planted: str = "", kinds: tuple[str, ...] = ()
) -> Callable[[Path], Verdict]:
    return lambda root: kill_repeatedly(root, kills, what, seed=seed, planted=planted, kinds=kinds)


def _row(what: str, fault: str, run: Callable[[Path], Verdict]) -> Verdict:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        verdict = run(Path(folder) / what)
    figures = (verdict.runs, verdict.done, verdict.refused, verdict.interrupted)
    found = (len(verdict.lost), len(verdict.unopened), len(verdict.other))
    print(f"| {what} | {fault} | {' | '.join(map(str, (*figures, *found)))} | {time.perf_counter() - started:.0f} |")
    if not fault.startswith("planted"):
        for line in verdict.faults[:5]:
            print(f"  {line[:500]}")
    print(end="", flush=True)
    return verdict


if __name__ == "__main__":
    main()
