"""Sentences that say nearly the same, in three dimensions and by hand."""

from __future__ import annotations

import numpy as np

from corpus.text.language import LANGUAGES
from retrieval.languages.probes import PROBES
from retrieval.languages.twins import Twins


def array(*rows: object) -> np.ndarray:
    return np.array(rows, np.float32)


def probes_with(cosine: float) -> dict[str, np.ndarray]:
    """Means of probe sentences any two of which have this cosine."""
    count = len(PROBES["pl"])
    return {tag: array(np.sqrt((1 + (count - 1) * cosine) / count), 0, 0) for tag in LANGUAGES}


def along(degrees: float) -> list[float]:
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees)), 0]


def test_twins_are_nearer_than_unrelated_sentences_are_and_twins_of_twins_are_one_group() -> None:
    vectors = array(along(0), along(30), along(60), along(120))  # cosines of neighbours .87, .87 and .5
    assert Twins.among(vectors, ["pl"] * 4, probes_with(0.0)).groups.tolist() == [0, 0, 0, 1]
    # A model that puts all sentences near together means something else by near.
    assert Twins.among(vectors, ["pl"] * 4, probes_with(0.5)).groups.tolist() == [0, 1, 2, 3]
    assert Twins.among(vectors, ["pl"] * 4, probes_with(1.0)).groups.tolist() == [0, 1, 2, 3]


def test_of_each_group_the_first_stands_for_it() -> None:
    vectors = array(along(0), along(90), along(10), along(180), along(95))
    assert Twins.among(vectors, ["zh-Hans"] * 5, probes_with(0.0)).first.tolist() == [0, 1, 3]


def test_a_passage_says_what_a_twin_of_its_windows_says_and_the_twins_twins() -> None:
    twins = Twins.among(array(along(0), along(30), along(120)), ["pl", "und", "en"], probes_with(0.0))
    # Two passages: the first of two windows, the second of one.
    said = twins.said_by(array(along(200), along(-20), along(110)), np.array([0, 2]))
    assert said.tolist() == [[True, True, False], [False, False, True]]


def test_nothing_has_no_twins() -> None:
    twins = Twins.among(np.empty((0, 3), np.float32), [], probes_with(0.0))
    assert twins.first.tolist() == []
    assert twins.said_by(array(along(0)), np.array([0])).shape == (1, 0)
