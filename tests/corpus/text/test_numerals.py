"""Figures in characters and with scale words."""

from __future__ import annotations

import pytest

from corpus.text.numerals import digits_for_numerals, plain_number, scaled_numbers, unscaled
from corpus.text.segment import lexical_tokens


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("三百家", "300家"),
        ("一百零五人", "105人"),
        ("一百五十", "150"),
        ("两万五", "25000"),
        ("四百万", "4000000"),
        ("一亿两千万", "120000000"),
        ("十二月三十一日", "12月31日"),
        ("一月", "1月"),
        ("三个月", "3个月"),
        ("二〇二四年", "2024年"),
        ("一九九八年", "1998年"),
        ("百分之二十", "20%"),
        ("百分之三点五", "3.5%"),
        ("百分之百", "100%"),
        ("三成", "30%"),
    ],
)
def test_numerals_become_digits(written: str, digits: str) -> None:
    assert digits_for_numerals(written) == digits


@pytest.mark.parametrize(
    "words",
    ["一个", "万一", "五四", "三三两两", "二三十", "千万不要", "十分", "成立", "一一列举", "百度", "三国"],
)
def test_what_is_no_count_stays(words: str) -> None:
    assert digits_for_numerals(words) == words


def test_scale_words_are_multiplied_out() -> None:
    assert scaled_numbers("3.5万名, 3,5 tys. osób, 2 mln zł, 1,026 thousand, 30亿") == [
        *("35000", "3500", "2000000", "1026000", "3000000000")
    ]
    assert scaled_numbers("w wersji 1.2.3 mln") == []


def test_a_figure_that_is_no_number_of_a_text_stays() -> None:
    for figure in ("9" * 400, "9" * 16, "1" + ".000" * 200, "1," + "5" * 400):
        assert scaled_numbers(f"{figure} tys. osób") == [] and unscaled(f"{figure}万") == f"{figure}万"


def test_a_figure_in_plain_digits() -> None:
    assert [plain_number(figure) for figure in ("1,026", "1.026.000", "3,1", "3.1", "1.2.3")] == [
        *("1026", "1026000", "3.1", "3.1", "1.2.3")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("三百位客户", "300 位客户"),
        ("三萬名會員", "3万名会员"),
        ("5 mln euro", "五百万欧元"),
        ("dziesięciu klientów", "10 klientów"),
        ("3 500 osób", "3,5 tys. osób"),
        ("１２％", "12%"),
    ],
)
def test_a_figure_finds_itself_however_written(one: str, other: str) -> None:
    def figures(text: str) -> set[str]:
        return {token for token in lexical_tokens(text) if token[0] == "n"}

    assert figures(one) & figures(other)


def test_polish_this_is_no_figure() -> None:
    assert not [token for token in lexical_tokens("to jest ten, o tym mowa") if token[0] == "n"]
