"""Questions proposed from texts, in their own grammar, and what `cco questions check` finds wrong with a set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.readers import read_document
from kb import KnowledgeBase, Settings
from kb.evaluation.checks import faults
from kb.evaluation.sets.question_sets import load_question_set
from kb.suggestions.suggest import Suggestion, suggest
from tests.helpers.fakes import FakeEncoder
from tests.helpers.llm_server import fails, serving
from tests.helpers.questions import CATS, FISH, NOBODY, with_threshold, write
from ui.cli import main

TEXTS = {
    "zh-Hans": """## 客户总监是谁

客户总监是指广告公司里带领客户团队的管理者。客户部归他管。

首席客户官委员会成立于2008年，总部设在圣何塞。担任这一职务的有300人。全球超过300家企业设有客户总监。

Curtis Bingham认为，首席客户官如今已开始在决策中扮演重要角色。假设一家公司每年投入100万元。

客户总监的工作分为三类任务：

- 管理团队
- 维护客户
""",
    "zh-Hant": """## 客戶長是做什麼的

客戶長是指掌管公司與全體客戶整體關係的主管。全球約有35%的企業設有客戶長。

顧客旅程地圖的用途包括以下三項：

- 找出痛點
- 對齊團隊
""",
    "pl": """## Komu podlega CXO

CXO podlega zwykle prezesowi. CMO (Chief Marketing Officer) to dyrektor marketingu.

W 2008 roku powstała rada dyrektorów ds. klienta. Gartner podaje, że niemal 90% organizacji zatrudnia takiego szefa.
Ponad 300 osób pełni funkcję dyrektora ds. klienta. Około 35% firm miało takiego dyrektora. Ponad 40% z nich znika.

Jan Kowalski, prezes firmy Alfa, uważa, że klient powinien być najważniejszy w każdej firmie.

Do zadań dyrektora ds. klienta należą:

- badanie potrzeb
- praca z działami

Badania obejmują:

- ankiety
- wywiady
""",
    "en": """## What does a Chief Customer Officer do?

A Chief Customer Officer leads the work with customers. Customer lifetime value is the sum of all margins.

In 2008, the CCO Council was founded in San Jose. About 40% of companies have a customer officer today.

Jane Smith argues that companies should listen more closely. She argues that this is hard.

Customer success includes:

- onboarding
- renewals
""",
}

EXPECTED = {
    "zh-Hans": {
        "客户总监是谁？": "客户总监是指广告公司里带领客户团队的管理者。",
        "首席客户官委员会成立于哪一年？": "2008年",
        "全球多少家企业设有客户总监？": "超过300家",
        "谁认为首席客户官如今已开始在决策中扮演重要角色？": "Curtis Bingham",
        "客户总监的工作分为哪些任务？": "管理团队",
    },
    "zh-Hant": {
        "客戶長是做什麼的？": "客戶長是指掌管公司與全體客戶整體關係的主管。",
        "全球約有百分之多少的企業設有客戶長？": "35%",
        "顧客旅程地圖的用途包括哪些？": "找出痛點",
    },
    "pl": {
        "Komu podlega CXO?": "CXO podlega zwykle prezesowi.",
        "Kim jest CMO?": "CMO (Chief Marketing Officer) to dyrektor marketingu.",
        "W którym roku powstała rada dyrektorów ds. klienta?": "2008 roku",
        "Jaki odsetek organizacji zatrudnia takiego szefa?": "90%",
        "Ile osób pełni funkcję dyrektora ds. klienta?": "300 osób",
        "Kto uważa, że klient powinien być najważniejszy w każdej firmie?": "Jan Kowalski",
        "Co należy do zadań dyrektora ds. klienta?": "badanie potrzeb",
        "Co obejmują badania?": "ankiety",
    },
    "en": {
        "What does a Chief Customer Officer do?": "A Chief Customer Officer leads the work with customers.",
        "What is customer lifetime value?": "Customer lifetime value is the sum of all margins.",
        "In which year was the CCO Council founded in San Jose?": "2008",
        "What share of companies have a customer officer today?": "40%",
        "Who argues that companies should listen more closely?": "Jane Smith",
        "What does customer success include?": "onboarding",
    },
}

Made = Callable[..., KnowledgeBase]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Indexes texts, each under its language's tag, with the fake encoder."""

    def make(*languages: str, **settings: object) -> KnowledgeBase:
        for language in languages:
            front = f"---\nlanguage: {language}\n---\n"
            (tmp_path / f"{language}.md").write_text(front + TEXTS[language], encoding="utf-8")
        files = [tmp_path / f"{language}.md" for language in languages]
        told = Settings(index=tmp_path / "index", **settings)  # type: ignore[arg-type]
        return KnowledgeBase.build(files, settings=told, encoder=FakeEncoder())

    return make


