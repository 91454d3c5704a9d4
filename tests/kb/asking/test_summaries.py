"""What the sources are, and what one of them or several say in short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb import KnowledgeBase
from kb.asking import answered
from kb.asking.summaries import MOST_SENTENCES, document_meant, on_subject, overview, summary


def test_the_library_is_told_by_titles_in_the_readers_language_first(
    shipped_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = overview(shipped_base.snapshot, shipped_base.question("O czym są te dokumenty?"))
    assert (len(whole.sentences), whole.note) == (len(shipped_base.documents()), "")
    monkeypatch.setattr("kb.asking.summaries.MOST_DOCUMENTS", 12)
    told = overview(shipped_base.snapshot, shipped_base.question("O czym są te dokumenty?"))
    documents = shipped_base.documents()
    assert told.lead == f"Dokumenty w bibliotece ({len(documents)}):"
    own = sum(document.language == "pl" for document in documents)
    assert [c.language == "pl" for c in told.citations] == [True] * own + [False] * (12 - own)
    assert len(told.sentences) == 12
    assert told.note == f"Pokazano 12 z {len(documents)} dokumentów; wszystkie są na stronie biblioteki."
    first = shipped_base.document(told.citations[0].document_id)
    assert told.sentences[0].label.startswith(f"{first.title} (polski")
    for citation in told.citations:
        text = shipped_base.document(citation.document_id).text
        assert text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("总结一下《NPS、CSAT、CES：三個指標各問一件事》", "nps-csat-ces"),
        ("幫我整理流失率那篇", "liushilv-yu-liucun"),
        ("streść tekst o pierwszych stu dniach", "pierwsze-sto-dni"),
        ("summarize the article on CXO and CMO", "cxo-a-cmo"),
        ("what do you know about churn?", None),
    ],
)
def test_which_document_is_meant(shipped_base: KnowledgeBase, question: str, document: str | None) -> None:
    asked = shipped_base.question(question)
    found = document_meant(shipped_base.snapshot, asked)
    assert (found.id if found else None) == document


def test_a_summary_is_a_few_sentences_in_the_documents_order_none_said_twice(shipped_base: KnowledgeBase) -> None:
    document = shipped_base.document("nps-csat-ces")
    told = summary(shipped_base.snapshot, shipped_base.question("總結這篇"), document)
    places = [citation.start for citation in told.citations]
    assert 3 <= len(places) <= MOST_SENTENCES and places == sorted(set(places))
    assert {citation.document_id for citation in told.citations} == {document.id}
    assert told.sentences[0].text.startswith("淨推薦值（Net Promoter Score，NPS）是")


def test_a_subject_is_told_by_sentences_that_name_it(shipped_base: KnowledgeBase) -> None:
    question = "what do you know about churn?"
    told = on_subject(shipped_base.snapshot, shipped_base.question(question), shipped_base.search(question))
    assert 3 <= len(told.sentences) <= MOST_SENTENCES
    assert all("churn" in sentence.text.casefold() for sentence in told.sentences)
    assert told.lead.startswith("According to")


def test_only_texts_of_the_languages_asked_for_are_told_and_summed_up(shipped_base: KnowledgeBase) -> None:
    told = shipped_base.ask("O czym są te dokumenty?", languages=["zh-Hant"])
    assert told.kind == "overview" and {citation.language for citation in told.citations} == {"zh-Hant"}
    asked = shipped_base.question("streść tekst o pierwszych stu dniach")
    assert document_meant(shipped_base.snapshot, asked, ["zh-Hans"]) is None


def test_the_other_script_comes_after_ones_own(shipped_base: KnowledgeBase) -> None:
    told = overview(shipped_base.snapshot, shipped_base.question("這裡有哪些文件？"))
    tags = [citation.language for citation in told.citations]
    assert tags[0] == "zh-Hant" and tags == sorted(tags, key=["zh-Hant", "zh-Hans", "pl"].index)


def test_of_no_document_nothing_is_told(shipped_base: KnowledgeBase) -> None:
    told = shipped_base.ask("O czym są te dokumenty?", languages=["en"])
    assert not told.answered and told.confidence == 0.0 and told.citations == ()


def test_what_is_told_of_whole_documents_no_model_is_asked_for(
    shipped_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answered, "_worded", lambda *_: pytest.fail("it was asked"))
    monkeypatch.setattr(shipped_base, "_in_use", replace(shipped_base._in_use, llm=object()))
    assert shipped_base.ask("O czym są te dokumenty?").engine == "extractive"
    assert shipped_base.ask("幫我整理流失率那篇").engine == "extractive"
