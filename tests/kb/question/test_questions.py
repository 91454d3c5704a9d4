"""What is read off a question's words: what kind of answer it asks for, and the names in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import KnowledgeBase, Settings
from kb.answering.confidence import asks_nothing, asks_of_other_things, subject_is_unknown
from kb.question.question_words import asks_definition, is_greeting, names_in, subject_of
from kb.suggestions.definitions import text_width
from tests.helpers.fakes import FakeEncoder, document


@pytest.mark.parametrize(
    ("question", "defines"),
    [
        ("Kim jest dyrektor ds. klienta?", True),
        ("Kto to jest CXO?", True),
        ("Kim jest Anne Bowman?", True),
        ("Kto jest dyrektorem ds. klienta w Voxeo?", False),
        ("首席客户官是谁？", True),
        ("客戶長到底是誰？", True),
        ("Voxeo的首席客户官是谁？", False),
        ("谁是首席客户官？", False),
        ("Who is the CCO?", True),
        ("Who is the CCO of Voxeo?", False),
    ],
)
def test_who_a_role_is_asks_for_a_definition_and_whose_it_is_for_a_name(question: str, defines: bool) -> None:
    assert asks_definition(question) is defines


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


def test_width_counts_what_there_is_to_read() -> None:
    assert text_width("客户长") == 3
    assert text_width("abcd") == pytest.approx(1.28)
    assert text_width("") == 0


@pytest.mark.parametrize(
    ("message", "greets"),
    [
        ("Hello", True),
        ("謝謝你！", True),
        ("早上好，在吗", True),
        ("Cześć, co słychać?", True),
        ("Dziękuję bardzo!", True),
        ("你好，CCO是谁？", False),
        ("Hello Kitty", False),
        ("Co to jest NPS?", False),
        ("NPS", False),
    ],
)
def test_a_greeting_says_nothing_else(message: str, greets: bool) -> None:
    assert is_greeting(message) is greets


@pytest.mark.parametrize(
    ("message", "nothing"),
    [
        ("谢谢", True),
        ("我心情不好", True),
        ("hello", True),
        ("玉山银行", False),
        ("客户部", False),
        ("今天天气", True),
        ("今天星期几？", False),
        ("玉山银行何时设立客户部？", False),
    ],
)
def test_words_that_no_text_is_about_ask_nothing(tmp_path: Path, message: str, nothing: bool) -> None:
    texts = [document("banks", "玉山银行很早就设立了客户部。"), document("roles", "客户长向执行长报告。")]
    base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())
    assert asks_nothing(base.snapshot, base.question(message)) is nothing


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("Gdzie jest samochód?", True),
        ("Czy z gorączką można iść do pracy?", True),  # only „można" and „praca" are told, as in any text
        ("Czy bank dba o klienta?", False),
        ("Czy pies może iść do pracy?", False),  # 狗 is in 热狗: that nothing tells of dogs is not certain
        ("Kim jest Xyzzyński?", False),  # what no list knows may be told by another name
    ],
)
def test_what_is_asked_is_mostly_told_nowhere_by_any_name(tmp_path: Path, question: str, others: bool) -> None:
    texts = [document("banks", "银行可以照顾客户。工作时间是九点。"), document("snacks", "热狗很好吃。")]
    base = KnowledgeBase.of_documents(texts, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())
    assert asks_of_other_things(base.question(question)) is others