def as_pairs(found: list[Suggestion]) -> dict[str, str]:
    return {suggestion.question: suggestion.answers[0] for suggestion in found}


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_questions_in_the_grammar_of_each_language(made: Made, language: str) -> None:
    assert as_pairs(suggest(made(language), 50)) == EXPECTED[language]


def test_every_answer_stands_in_its_document_and_the_set_passes_the_check(made: Made, tmp_path: Path) -> None:
    base = made(*TEXTS)
    found = suggest(base, 50)
    for suggestion in found:
        document = base.document(suggestion.document_id)
        assert document.text[suggestion.start : suggestion.end] == suggestion.answers[0]
        assert all(answer in document.text for answer in suggestion.answers)
        assert suggestion.language == document.language
    # A question that two texts answer alike is asked once: 客户总监 and 客戶長 differ, the rest is of one text each.
    assert len(found) == sum(map(len, EXPECTED.values()))
    lines = [json.dumps(one.to_json(number), ensure_ascii=False) for number, one in enumerate(found, 1)]
    questions = load_question_set(write(tmp_path / "q.jsonl", *lines))
    assert questions.warnings == ()
    # The fake encoder takes all questions without an animal for one, so what is near is left to the words.
    assert faults(base, questions) == []


def test_so_many_as_are_asked_for_of_all_documents_by_turns(made: Made) -> None:
    base = made(*TEXTS)
    found = suggest(base, 4)
    assert {suggestion.document_id for suggestion in found} == set(TEXTS)
    assert suggest(base, 4) == found
    assert {suggestion.language for suggestion in suggest(base, 4, languages=["pl"])} == {"pl"}


@pytest.mark.slow
def test_the_shipped_texts_give_questions_of_every_language(shipped_texts: list[Path]) -> None:
    from kb.suggestions.suggest import _by_templates

    found = [suggestion for path in shipped_texts for suggestion in _by_templates(read_document(path))]
    assert len(found) >= 40
    assert {"zh-Hans", "zh-Hant", "pl"} == {suggestion.language for suggestion in found}
    assert all(suggestion.question.endswith(("？", "?")) for suggestion in found)
    assert all(len(suggestion.question) <= 130 for suggestion in found)


@pytest.fixture
def shipped_texts() -> list[Path]:
    return sorted((Path(__file__).resolve().parents[3] / "corpus" / "texts").glob("*.md"))


# ----------------------------------------------------------------------------------------------- by a language model


GOOD = '{"question": "Kto jest przełożonym CXO?", "answer": "CXO podlega zwykle prezesowi."}'


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (GOOD, ["Kto jest przełożonym CXO?"]),
        (f"Oto pytanie:\n```json\n{GOOD}\n```", ["Kto jest przełożonym CXO?"]),
        ('{"question": "Kto jest przełożonym CXO?", "answer": "CXO podlega radzie."}', []),
        ('{"question": "谁是上司？", "answer": "CXO podlega zwykle prezesowi."}', []),
        ('{"question": "Kto jest przełożonym CXO", "answer": "prezesowi"}', []),
        ('{"question": "Czy CXO podlega zwykle prezesowi?", "answer": "zwykle prezesowi"}', []),
        ('{"question": 1, "answer": 2}', []),
        ("{broken", []),
        ("", []),
    ],
)
def test_what_a_model_proposes_is_held_against_its_paragraph(made: Made, reply: str, expected: list[str]) -> None:
    with serving(reply) as script:
        found = suggest(made("pl", llm={"base_url": script.url, "timeout": 10}), 50)
        assert len(script.requests) > 1
    assert [suggestion.question for suggestion in found if suggestion.by == "model"] == expected
    # What the templates find is there all the same.
    assert set(EXPECTED["pl"]) <= {suggestion.question for suggestion in found}
    assert [suggestion.by for suggestion in found][:2] == (["model", "template"] if expected else ["template"] * 2)


def test_a_model_out_of_reach_is_asked_once(made: Made) -> None:
    with serving(fails(500)) as script:
        found = suggest(made("pl", llm={"base_url": script.url, "timeout": 10}), 50)
        assert len(script.requests) == 1
    assert as_pairs(found) == EXPECTED["pl"]


# ------------------------------------------------------------------------------------------------------------ check


