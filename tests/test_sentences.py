"""The chance of each sentence of a passage: what must hold whatever the weights are."""

from __future__ import annotations

import numpy as np
import pytest

from kb.sentences import probabilities, text_width

TEXTS = ["Pierwsze zdanie.", "Drugie zdanie.", "Trzecie zdanie.", "Czwarte zdanie."]


def chances(evidence: list[float], cosines: list[float], shares: list[float], texts: list[str] = TEXTS) -> np.ndarray:
    return probabilities(texts, *(np.array(values) for values in (evidence, cosines, shares)), np.ones(len(texts)))


def test_a_chance_is_a_probability_for_each_sentence() -> None:
    found = chances([0.1, 0.9, 0.2, 0.0], [0.2, 0.5, 0.1, 0.0], [0.0, 0.6, 0.1, 0.0])
    assert found.shape == (4,)
    assert ((found > 0) & (found < 1)).all()


def test_the_sentence_for_which_all_speaks_is_the_likeliest() -> None:
    for place in range(4):
        high = [1.0 if n == place else 0.0 for n in range(4)]
        assert int(np.argmax(chances(high, high, high))) == place


def test_what_follows_the_best_is_likelier_than_what_stands_apart() -> None:
    found = chances([0.1, 1.0, 0.1, 0.1], [0.1, 0.6, 0.1, 0.1], [0.0, 0.6, 0.0, 0.0])
    assert found[2] > found[3]


def test_one_sentence_alone_is_no_trouble() -> None:
    assert chances([0.3], [0.3], [0.3], ["Zdanie."]).shape == (1,)


def test_width_counts_what_there_is_to_read() -> None:
    assert text_width("客户长") == 3
    assert text_width("abcd") == pytest.approx(1.28)
    assert text_width("") == 0
