"""FAISS over windows: exact search while it is fast; beyond, a scan of short codes whose best are compared exactly."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from retrieval.arrays import mapped
from retrieval.calibration import (
    LEAST_RECALL,
    NEIGHBOURS,
    Rows,
    Setting,
    blocks,
    recall_by_depth,
    sample_questions,
    settings,
    spread,
    tenth_best,
)

MOST_EXACT = 30_000
"""Windows up to which every one is compared, which takes some 5 ms; benchmarks/size.py prints the times."""
_DEEPEST = 16_384
_DEPTH_PER_HIT = 2
"""Windows compared exactly for each one wanted, at least."""
_TRAINED_PER_LIST = 64
_WORTH_HALVING = 250_000
"""Codes that take 2 ms to scan; handing fewer to a second thread costs more than it saves."""
_COLUMNS_PER_CODE = 2
"""Four bits for two columns: random vectors, the hardest, need 2,000 exact comparisons in a million; for four columns
10,000, which takes longer than the shorter scan saves."""


@dataclass(frozen=True)
class DenseFacts:
    """What kind of index this is and how well it finds; part of the manifest."""

    kind: str
    """„exact" or „ivf"."""
    recall_at_10: float
    """Share of the ten truly nearest windows that are found, measured when the index was built."""
    sample: int
    """Questions that it was measured on; none where search is exact."""
    lists: int = 0
    probes: int = 0
    depth: int = 0


class DenseIndex:
    """Inner-product search, the same for any number of threads and cores: the work is split in one way only."""

    def __init__(self, index: Any, facts: DenseFacts, vectors: Rows | None = None) -> None:
        self._index, self.facts, self._vectors = index, facts, vectors
        self._halves = ThreadPoolExecutor(2)

    @classmethod
    def build(
        cls, vectors: np.ndarray | Rows, asked: np.ndarray | None = None, *, most_exact: int = MOST_EXACT
    ) -> DenseIndex:
        """Index `vectors` of shape `(windows, columns)`, float32, read a block at a time.

        Beyond `most_exact` windows the index is calibrated on `asked`, questions of shape `(questions, columns)`, and
        `vectors` is kept, not copied, until the index is saved.
        """
        count, columns = vectors.shape
        with _one_thread():
            if count > most_exact:
                return cls._calibrated(vectors, asked)
            index = faiss.IndexFlatIP(columns)
            for block in blocks(count):
                index.add(np.ascontiguousarray(vectors[block], np.float32))
            return cls(index, DenseFacts("exact", 1.0, 0))

    @classmethod
    def _calibrated(cls, vectors: Rows, asked: np.ndarray | None) -> DenseIndex:
        count, columns = vectors.shape
        lists = 2 ** max(0, round(np.log2(np.sqrt(count) / 4)))
        width = -(-columns // _COLUMNS_PER_CODE) * _COLUMNS_PER_CODE
        metric = faiss.METRIC_INNER_PRODUCT
        index = faiss.IndexIVFPQFastScan(faiss.IndexFlatIP(width), width, lists, width // _COLUMNS_PER_CODE, 4, metric)
        index.by_residual, index.cp.spherical, index.cp.min_points_per_centroid = True, True, 1
        sample = vectors[spread(count, max(_TRAINED_PER_LIST * lists, _DEEPEST))]
        # What all windows share adds the same to each score: without it the lists are of a size, the codes finer.
        shared = sample.mean(axis=0)
        index.train(_widened(sample - shared, width))
        for block in blocks(count):
            index.add(_widened(vectors[block] - shared, width))
        built = cls(index, DenseFacts("ivf", 0.0, 0, lists), vectors)
        questions = sample_questions(vectors, asked)
        least = tenth_best(vectors, questions)
        # Half of the questions choose, the other half check.
        for setting in settings(
            questions[::2], least[::2], built._candidates, windows=count, lists=lists, deepest=min(count, _DEEPEST)
        ):
            built.facts = replace(built.facts, probes=setting.probes, depth=setting.depth)
            recall = built._recall(questions[1::2], least[1::2])
            built.facts = replace(built.facts, recall_at_10=round(recall, 4), sample=len(questions) // 2)
            if recall >= LEAST_RECALL:
                break
        return built

    def search(self, query: np.ndarray, k: int, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return the `k` nearest windows' numbers and cosines, best first.

        `among`, of shape `(windows,)`, says which windows may be found.
        """
        k = min(k, self._index.ntotal if among is None else int(np.count_nonzero(among)))
        if k == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        query = np.asarray(query, np.float32)
        if self._vectors is None:
            with _one_thread(), _only(among, faiss.SearchParameters()) as parameters:
                scores, numbers = self._index.search(query[None], k, params=parameters)
            return numbers[0], scores[0]
        depth = max(self.facts.depth, _DEPTH_PER_HIT * k)
        if depth < self._index.ntotal // 2:
            # What is let through may lie in other lists than those that were enough when everything was.
            probes = self.facts.probes if among is None else self.facts.lists
            numbers = np.sort(self._scan(query, Setting(probes, depth), among))
        else:
            numbers = np.flatnonzero(among) if among is not None else np.arange(self._index.ntotal)
        scores = self._compared(numbers, query)
        best = np.lexsort((numbers, -scores))[:k]
        return numbers[best], scores[best]

    def vectors(self, numbers: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the vectors of the windows `numbers`, shape `(len(numbers), columns)`, float32.

        Beyond exact search they are kept in half precision, which moves a cosine by 1e-5.
        """
        chosen = np.asarray(numbers, np.int64)
        if self._vectors is not None:
            return _halved(self._vectors[chosen]).astype(np.float32)
        found = self._index.reconstruct_batch(chosen) if len(chosen) else np.empty((0, self._index.d))
        return np.asarray(found, np.float32)

    def save(self, path: Path) -> None:
        """Write the index to `path`, and beside it, under the same name, what it is (.json) and its vectors (.npy).

        From then on the vectors are read from there.
        """
        # Through memory, since FAISS's own writer does not report a full disk.
        path.write_bytes(faiss.serialize_index(self._index).data)
        path.with_suffix(".json").write_text(json.dumps(asdict(self.facts)), encoding="utf-8")
        if self._vectors is not None:
            vectors = path.with_suffix(".npy")
            with vectors.open("wb") as file:
                shape = (self._index.ntotal, self._vectors.shape[1])
                header = {"descr": "<f2", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
                for block in blocks(self._index.ntotal):
                    file.write(_halved(self._vectors[block]).data)
            self._vectors = mapped(vectors)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Open what `save` wrote; the codes are read, the vectors stay on disk and are mapped."""
        facts = DenseFacts(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        vectors = None if facts.kind == "exact" else mapped(path.with_suffix(".npy"))
        return cls(faiss.read_index(str(path)), facts, vectors)

    def _scan(self, query: np.ndarray, setting: Setting, among: np.ndarray | None = None) -> np.ndarray:
        """Return the numbers of the windows that the codes show nearest, best first, at most `setting.depth`.

        Many are scanned in two halves side by side, whatever the number of cores.
        """
        wide, depth = _widened(query[None], self._index.d), setting.depth
        with _one_thread():
            near, lists = self._index.quantizer.search(wide, setting.probes)

        parts = 2 if self._index.ntotal * setting.probes >= _WORTH_HALVING * self.facts.lists else 1

        def scan(begin: int) -> tuple[np.ndarray, np.ndarray]:
            chosen, distances = (np.ascontiguousarray(values[:, begin::parts]) for values in (lists, near))
            scores, numbers = np.empty(depth, np.float32), np.empty(depth, np.int64)
            pointers = map(faiss.swig_ptr, (chosen, distances, scores, numbers))
            with _one_thread(), _only(among, faiss.IVFSearchParameters()) as parameters:
                parameters.nprobe = chosen.shape[1]
                # FAISS's own Python function for this takes no parameters.
                self._index.search_preassigned_c(1, faiss.swig_ptr(wide), depth, *pointers, False, parameters)
            return scores, numbers

        found = (self._halves.map if parts > 1 else map)(scan, range(parts))
        scores, numbers = (np.concatenate(values) for values in zip(*found, strict=True))
        best = np.argsort(-scores, kind="stable")[:depth]
        return np.asarray(numbers[best][numbers[best] >= 0])

    def _compared(self, numbers: np.ndarray, query: np.ndarray) -> np.ndarray:
        def compared(block: np.ndarray) -> np.ndarray:
            assert self._vectors is not None
            # Not by BLAS, whose last digit depends on how many threads share the work.
            return np.asarray(np.einsum("ij,j->i", _halved(self._vectors[block]).astype(np.float32), query))

        # No more at a time than fits into the processor's cache.
        pieces = [numbers[begin : begin + 256] for begin in range(0, len(numbers), 256)]
        scores = (self._halves.map if len(pieces) > 4 else map)(compared, pieces)
        return np.concatenate([np.empty(0, np.float32), *scores])

    def _candidates(self, questions: np.ndarray, setting: Setting) -> np.ndarray:
        assert self._vectors is not None
        scores = np.full((len(questions), setting.depth), -np.inf, np.float32)
        for row, question in enumerate(questions):
            found = self._scan(question, setting)
            scores[row, : len(found)] = self._vectors[found] @ question
        return scores

    def _recall(self, questions: np.ndarray, least: np.ndarray) -> float:
        """Return the share of the ten nearest windows that `search` finds, each of which scores at least `least`."""
        assert self._vectors is not None
        found = [self._vectors[self.search(question, NEIGHBOURS)[0]] @ question for question in questions]
        return float(recall_by_depth(np.array(found), least)[-1])


def _halved(rows: np.ndarray) -> np.ndarray:
    # The same before the index is saved as after, when half precision is all there is.
    return np.ascontiguousarray(rows, "<f2")


def _widened(rows: np.ndarray, width: int) -> np.ndarray:
    missing = width - rows.shape[1]
    return np.ascontiguousarray(np.pad(rows, ((0, 0), (0, missing))) if missing else rows, np.float32)


@contextmanager
def _only(among: np.ndarray | None, parameters: Any) -> Iterator[Any]:
    """Have a search find the windows that are True in `among` only; FAISS looks into our memory while it searches."""
    if among is not None:
        bits = np.packbits(among, bitorder="little")
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        parameters.sel = selector
    yield parameters


@contextmanager
def _one_thread() -> Iterator[None]:
    """Keep FAISS to the calling thread: its own threads gain nothing for one question, and wait where cores are busy.

    The number is the calling thread's own, so that other threads are not disturbed.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
