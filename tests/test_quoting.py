"""What is quoted: the words that answer, sources that contradict each other, each side of a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import Answer, KnowledgeBase, Settings
from kb.expressions import Sort, expressions
from kb.questions import sorts_wanted
from tests.fakes import FakeEncoder, document


def base_of(tmp_path: Path, *texts: str) -> KnowledgeBase:
    documents = [document(f"text-{number}", text) for number, text in enumerate(texts)]
    return KnowledgeBase.of_documents(documents, settings=Settings(index=tmp_path / "index"), encoder=FakeEncoder())


def marked(answer: Answer) -> list[str]:
    """Return the words that are marked, each where the document has them."""
    return [
        citation.quote[a - citation.start : b - citation.start]
        for citation in answer.citations
        for a, b in citation.marks
    ]


# ---------------------------------------------------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("三千名員工", [(Sort.COUNT, "三千名")]),
        ("百分之十二", [(Sort.SHARE, "百分之十二")]),
        ("20世纪90年代", [(Sort.DATE, "20世纪90年代")]),
        ("29个月", [(Sort.DURATION, "29个月")]),
        ("250 tys. zł", [(Sort.MONEY, "250 tys. zł")]),
        ("dwóch lat", [(Sort.DURATION, "dwóch lat")]),
        ("一个部门", []),
    ],
)
def test_figures_and_dates_are_told_apart(text: str, told: list[tuple[Sort, str]]) -> None:
    found = [(e.sort, text[e.start : e.end]) for e in expressions(text) if e.sort not in (Sort.ROLE, Sort.PERSON)]
    assert found == told


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Voxeo的Anne Bowman任CCO，向CEO汇报。", ["Anne Bowman"]),
        ("三位作者：尼克．梅塔、林肯．墨菲。", ["尼克．梅塔", "林肯．墨菲"]),
        ("W Warszawie mówi o tym Łukasz Żółć. John F. Kennedy też.", ["Łukasz Żółć", "John F. Kennedy"]),
        ("CXO mają Citizens Financial Group, General Motors i TGI Fridays.", []),
        ("Chief Customer Officer liczy Net Promoter Score.", []),
    ],
)
def test_organisations_roles_and_measures_are_nobodys_names(text: str, people: list[str]) -> None:
    found = [text[e.start : e.end] for e in expressions(text) if e.sort is Sort.PERSON]
    assert [name for name in found if not any(name != other and name in other for other in found)] == people


def test_what_a_question_wants_is_read_off_its_words() -> None:
    assert sorts_wanted("客户长的年薪是多少？") == {Sort.MONEY}
    assert sorts_wanted("Jak długo trwa kadencja?") == {Sort.DURATION}
    assert sorts_wanted("客戶長向誰匯報？") == {Sort.PERSON, Sort.ROLE}
    assert sorts_wanted("什么是客户长？") == frozenset()


# ------------------------------------------------------------------------------------------------------ differences

DOGS = "狗喜欢散步。狗每天散步两次。"


@pytest.mark.model
def test_two_sources_with_two_figures_are_both_shown_and_named(tmp_path: Path) -> None:
    base = base_of(tmp_path, "猫俱乐部现有300名会员。会员每周见面。", "猫俱乐部现有500名会员。地点在城里。", DOGS)
    answer = base.ask("猫俱乐部有多少名会员？")
    (difference,) = answer.differences
    cited = {citation.number: citation.quote for citation in answer.citations}
    assert {(cited[n], said) for n, said in zip(difference.citations, difference.said, strict=True)} == {
        ("猫俱乐部现有300名会员。", "300名"),
        ("猫俱乐部现有500名会员。", "500名"),
    }
    assert answer.note.startswith("资料的说法不一致：")
    assert "300名" in answer.note and "500名" in answer.note
    assert {"300名", "500名"} <= set(marked(answer))


@pytest.mark.model
@pytest.mark.parametrize(
    "other",
    [
        "猫俱乐部现有300名会员。地点在城里。",
        "鸟俱乐部现有500名会员。地点在城里。",
        "猫俱乐部现有500个杯子。地点在城里。",
    ],
)
def test_the_same_figure_another_subject_and_another_unit_are_no_contradiction(tmp_path: Path, other: str) -> None:
    answer = base_of(tmp_path, "猫俱乐部现有300名会员。会员每周见面。", other, DOGS).ask("猫俱乐部有多少名会员？")
    assert answer.differences == ()
    assert answer.note == ""


# --------------------------------------------------------------------------------------------------- on real texts


def test_a_comparison_speaks_of_both_sides(shipped_base: KnowledgeBase) -> None:
    for question, sides in (
        ("首席客户官和首席营销官有什么区别？", ("首席客户官", "首席营销官")),
        ("Czym różni się CCO od COO?", ("CCO", "COO")),
    ):
        answer = shipped_base.ask(question)
        said = " ".join(sentence.text for sentence in answer.sentences)
        assert answer.answered and all(side in said for side in sides)


def test_an_unknown_name_is_refused_and_what_the_texts_do_answer_is_offered(shipped_base: KnowledgeBase) -> None:
    for question, language in (
        ("阿里巴巴的首席客户官是谁?", "zh-Hans"),
        ("阿里巴巴的首席客戶官是誰？", "zh-Hant"),
        ("Ile zarabia CXO w Orlenie?", "pl"),
    ):
        answer = shipped_base.ask(question)
        assert not answer.answered and answer.hits and answer.language == language
        assert 1 <= len(answer.suggestions) <= 3
        for suggestion in answer.suggestions:
            offered = shipped_base.ask(suggestion)
            assert offered.answered and offered.language == language


def test_the_same_question_gets_the_same_answer_on_any_number_of_threads(shipped_base: KnowledgeBase) -> None:
    import torch

    before = torch.get_num_threads()
    told = []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            answers = [shipped_base.ask(q).to_json() for q in ("客戶長是做什麼的?", "Komu podlega CXO?", "NPS怎么算？")]
            told.append([{key: value for key, value in a.items() if key != "timings_ms"} for a in answers])
    finally:
        torch.set_num_threads(before)
    assert told[0] == told[1] == told[2]


def test_a_list_is_answered_as_a_whole(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Jakie są zadania CMO?")
    told = [sentence.text for sentence in answer.sentences]
    assert told[0].startswith("CMO dochodzi do tego celu na siedmiu polach") and len(told) == 8
    assert "CMO ustala ceny" in told[6]
