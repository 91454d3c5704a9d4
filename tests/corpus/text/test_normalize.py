"""The search form: one for sources and questions, whatever script and width they are typed in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.normalize import search_form, to_script, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ＣＣＯ　２０２６", "cco 2026"),
        ("ﬁnanse ①②③ ㈱ ½", "finanse 123 (株) 1⁄2"),
        ("ｶｽﾀﾏｰ", "カスタマー"),
        ("客戶體驗", "客户体验"),
        ("網際網路", "互联网"),
        ("軟體與硬體", "软件与硬件"),
        ("文件", "文档"),
        ("  Wartość\tKLIENTA \n w\u00a0czasie ", "wartość klienta w czasie"),
        ("soft\u00adhyphen zero\u200bwidth \ufeffmark", "softhyphen zerowidth mark"),
        ("𠮷野家", "𠮷野家"),
        ("STRASSE Straße", "strasse strasse"),
        ("e\u0301 z\u0307", "é ż"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_the_search_form(text: str, form: str) -> None:
    assert search_form(text) == form


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("客戶長", "客户长"),
        ("網際網路", "互联网"),
        ("資料庫裡的資訊", "数据库里的信息"),
        ("滑鼠與軟體", "鼠标与软件"),
        ("後來的頭髮", "后来的头发"),
    ],
)
def test_traditional_and_simplified_words_have_one_form(traditional: str, simplified: str) -> None:
    assert search_form(traditional) == search_form(simplified)


@pytest.mark.parametrize(
    "text",
    [
        "一支援助团队",
        "中介面对的投诉",
        "加快取货速度",
        "一系列印刷品",
        "储存取款",
        "绿植物件数",
        "礼物件数",
        "边境线上的路线上",
        "蚌埠開埠以前",
        "杜登出版了中文字典",
    ],
)
def test_a_phrase_that_reaches_over_the_border_of_a_word_is_none(text: str) -> None:
    assert search_form(text) == to_simplified(text)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("使用者介面對了", "用户接口对了"),
        ("核心技術與核心", "内核技术与内核"),
        ("加上快取記憶體", "加上高速缓存"),
        ("印表機能列印物件", "打印机能打印对象"),
        ("程式化的電子裝置", "程序化的电子设备"),
        ("矽谷的矽", "硅谷的硅"),
        ("第八十埠", "第八十端口"),
    ],
)
def test_a_phrase_that_is_a_word_or_a_words_part_is_said_as_on_the_mainland(traditional: str, simplified: str) -> None:
    assert search_form(traditional) == simplified


def test_composed_and_decomposed_letters_have_one_form() -> None:
    assert search_form("zażo\u0301łć") == search_form("zaz\u0307ółć") == "zażółć"


@given(st.text(max_size=60))
def test_white_space_is_folded_and_trimmed_in_any_text(text: str) -> None:
    form = search_form(text)
    assert form == " ".join(form.split())
    assert search_form(f"\n {text}\t\u3000") == form


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=40))
def test_character_conversion_keeps_the_length(text: str) -> None:
    assert len(to_simplified(text)) == len(to_traditional(text)) == len(text)


def test_conversion_for_reading_is_in_the_readers_script_and_changes_no_word() -> None:
    assert to_script("服务对象里的客户体验", "zh-Hant") == "服務對象裡的客戶體驗"
    assert to_script("網際網路裡以客戶為核心的指標", "zh-Hans") == "网际网路里以客户为核心的指标"
    assert to_simplified("網際網路") == "网际网路"
    assert to_traditional("网际网路") == "網際網路"
