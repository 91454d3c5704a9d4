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
        ("czym jest CLV i jak to policzyc", ["czym jest CLV", "jak to policzyc"]),
        ("什么是NPS，怎么算", ["什么是NPS", "怎么算"]),
        ("NPS是什麼以及誰提出的？", ["NPS是什麼", "誰提出的？"]),
        ("what is churn and how is it measured", ["what is churn", "how is it measured"]),
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
        "kto i kiedy wprowadził NPS?",
        "什么情况下，谁来决定涨价？",
        "客户流失了，怎么办",
        "how and why do customers leave?",
        "华为的铁三角和IBM的客户代表制相比，哪个响应客户更快？",
        "What is the difference between churn and how customers feel?",
    ],
)
def test_one_question_stays_as_it_was_typed(message: str) -> None:
    assert parts_of(message) == [message]


def test_what_is_asked_beyond_the_most_goes_with_the_last() -> None:
    message = " ".join(f"Ile wynosi wskaźnik {number}?" for number in range(9))
    parts = parts_of(message)
    assert len(parts) == MOST_PARTS and " ".join(parts) == message
