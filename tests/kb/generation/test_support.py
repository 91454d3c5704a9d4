"""Support of a sentence by a quote: the right words with the wrong fact are no support."""

from __future__ import annotations

import re

import pytest

from corpus.text.passages import passages_of
from kb.generation.support import OTHER_LANGUAGE, SAME_LANGUAGE, support
from tests.helpers.shipped import shipped_documents

ZH = "首席客户官这个职位在1999年首次设立，负责公司与全体客户的关系。"
ZH_FIGURES = "获取一个新客户的成本是留住老客户的5倍，公司每年流失20%的客户。"
PL = "Dyrektor ds. klienta odpowiada za relacje firmy ze wszystkimi klientami i podlega prezesowi."
PL_FIGURES = "W 2015 roku Netflix zwiększył przychody o 20 proc., do 3,5 mln zł."


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (ZH, ZH),
        ("首席客户官负责公司与全体客户的关系。", ZH),
        ("這個職位在1999年首次設立。", ZH),
        ("客戶長負責公司與全體客戶的關係。", ZH),
        ("公司每年流失百分之二十的客户。", ZH_FIGURES),
        ("获取新客户的成本是留住老客户的五倍。", ZH_FIGURES),
        ("Za relacje firmy z klientami odpowiada dyrektor ds. klienta.", PL),
        ("Relacjami firmy ze wszystkimi klientami zajmuje się dyrektor do spraw klienta.", PL),
        ("Przychody Netfliksa wzrosły w 2015 roku o 20% do 3 500 000 zł.".replace("Netfliksa", "Netflix"), PL_FIGURES),
    ],
)
def test_what_the_quote_says_is_supported_in_any_script_inflection_and_notation(sentence: str, quote: str) -> None:
    assert support(sentence, quote) >= SAME_LANGUAGE


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Dyrektor ds. klienta odpowiada za relacje firmy ze wszystkimi klientami.", ZH),
        ("Stanowisko powstało w 1999 roku.", ZH),
        ("Pozyskanie nowego klienta kosztuje pięć razy więcej niż utrzymanie obecnego.", ZH_FIGURES),
        ("首席客户官负责公司与客户的关系。", PL),
        ("客戶長直接向執行長報告。", "Dyrektor ds. klienta podlega bezpośrednio prezesowi zarządu."),
        (
            "流失率是指一段时间内离开的客户比例。",
            "Wskaźnik odejść to odsetek klientów, którzy odeszli w danym okresie.",
        ),
        ("前100天，首席客户官要倾听客户和员工。", "Przez pierwsze sto dni CCO słucha klientów i pracowników."),
    ],
)
def test_what_the_quote_says_in_another_language_is_supported(sentence: str, quote: str) -> None:
    assert support(sentence, quote, cosine=0.5) >= OTHER_LANGUAGE


WRONG = {
    "figure": ("这个职位在1998年首次设立。", ZH),
    "figure in words": ("获取新客户的成本是留住老客户的三倍。", ZH_FIGURES),
    "share for a count": ("公司每年流失20个客户。", ZH_FIGURES),
    "another scale": ("Netflix zwiększył w 2015 roku przychody do 3,5 mld zł.", PL_FIGURES),
    "figure left of a scale": ("Netflix zwiększył w 2015 roku przychody do 3,5 zł.", PL_FIGURES),
    "year": ("Netflix zwiększył przychody o 20 proc. w 2016 roku.", PL_FIGURES),
    "role": ("首席营销官负责公司与全体客户的关系。", ZH),
    "role, pl": ("Dyrektor marketingu odpowiada za relacje firmy ze wszystkimi klientami.", PL),
    "name": ("W 2015 roku Amazon zwiększył przychody o 20 proc.", PL_FIGURES),
    "unknown name": ("W 2015 roku Zubrex zwiększył przychody o 20 proc.", PL_FIGURES),
    "name in Chinese": ("阿里巴巴的首席客户官负责公司与全体客户的关系。", ZH),
    "denial": ("首席客户官不负责公司与全体客户的关系。", ZH),
    "denial, pl": ("Dyrektor ds. klienta nie odpowiada za relacje firmy ze wszystkimi klientami.", PL),
    "denial taken away": ("Dyrektor podlega prezesowi.", "Dyrektor nie podlega prezesowi."),
    "denial in one clause": (
        "首席客户官负责销售，负责客户体验。",
        "首席客户官不负责销售，负责客户体验。",
    ),
    "no word": ("！？", ZH),
    "one word": ("公司。", ZH),
}


