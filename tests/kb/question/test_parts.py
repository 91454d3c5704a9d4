"""Several questions in one message are taken apart; one is left as it is."""

from __future__ import annotations

import pytest

from kb.question.parts import MOST_PARTS, parts_of


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("什么是NPS？怎么算？谁发明的？", ["什么是NPS？", "怎么算？", "谁发明的？"]),
        ("Komu podlega CXO? A ile zarabia?", ["Komu podlega CXO?", "A ile zarabia?"]),
        (
            "我們剛換了客戶長。他要向誰報告？NPS又怎麼算？謝謝！",
            ["我們剛換了客戶長。他要向誰報告？", "NPS又怎麼算？ 謝謝！"],
        ),
        ("What is churn? How is it measured?", ["What is churn?", "How is it measured?"]),
    ],
)
def test_each_question_of_a_message_is_one_with_what_stands_before_it(message: str, parts: list[str]) -> None:
    assert parts_of(message) == parts


@pytest.mark.parametrize(
    "message",
    [
        "客户长向谁汇报？",
        "CXO podlega prezesowi, prawda?",
        "客户长向CEO汇报。对吗？",
        "你好？客户长向谁汇报？",
        "Gartner pisze: „Kto za to odpowiada?” Co z tego wynika",
        "?!?!",
        "NPS vs CSAT",
    ],
)
def test_one_question_stays_as_it_was_typed(message: str) -> None:
    assert parts_of(message) == [message]


def test_what_is_asked_beyond_the_most_goes_with_the_last() -> None:
    message = " ".join(f"Ile wynosi wskaźnik {number}?" for number in range(9))
    parts = parts_of(message)
    assert len(parts) == MOST_PARTS and " ".join(parts) == message
