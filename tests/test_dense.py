"""FAISS held against brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.dense import DenseIndex


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def vectors() -> np.ndarray:
    return unit(np.random.default_rng(3).normal(size=(300, 16)))


@pytest.mark.parametrize("k", [1, 7, 300, 1000])
def test_search_is_exact(vectors: np.ndarray, k: int) -> None:
    index = DenseIndex.build(vectors)
    for query in unit(np.random.default_rng(4).normal(size=(20, 16))):
        cosines = vectors @ query
        expected = np.argsort(-cosines, kind="stable")[:k]
        numbers, found = index.search(query, k)
        assert numbers.tolist() == expected.tolist()
        assert found == pytest.approx(cosines[expected], abs=1e-6)


def test_a_cosine_is_a_cosine() -> None:
    index = DenseIndex.build(np.array([[1, 0], [0.6, 0.8], [-1, 0]], np.float32))
    numbers, cosines = index.search(np.array([1, 0], np.float32), 3)
    assert numbers.tolist() == [0, 1, 2]
    assert cosines == pytest.approx([1.0, 0.6, -1.0])


def test_vectors_come_back_as_they_were_given(vectors: np.ndarray) -> None:
    index = DenseIndex.build(vectors)
    assert index.vectors([5, 0, 5]).tolist() == vectors[[5, 0, 5]].tolist()
    assert index.vectors([]).shape == (0, 16)


def test_an_empty_index_finds_nothing() -> None:
    numbers, cosines = DenseIndex.build(np.empty((0, 4), np.float32)).search(np.ones(4, np.float32), 5)
    assert (numbers.tolist(), cosines.tolist()) == ([], [])


def test_an_index_is_the_same_after_the_disk(vectors: np.ndarray, tmp_path: Path) -> None:
    index = DenseIndex.build(vectors)
    index.save(tmp_path / "dense.faiss")
    again = DenseIndex.load(tmp_path / "dense.faiss")
    assert again.vectors(range(300)).tolist() == vectors.tolist()
    assert again.search(vectors[17], 10)[0].tolist() == index.search(vectors[17], 10)[0].tolist()


def test_vectors_that_are_not_contiguous_or_not_float32_are_taken(vectors: np.ndarray) -> None:
    sliced = np.asarray(vectors[::2], np.float64)
    assert DenseIndex.build(sliced).search(vectors[10], 1)[0].tolist() == [5]
