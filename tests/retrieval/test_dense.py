"""FAISS held against brute force."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import asdict
from pathlib import Path

import faiss
import numpy as np
import pytest

import retrieval.index.dense
from retrieval.calibration import Setting, recall_by_depth, sample_questions, settings, tenth_best
from retrieval.index.dense import DenseFacts, DenseIndex


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


def test_only_what_is_let_through_is_found(vectors: np.ndarray) -> None:
    among = np.zeros(300, bool)
    among[[4, 17, 250]] = True
    numbers, _ = DenseIndex.build(vectors).search(vectors[17], 10, among)
    assert numbers[0] == 17
    assert sorted(numbers.tolist()) == [4, 17, 250]
    assert DenseIndex.build(vectors).search(vectors[17], 10, np.zeros(300, bool))[0].tolist() == []


# ------------------------------------------------------------------------------------------- beyond exact search

MANY = 6000


def many(kind: str, count: int = MANY) -> np.ndarray:
    """Return unit vectors anywhere, or fifty of a kind, and two columns that are not scaled like the rest."""
    numbers = np.random.default_rng(5)
    rows = unit(numbers.normal(size=(count, 31)))
    if kind == "clustered":
        rows = unit(rows + unit(numbers.normal(size=(count // 50, 31)))[numbers.integers(0, count // 50, count)])
    return np.asarray(np.hstack([rows, numbers.normal(0.3, 0.05, (count, 2))]), np.float32)


def asked_of(kind: str) -> np.ndarray:
    """Return questions that lie where the windows do and are none of them."""
    questions = many(kind, 2 * MANY)[MANY : MANY + 150].copy()
    questions[:, 31:] = [-0.75, 0.0]
    return questions


def recall(index: DenseIndex, vectors: np.ndarray, questions: np.ndarray) -> float:
    nearest = np.argsort(-(questions @ vectors.T), axis=1)[:, :10]
    found = [index.search(question, 10)[0].tolist() for question in questions]
    return float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, nearest.tolist(), strict=True)]))


@pytest.fixture(scope="module", params=["random", "clustered"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def coarse(kind: str) -> DenseIndex:
    return DenseIndex.build(many(kind), asked_of(kind), most_exact=MANY - 1)


def test_the_number_of_windows_chooses_the_kind(coarse: DenseIndex) -> None:
    assert coarse.facts.kind == "ivf"
    assert DenseIndex.build(many("random"), most_exact=MANY).facts == DenseFacts("exact", 1.0, 0)


def test_ninety_nine_of_a_hundred_nearest_are_found_and_that_is_what_the_index_says(
    kind: str, coarse: DenseIndex
) -> None:
    assert recall(coarse, many(kind), asked_of(kind)) >= 0.99
    assert 0.99 <= coarse.facts.recall_at_10 <= 1.0
    assert coarse.facts.sample == 256


def test_the_measured_recall_notices_an_index_that_finds_badly(coarse: DenseIndex, kind: str) -> None:
    vectors, questions = many(kind), asked_of(kind)
    least = tenth_best(vectors, questions)
    assert coarse._recall(questions, least) >= 0.99
    # Planted: every window's codes stand under the number of its neighbour.
    shifted = DenseIndex(coarse._index, coarse.facts, np.roll(vectors, 1, axis=0))
    assert recall(shifted, np.roll(vectors, 1, axis=0), questions) < 0.9
    assert shifted._recall(questions, least) < 0.9


def test_scores_are_exact_and_best_first(kind: str, coarse: DenseIndex) -> None:
    for question in asked_of(kind)[:20]:
        numbers, scores = coarse.search(question, 25)
        assert scores == pytest.approx(many(kind)[numbers] @ question, abs=2e-3)
        assert scores.tolist() == sorted(scores.tolist(), reverse=True)
        assert len(set(numbers.tolist())) == 25


def test_a_coarse_index_is_the_same_after_the_disk(kind: str, coarse: DenseIndex, tmp_path: Path) -> None:
    copy(coarse).save(tmp_path / "dense.faiss")  # what is saved is read from the disk from then on, in half precision
    again = DenseIndex.load(tmp_path / "dense.faiss")
    assert again.facts == coarse.facts
    assert json.loads((tmp_path / "dense.json").read_text()) == asdict(coarse.facts)
    assert again.vectors([5, 0, 5]).tolist() == coarse.vectors([5, 0, 5]).tolist()
    assert again.vectors([5, 0]) == pytest.approx(many(kind)[[5, 0]], abs=1e-3)
    assert again.vectors([]).shape == (0, 33)
    for question in asked_of(kind)[:20]:
        for mine, theirs in zip(coarse.search(question, 10), again.search(question, 10), strict=True):
            assert mine.tolist() == theirs.tolist()


@pytest.mark.slow
def test_the_number_of_threads_changes_nothing(kind: str, coarse: DenseIndex) -> None:
    before = faiss.omp_get_max_threads()
    found = []
    for threads in (1, 3):
        faiss.omp_set_num_threads(threads)
        index = DenseIndex.build(many(kind), asked_of(kind), most_exact=0)
        assert faiss.omp_get_max_threads() == threads
        found.append([index.search(question, 50)[0].tolist() for question in asked_of(kind)[:30]])
    faiss.omp_set_num_threads(before)
    assert found[0] == found[1] == [coarse.search(question, 50)[0].tolist() for question in asked_of(kind)[:30]]


def test_two_halves_find_what_one_scan_finds(kind: str, coarse: DenseIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [coarse.search(question, 50)[0].tolist() for question in asked_of(kind)[:30]]
    monkeypatch.setattr(retrieval.index.dense, "_WORTH_HALVING", 0)
    halves = [coarse.search(question, 50)[0].tolist() for question in asked_of(kind)[:30]]
    # The codes' scores are rounded for each half on its own, so that the last candidates may be others.
    assert [numbers[:10] for numbers in halves] == [numbers[:10] for numbers in whole]
    assert halves == [coarse.search(question, 50)[0].tolist() for question in asked_of(kind)[:30]]


def test_a_coarse_index_finds_what_is_let_through_wherever_it_lies(kind: str, coarse: DenseIndex) -> None:
    among = np.zeros(MANY, bool)
    among[::200] = True
    question = asked_of(kind)[0]
    expected = np.flatnonzero(among)[np.argsort(-(many(kind)[among] @ question))]
    assert coarse.search(question, 10, among)[0].tolist() == expected[:10].tolist()
    assert sorted(coarse.search(question, 1000, among)[0].tolist()) == np.flatnonzero(among).tolist()


def test_more_than_half_of_all_windows_are_searched_exactly(kind: str, coarse: DenseIndex) -> None:
    numbers, _ = coarse.search(asked_of(kind)[0], MANY)
    assert sorted(numbers.tolist()) == list(range(MANY))


def test_equal_windows_are_no_miss(tmp_path: Path) -> None:
    vectors = np.repeat(many("random", 100), 40, axis=0)
    index = DenseIndex.build(vectors, most_exact=0)
    assert index.facts.recall_at_10 >= 0.99
    numbers, _ = index.search(vectors[400], 10)
    assert numbers.tolist() == list(range(400, 410))


def test_windows_without_questions_are_questioned_by_their_like() -> None:
    vectors = many("random")
    assert sample_questions(vectors, None).shape == (512, 33)
    given = asked_of("random")
    questions = sample_questions(vectors, given)
    assert questions[:150].tolist() == given.tolist()
    assert questions.shape == (512, 33)


def test_recall_counts_what_reaches_the_tenth_best_score() -> None:
    scores = np.array([[0.9, 0.1, 0.8], [0.2, 0.7, -np.inf]], np.float32)
    assert recall_by_depth(scores, np.array([0.5, 0.5])) == pytest.approx([0.05, 0.1, 0.15])


def test_the_cheapest_setting_that_is_enough_comes_first_and_the_last_looks_at_everything() -> None:
    def candidates(questions: np.ndarray, setting: Setting) -> np.ndarray:
        # One list holds half of the ten; two lists hold all, from the third candidate on.
        places = np.arange(setting.depth)
        hits = (places >= 2) & (places < (7 if setting.probes == 1 else 12))
        return np.tile(np.where(hits, 1.0, 0.0), (len(questions), 1))

    found = settings(np.zeros((4, 1)), np.full(4, 0.5), candidates, windows=8000, lists=8, deepest=400)
    assert found == [Setting(2, 12), Setting(4, 12), Setting(8, 12), Setting(8, 400)]


def test_a_scan_may_cost_more_than_comparing_more_of_what_it_finds() -> None:
    def candidates(questions: np.ndarray, setting: Setting) -> np.ndarray:
        hits = np.arange(setting.depth) >= (60 if setting.probes == 1 else 0)
        return np.tile(np.where(hits, 1.0, 0.0), (len(questions), 1))

    for windows, first in ((100_000, Setting(1, 70)), (4_000, Setting(2, 10))):
        found = settings(np.zeros((4, 1)), np.full(4, 0.5), candidates, windows=windows, lists=4, deepest=400)
        assert found[0] == first


def test_a_full_disk_is_reported(coarse: DenseIndex) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs a device that is always full (/dev/full, as Linux has it)")
    with pytest.raises(OSError, match="No space left"):
        copy(coarse).save(full)
