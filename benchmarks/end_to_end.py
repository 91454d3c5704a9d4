"""Print the figures that the README names: quality on public question sets, and times on the shipped texts.

    CCO_SHARED=../shared .venv/bin/python -m benchmarks.end_to_end [--limit N]

Public sets are looked for in CCO_SHARED/bench and left out, with a word, where they are not. Times are of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SQUAD = {
    "zh-Hans": ("cmrc2018_trial.zh-Hans.json", 0.985),
    "zh-Hant": ("drcd_test.zh-Hant.json", 0.955),
    "pl": ("poquad_a.pl.json", 0.945),
}
PAIRS = ("pl:zh-Hans", "zh-Hans:pl", "pl:zh-Hant", "zh-Hant:pl")
QUESTIONS = Path(__file__).resolve().parents[1] / "kb" / "evaluation" / "questions.jsonl"


def main() -> None:
    """Run everything and print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, help="of each SQuAD file ask the first N questions only")
    limit = parser.parse_args().limit
    print("| what | figure | at least |\n|---|---|---|")
    shared = os.environ.get("CCO_SHARED")
    if shared:
        bench = Path(shared) / "bench"
        for language, (file, target) in SQUAD.items():
            options = ["--squad", str(bench / file)] + (["--limit", str(limit)] if limit else [])
            run = cco("eval", *options)
            scores = run["retrieval"]["overall"]
            row(f"R@1, {language}, {scores['n']} questions", f"{scores['R@1']:.3f}", f"{target:.3f}")
            answers = run["answers"]["overall"]
            row(
                f"answer found, {language}, {answers['mean_characters']:.0f} characters",
                f"{answers['answer_found']:.3f}",
            )
        for pair in PAIRS:
            run = cco("eval", "--parallel", str(bench / "ntrex_a.tsv"), "--pair", pair)
            row(f"R@1, mixed pool, {run['pair']}", f"{run['R@1']:.3f}", ".830")
    else:
        print("CCO_SHARED is not set: the public question sets are left out", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        shipped(folder)


def shipped(folder: str) -> None:
    """Print the figures on the shipped texts and questions, from an index made in `folder`."""
    summary = cco("index", "--json", "--index", folder)
    row(f"indexing {summary['documents']} shipped texts", f"{summary['seconds']:.1f} s")
    run = cco("eval", str(QUESTIONS), "--index", folder)
    for pair, scores in run["retrieval"]["by_pair"].items():
        row(f"R@1 / R@3, shipped questions, {pair}, {scores['n']}", f"{scores['R@1']:.2f} / {scores['R@3']:.2f}")
    refusal = run["refusal"]
    row(f"answerable answered, {refusal['answerable']}", f"{refusal['answerable_answered']:.2f}")
    row(f"unanswerable refused, {refusal['unanswerable']}", f"{refusal['unanswerable_refused']:.2f}")
    row("AUROC of the confidence", f"{refusal['auroc']:.3f}")
    row("question to answer, median / 95th percentile", "{p50:.0f} / {p95:.0f} ms".format(**run["latency_ms"]), "60 ms")
    started = time.perf_counter()
    cco("ask", "客戶長是做什麼的?", "--json", "--index", folder)
    row("cco ask from a cold start", f"{time.perf_counter() - started:.1f} s", "8 s")


def cco(*arguments: str) -> dict[str, Any]:
    """Run one command and return the JSON that it prints."""
    done = subprocess.run([sys.executable, "-m", "kb.cli", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"cco {' '.join(arguments)}: {done.stderr.strip()}")
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def row(what: str, figure: str, target: str = "") -> None:
    """Print one row of the table at once."""
    print(f"| {what} | {figure} | {target} |", flush=True)


if __name__ == "__main__":
    main()
