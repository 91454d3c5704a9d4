"""Things compared: which they are, what contrasts them, and what each is said to be."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from kb.asking.comparison import sides_of


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Porównaj NPS i CSAT", ["NPS", "CSAT"]),
        ("Account Owner和Opportunity Owner的区别", ["Account Owner", "Opportunity Owner"]),
        ("客戶長跟行銷長有什麼不同", ["客戶長", "行銷長"]),
        ("NPS、CSAT、CES三个指标有什么不同？", ["NPS", "CSAT", "CES"]),
        ("what is the difference between CCO and CMO?", ["CCO", "CMO"]),
        ("NPS怎么算？", []),
        ("Kto wymyślił NPS i CSAT?", []),
        ("Porównaj wyniki", []),
        ("Czym różni się CXO?", []),
    ],
)
def test_what_is_compared(shipped_base: KnowledgeBase, question: str, sides: list[str]) -> None:
    assert [side.shown for side in sides_of(shipped_base.question(question))] == sides


@pytest.mark.parametrize(
    ("question", "labels", "language"),
    [
        ("Czym różni się CXO od CMO?", ["", "CXO", "CMO"], "pl"),
        ("NPS、CSAT與CES有什麼差別？", ["", "NPS", "CSAT", "CES"], "zh-Hant"),
    ],
)
def test_the_contrast_comes_first_then_each_side_under_its_name(
    shipped_base: KnowledgeBase, question: str, labels: list[str], language: str
) -> None:
    answer = shipped_base.ask(question)
    assert [sentence.label for sentence in answer.sentences] == labels
    assert all(label in answer.sentences[0].text for label in labels[1:])
    assert {citation.language for citation in answer.citations} == {language} and answer.lead == ""
    for sentence in answer.sentences[1:]:
        assert sentence.label in sentence.text
        assert f"{sentence.label}: {sentence.text} [{sentence.citations[0]}]" in answer.text.split("\n")
    for citation in answer.citations:
        text = shipped_base.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote


def test_what_only_another_language_tells_is_said_to_be_quoted_from_it(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Porównaj NPS i CSAT")
    assert answer.lead == "Według chińskiego źródła „NPS、CSAT、CES：三個指標各問一件事”:"
    assert answer.text.startswith(answer.lead)
