"""Joining rankings: what must hold whatever the weights are, and reciprocal ranks worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.index.fusion import EXPANDED_WEIGHT, excess_at, keyword_evidence, near_miss, reciprocal_rank


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def evidence(own: np.ndarray, expanded: np.ndarray, families: np.ndarray | None = None) -> np.ndarray:
    """The evidence for a question in the language of family 0."""
    return keyword_evidence(own, expanded, np.zeros(len(own), np.int8) if families is None else families, 0)


def test_without_a_keyword_there_is_no_evidence() -> None:
    assert evidence(array(0, 0, 0), array(0, 0, 0)).tolist() == [0, 0, 0]


def test_more_keywords_are_more_evidence() -> None:
    assert np.argsort(-evidence(array(0.2, 0.9, 0.5), array(0, 0, 0))).tolist() == [1, 2, 0]


def test_keywords_that_near_misses_have_too_count_nothing() -> None:
    own = array(*[0.4] * 8, 0.7)
    assert evidence(own, own).tolist()[:8] == [0] * 8
    assert evidence(own, own)[8] > 0


def test_other_names_count_in_another_language_and_little_in_the_questions_own() -> None:
    families = np.array([0] * 20 + [1] * 20, np.int8)
    expanded = array(*[0.1] * 19, 0.6, *[0.1] * 19, 0.6)
    found = evidence(np.zeros(40, np.float32), expanded, families)
    assert found[39] == pytest.approx(EXPANDED_WEIGHT * 0.5)
    assert 0 < found[19] < found[39]
    assert np.count_nonzero(found) == 2


def test_a_language_is_measured_by_its_own_near_misses() -> None:
    # Every text of family 1 has half of the words in its own wording, as texts on the subject will: that says nothing.
    families = np.array([0] * 20 + [1] * 20, np.int8)
    expanded = array(*[0.0] * 19, 0.3, *[0.5] * 19, 0.6)
    found = evidence(expanded, expanded, families)
    assert found[39] < found[19]


def test_few_passages_of_a_language_are_no_measure_of_their_own() -> None:
    families = np.array([0] * 20 + [1], np.int8)
    expanded = array(*[0.5] * 20, 0.5)
    assert evidence(np.zeros(21, np.float32), expanded, families)[20] == 0


def test_a_near_miss_is_a_passage_well_down_the_list() -> None:
    assert near_miss(array(*(n / 40 for n in range(40)))) == pytest.approx(34 / 40)
    assert near_miss(array(0.9, 0.8, 0.1)) == 0.0  # too few to tell
    assert near_miss(array()) == 0.0


def test_reciprocal_ranks() -> None:
    joined = reciprocal_rank(array(0.9, 0.1, 0.5), array(3, 2, 1))
    assert joined == pytest.approx([1 / 61 + 1 / 61, 1 / 63 + 1 / 62, 1 / 62 + 1 / 63])
    assert reciprocal_rank(array(1, 2), constant=0.0) == pytest.approx([1 / 2, 1 / 1])


def test_an_excess_is_over_a_place_among_the_own_language() -> None:
    values, families = array(0.9, 0.5, 0.1, 0.4, 0.3), np.array([0, 0, 0, 1, 1])
    assert excess_at(values, families, 1) == pytest.approx([0.4, 0, 0, 0.1, 0])
    assert excess_at(values, families, 9) == pytest.approx([0.8, 0.4, 0, 0.1, 0])
    assert excess_at(array(), np.array([], int), 3).shape == (0,)
