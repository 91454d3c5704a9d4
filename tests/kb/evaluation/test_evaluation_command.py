"""`cco eval`: what it says and writes, and that nothing half-written is left of a run that fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import KnowledgeBase
from tests.helpers.fakes import FakeEncoder
from tests.helpers.questions import CATS, FISH, NOBODY, SQUAD, write
from ui.cli import main
from ui.commands.evaluating import SHIPPED_QUESTIONS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def evaluate(
    small_base: KnowledgeBase, fake_model: FakeEncoder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `cco eval` on the four animals; returns exit status, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main(["eval", *map(str, arguments), "--index", str(small_base.settings.index)])
        except SystemExit as end:
            status = int(end.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write(tmp_path / "q.jsonl", *map(json.dumps, [CATS, FISH, NOBODY]))


def test_a_run_with_its_file_and_its_report(evaluate: Run, questions: Path, tmp_path: Path) -> None:
    out, report = tmp_path / "run.json", tmp_path / "run.html"
    status, printed, err = evaluate(questions, "--json", out, "--html", report, "--report-language", "pl")
    assert status == 0 and "cco: asking 3\n" in err
    told = json.loads(printed)
    assert "questions" not in told and told["retrieval"]["overall"]["n"] == 2
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [line["id"] for line in written["questions"]] == ["cats", "fish", "none"]
    assert "unfinished" not in written
    assert report.read_text(encoding="utf-8").startswith('<!doctype html>\n<html lang="pl" data-fixed>')


def test_the_first_questions_alone(evaluate: Run, questions: Path) -> None:
    told = json.loads(evaluate(questions, "--limit", 1)[1])
    assert [line["id"] for line in told["questions"]] == ["cats"] and told["manifest"]["questions"]["n"] == 1


def test_without_a_file_the_shipped_questions_are_asked(evaluate: Run) -> None:
    told = json.loads(evaluate("--limit", 2)[1])
    first = SHIPPED_QUESTIONS.read_text(encoding="utf-8").splitlines()[:2]
    assert [line["question"] for line in told["questions"]] == [json.loads(line)["question"] for line in first]


def test_a_second_run_with_the_same_file_asks_nothing(
    evaluate: Run, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run.json"
    assert evaluate(questions, "--json", out)[0] == 0
    before = json.loads(out.read_text(encoding="utf-8"))
    monkeypatch.setattr(KnowledgeBase, "ask", lambda *arguments, **options: 1 / 0)
    status, _, err = evaluate(questions, "--json", out)
    assert status == 0 and "cco: 3 of 3 questions were finished before\n" in err
    after = json.loads(out.read_text(encoding="utf-8"))
    assert after["questions"] == before["questions"]


def test_what_is_odd_is_told_and_the_run_goes_on(evaluate: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", json.dumps({**CATS, "author": "Jan"}), "", json.dumps(FISH))
    status, printed, err = evaluate(path)
    assert status == 0
    assert f'cco: {path}:1: unknown key "author", kept as it is\ncco: {path}:2: empty, passed over\n' in err
    assert json.loads(printed)["questions"][0]["author"] == "Jan"


@pytest.mark.parametrize("old", [None, "what was there"])
def test_a_faulty_set_leaves_no_file_behind(evaluate: Run, tmp_path: Path, old: str | None) -> None:
    out, report = tmp_path / "run.json", tmp_path / "run.html"
    if old:
        out.write_text(old)
        report.write_text(old)
    path = write(tmp_path / "q.jsonl", json.dumps(CATS), '{"question": 1}', "{broken", json.dumps(CATS))
    status, printed, err = evaluate(path, "--json", out, "--html", report)
    assert (status, printed) == (1, "")
    assert f"{path}:2: " in err and f"{path}:3: " in err and f"{path}:4: the id 'cats' stands in line 1" in err
    assert [file.read_text() if file.exists() else None for file in (out, report)] == [old, old]
    assert not list(tmp_path.glob(".*tmp"))


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(
    evaluate: Run, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(KnowledgeBase, "ask", lambda self, question, **options: asked.append(question))
    for option in ("--json", "--html"):
        status, _, err = evaluate(questions, option, tmp_path / "no" / "such" / "file")
        assert (status, asked) == (1, [])
        assert err == f"cco: cannot write {tmp_path}/no/such/file: there is no folder {tmp_path}/no/such\n"
        assert (
            evaluate(questions, option, tmp_path)[2] == f"cco: cannot write {tmp_path}: it is a folder; name a file\n"
        )


@pytest.mark.parametrize("options", [["--json", "QUESTIONS"], ["--html", "QUESTIONS"], ["--json", "x", "--html", "x"]])
def test_no_file_is_read_and_written(evaluate: Run, questions: Path, options: list[str]) -> None:
    before = questions.read_text()
    status, out, err = evaluate(questions, *(str(questions) if o == "QUESTIONS" else o for o in options))
    assert (status, out) == (2, "") and "--json and --html take files of their own" in err
    assert questions.read_text() == before


def test_a_squad_run_that_was_broken_off_goes_on(
    evaluate: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SQUAD))
    out = tmp_path / "run.json"
    asked: list[str] = []
    original = KnowledgeBase.ask

    def ask(self: KnowledgeBase, question: str, **options: Any) -> Any:
        if len(asked) == 2:
            raise KeyboardInterrupt
        asked.append(question)
        return original(self, question, **options)

    with monkeypatch.context() as patched:
        patched.setattr(KnowledgeBase, "ask", ask)
        patched.setattr("kb.evaluation.judging.Judge._right_if_answered", lambda self, outcome: False)
        status, printed, err = evaluate("--squad", tmp_path / "s.json", "--json", out)
    assert (status, printed) == (130, "") and err.endswith("cco: stopped\n")
    assert json.loads(out.read_text(encoding="utf-8"))["unfinished"]
    status, printed, err = evaluate("--squad", tmp_path / "s.json", "--json", out)
    assert status == 0 and "cco: 2 of 4 questions were finished before\n" in err
    assert json.loads(printed)["retrieval"]["overall"]["n"] == 3


def test_a_probe_of_translations_writes_every_line(evaluate: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "t.tsv", "pl\tzh-Hans", "Kot.\t猫。", "Pies.\t鱼。", "Ryba.\t狗。")
    out, report = tmp_path / "run.json", tmp_path / "run.html"
    status, printed, _ = evaluate("--parallel", path, "--pair", "pl:zh-Hans", "--json", out, "--html", report)
    assert status == 0 and json.loads(printed) == {"pair": "pl>zh-Hans", "n": 3, "R@1": pytest.approx(1 / 3)}
    written = json.loads(out.read_text(encoding="utf-8"))
    assert [line["rank"] == 1 for line in written["questions"]] == [True, False, False]
    assert written["retrieval"]["overall"]["R@1"] == pytest.approx(1 / 3)
    assert {"settings", "model", "questions", "versions", "machine"} <= set(written["manifest"])
    assert report.exists()
    assert main(["compare", str(out), str(out), "--fail-under", "R@1=0.3"]) == 0
    assert main(["compare", str(out), str(out), "--fail-under", "retrieval.R@1=0.9"]) == 1
