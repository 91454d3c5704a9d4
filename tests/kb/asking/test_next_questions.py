"""What is offered to be asked next, and what a concept is said to be: only what the texts do answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.text.language import detect_language
from kb import KnowledgeBase
from kb.answering.treatment import TREATMENTS
from kb.asking.next_questions import SURE_ENOUGH
from kb.suggestions.definitions import definition_of, question_about
from retrieval.models.encoder import Encoder

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


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "pl", "en"])
def test_the_questions_to_begin_with_are_in_the_page_s_language_and_answered(
    shipped_base: KnowledgeBase, language: str
) -> None:
    offered = shipped_base.first_questions(language)
    assert len(set(offered)) == 3
    for question in offered:
        answer = shipped_base.ask(question)
        assert detect_language(question)[:2] == language[:2]
        assert answer.answered
        assert answer.confidence >= SURE_ENOUGH


def test_a_library_on_something_else_is_asked_what_it_is(tmp_path: Path, bundled_encoder: Encoder) -> None:
    file = tmp_path / "koty.md"
    file.write_text("# O kotach\n\nKot śpi szesnaście godzin na dobę. Poluje o zmierzchu.\n", encoding="utf-8")
    base = KnowledgeBase.build([file], tmp_path / "index", encoder=bundled_encoder)
    what, summed_up = base.first_questions("pl")
    assert what == "Jakie są tu dokumenty?"
    assert summed_up.startswith("Streść tekst „")
    assert all(TREATMENTS[base.question(asked).kind].means != "reading" for asked in (what, summed_up))


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
