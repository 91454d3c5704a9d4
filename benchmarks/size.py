"""Print how time and memory grow with the index, and draw it: synthetic vectors and passages, each size on its own.

    .venv/bin/python -m benchmarks.size [--most 1000000] [--plot docs/size.png]

Each row is measured in a process of its own, so that its peak of memory is its own. „Build" holds the vectors that are
indexed too; „search" is a process that only opens the index. Times are of this machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corpus.text.language import FAMILIES
from retrieval.index.dense import DenseIndex
from retrieval.index.fusion import near_miss
from retrieval.index.sparse import SparseIndex, highest
from retrieval.languages.centring import hubness_weights

WINDOWS = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
PASSAGES = (1_000, 3_000, 10_000, 30_000, 100_000, 200_000)
KINDS = ("clustered", "random")
DIMENSION = 384
QUESTIONS = 200
DEPTH = 200
"""Windows and passages that a search of the product asks for."""
WORDS, PASSAGE_WORDS, SENTENCE_WORDS = 200_000, 300, 25


class Windows:
    """Synthetic windows, all in memory as those of a real index are while it is built."""

    def __init__(self, kind: str, count: int) -> None:
        self.kind, self.shape = kind, (count, DIMENSION + len(FAMILIES))
        self._centres = _unit(np.random.default_rng(1).standard_normal((max(1, count // 100), DIMENSION), np.float32))
        self._made = np.empty(self.shape, np.float32)
        for begin in range(0, count, 10_000):
            self._made[begin : begin + 10_000] = self.make(min(10_000, count - begin), begin + 2)

    def make(self, count: int, seed: int) -> np.ndarray:
        """Return unit vectors, about a hundred of a cluster at cosine .5 or all of them anywhere, and a crowding."""
        numbers = np.random.default_rng(seed)
        vectors = _unit(numbers.standard_normal((count, DIMENSION), np.float32))
        if self.kind == "clustered":
            vectors = _unit(vectors + self._centres[numbers.integers(0, len(self._centres), count)])
        crowding = numbers.normal(0.2, 0.03, (count, 1)) + numbers.normal(0.0, 0.01, (count, len(FAMILIES)))
        return np.hstack([vectors, crowding.astype(np.float32)])

    def questions(self, count: int, seed: int) -> np.ndarray:
        """Return questions that lie where the windows do and are none of them."""
        questions = self.make(count, seed)
        questions[:, DIMENSION:] = hubness_weights(["zh-Hans", "pl"] * (count // 2))
        return questions

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        return self._made[rows]


def build_dense(kind: str, count: int, folder: Path) -> dict[str, Any]:
    """Index windows, save them, and leave questions with their true ten nearest for `search_dense`."""
    windows = Windows(kind, count)
    started = time.perf_counter()
    index = DenseIndex.build(windows, windows.questions(512, 10**8))
    index.save(folder / "dense.faiss")
    seconds = time.perf_counter() - started
    peak = _peak()
    questions = windows.questions(QUESTIONS, 10**9)
    nearest = [np.argpartition(windows[:] @ question, -10)[-10:] for question in questions]
    np.savez(folder / "questions.npz", questions=questions, nearest=nearest)
    return {"build": seconds, "build_mb": peak}


def search_dense(folder: Path) -> dict[str, Any]:
    """Open what `build_dense` left and search it."""
    given = np.load(folder / "questions.npz")
    started = time.perf_counter()
    index = DenseIndex.load(folder / "dense.faiss")
    load = time.perf_counter() - started
    found = []
    times = _timed(lambda question: found.append(index.search(question, DEPTH)[0][:10]), list(given["questions"]))
    hits = [len(set(a) & set(b)) for a, b in zip(found, given["nearest"], strict=True)]
    return {"load": load, **times, "recall": sum(hits) / (10 * len(hits)), "kind": index.facts.kind, "mb": _peak()}


def passages(count: int) -> Iterator[list[list[str]]]:
    """Yield passages of 300 words, the n-th word as frequent as 1 / (n + 2.7)."""
    words = [f"word{number}" for number in range(WORDS)]
    for seed in range(count):
        drawn = [words[number] for number in _zipf(np.random.default_rng(seed), PASSAGE_WORDS)]
        yield [drawn[begin : begin + SENTENCE_WORDS] for begin in range(0, PASSAGE_WORDS, SENTENCE_WORDS)]


def build_sparse(kind: str, count: int, folder: Path) -> dict[str, Any]:
    """Index passages and save them."""
    started = time.perf_counter()
    SparseIndex.build(([] for _ in range(count)), passages(count)).save(folder)
    return {"build": time.perf_counter() - started, "build_mb": _peak()}


def search_sparse(folder: Path) -> dict[str, Any]:
    """Open what `build_sparse` left and do with it what a search of the product does."""
    started = time.perf_counter()
    index = SparseIndex.load(folder)
    load = time.perf_counter() - started

    def search(question: dict[str, float]) -> None:
        coverage = index.scores(question) / index.ideal(question)
        highest(coverage, DEPTH)
        near_miss(coverage)

    numbers = np.random.default_rng(10**9)
    # Two of the ten most frequent words, four as they come, four rare ones.
    drawn = [[*numbers.integers(0, 10, 2), *_zipf(numbers, 4), *numbers.integers(100, 50_000, 4)] for _ in range(200)]
    questions = [{f"word{number}": 1.0 for number in words} for words in drawn]
    return {"load": load, **_timed(search, questions), "kind": "bm25", "mb": _peak()}


def main() -> None:
    """Measure every size, print a Markdown table row by row and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=WINDOWS[-1], metavar="N", help="stop at N windows")
    parser.add_argument("--plot", type=Path, default=Path("docs/size.png"), metavar="FILE")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        step, kind, count, folder = options.measure
        build = build_sparse if kind == "bm25" else build_dense
        search = search_sparse if kind == "bm25" else search_dense
        print(json.dumps(build(kind, int(count), Path(folder)) if step == "build" else search(Path(folder))))
        return
    print("| what | n | index | build s | build MB | open ms | search MB | median ms | p95 ms | recall@10 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    rows = [
        _row(kind, count)
        for kind, sizes in (*((kind, WINDOWS) for kind in KINDS), ("bm25", PASSAGES))
        for count in sizes
        if count <= options.most
    ]
    _draw(rows, options.plot)


