"""Run one system over all pools in a process of its own; the benchmark starts it.

python -m benchmarks.worker SYSTEM --pools FILE --model FOLDER --cache FOLDER --result FILE
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.clock import Clock
from benchmarks.peers import SYSTEMS, System
from benchmarks.pools import Pool, read_pools

DEPTH = 10


def main() -> None:
    """Build, ask, time, and write what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=list(SYSTEMS))
    for option in ("pools", "model", "cache", "result"):
        parser.add_argument(f"--{option}", type=Path, required=True)
    options = parser.parse_args()
    entry = SYSTEMS[options.system]
    clock = Clock()
    if entry.encodes:
        from benchmarks.vectors import VectorCache

        VectorCache(options.cache / "vectors.sqlite", clock).install()
    pools = {}
    with tempfile.TemporaryDirectory() as folder:
        system = entry.load()(options.model, Path(folder))
        for pool in read_pools(options.pools):
            pools[pool.name] = run_pool(system, pool, clock)
            gc.collect()
    # Kilobytes on Linux, bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    result = {"pools": pools, "peak_mb": peak, "encoded": clock.encoded}
    options.result.write_text(json.dumps(result), encoding="utf-8")


def run_pool(system: System, pool: Pool, clock: Clock) -> dict[str, Any]:
    """Return the ids found for each question, the milliseconds that each took, and the seconds to build."""
    before, started = clock.seconds, time.perf_counter()
    system.build(pool.paragraphs)
    build = time.perf_counter() - started - (clock.seconds - before)
    found, milliseconds = {}, []
    for question in pool.questions:
        before, started = clock.seconds, time.perf_counter()
        found[question.id] = list(system.search(question.text, DEPTH))[:DEPTH]
        milliseconds.append(1000 * (time.perf_counter() - started - (clock.seconds - before)))
    return {"found": found, "ms": milliseconds, "build_s": build}


if __name__ == "__main__":
    main()
