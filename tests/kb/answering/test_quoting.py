"""What is quoted: the words that answer, sources that contradict each other, each side of a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import Answer, KnowledgeBase, Settings
from tests.helpers.fakes import FakeEncoder, document


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


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "one", "other", "differ"),
    [
        ("貓俱樂部什麼時候成立？", "貓俱樂部成立於1998年。", "貓俱樂部於2001年3月成立。", True),
        ("Jak długo śpią koty?", "Koty śpią 16 godzin na dobę.", "Koty śpią 12 godzin na dobę.", True),
        ("猫一天睡几个小时？", "猫一天睡16个小时。", "猫一天睡十六个小时。", False),
        ("猫一天睡多久？", "猫一天睡16小时。", "猫一天睡700分钟。", False),
        ("猫俱乐部有多少名会员？", "2019年猫俱乐部有300名会员。", "2021年猫俱乐部有500名会员。", False),
        ("猫俱乐部做什么？", "猫俱乐部每周举办2次聚会，并照顾流浪猫。", "猫俱乐部每周举办3次讲座，还出版杂志。", False),
    ],
)
def test_only_figures_and_dates_that_exclude_each_other_differ(
    tmp_path: Path, question: str, one: str, other: str, differ: bool
) -> None:
    assert bool(base_of(tmp_path, one, other, DOGS).ask(question).differences) is differ


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


def test_a_list_is_answered_as_a_whole(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("Jakie są zadania CMO?")
    told = [sentence.text for sentence in answer.sentences]
    assert told[0].startswith("CMO dochodzi do tego celu na siedmiu polach") and len(told) == 8
    assert "CMO ustala ceny" in told[6]
