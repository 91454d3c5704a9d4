"""Follow-ups completed from the turns before, new topics left alone, and what that is worth on the shipped texts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import KnowledgeBase
from kb.evaluation.conversations import ConversationSet, compared, load_conversations
from kb.evaluation.figures.measures import holds_answer
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import load_question_set
from kb.question.conversation import completed
from kb.terms.lexicon import Lexicon
from tests.conftest import ROOT, SHIPPED_TEXTS
from ui.commands.evaluating import SHIPPED_CONVERSATIONS

LEXICON = Lexicon.load()


def asked(*turns: str) -> str:
    return completed(turns[-1], turns[:-1], LEXICON)


# ------------------------------------------------------------------------------------------------------- completion


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        (["客户长是做什么的？", "那他向谁汇报？"], "客户长向谁汇报？"),
        (["首席客户官是做什么的？", "跟CMO有什么区别？"], "首席客户官跟CMO有什么区别？"),
        (["首席客户官和首席营销官有什么区别？", "那和首席运营官呢？"], "首席客户官和首席运营官有什么区别？"),
        (["净推荐系统在Voxeo为什么走下坡路？", "这家公司的创始人是谁？"], "Voxeo的创始人是谁？"),
        (["Voxeo的首席客户官是谁？", "她管哪些部门？"], "Voxeo的首席客户官管哪些部门？"),
        (["IBM的客户代表考核看什么？", "他为什么要懂主营业务？"], "IBM的客户代表为什么要懂主营业务？"),
        (["什么是客户终身价值？", "公式是什么？"], "客户终身价值的公式是什么？"),
        (["客户终身价值怎么算？", "为什么？"], "客户终身价值怎么算？为什么？"),
        (["个体客户层面看什么指标？", "那细分市场层面呢？"], "细分市场层面看什么指标？"),
        (["客户长怎么管流失？", "举个例子？"], "关于客户长，举个例子？"),
    ],
)
def test_a_follow_up_in_simplified_chinese(turns: list[str], whole: str) -> None:
    assert asked(*turns) == whole


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        (["客戶長是做什麼的？", "那在台灣呢？"], "客戶長在台灣是做什麼的？"),
        (["客戶長在美國是做什麼的？", "那台灣呢？"], "客戶長在台灣是做什麼的？"),
        (["NPS 怎麼算？", "那 CSAT 呢？"], "CSAT 怎麼算？"),
        (["GRR是什麼？", "那NRR呢？", "兩者有什麼差別？"], "GRR和NRR有什麼差別？"),
        (["什麼是客戶費力度？", "誰提出的？"], "客戶費力度是誰提出的？"),
        (["服務藍圖是誰提出的？", "什麼時候？"], "服務藍圖是誰提出的？什麼時候？"),
        (["封閉迴路是什麼意思？", "分成哪兩圈？"], "封閉迴路分成哪兩圈？"),
        (["客戶長要怎麼管流失？", "第二件事是什麼？"], "客戶長要怎麼管流失？第二件事是什麼？"),
    ],
)
def test_a_follow_up_in_traditional_chinese(turns: list[str], whole: str) -> None:
    assert asked(*turns) == whole


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        (["Kim jest CXO?", "A czym się różni od CMO?"], "CXO: czym się różni od CMO?"),
        (["Kim jest CXO?", "A czym się różni od CMO?", "A komu podlega?"], "CXO: komu podlega?"),
        (["Komu podlega CXO?", "A CMO?"], "Komu podlega CMO?"),
        (["Komu podlega CXO?", "A w Polsce?"], "Komu podlega CXO w Polsce?"),
        (["Kim jest CXO?", "A co z dyrektorem marketingu?"], "Kim jest dyrektor marketingu?"),
        (["Co robi CCO w pierwszym miesiącu?", "A w drugim?"], "Co robi CCO w drugim miesiącu?"),
        (["Co to jest CLV?", "Jaki jest wzór?"], "CLV: jaki jest wzór?"),
        (["Jak obliczyć CLV?", "Dlaczego?"], "Jak obliczyć CLV? Dlaczego?"),
        (["Za co odpowiada dyrektor ds. klienta?", "A jego budżet?"], "Dyrektor ds. klienta: jego budżet?"),
        (["Co o CMO myśli David Clarke?", "A Liz Miller?"], "Co o CMO myśli Liz Miller?"),
        (["What is CLV?", "How is it calculated?"], "CLV: how is it calculated?"),
    ],
)
def test_a_follow_up_in_polish_and_english(turns: list[str], whole: str) -> None:
    assert asked(*turns) == whole


@pytest.mark.parametrize(
    ("turns", "whole"),
    [
        (["Kim jest CXO?", "那他向谁汇报？"], "CXO向谁汇报？"),
        (["客戶長是做什麼的？", "Komu podlega?"], "Dyrektor ds. klienta: komu podlega?"),
        (["Czym jest wskaźnik retencji klientów?", "它怎么算？"], "客户留存率怎么算？"),
        (["首席客户官是什么？", "那他跟行銷長怎麼分工？"], "首席客戶官跟行銷長怎麼分工？"),
    ],
)
def test_the_topic_is_named_in_the_language_of_the_question(turns: list[str], whole: str) -> None:
    assert asked(*turns) == whole


@pytest.mark.parametrize(
    "turns",
    [
        ["客户总监要具备哪些素质？", "那NPS怎么算？"],
        ["客户长是谁？", "今天天气怎么样？"],
        ["什么是客户资产？", "Voxeo的创始人是谁？"],
        ["客户长是谁？", "首席营销官和他的团队做什么？"],
        ["客戶長怎麼管流失？", "資訊長為什麼不會消失？"],
        ["封閉迴路是什麼？", "那關鍵時刻是什麼意思？"],
        ["Kim jest CXO?", "A co mierzy CLV?"],
        ["Kim jest CXO?", "A kim jest chief data officer?"],
        ["Kim jest CXO?", "Jak zrobić kawę?"],
        ["Kim jest CXO?", "Jaka jest dziś pogoda w Warszawie?"],
        ["Kim jest CXO?", "What is NPS?"],
        ["那他向谁汇报？"],
        ["???", "那他向谁汇报？"],
    ],
)
def test_a_question_with_a_subject_of_its_own_is_left_as_it_is(turns: list[str]) -> None:
    assert asked(*turns) == turns[-1]


def test_no_question_of_the_shipped_set_is_dragged_into_the_one_before_it() -> None:
    questions = load_question_set(ROOT / "kb" / "evaluation" / "questions.jsonl").questions
    texts = [question.question for question in questions]
    dragged = [(before, text) for before, text in pairwise(texts) if asked(before, text) != text]
    assert dragged == []


_SCRAPS = [
    "那",
    "他",
    "它们",
    "呢",
    "？",
    "?",
    "在",
    "台灣",
    "CXO",
    "A ",
    "co z ",
    "go",
    "Kim jest ",
    "\n",
    "和",
    "第二",
]


@given(st.lists(st.lists(st.sampled_from(_SCRAPS) | st.characters(), max_size=6).map("".join), min_size=1, max_size=4))
def test_any_conversation_comes_out_with_words(turns: list[str]) -> None:
    assert asked(*turns) or not turns[-1].strip()


# --------------------------------------------------------------------------------------------------------- in use


def test_an_answer_tells_how_its_question_was_understood(shipped_base: KnowledgeBase) -> None:
    answer = shipped_base.ask("那他跟行銷長怎麼分工？", history=["客戶長是做什麼的？"])
    assert (answer.question, answer.completed) == ("那他跟行銷長怎麼分工？", "客戶長跟行銷長怎麼分工？")
    assert answer.to_json()["completed"] == answer.completed
    alone = shipped_base.ask("客戶長是做什麼的？", history=["NPS 怎麼算？"])
    assert (alone.question, alone.completed) == ("客戶長是做什麼的？", "")


# --------------------------------------------------------------------------------------------------- the shipped set


@pytest.fixture(scope="module")
def shipped() -> ConversationSet:
    return load_conversations(SHIPPED_CONVERSATIONS)


def test_the_shipped_conversations_are_enough_of_each_kind(shipped: ConversationSet) -> None:
    languages = Counter(conversation.last.language for conversation in shipped.conversations)
    assert languages["zh-Hans"] >= 15 and languages["zh-Hant"] >= 15 and languages["pl"] >= 14
    assert sum(conversation.new_topic for conversation in shipped.conversations) >= 12
    assert {len(conversation.history) for conversation in shipped.conversations} == {1, 2}
    assert len({conversation.last.id for conversation in shipped.conversations}) == len(shipped.conversations)


def test_the_answers_stand_in_the_documents(shipped: ConversationSet) -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in SHIPPED_TEXTS.glob("*.md")}
    for conversation in shipped.conversations:
        last = conversation.last
        for answer in last.answers:
            assert any(holds_answer(texts[name], [answer]) for name in last.documents), (last.id, answer)


def test_completing_finds_more_and_leaves_new_topics_alone(
    shipped_base: KnowledgeBase, shipped: ConversationSet
) -> None:
    # Every fourth, so that it takes seconds; the whole set is the business of cco eval --conversations.
    some = compared(shipped_base, replace(shipped, conversations=shipped.conversations[::4]))
    leaning, fresh = some["follow_ups"], some["new_topics"]
    assert leaning["with"]["R@3"] >= leaning["without"]["R@3"]
    assert leaning["with"]["R@1"] > leaning["without"]["R@1"]
    assert fresh["n"] and fresh["with"] == fresh["without"] and fresh["left_alone"] == fresh["n"]


def test_every_fault_of_a_file_is_named_by_its_line(tmp_path: Path) -> None:
    whole = {"id": "a", "turns": ["Kim jest CXO?", "Komu podlega?"], "answers": ["x"], "new_topic": False}
    lines = [whole, whole | {"turns": ["one"]}, whole | {"new_topic": "no"}, whole | {"answers": []}, ["a list"]]
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n{", encoding="utf-8")
    with pytest.raises(QuestionSetError) as raised:
        load_conversations(path)
    faults = [line.removeprefix(f"{path}:") for line in str(raised.value).splitlines()]
    assert faults[:4] == [
        '2: "turns" must be a list of at least two questions',
        '3: "new_topic" must be true or false',
        '4: "answers" must say what the last question is to find',
        "5: a JSON object is expected, got list",
    ]
    assert faults[4].startswith("6: ") and len(faults) == 5
