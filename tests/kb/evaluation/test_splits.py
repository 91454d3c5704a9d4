"""Halves of the question sets: which question is in which, and that nothing of a single one gets out of the second."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.evaluation.comparison import compare
from kb.evaluation.conversations import load_conversations
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_question_set
from kb.evaluation.sets.squad import load_squad
from kb.evaluation.splits import LOOK, REPORT, part_of, part_of_line, part_of_question
from tests.helpers.fakes import FakeEncoder
from tests.helpers.questions import write
from ui.cli import main

ROOT = Path(__file__).resolve().parents[3]
SETS = {
    "questions.jsonl": ROOT / "kb" / "evaluation" / "questions.jsonl",
    "near_misses.jsonl": ROOT / "benchmarks" / "near_misses.jsonl",
}
# By their SHA-256: dogs and birds may be looked at, cats and fish are only reported on.
QUESTIONS = [
    {"id": "secret-cats", "question": "猫每天睡多久?", "answers": ["十六个小时"], "documents": ["cats"], "kind": "a"},
    {"id": "secret-fish", "question": "鱼晚上睡觉吗?", "answers": ["nie śpią"], "documents": ["fish.md"], "kind": "b"},
    {"id": "secret-dogs", "question": "狗每天散步幾次?", "answers": ["九次"], "documents": ["dogs"], "kind": "a"},
    {"id": "secret-pets", "question": "貓和狗做什麼?", "answers": ["散步"], "documents": ["dogs", "cats"], "kind": "c"},
    {"id": "secret-0", "question": "Kto wynalazł koło?", "answers": [], "kind": "d"},
    {"id": "secret-2", "question": "Kto zbudował most?", "answers": [], "kind": "d"},
]
CONVERSATIONS = [
    {**q, "turns": ["猫喜欢什么?", q["question"]], "new_topic": bool(n)} for n, q in enumerate(QUESTIONS[:3])
]
SQUAD = {
    "data": [
        {
            "title": "Koty",
            "paragraphs": [
                {
                    "context": f"Kot numer {n} śpi w koszu.",
                    "qas": [
                        {"id": f"secret-{n}", "question": f"Gdzie śpi kot {n}?", "answers": [{"text": "koszu"}]},
                        {"id": f"secret-none-{n}", "question": f"Co je kot {n}?", "is_impossible": True, "answers": []},
                    ],
                }
                for n in range(6)
            ],
        }
    ]
}


def test_a_document_is_in_a_half_by_its_digest() -> None:
    for name in ("kehuzhang", "paragraph-17", "客戶長"):
        even = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0
        assert part_of(name) == part_of(f"{name}.md") == (LOOK if even else REPORT)
    assert [part_of(name) for name in ("dogs", "birds", "cats", "fish")] == [LOOK, LOOK, REPORT, REPORT]


def test_a_question_goes_with_its_document_and_one_of_several_that_may_be_looked_at_decides() -> None:
    def of(*documents: str, name: str = "q") -> str:
        return part_of_question(EvaluationQuestion(name, "?", "pl", documents=documents))

    assert [of("cats"), of("dogs.md"), of("cats", "dogs"), of("cats", "fish")] == [REPORT, LOOK, LOOK, REPORT]
    assert {of(name=f"q{n}") for n in range(9)} == {LOOK, REPORT}
    assert of(name="cats") == REPORT and of("dogs", name="cats") == LOOK


def test_lines_of_one_text_stay_together() -> None:
    halves = [part_of_line(n) for n in range(500)]
    assert all(len(set(halves[n : n + 20])) == 1 for n in range(0, 500, 20))
    assert 150 < halves.count(REPORT) < 350


@pytest.mark.parametrize("name", SETS)
def test_both_halves_of_what_the_readme_reports_have_questions_with_and_without_an_answer(name: str) -> None:
    questions = load_question_set(SETS[name]).questions
    for part in (LOOK, REPORT):
        mine = [q for q in questions if part_of_question(q) == part]
        assert len(mine) >= len(questions) / 3
        assert sum(not q.answerable for q in mine) >= 10
    rests_on = {d: part_of(d) for q in questions for d in q.documents if part_of_question(q) == REPORT}
    assert set(rests_on.values()) == {REPORT}


def test_of_a_squad_file_the_questions_without_an_answer_go_with_their_paragraph(tmp_path: Path) -> None:
    path = write(tmp_path / "squad.json", json.dumps(SQUAD))
    asked, documents = load_squad(path, asked_of=lambda document: part_of(document) == REPORT)
    mine = [n for n in range(6) if part_of(f"paragraph-{n}") == REPORT]
    assert 0 < len(mine) < 6 and len(documents) == 6
    assert [q.id for q in asked.questions] == [name for n in mine for name in (f"secret-{n}", f"secret-none-{n}")]


# ---------------------------------------------------------------------------------- nothing of a single question

Given = tuple[list[str], list[str]]
"""Arguments of `cco eval`, and what stands in single questions and must not get out."""


@pytest.fixture
def evaluate(
    small_base: KnowledgeBase, fake_model: FakeEncoder, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Runs `cco eval` on the four animals; returns its exit status and all that it printed."""

    def run(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        status = main(["eval", *map(str, arguments), "--index", str(small_base.settings.index)])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


@pytest.fixture(params=["questions", "conversations", "squad", "parallel"])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> Given:
    def file(name: str, *lines: str) -> str:
        return str(write(tmp_path / name, *lines))

    texts = [text for q in QUESTIONS for text in (q["id"], q["question"], *q["answers"])]  # type: ignore[misc]
    if request.param == "questions":
        return [file("q.jsonl", *map(json.dumps, QUESTIONS))], ["secret", *map(str, texts)]
    if request.param == "conversations":
        return ["--conversations", file("c.jsonl", *map(json.dumps, CONVERSATIONS))], ["secret", *map(str, texts)]
    if request.param == "squad":
        return ["--squad", file("s.json", json.dumps(SQUAD))], ["secret", "kot", "koszu"]
    lines = [f"Kwerendarz numer {n}\t第{n}則例文" for n in range(100)]
    return ["--parallel", file("p.tsv", "pl\tzh-Hans", *lines), "--pair", "pl:zh-Hans"], ["Kwerendarz", "例文", "pl-1"]


def test_of_the_half_that_is_reported_figures_alone_get_out(
    evaluate: Callable[..., tuple[int, str]], given: Given, tmp_path: Path
) -> None:
    arguments, secrets = given
    run, page = tmp_path / "run.json", tmp_path / "run.html"
    status, _ = evaluate(*arguments, "--json", run, "--html", page)
    # Without --part all of it is there, so that the check below can fail.
    assert status == 0 and any(secret in run.read_text(encoding="utf-8") for secret in secrets)
    run.unlink(), page.unlink()
    status, printed = evaluate(*arguments, "--part", "report", "--json", run, "--html", page)
    assert status == 0 and '"R@1"' in printed
    for text in (printed, run.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")):
        assert [secret for secret in secrets if secret.casefold() in text.casefold()] == []
    told = json.loads(run.read_text(encoding="utf-8"))
    assert told["part"] == "report" and "questions" not in told
    assert evaluate(*arguments, "--part", "report")[1].count('"questions": [') == 0


def test_a_run_of_that_half_that_is_broken_off_keeps_nothing(
    evaluate: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, run = write(tmp_path / "q.jsonl", *map(json.dumps, QUESTIONS)), tmp_path / "run.json"
    original = KnowledgeBase.ask

    def break_off(self: KnowledgeBase, question: str, **options: object) -> object:
        if question == QUESTIONS[1]["question"]:
            raise KeyboardInterrupt
        return original(self, question, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(KnowledgeBase, "ask", break_off)
    evaluate(questions, "--json", run)
    assert "secret-cats" in run.read_text(encoding="utf-8")
    run.unlink()
    evaluate(questions, "--part", "report", "--json", run)
    assert not run.exists()


def test_the_halves_add_up(evaluate: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    questions, run = write(tmp_path / "q.jsonl", *map(json.dumps, QUESTIONS)), tmp_path / "run.json"
    assert evaluate(questions, "--part", "look", "--json", run)[0] == 0
    look = {line["id"] for line in json.loads(run.read_text(encoding="utf-8"))["questions"]}
    assert {"secret-dogs", "secret-pets"} <= look and not {"secret-fish", "secret-cats"} & look
    assert evaluate(questions, "--part", "report", "--json", run)[0] == 0
    told = json.loads(run.read_text(encoding="utf-8"))["manifest"]["questions"]["n"]
    assert told == len(QUESTIONS) - len(look)


def test_runs_of_figures_are_not_compared(
    evaluate: Callable[..., tuple[int, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions, run = write(tmp_path / "q.jsonl", *map(json.dumps, QUESTIONS)), tmp_path / "run.json"
    evaluate(questions, "--part", "report", "--json", run)
    assert main(["compare", str(run), str(run)]) == 1
    assert f"{run}: the run has figures alone (--part report); compare runs of --part look" in capsys.readouterr().err


def test_a_set_to_tune_on_has_no_half_to_report(evaluate: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    path = write(tmp_path / "development.jsonl", *map(json.dumps, QUESTIONS))
    status, printed = evaluate(path, "--part", "report")
    assert status == 1 and "no question is in the half --part report" in printed
    assert '"n": 6' in evaluate(path, "--part", "look")[1]


def test_a_comparison_counts_what_is_only_reported_on_and_lists_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, right in (("a", True), ("b", False)):
        lines = [
            {"id": f"{part}-{n}", "part": part, "answerable": True, "rank": 1, "answered": right, "answer_found": right}
            for part in (LOOK, REPORT)
            for n in range(3)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps({"manifest": {}, "questions": lines}))
    result = compare(tmp_path / "a.json", tmp_path / "b.json")
    assert result["counts"] == {"won": 0, "lost": 6} and result["lost"] == ["look-0", "look-1", "look-2"]
    assert "report-" not in json.dumps(result)
    main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--text"])
    printed = capsys.readouterr().out
    assert "lost: 6 (3 only reported on)" in printed and "report-" not in printed


def test_conversations_go_by_the_document_of_their_last_question() -> None:
    last = [c.last for c in load_conversations(ROOT / "kb" / "evaluation" / "conversations.jsonl").conversations]
    report = [question for question in last if part_of_question(question) == REPORT]
    assert len(last) / 3 < len(report) < 2 * len(last) / 3
