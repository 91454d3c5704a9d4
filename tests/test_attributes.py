"""What a question asks of its subject, and whether a text has a word for it."""

import pytest

from kb.attributes import attributes_asked, untold


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("这位首席客户官今年多大？", "age"),
        ("這位客戶長今年幾歲？", "age"),
        ("Ile lat ma nowa dyrektor ds. klienta?", "age"),
        ("一套客户成功软件要多少钱？", "price"),
        ("導入這套系統的預算是多少？", "price"),
        ("Ile kosztuje wdrożenie programu lojalnościowego?", "price"),
        ("公司总部在哪里？", "seat"),
        ("這家公司的總部設在哪個城市？", "seat"),
        ("Gdzie firma ma siedzibę?", "seat"),
        ("客户体验团队有几个人？", "staff"),
        ("Ilu pracowników liczy zespół?", "staff"),
        ("首席客户官向谁汇报？", "reports"),
        ("客戶長要向誰報告？", "reports"),
        ("Komu podlega dyrektor ds. klienta?", "reports"),
        ("多久做一次满意度调查？", "frequency"),
        ("Jak często bada się zadowolenie klientów?", "frequency"),
        ("Która firma ma najwyższy wskaźnik NPS?", "most"),
        ("畫一張旅程圖要花多久？", "duration"),
        ("Ile tygodni trwa wdrożenie?", "duration"),
        ("部门之间意见不合，谁说了算？", "decides"),
        ("健康分數低於多少要擔心？", "threshold"),
        ("Kto powołuje radę klienta?", "appoints"),
        ("小米的首席客户官是谁？", "person"),
        ("Kto jest dyrektorem ds. klienta w mBanku?", "person"),
    ],
)
def test_a_question_asks_for_an_attribute(question: str, asked: str) -> None:
    assert asked in [found.attribute for found in attributes_asked(question)]


@pytest.mark.parametrize(
    "question",
    [
        "首席客户官做些什么？",
        "什麼是客戶旅程？",
        "Co to jest mapa podróży klienta?",
        "什么时候适合做满意度调查？",
        "Kiedy warto pytać klientów o opinię?",
    ],
)
def test_a_question_for_the_subject_itself_asks_for_none(question: str) -> None:
    assert attributes_asked(question) == ()
    assert untold(attributes_asked(question), "") == 0


@pytest.mark.parametrize(
    ("question", "telling", "beside_the_point"),
    [
        ("这位首席客户官今年多大？", "她出生于1968年。", "她在公司工作了很久。"),
        ("這位客戶長今年幾歲？", "他今年五十二歲。", "他負責整個客戶部門。"),
        ("Ile kosztuje wdrożenie?", "Nakłady zwróciły się po roku.", "Wdrożenie trwało pół roku."),
        ("Komu podlega dyrektor ds. klienta?", "Dyrektor raportuje prezesowi.", "Dyrektor kieruje działem obsługi."),
        ("小米的首席客户官是谁？", "客户官由Anne Smith担任。", "小米有一位首席客户官。"),
        ("公司总部在哪个城市？", "Siedziba firmy mieści się w Łodzi.", "Firma sprzedaje meble."),
    ],
)
def test_a_text_tells_an_attribute_or_has_no_word_for_it(question: str, telling: str, beside_the_point: str) -> None:
    asked = attributes_asked(question)
    assert untold(asked, telling) < untold(asked, beside_the_point) == len(asked)
