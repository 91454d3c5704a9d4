"""The chance of each sentence of a passage: what must hold whatever the weights are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kb import KnowledgeBase, Settings
from kb.close_reading import Reading, read
from kb.evidence import subject_is_unknown
from kb.fitted import Fitted
from kb.questions import names_in, subject_of
from kb.sentences import features, probabilities, text_width
from tests.fakes import FakeEncoder, document

PASSAGE = "猫是一种动物。它每天睡十六个小时。毛色有黑有白。冬天喜欢晒太阳。"
Read = Callable[..., Reading]


@pytest.fixture
def close_reading(tmp_path: Path) -> Read:
    """Reads the passage about cats for a question, or another passage in its place."""

    def of(question: str, passage: str = PASSAGE) -> Reading:
        texts = [document("cats", passage), document("dogs", "狗喜欢散步。狗每天散步两次。")]
        base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())
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
    found = probabilities(close_reading(question), question, Fitted.of(FakeEncoder.digest).sentences)
    assert found.shape == (4,)
    assert ((found > 0) & (found < 1)).all()
    assert int(np.argmax(found[1:])) == 0


def test_questions_in_a_row_are_left_out_and_one_with_a_statement_after_it_hands_on_its_chance(
    close_reading: Read,
) -> None:
    question = "猫每天睡几个小时？"
    announced = close_reading(question, "猫是什么？猫每天睡几个小时？很多人都想知道。猫是一种动物。")
    assert announced.texts == ("很多人都想知道。", "猫是一种动物。")
    assert [announced.hit.passage.text[a:b] for a, b in announced.spans] == list(announced.texts)
    asked = close_reading(question, "猫是一种动物。猫每天睡几个小时？大约十六。毛色有黑有白。")
    assert asked.texts[1:3] == ("猫每天睡几个小时？", "大约十六。")
    found = probabilities(asked, question, Fitted.of(FakeEncoder.digest).sentences)
    assert int(np.argmax(found)) == 2 and found[1] == found.min()
    assert close_reading(question, "猫每天睡几个小时？狗呢？").texts == ("猫每天睡几个小时？", "狗呢？")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("用友的首席客户官是谁？", [("c用友",)]),
        ("請問鴻海的客戶長是誰？", [("c鸿海",)]),
        ("小米有首席客户官吗？", [("c小米",)]),
        ("全世界到底有多少位首席客户官？", []),
        ("打折留住客户的后遗症有哪些？", []),
        ("Kto jest CCO w Orlenie?", [("lcco", "scco"), ("lorlen", "sorlen")]),
        ("Jaki NPS ma mBank?", [("lnps", "snps"), ("lmbank", "smbank")]),
    ],
)
def test_whose_a_thing_is_counts_as_a_name(question: str, names: list[tuple[str, ...]]) -> None:
    assert list(names_in(question)) == names


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("海底捞为什么要成立客户部？", "海底捞"),
        ("請問統一超商改善發票流程花了多久？", "统一超商"),
        ("玉山銀行有沒有客戶長？", "玉山银行"),
        ("客戶委員會由誰主持？", ""),
        ("哪些公司设有首席客户官？", ""),
        ("为什么不要把净推荐值和奖金挂钩？", ""),
        ("Jak mBank mierzy NPS?", ""),
    ],
)
def test_what_a_question_opens_with_may_be_a_name(question: str, subject: str) -> None:
    assert subject_of(question) == subject


def test_what_a_question_opens_with_is_unknown_only_where_no_text_says_it(tmp_path: Path) -> None:
    texts = [document("banks", "玉山银行很早就设立了客户部。"), document("roles", "客户长向执行长报告。")]
    base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())
    unknown = {
        question: subject_is_unknown(base.snapshot, base.question(question))
        for question in ("玉山銀行為什麼要設客戶部？", "海底捞为什么要成立客户部？", "客户长向谁报告？")
    }
    assert list(unknown.values()) == [False, True, False]


def test_weights_of_another_model_are_known_as_such() -> None:
    assert not Fitted.of(FakeEncoder.digest).for_this_model


def test_width_counts_what_there_is_to_read() -> None:
    assert text_width("客户长") == 3
    assert text_width("abcd") == pytest.approx(1.28)
    assert text_width("") == 0
