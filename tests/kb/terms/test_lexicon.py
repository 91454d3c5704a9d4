"""Other names for the words of a question: concepts, the glossary, and abbreviations with several meanings."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest

from corpus.text.normalize import to_simplified, to_traditional
from corpus.text.segment import lexical_tokens
from kb.terms.concepts import KINDS, UnknownConcept, concepts, found
from kb.terms.lexicon import Lexicon
from kb.terms.names import name_phrase
from kb.terms.senses import saying_any
from retrieval.index.contents import Contents
from retrieval.index.snapshot import Snapshot
from retrieval.languages.probes import measure
from tests.helpers.fakes import FakeEncoder, document

CUSTOMER, COMPLIANCE = "chief-customer-officer", "chief-compliance-officer"


def snapshot(*texts: str) -> Snapshot:
    """An index of texts, each a document without a title."""
    encoder = FakeEncoder()
    documents = [document(str(number), text, title="") for number, text in enumerate(texts)]
    return Snapshot.build(Contents.encode(documents, encoder), measure(encoder))


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def documents_of(lexicon: Lexicon, concept: str, opened: Snapshot) -> set[str]:
    numbers = lexicon.speaking_of(found(concept, lexicon.concepts)[0], opened)
    return {opened.contents.passages[number].document_id for number in numbers}


# ------------------------------------------------------------------------------------------------------ the concepts


def test_there_are_concepts_of_every_kind_with_names_in_every_language() -> None:
    assert len(concepts()) >= 80
    assert {concept.kind for concept in concepts()} == set(KINDS)
    for concept in concepts():
        assert all(concept.names.get(tag) for tag in ("zh-Hans", "zh-Hant", "pl", "en")), concept.id


def test_ids_and_full_names_are_each_one_concepts() -> None:
    ids = [concept.id for concept in concepts()]
    assert len(set(ids)) == len(ids)
    owners: dict[str, str] = {}
    for concept in concepts():
        for name in concept.all_names():
            form = to_simplified(name.casefold())
            assert owners.setdefault(form, concept.id) == concept.id, name


def test_chinese_names_are_in_the_script_that_they_are_filed_under() -> None:
    for concept in concepts():
        assert all(to_simplified(name) == name for name in concept.names["zh-Hans"]), concept.id
        for name in chain(concept.names["zh-Hant"], concept.names.get("zh-Hant-HK", ())):
            assert any(to_traditional(c) == c for c in name), name


def test_a_concept_is_found_by_any_of_its_names() -> None:
    for name in ("客户长", "客戶長", "首席客户官", "Chief customer officer", "dyrektor ds. klienta", CUSTOMER):
        assert [concept.id for concept in found(name, concepts())] == [CUSTOMER]
    assert len(found("cco", concepts())) == 4
    with pytest.raises(UnknownConcept, match=r"did you mean .*chief-customer-officer"):
        found("customer off", concepts())
    with pytest.raises(UnknownConcept, match="cco concepts lists them"):
        found("qwertz", concepts())


def test_jieba_keeps_the_names_of_concepts_whole(lexicon: Lexicon) -> None:
    assert "h首席客户官" in lexical_tokens("首席客戶官由誰任命？")


# ------------------------------------------------------------------------------------------------------- a question


def test_a_name_reaches_the_texts_in_every_language_as_an_expansion(lexicon: Lexicon) -> None:
    opened = snapshot(
        "客户长直接向首席执行官汇报，负责全部客户关系。",
        "Dyrektor ds. klienta dba o relacje z klientami.",
        "客戶長是新的職位，許多公司都設了。",
        "The Chief Customer Officer leads the customer team.",
        "Dyrektor finansowy liczy pieniądze klienta w banku. Reszta ds. nie ma znaczenia.",
    )
    (word,) = lexicon.expand("Kim jest dyrektor ds. klienta?", "pl", opened)
    assert set(word.own_passages.tolist()) == {1}
    assert set(word.other_passages.tolist()) == {0, 2, 3}
    hits = opened.search(opened.question("Kim jest dyrektor ds. klienta?", FakeEncoder(), "pl", (word,)), mode="sparse")
    assert hits[0].passage.document_id == "1"
    assert {hit.passage.document_id for hit in hits[:4]} == {"0", "1", "2", "3"}


def test_plain_words_are_looked_for_in_other_languages_only(lexicon: Lexicon) -> None:
    opened = snapshot("医生每天看病人。", "Lekarz przyjmuje rano.", "Doktor przyjmuje po południu.")
    (word,) = lexicon.expand("lekarze?", "pl", opened)
    assert (word.own_passages.tolist(), word.other_passages.tolist()) == ([1], [0])
    assert not word.synonyms


def test_a_polish_word_is_not_an_english_one_that_is_written_like_a_form_of_it(lexicon: Lexicon) -> None:
    # The pronoun „on" has the forms „nie" and „go"; to go is 走, 步行.
    opened = snapshot("我们步行去公司。", "Nie widział go nikt.", "We go to work.")
    nie, *_ = lexicon.expand("Nie wiem?", "pl", opened)
    assert (nie.said, nie.names, nie.other_passages.tolist()) == ("nie", (), [])
    go, *_ = lexicon.expand("go?", "en", opened)
    assert 0 in go.other_passages and "步行" in go.names


def test_an_english_name_is_not_found_in_polish_texts_nor_a_polish_one_in_english(lexicon: Lexicon) -> None:
    opened = snapshot("Nie widział go nikt.", "We go to work.", "Lubi chodzić do pracy.", "Idzie do domu.")
    (walk,) = lexicon.expand("步行？", "zh-Hans", opened)
    assert "go" in walk.names
    assert walk.other_passages.tolist() == [1, 2, 3]


def test_a_word_that_no_list_has_is_looked_for_as_it_is(lexicon: Lexicon) -> None:
    opened = snapshot("Zażółć gęślą jaźń.", "客户")
    (word,) = lexicon.expand("jaźń?", "pl", opened)
    assert (word.own_passages.tolist(), word.others) == ([0], ())


# ------------------------------------------------------------------------------------- abbreviations with rivals

COMPLIANCE_TEXT = "The Chief Compliance Officer (CCO) watches over the rules of the bank. The CCO signs every report."
CUSTOMER_TEXT = "首席客户官（CCO）负责客户关系。CCO要让客户满意。"


def test_a_document_decides_what_its_abbreviation_means(lexicon: Lexicon) -> None:
    opened = snapshot(COMPLIANCE_TEXT, CUSTOMER_TEXT, "CCO CCO 没有别的说明。")
    assert documents_of(lexicon, COMPLIANCE, opened) == {"0"}
    # What names none in full means what most texts here mean; of equals the first of the list.
    assert documents_of(lexicon, CUSTOMER, opened) == {"1", "2"}


def test_the_texts_decide_what_a_question_means(lexicon: Lexicon) -> None:
    bank = snapshot(COMPLIANCE_TEXT, "首席合规官管合规。", "Dyrektor ds. zgodności pilnuje przepisów.")
    shop = snapshot(CUSTOMER_TEXT, "客户长很重要。", "Dyrektor ds. klienta pilnuje obietnic.")
    for opened, expected in ((bank, {0, 1, 2}), (shop, {0, 1, 2})):
        (word,) = lexicon.expand("CCO?", "en", opened)
        assert set(np.union1d(word.own_passages, word.other_passages).tolist()) == expected


def test_the_questions_own_words_decide_first(lexicon: Lexicon) -> None:
    opened = snapshot(CUSTOMER_TEXT, "客户长很重要。", "首席合规官管合规。")

    def others(question: str) -> set[int]:
        word = next(w for w in lexicon.expand(question, "zh-Hans", opened) if ("lcco", "scco") in w.own)
        return set(word.other_passages.tolist())

    assert others("CCO做什么？") == {1}
    assert others("合规方面的CCO做什么？") == {2}


def test_words_apart_are_not_a_name() -> None:
    opened = snapshot("Dyrektor sprzedaży wyszedł. Klient czekał na ds. reklamacji.", "Dyrektor ds. klienta wrócił.")
    assert saying_any(opened, [name_phrase("dyrektor ds. klienta")]).tolist() == [1]
