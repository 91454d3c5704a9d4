"""Compare our search with plain ones and with what users would pick instead, on public questions, in one run.

    CCO_SHARED=../shared python -m benchmarks.retrieval [--systems ours,rrf] [--limit N] [--paragraphs N]

Wants an environment of its own: `pip install -c constraints.txt torch`, then
`pip install -c constraints.txt -e . -r benchmarks/requirements.txt`. A peer that is not there is named and passed by.

Every system runs in a process of its own with the same model and prompts. Vectors are kept in the cache; a system for
which some had to be made is run again, so that times and memory are always those of a run in which all were there:
model loaded, nothing encoded. Times are of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.peers import SYSTEMS, Entry
from benchmarks.plot import plot
from benchmarks.pools import Pool, load_pools, save_pools
from benchmarks.tables import MEASURES, Missing, Row, cost_table, pool_table, quality_table, row_of
from corpus.user_folders import cache_folder
from kb.evaluation.sets.faults import QuestionSetError
from retrieval.models.bundled_model import bundled_model_folder

# Nothing is fetched or sent while the benchmark runs.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main() -> None:
    """Run the chosen systems and print the tables."""
    options = _options()
    try:
        pools = load_pools(_bench(), options.limit, options.paragraphs)
    except QuestionSetError as error:
        _stop(str(error))
    options.cache.mkdir(parents=True, exist_ok=True)
    model = bundled_model_folder(cache_folder())
    outcomes: dict[str, Row | Missing] = {}
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        save_pools(pools, Path(folder) / "pools.json")
        for name in options.systems:
            print(f"{name} ...", file=sys.stderr, flush=True)
            outcomes[name], results[name] = run(name, pools, Path(folder), model, options.cache)
    rows = list(outcomes.values())
    print(report(rows, pools))
    if options.json:
        options.json.write_text(json.dumps(_raw(outcomes, results, pools), indent=1), encoding="utf-8")
    measured = [row for row in rows if isinstance(row, Row)]
    if options.plot and measured:
        plot(measured, pools, options.plot)
    sys.exit(any(isinstance(row, Missing) and row.reason.startswith("failed") for row in rows))


def run(name: str, pools: list[Pool], folder: Path, model: Path, cache: Path) -> tuple[Row | Missing, Any]:
    """Run one system in a process of its own, again where vectors were missing; return its row and raw result."""
    entry = SYSTEMS[name]
    if not entry.installed:
        return Missing(entry.label, f"not installed: `{install_line(entry)}`"), None
    result_file = folder / f"{name}.json"
    command = [sys.executable, "-m", "benchmarks.worker", name, "--pools", str(folder / "pools.json")]
    command += ["--model", str(model), "--cache", str(cache), "--result", str(result_file)]
    result: dict[str, Any] = {"encoded": 1}
    for _ in range(2):
        if result["encoded"]:
            done = subprocess.run(command, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)
            if done.returncode:
                print(done.stderr, file=sys.stderr)
                return Missing(entry.label, f"failed: {(done.stderr.strip() or '?').splitlines()[-1][:120]}"), None
            result = json.loads(result_file.read_text(encoding="utf-8"))
    return row_of(entry.label, result, pools), result


def install_line(entry: Entry) -> str:
    """Return what to type for a peer that is not there."""
    return f"pip install -c constraints.txt {' '.join(entry.packages)}"


def report(rows: list[Row | Missing], pools: list[Pool]) -> str:
    """Return all tables."""
    tables = [quality_table(rows, pools, measure) for measure in MEASURES]
    versions = {
        f"{package} {number}"
        for entry in SYSTEMS.values()
        if entry.packages and entry.installed
        for package, number in entry.versions.items()
    }
    tables += [cost_table(rows, pools), pool_table(pools), "Versions: " + (", ".join(sorted(versions)) or "none")]
    return "\n\n".join(tables)


def _raw(outcomes: dict[str, Row | Missing], results: dict[str, Any], pools: list[Pool]) -> dict[str, Any]:
    return {
        "systems": {name: asdict(row) for name, row in outcomes.items()},
        "runs": results,
        "pools": {pool.name: {"paragraphs": len(pool.paragraphs), "questions": len(pool.questions)} for pool in pools},
        "versions": {name: entry.versions for name, entry in SYSTEMS.items() if entry.installed},
        "processors": os.cpu_count(),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--systems",
        type=_systems,
        default=list(SYSTEMS),
        metavar="A,B",
        help=f"of {', '.join(SYSTEMS)}; all if left out",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="ask the first N questions of each pool only")
    parser.add_argument("--paragraphs", type=int, metavar="N", help="keep the first N paragraphs of each pool only")
    parser.add_argument("--cache", type=Path, default=cache_folder() / "benchmark", metavar="FOLDER")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the figures and every ranking")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw R@1, as .svg or .png")
    return parser.parse_args()


def _systems(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: expected some of {', '.join(SYSTEMS)}")
    return names


def _bench() -> Path:
    shared = os.environ.get("CCO_SHARED")
    if not shared:
        _stop("CCO_SHARED is not set: point it at the folder that holds bench/ with the public question sets")
    bench = Path(shared) / "bench"
    if not bench.is_dir():
        _stop(f"{bench}: no such folder; CCO_SHARED must name the one that holds bench/ with the public question sets")
    return bench


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
