"""The chance of each sentence of a passage: what must hold whatever the weights are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kb import KnowledgeBase, Settings
from kb.close_reading import Reading, read
from kb.fitted import Fitted
from kb.sentences import features, probabilities, text_width
from tests.fakes import FakeEncoder, document

PASSAGE = "猫是一种动物。它每天睡十六个小时。毛色有黑有白。冬天喜欢晒太阳。"
Read = Callable[[str], Reading]


@pytest.fixture
def close_reading(tmp_path: Path) -> Read:
    """Reads the passage about cats for a question."""
    texts = [document("cats", PASSAGE), document("dogs", "狗喜欢散步。狗每天散步两次。")]
    base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())

    def of(question: str) -> Reading:
        asked = base.question(question)
        hit = next(h for h in base.snapshot.search(asked, k=5) if h.passage.document_id == "cats")
        return read(base.snapshot, asked, hit)

    return of


def test_what_the_first_sentence_says_goes_without_saying_in_the_others(close_reading: Read) -> None:
    reading = close_reading("猫的毛色是什么样的？")
    assert reading.texts == ("猫是一种动物。", "它每天睡十六个小时。", "毛色有黑有白。", "冬天喜欢晒太阳。")
    assert int(np.argmax(reading.shares)) == 2
    assert reading.later.tolist() == pytest.approx([0.0, 0.0, 1.0, 0.0])


def test_a_sentence_with_the_figure_that_is_asked_for_bears_its_sign(close_reading: Read) -> None:
    assert features(close_reading("猫每天睡几个小时？"), "猫每天睡几个小时？")["sign"].tolist() == [0, 1, 0, 0]


def test_each_chance_is_a_probability_and_the_figure_that_is_asked_for_raises_it(close_reading: Read) -> None:
    question = "猫每天睡几个小时？"
    found = probabilities(close_reading(question), question, Fitted.of(FakeEncoder.digest))
    assert found.shape == (4,)
    assert ((found > 0) & (found < 1)).all()
    assert int(np.argmax(found[1:])) == 0


def test_weights_of_another_model_are_known_as_such() -> None:
    assert not Fitted.of(FakeEncoder.digest).for_this_model


def test_width_counts_what_there_is_to_read() -> None:
    assert text_width("客户长") == 3
    assert text_width("abcd") == pytest.approx(1.28)
    assert text_width("") == 0
