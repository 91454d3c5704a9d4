"""An answer gone on with: one of its items, or what its source says next."""

from __future__ import annotations

import pytest

from kb import KnowledgeBase
from kb.answering.answers import Refusal
from kb.asking.continuing import AT_ONCE

LIST = "客户总监有哪些素质？"


@pytest.mark.parametrize(
    ("message", "opens"),
    [("那第二个呢？", "第二项素质是"), ("第三个为什么重要？", "第三项素质是"), ("最后一个呢", "第六项素质是")],
)
def test_an_item_is_told_with_what_explains_it(shipped_base: KnowledgeBase, message: str, opens: str) -> None:
    answer = shipped_base.ask(message, history=[LIST])
    assert answer.answered
    assert answer.sentences[0].text.startswith(opens)
    assert len(answer.sentences) == 2
    assert not answer.sentences[1].text.startswith("第")
    for citation in answer.citations:
        text = shipped_base.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote


def test_an_item_is_found_behind_thanks_and_another_question(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("第二个呢", history=[LIST, "谢谢", "什么是CES？"])
    assert answer.sentences[0].text.startswith("第二项素质是")


def test_an_item_that_there_is_not_is_asked_for_as_before(shipped_base: KnowledgeBase) -> None:
    assert not shipped_base.ask("第九个呢？", history=[LIST]).text.startswith("第")


def test_more_is_what_the_source_says_next_until_it_says_no_more(shipped_base: KnowledgeBase) -> None:
    history = ["什么是CES？"]
    told = [shipped_base.ask(history[0])]
    document = shipped_base.document(told[0].citations[0].document_id)
    while told[-1].answered and len(history) < 12:
        history.append("还有呢？")
        told.append(shipped_base.ask(history[-1], history=history[:-1]))
    places = [citation.start for answer in told for citation in answer.citations]
    assert places == sorted(set(places))
    assert {c.document_id for answer in told for c in answer.citations} == {document.id}
    assert all(len(answer.sentences) <= AT_ONCE for answer in told)
    assert len(told) > 3
    assert told[-1].refusal is Refusal.FACT_MISSING
    assert told[-1].text.startswith("这份资料在这里没有更多内容了")


def test_more_of_nothing_is_not_made_up(shipped_base: KnowledgeBase) -> None:
    assert not shipped_base.ask("继续", history=["你好"]).answered
