"""A run that was broken off goes on where it was; nothing stale is taken up; two runs are alike to the last digit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase, Settings
from kb.evaluation import manifest
from kb.evaluation.run_file import read_run
from kb.evaluation.runs import run
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import QuestionSet, load_question_set
from tests.helpers.fakes import FakeEncoder
from tests.helpers.questions import CATS, FISH, NOBODY, with_threshold, write

ROOT = Path(__file__).resolve().parents[3]
MORE = [{**CATS, "id": f"cats-{n}", "question": f"猫每天睡{n}个小时吗?"} for n in range(5)]


@pytest.fixture
def questions(tmp_path: Path) -> QuestionSet:
    return load_question_set(write(tmp_path / "q.jsonl", *map(json.dumps, [CATS, FISH, NOBODY, *MORE])))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All questions asked from here on; answers held back are asked for a second time, and not counted twice."""
    questions: list[str] = []
    original = KnowledgeBase.ask

    def ask(self: KnowledgeBase, question: str, **options: Any) -> Any:
        if self.settings.answer.refuse_below:
            questions.append(question)
        return original(self, question, **options)

    monkeypatch.setattr(KnowledgeBase, "ask", ask)
    return questions


def broken_off(after: int) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    return progress


def without_times(result: dict[str, Any]) -> dict[str, Any]:
    """Return all of a run but the times."""
    copy = json.loads(json.dumps(result))
    del copy["latency_ms"], copy["manifest"]["started"]
    copy["manifest"].pop("taken_up", None)
    for line in copy["questions"]:
        del line["timings_ms"]
    return dict(copy)


def test_two_runs_are_alike_to_the_last_digit(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path
) -> None:
    again = KnowledgeBase.open(settings=small_base.settings, encoder=FakeEncoder())
    first, second = run(small_base, questions), run(again, questions, keep=tmp_path / "run.json")
    assert without_times(first) == without_times(second)
    assert json.dumps(without_times(first)) == json.dumps(without_times(second))


def test_a_run_that_was_broken_off_goes_on_where_it_was(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path, asked: list[str]
) -> None:
    whole = run(small_base, questions)
    out = tmp_path / "run.json"
    asked.clear()
    with pytest.raises(KeyboardInterrupt):
        run(small_base, questions, broken_off(3), keep=out)
    assert len(asked) == 3
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["unfinished"] and [line["id"] for line in kept["questions"]] == ["cats", "fish", "none"]
    resumed = run(small_base, questions, keep=out)
    assert len(asked) == 8
    assert resumed["manifest"]["taken_up"] == 3
    assert without_times(resumed) == without_times(whole)


def test_a_run_that_ended_is_taken_up_whole(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path, asked: list[str]
) -> None:
    out = tmp_path / "run.json"
    out.write_text(json.dumps(run(small_base, questions)), encoding="utf-8")
    asked.clear()
    assert run(small_base, questions, keep=out)["manifest"]["taken_up"] == 8
    assert asked == []


def test_only_questions_that_changed_are_asked_again(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path, asked: list[str]
) -> None:
    out = tmp_path / "run.json"
    out.write_text(json.dumps(run(small_base, questions)), encoding="utf-8")
    changed = {**FISH, "answers": ["w stawie"]}
    other = load_question_set(write(tmp_path / "q2.jsonl", *map(json.dumps, [NOBODY, changed, CATS])))
    asked.clear()
    result = run(small_base, other, keep=out)
    assert asked == [FISH["question"]]
    assert [line["id"] for line in result["questions"]] == ["none", "fish", "cats"]