def _row(kind: str, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        row: dict[str, Any] = {"what": kind, "n": count}
        for step in ("build", "search"):
            command = [sys.executable, "-m", "benchmarks.size", "--measure", step, kind, str(count), folder]
            row |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    recall = f"{row['recall']:.3f}" if "recall" in row else "–"
    print(
        f"| {kind} | {count:,} | {row['kind']} | {row['build']:.1f} | {row['build_mb']:,.0f} | {row['load'] * 1e3:.0f} "
        f"| {row['mb']:,.0f} | {row['median']:.1f} | {row['p95']:.1f} | {recall} |",
        flush=True,
    )
    return row


def _draw(rows: list[dict[str, Any]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    titles = {"median": ("median search, ms", 15), "build_mb": ("most memory while building, MB", 2500)}
    titles["build"] = ("build, s", 1200)
    names = {"clustered": "windows, clustered", "random": "windows, random", "bm25": "passages, BM25"}
    for panel, (key, (title, limit)) in zip(panels, titles.items(), strict=True):
        for kind, label in names.items():
            chosen = [row for row in rows if row["what"] == kind]
            panel.plot([row["n"] for row in chosen], [row[key] for row in chosen], marker="o", label=label)
        panel.axhline(limit, color="grey", linestyle="--", linewidth=1, label=f"at most {limit:,}")
        panel.set(xscale="log", yscale="log", title=title, xlabel="windows or passages")
        panel.grid(alpha=0.3)
        panel.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def _timed(search: Callable[[Any], object], questions: list[Any]) -> dict[str, float]:
    seconds = []
    for question in questions:
        started = time.perf_counter()
        search(question)
        seconds.append(time.perf_counter() - started)
    return {"median": float(np.median(seconds)) * 1e3, "p95": float(np.quantile(seconds, 0.95)) * 1e3}


def _zipf(numbers: np.random.Generator, count: int) -> np.ndarray:
    weights = np.cumsum(1.0 / (np.arange(WORDS) + 2.7)) if not _WEIGHTS else _WEIGHTS[0]
    _WEIGHTS[:] = [weights]
    return np.asarray(np.searchsorted(weights, numbers.random(count) * weights[-1]))


_WEIGHTS: list[np.ndarray] = []


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
