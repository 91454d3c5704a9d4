"""What is offered to be asked next, and what a concept is said to be: only what the texts do answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.text.language import detect_language
from kb import KnowledgeBase
from kb.suggestions.definitions import definition_of, question_about

ASKED = {
    "zh-Hans": "首席客户官和首席营销官有什么区别？",
    "zh-Hant": "客戶長是做什麼的？",
    "pl": "Komu podlega CXO?",
}


@pytest.mark.parametrize("language", ASKED)
def test_every_question_offered_is_in_the_asker_s_language_and_answered(
    shipped_base: KnowledgeBase, language: str
) -> None:
    offered = shipped_base.next_questions(shipped_base.ask(ASKED[language]))
    assert 1 <= len(offered) <= 3 and len(set(offered)) == len(offered)
    assert ASKED[language] not in offered
    for question in offered:
        assert detect_language(question) == language
        assert shipped_base.ask(question).answered


def test_an_answer_that_names_no_concept_leads_nowhere(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Jaka jest stolica Australii?")
    assert shipped_base.next_questions(replace(answer, hits=())) == ()


@pytest.mark.parametrize(
    ("concept_id", "language", "words"),
    [
        (
            "customer-lifetime-value",
            "pl",
            "CLV (customer lifetime value), czyli wartość życiowa klienta, to suma marży",
        ),
        ("chief-marketing-officer", "zh-Hans", "首席营销官（CMO）是指统管品牌、市场传播和获客的高管。"),
        ("net-promoter-score", "zh-Hant", "淨推薦值（Net Promoter Score，NPS）是衡量客戶推薦意願的指標"),
    ],
)
def test_a_definition_is_a_sentence_of_the_texts_that_begins_with_the_concept(
    shipped_base: KnowledgeBase, concept_id: str, language: str, words: str
) -> None:
    concept = next(c for c in shipped_base.lexicon.concepts if c.id == concept_id)
    speaking = set(shipped_base.lexicon.speaking_of(concept, shipped_base.snapshot))
    found = definition_of(shipped_base, concept, language, speaking)
    assert found and found.sentences[0].text.startswith(words)
    (citation,) = found.citations
    assert shipped_base.document(citation.document_id).text[citation.start : citation.end] == citation.quote


def test_what_nobody_speaks_of_has_no_definition(shipped_base: KnowledgeBase) -> None:
    concept = shipped_base.lexicon.concepts[0]
    assert definition_of(shipped_base, concept, "pl", set()) is None
    assert question_about(concept, "pl") == "Kim jest dyrektor ds. klienta?"
