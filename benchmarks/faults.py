"""Kill a process that adds, changes, removes and rebuilds, at random moments, and print what was left of the index.

python -m benchmarks.faults [--kills 50] [--seed 1]

First the harness is shown to notice two planted faults: a pointer that swings before its generation is there, and
changes that are reported as done without being written.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.killing import Verdict, kill_repeatedly


def main() -> None:
    """Print one row a run; end with 1 where a sound library lost something or a planted fault was not noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| library | kills | survived | changes reported as done | interrupted | faults | seconds |")
    print("|---|---|---|---|---|---|---|", flush=True)
    noticed = [_row(name, options.kills, options.seed, planted=name).faults for name in ("pointer-first", "early")]
    sound = _row("as it is", options.kills, options.seed)
    raise SystemExit(0 if all(noticed) and not sound.faults and sound.kills == options.kills else 1)


def _row(name: str, kills: int, seed: int, planted: str = "") -> Verdict:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        verdict = kill_repeatedly(Path(folder) / "library", kills, seed=seed, planted=planted)
    failed = len({fault.split(":")[0] for fault in verdict.faults})
    first = verdict.faults[0][:100] if verdict.faults else "none"
    label = f"planted: {planted}" if planted else name
    print(
        f"| {label} | {verdict.kills} | {verdict.kills - failed} of {kills} | {verdict.changes} "
        f"| {verdict.interrupted} | {first} | {time.perf_counter() - started:.0f} |",
        flush=True,
    )
    return verdict


if __name__ == "__main__":
    main()
