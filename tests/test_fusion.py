"""Joining rankings: what must hold whatever the weights are, and reciprocal ranks worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.fusion import fused, near_miss, reciprocal_rank


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_without_a_keyword_the_cosines_decide() -> None:
    joined = fused(array(0.1, 0.5, -0.2), array(0, 0, 0), 0.0)
    assert np.argsort(-joined).tolist() == [1, 0, 2]
    assert joined == pytest.approx([0.1, 0.5, -0.2])


def test_of_equal_cosines_more_keywords_win() -> None:
    assert np.argsort(-fused(array(0.3, 0.3, 0.3), array(0.2, 0.9, 0.5), 0.0)).tolist() == [1, 2, 0]


def test_of_equal_keywords_the_nearer_wins() -> None:
    assert np.argsort(-fused(array(0.1, 0.4, 0.3), array(0.5, 0.5, 0.5), 0.0)).tolist() == [1, 2, 0]


def test_keywords_that_near_misses_have_too_count_nothing() -> None:
    assert fused(array(0.3, 0.3), array(0.2, 0.4), 0.4) == pytest.approx([0.3, 0.3])


def test_a_score_does_not_hang_on_the_company() -> None:
    dense, sparse = array(0.1, 0.5, 0.4), array(0.6, 0.3, 0.9)
    whole = fused(dense, sparse, 0.1)
    assert whole.dtype == np.float32
    for n in range(3):
        assert fused(dense[n : n + 1], sparse[n : n + 1], 0.1) == pytest.approx(whole[n : n + 1])


def test_a_near_miss_is_a_passage_well_down_the_list() -> None:
    assert near_miss(array(*(n / 40 for n in range(40)))) == pytest.approx(34 / 40)
    assert near_miss(array(0.9, 0.8, 0.1)) == 0.0  # too few to tell
    assert near_miss(array()) == 0.0


def test_reciprocal_ranks() -> None:
    joined = reciprocal_rank(array(0.9, 0.1, 0.5), array(3, 2, 1))
    assert joined == pytest.approx([1 / 61 + 1 / 61, 1 / 63 + 1 / 62, 1 / 62 + 1 / 63])
    assert reciprocal_rank(array(1, 2), constant=0.0) == pytest.approx([1 / 2, 1 / 1])
