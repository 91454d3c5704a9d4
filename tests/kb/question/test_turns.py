"""What a message does in a conversation."""

from __future__ import annotations

import pytest

from kb.question.conversation import completed
from kb.question.turns import LAST, points_back, turn_of
from kb.terms.lexicon import Lexicon


@pytest.mark.parametrize(
    ("message", "item"),
    [
        ("那第二个呢？", 2),
        ("第一点是什么", 1),
        ("那最後一項呢", LAST),
        ("第三步具體說說", 3),
        ("a drugi?", 2),
        ("co z trzecim krokiem?", 3),
        ("ostatnia", LAST),
        ("what about the fourth one?", 4),
        ("the last", LAST),
        ("第二年营收多少", 0),
        ("drugi rok działalności", 0),
        ("Komu podlega CXO?", 0),
    ],
)
def test_an_item_is_meant_by_its_number(message: str, item: int) -> None:
    assert turn_of(message).item == item
    assert points_back(message) == (item != 0)


@pytest.mark.parametrize(
    "message", ["还有呢？", "繼續", "說詳細一點", "powiedz więcej", "co jeszcze?", "tell me more", "go on"]
)
def test_more_is_wanted(message: str) -> None:
    assert turn_of(message).more


@pytest.mark.parametrize(
    "message", ["什么是NPS？", "Co jeszcze robi CXO?", "More than half of what?", "继续教育是什么"]
)
def test_a_question_of_its_own_wants_no_more_of_the_last(message: str) -> None:
    assert not points_back(message)


@pytest.mark.parametrize(
    ("history", "message", "meant"),
    [
        (["Komu podlega CXO?"], "nie, pytałem o CMO", "Komu podlega CMO?"),
        (["CXO是什么？"], "不是，我問的是CMO", "CMO是什么？"),
        (["CSAT是什么？"], "不对，我是问NPS怎么算", "NPS怎么算"),
        (["what is the CXO?"], "no, I meant the CMO", "what is the CMO?"),
        (["CXO是什么？", "CMO呢？"], "不对，我问的是客户长的职责", "客户长的职责"),
        (["什么是NPS？"], "换个话题，客户长向谁汇报？", "客户长向谁汇报？"),
        (["Komu podlega CXO?"], "inne pytanie: co to jest CES?", "co to jest CES?"),
        (["Komu podlega CMO?", "inny temat: co to jest NPS?"], "i jak się go liczy?", "NPS: jak się go liczy?"),
        (["客户长有哪些职责？", "谢谢"], "他向谁汇报？", "客户长向谁汇报？"),
        (["客户长有哪些职责？", "那第二个呢？", "还有呢？"], "他向谁汇报？", "客户长向谁汇报？"),
    ],
)
def test_what_is_meant(history: list[str], message: str, meant: str) -> None:
    assert completed(message, history, Lexicon.load()) == meant
