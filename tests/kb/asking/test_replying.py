"""Small talk is answered as such, what is no question to the sources said so, and a refusal says what is missing."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from kb.answering.answers import Answer, Refusal
from kb.answering.replies import reply
from kb.question.kinds import Kind


@pytest.mark.parametrize(
    ("message", "kind", "language", "text"),
    [
        ("你好", Kind.SMALL_TALK, "zh-Hans", "你好！"),
        ("早安你好～", Kind.SMALL_TALK, "zh-Hant", "你好！"),
        ("Dzień dobry!", Kind.SMALL_TALK, "pl", "Dzień dobry!"),
        ("gotta run, bye", Kind.SMALL_TALK, "en", "Goodbye!"),
        ("dziękuję bardzo", Kind.SMALL_TALK, "pl", "Nie ma za co!"),
        ("太棒了", Kind.SMALL_TALK, "zh-Hans", "谢谢夸奖"),
        ("ok", Kind.SMALL_TALK, "en", "All right."),
        ("👍", Kind.SMALL_TALK, "und", "I am not much of a talker"),
        ("Kim jesteś?", Kind.ASSISTANT, "pl", "Jestem asystentem"),
        ("你會做什麼？", Kind.ASSISTANT, "zh-Hant", "我在這裡的資料中查找答案"),
        ("你的数据从哪里来", Kind.ASSISTANT, "zh-Hans", "我的回答都来自"),
        ("Czy mówisz po polsku?", Kind.ASSISTANT, "pl", "Możesz pytać po polsku"),
        ("Na jakim modelu językowym działasz?", Kind.ASSISTANT, "pl", "Jestem asystentem"),
        ("你是什么语言模型", Kind.ASSISTANT, "zh-Hans", "我是这个资料库的问答助手"),
        ("do you store what I type", Kind.ASSISTANT, "en", "The page keeps the conversation"),
        ("Napisz wiersz o jeżu", Kind.OTHER, "pl", "W tym nie pomogę"),
    ],
)
def test_the_reply_goes_by_what_was_said(message: str, kind: Kind, language: str, text: str) -> None:
    assert reply(message, kind, language).startswith(text)


def is_reply(answer: Answer) -> bool:
    return answer.engine == "fixed" and answer.citations == answer.sentences == answer.hits == ()


@pytest.mark.parametrize(
    ("message", "language"),
    [("你好", "zh-Hans"), ("謝謝你，再見", "zh-Hant"), ("Kim jesteś?", "pl"), ("hello there", "en"), ("😀", "und")],
)
def test_small_talk_is_answered_with_three_questions_that_the_texts_answer(
    shipped_base: KnowledgeBase, message: str, language: str
) -> None:
    answer = shipped_base.ask(message)
    assert answer.language == language
    assert is_reply(answer) and answer.answered and answer.confidence == 1.0 and answer.refusal is None
    assert len(answer.suggestions) == 3 and all(shipped_base.ask(question).answered for question in answer.suggestions)


def test_a_greeting_with_a_question_is_a_question(shipped_base: KnowledgeBase) -> None:
    for question in ("Cześć, komu podlega CXO?", "你好，客户长是做什么的？"):
        answer = shipped_base.ask(question)
        assert answer.citations and answer.kind not in (Kind.SMALL_TALK, Kind.ASSISTANT)


def test_small_talk_is_in_the_conversation_s_language_and_leans_on_nothing(shipped_base: KnowledgeBase) -> None:
    for message in ("ok", "👍"):
        answer = shipped_base.ask(message, history=["Komu podlega CXO?"])
        assert is_reply(answer) and answer.language == "pl" and answer.completed == ""
    assert shipped_base.ask("好的", history=["客戶長是做什麼的？"]).language == "zh-Hant"


def test_a_follow_up_after_small_talk_is_completed(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("A CMO?", history=["Komu podlega CXO?"])
    assert answer.completed == "Komu podlega CMO?"


@pytest.mark.parametrize(
    ("question", "refusal", "text"),
    [
        ("Napisz wiersz o jeżu", Refusal.OFF_TOPIC, "W tym nie pomogę"),
        ("Ile wynosi premia świąteczna CXO w Żabce?", Refusal.FACT_MISSING, "Temat „"),
        ("黑洞是怎么形成的？", Refusal.OFF_TOPIC, "现有资料没有说明这个问题。"),
    ],
)
def test_a_refusal_says_what_is_missing(
    shipped_base: KnowledgeBase, question: str, refusal: Refusal, text: str
) -> None:
    answer = shipped_base.ask(question)
    assert not answer.answered and answer.refusal is refusal and answer.to_json()["refusal"] == refusal.value
    assert answer.text.startswith(text) and len(answer.hits) == 5


def test_words_that_ask_nothing_are_asked_to_be_put_otherwise(small_base: KnowledgeBase) -> None:
    answer = small_base.ask("qwplk zzyx")
    assert answer.answered is False and answer.refusal in (Refusal.UNCLEAR, Refusal.OFF_TOPIC)