def test_every_fault_of_a_set_is_named_by_its_line(small_base: KnowledgeBase, tmp_path: Path) -> None:
    base = with_threshold(small_base, 0.0)
    lines = [
        CATS,
        {**CATS, "id": "again", "question": "貓每天睡多久？", "language": "zh-Hant"},
        {**FISH, "id": "gone", "answers": ["nie śpią", "latają nad stawem"]},
        {**CATS, "id": "elsewhere", "question": "狗睡多久?", "documents": ["dogs"]},
        {**CATS, "id": "nameless", "question": "哪种动物睡十六个小时?", "documents": ["lions"]},
        {"id": "tongue", "question": "Gdzie pływają ryby?", "language": "zh-Hans", "answers": ["w stawie"]},
        {"id": "known", "question": "猫喜欢什么?", "language": "zh-Hans", "answers": []},
        NOBODY,
        {"id": "down", "question": "Co robią ptaki?", "language": "pl", "answers": [], "kind": "feedback-down"},
    ]
    questions = load_question_set(write(tmp_path / "q.jsonl", *(json.dumps(line) for line in lines)))
    found = [(fault.line, fault.id, fault.kind) for fault in faults(base, questions)]
    assert found == [
        (2, "again", "duplicate"),
        (3, "gone", "answer_missing"),
        (4, "elsewhere", "answer_missing"),
        (5, "nameless", "answer_missing"),
        (5, "nameless", "document_missing"),
        (6, "tongue", "language"),
        (7, "known", "answerable"),
        (9, "down", "no_answer_yet"),
    ]
    messages = {fault.id: fault.message for fault in faults(base, questions)}
    assert messages["again"] == "asks the same as line 1 (cats)"
    assert messages["gone"] == "the answer 'latają nad stawem' stands nowhere in the sources"
    assert messages["elsewhere"] == "the answer '十六个小时' stands in cats and not where it should"
    assert messages["tongue"] == '"language" is zh-Hans, the question is in pl'
    assert messages["known"].startswith("no answer is expected, yet cats seems to give one (")


def test_nearly_the_same_question_is_named_and_another_figure_is_another_question(
    small_base: KnowledgeBase, tmp_path: Path
) -> None:
    told = [
        {**CATS, "id": str(n), "question": question, "language": "pl", "answers": ["nie śpią"], "documents": []}
        for n, question in enumerate(
            [
                "Dlaczego ryby w stawie nie śpią w nocy?",
                "Dlaczego w nocy ryby w stawie nie śpią?",
                "Ile ryb w stawie było w 2008 roku?",
                "Ile ryb w stawie było w 2009 roku?",
                "Kiedy ryby pływają?",
            ]
        )
    ]
    questions = load_question_set(write(tmp_path / "q.jsonl", *(json.dumps(line) for line in told)))
    found = [fault for fault in faults(small_base, questions) if "duplicate" in fault.kind]
    assert [(fault.line, fault.kind, fault.message) for fault in found] == [
        (2, "near_duplicate", "asks nearly the same as line 1 (0)")
    ]


# --------------------------------------------------------------------------------------------------------- commands


def test_the_commands(made: Made, fake_model: FakeEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = ["--index", str(made(*TEXTS).settings.index)]
    out = tmp_path / "suggested.jsonl"
    assert main(["questions", "suggest", "--count", "5", "--out", str(out), *index]) == 0
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "cco: questions suggested: 5; read them before you rely on them\n")
    assert main(["questions", "check", str(out), *index]) == 0
    assert capsys.readouterr().out == ""
    assert main(["questions", "suggest", "--language", "en", "--count", "1", *index]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["question"], line["by"]) == ("What does a Chief Customer Officer do?", "template")

    broken = {**line, "answers": ["nowhere to be found"], "author": "Jan"}
    file = write(tmp_path / "broken.jsonl", json.dumps(line), "", json.dumps({**broken, "id": "b"}))
    assert main(["questions", "check", str(file), *index]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        f"{file}:3: the answer 'nowhere to be found' stands nowhere in the sources",
        f"{file}:3: asks the same as line 1 (suggested-1)",
    ]
    assert f'cco: {file}:3: unknown key "author", kept as it is\n' in printed.err
    assert f"cco: {file}:2: empty, passed over\n" in printed.err
    assert "faults: 2 (answer_missing 1, duplicate 1)" in printed.err
    assert main(["questions", "check", str(file), "--json", *index]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["questions"], told["counts"]) == (2, {"answer_missing": 1, "duplicate": 1})
    assert [fault["line"] for fault in told["faults"]] == [3, 3]