@pytest.mark.parametrize(("sentence", "quote"), WRONG.values(), ids=WRONG.keys())
def test_the_right_words_with_the_wrong_fact_have_no_support_at_all(sentence: str, quote: str) -> None:
    assert support(sentence, quote) == 0.0


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Stanowisko powstało w 1998 roku.", ZH),
        ("Dyrektor marketingu odpowiada za relacje firmy z klientami.", ZH),
        ("Dyrektor ds. klienta nie odpowiada za relacje firmy z klientami.", ZH),
        ("亚马逊的首席客户官负责公司与客户的关系。", PL),
        ("首席客户官不负责公司与客户的关系。", PL),
    ],
)
def test_a_wrong_fact_is_wrong_in_another_language_however_near_the_model_finds_it(sentence: str, quote: str) -> None:
    assert support(sentence, quote, cosine=1.0) == 0.0


def test_repeating_the_question_supports_nothing() -> None:
    sentence, question = "首席客户官负责偷税。", "首席客户官负责什么？"
    assert support(sentence, ZH, question=question) == 0.0
    assert support("首席客户官负责公司与客户的关系。", ZH, question=question) >= SAME_LANGUAGE


def test_a_role_may_come_from_the_title_a_figure_may_not() -> None:
    sentence, quote = "首席客户官负责公司与全体客户的关系。", "他负责公司与全体客户的关系。"
    assert support(sentence, quote) == 0.0
    assert support(sentence, quote, context="首席客户官是谁") == 1.0
    assert support("公司每年流失20%的客户。", "公司每年流失客户。", context="20%的客户") == 0.0


def test_a_title_lends_its_role_to_no_quote_about_another() -> None:
    sentence, quote = "首席体验官向首席执行官汇报。", "CMO podlega zazwyczaj bezpośrednio prezesowi (CEO)."
    assert support(sentence, quote, context="CXO a CMO", cosine=1.0) == 0.0


def test_a_metric_is_not_its_opposite() -> None:
    quote = "Wskaźnik retencji to odsetek klientów z początku okresu, którzy na jego końcu nadal są klientami."
    assert support("流失率是某一时期内离开的客户所占的比例。", quote, cosine=0.6) == 0.0
    assert support("留存率是某一时期内留下的客户所占的比例。", quote, cosine=0.6) > 0.0


def test_in_another_language_words_and_model_are_both_heard() -> None:
    sentence = "Dyrektor ds. klienta odpowiada za relacje firmy z klientami."
    far, near = (support(sentence, ZH, cosine=cosine) for cosine in (0.0, 0.6))
    assert near - far == pytest.approx(0.5)
    assert far < OTHER_LANGUAGE <= near


# -------------------------------------------------------------------------------------------- over the shipped texts


@pytest.fixture(scope="module")
def passages() -> list[list[str]]:
    """The sentences of every passage of the shipped texts."""
    return [
        [document.text[start:end] for start, end in passage.sentences]
        for document in shipped_documents()
        for passage in passages_of(document)
    ]


@pytest.mark.slow
def test_every_shipped_sentence_bears_itself_out(passages: list[list[str]]) -> None:
    scores = [support(sentence, sentence) for sentences in passages for sentence in sentences]
    assert len(scores) > 500
    assert set(scores) == {1.0}


def test_a_sentence_rarely_bears_out_its_neighbour(passages: list[list[str]]) -> None:
    scores = [support(a, b) for sentences in passages for a in sentences for b in sentences if a != b]
    assert len(scores) > 3_000
    assert sum(score >= SAME_LANGUAGE for score in scores) / len(scores) < 0.01


def test_a_figure_that_is_changed_is_never_supported(passages: list[list[str]]) -> None:
    changed = 0
    for sentence in (sentence for sentences in passages for sentence in sentences):
        for match in re.finditer(r"(?<![\d.,])\d{1,4}(?![\d.,])", sentence):
            wrong = sentence[: match.start()] + str(int(match.group()) + 7_000) + sentence[match.end() :]
            assert support(wrong, sentence) == 0.0, wrong
            changed += 1
    assert changed > 50
