"""The answers to several questions of one message: taken apart, answered or refused each by itself, put together."""

from __future__ import annotations

from kb import KnowledgeBase


def test_each_question_is_answered_and_the_citations_are_numbered_through(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("什么是NPS？怎么算？")
    assert [part.question for part in answer.parts] == ["什么是NPS？", "怎么算？"]
    assert answer.parts[1].completed.startswith("NPS")
    assert all(part.answered for part in answer.parts)
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert answer.citations == tuple(citation for part in answer.parts for citation in part.citations)
    for part in answer.parts:
        assert {number for said in part.sentences for number in said.citations} == {c.number for c in part.citations}
        assert all(f"[{citation.number}]" in part.text for citation in part.citations)
        assert part.text in answer.text
    assert answer.confidence == min(part.confidence for part in answer.parts)
    told = answer.to_json()
    assert [part["question"] for part in told["parts"]] == ["什么是NPS？", "怎么算？"]


def test_one_half_may_be_refused(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Komu podlega CXO? Jaka jest stolica Australii?")
    assert [part.answered for part in answer.parts] == [True, False]
    assert answer.answered and answer.confidence == answer.parts[0].confidence
    assert answer.parts[1].text in answer.text


def test_where_all_are_refused_the_whole_is(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Jaka jest stolica Australii? Kto wygrał mundial w 1998 roku?")
    assert not answer.answered and answer.citations == () and len(answer.parts) == 2
    assert answer.suggestions == next((part.suggestions for part in answer.parts if part.suggestions), ())
