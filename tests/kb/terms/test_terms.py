"""Which names a text says: in either script, in any inflection, at the borders of words."""

from __future__ import annotations

import pytest

from corpus.text.segment import token_form, words
from kb.terms.names import TermFinder, name_phrase, phrase

NAMES = [
    "首席客户官",
    "客户",
    "客户体验",
    "品牌",
    "知名",
    "店",
    "dyrektor ds. klienta",
    "dyrektor",
    "rada nadzorcza",
    "A/B测试",
    "CCO",
]


@pytest.fixture(scope="module")
def finder() -> TermFinder:
    return TermFinder([(token_form(name), number) for number, name in enumerate(NAMES)])


def said(finder: TermFinder, text: str) -> list[str]:
    mentions = finder.mentions(finder.known_words(words(token_form(text))))
    return [NAMES[term] for mention in mentions for term in mention.terms]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("誰是首席客戶官？", ["首席客户官"]),
        ("客戶體驗與客戶", ["客户体验", "客户"]),
        ("知名品牌", ["知名", "品牌"]),
        ("O dyrektorze ds. klienta i o dyrektorach.", ["dyrektor ds. klienta", "dyrektor"]),
        ("członkowie rady nadzorczej", ["rada nadzorcza"]),
        ("czlonkowie rady nadzorczej i CCO", ["rada nadzorcza", "CCO"]),
        ("做A/B測試", ["A/B测试"]),
        ("书店里", []),
        ("nic z tego", []),
        ("", []),
    ],
)
def test_the_names_that_a_text_says(finder: TermFinder, text: str, names: list[str]) -> None:
    assert said(finder, text) == names


def test_a_name_within_a_longer_word_is_no_mention() -> None:
    finder = TermFinder([("服务", 0)])
    assert not finder.mentions(list(words("服务员")))
    assert finder.mentions(list(words("服务很好")))


def test_two_terms_of_one_name_are_both_meant() -> None:
    finder = TermFinder([("cco", 0), ("cco", 1), ("chief customer officer", 1)])
    assert [m.terms for m in finder.mentions(list(words("the cco, or chief customer officer")))] == [(0, 1), (1,)]


def test_a_phrase_holds_each_word_and_each_pair_of_characters() -> None:
    assert [part[0] for part in name_phrase("客户长")] == ["c客户", "c户长"]
    assert [part[0] for part in phrase(list(words("店")))] == ["u店"]
    assert "lklient" in name_phrase("klienci")[0]
    assert [part[-1][0] for part in name_phrase("web测试3")] == ["s", "c", "n"]