def _other_settings(base: KnowledgeBase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    return with_threshold(base, 0.4)


def _other_texts(base: KnowledgeBase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    (folder / "new.md").write_text("Kot pije mleko.", encoding="utf-8")
    base.add([folder / "new.md"])
    return base


def _other_program(base: KnowledgeBase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    monkeypatch.setattr(manifest, "program_digest", lambda: "another")
    return base


def _other_library(base: KnowledgeBase, folder: Path, monkeypatch: pytest.MonkeyPatch) -> KnowledgeBase:
    monkeypatch.setattr(manifest, "_versions", lambda: {"numpy": "another"})
    return base


@pytest.mark.parametrize("change", [_other_settings, _other_texts, _other_program, _other_library])
def test_nothing_stale_is_taken_up(
    small_base: KnowledgeBase,
    questions: QuestionSet,
    tmp_path: Path,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[KnowledgeBase, Path, pytest.MonkeyPatch], KnowledgeBase],
) -> None:
    out = tmp_path / "run.json"
    out.write_text(json.dumps(run(small_base, questions)), encoding="utf-8")
    other = change(small_base, tmp_path, monkeypatch)
    asked.clear()
    assert "taken_up" not in run(other, questions, keep=out)["manifest"]
    assert len(asked) == 8


@pytest.mark.parametrize("content", ["", "{", "[]", '{"manifest": 1}', '{"manifest": {"key": "x"}, "questions": [1]}'])
def test_what_is_no_run_is_written_over(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path, content: str
) -> None:
    out = tmp_path / "run.json"
    out.write_text(content)
    assert "taken_up" not in run(small_base, questions, keep=out)["manifest"]


def test_a_question_that_failed_is_asked_again(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run.json"
    with monkeypatch.context() as patched:
        patched.setattr(FakeEncoder, "encode_queries", lambda self, texts: 1 / 0)
        failed = run(small_base, questions, keep=out)
    assert {line["fault"] for line in failed["questions"]} == {"error"}
    assert failed["retrieval"]["overall"]["R@10"] == failed["answers"]["overall"]["answer_found"] == 0.0
    result = run(small_base, questions, keep=out)
    assert "taken_up" not in result["manifest"] and result["retrieval"]["overall"]["R@10"] == 1.0


def test_an_index_that_changes_meanwhile_ends_the_run(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path
) -> None:
    def add(done: int, total: int) -> None:
        if done == 2:
            _other_texts(small_base, tmp_path, pytest.MonkeyPatch())

    with pytest.raises(QuestionSetError, match="the index was changed while its questions were asked; run it again"):
        run(small_base, questions, add)


def test_a_run_under_way_is_no_run_to_compare(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"manifest": {}, "unfinished": true, "questions": []}')
    with pytest.raises(QuestionSetError, match=r"run\.json: the run was broken off; the same cco eval with "):
        read_run(tmp_path / "run.json")


SLOW_RUN = """
import sys, time
from pathlib import Path
from kb import KnowledgeBase, Settings
from kb.evaluation.sets.question_sets import load_question_set
from kb.evaluation.runs import run
from tests.helpers.fakes import FakeEncoder, read_by_stand_in
read_by_stand_in()
base = KnowledgeBase.open(settings=Settings(index=sys.argv[1]), encoder=FakeEncoder())
run(base, load_question_set(Path(sys.argv[2])), lambda done, total: time.sleep(0.2), keep=Path(sys.argv[3]))
"""


@pytest.mark.killed
def test_a_run_that_was_killed_leaves_a_whole_file_that_is_taken_up(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    command = [sys.executable, "-c", SLOW_RUN, str(small_base.settings.index), str(tmp_path / "q.jsonl"), str(out)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if out.exists() and len(json.loads(out.read_text(encoding="utf-8"))["questions"]) >= 2:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert json.loads(out.read_text(encoding="utf-8"))["unfinished"] is True
    result = run(KnowledgeBase.open(settings=small_base.settings, encoder=FakeEncoder()), questions, keep=out)
    assert result["manifest"]["taken_up"] >= 2
    assert without_times(result) == without_times(run(small_base, questions))


# ------------------------------------------------------------------------------------------------------- manifest


def test_a_run_tells_what_it_depends_on_and_not_whose_machine_it_was(
    small_base: KnowledgeBase, questions: QuestionSet, tmp_path: Path
) -> None:
    told = run(small_base, questions)["manifest"]
    assert {"settings", "model", "index", "questions", "commit", "versions", "machine", "program"} <= set(told)
    assert {"python", "numpy", "torch", "faiss-cpu"} <= set(told["versions"])
    assert set(told["machine"]) == {"cpu", "cores", "memory_gb", "os", "architecture"}
    assert told["machine"]["cores"] >= 1 and told["questions"]["n"] == 8
    text = json.dumps(told)
    assert os.uname().nodename not in text and str(tmp_path) not in text and str(Path.home()) not in text


@pytest.mark.parametrize(
    ("name", "told"),
    [("BAAI/bge-m3", "BAAI/bge-m3"), ("/home/jan/models/e5", "e5"), ("~/e5/", "e5"), (r"C:\models\e5", "e5"), ("", "")],
)
def test_a_model_in_a_folder_goes_by_its_last_name(name: str, told: str) -> None:
    assert manifest.without_folder(name) == told


def test_the_program_counts_whether_committed_or_not() -> None:
    assert len(manifest.program_digest()) == 64
    settings = [Settings(index=Path("a")), Settings(index=Path("b"))]
    assert settings[0].digest == settings[1].digest
    told = manifest.surroundings(settings[0])
    told |= {"model": {}, "index": {}}
    keys = {manifest.run_key(told, settings[0], by_paragraph=flag) for flag in (True, False)}
    assert len(keys) == 2
