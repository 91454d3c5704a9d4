"""Answers beside the grades that a person gave before: what carries over, what is to be graded, and the shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import judged
from kb import KnowledgeBase
from kb.evaluation.figures.bootstrap import wilson
from tests.helpers.fakes import FakeEncoder, write_animals

TURN = {"history": [], "index": "seeds", "answerable": True, "answered": True, "failure": "", "kind": "role"}
TURNS = [
    {**TURN, "question": "猫每天睡多久?", "answer": "猫每天睡十六个小时。 [1]", "grade": "right, well chosen"},
    {**TURN, "question": "Śpią ryby?", "answer": "Ryby pływają. [1]", "grade": "right but wrong/poor sentence"},
    {**TURN, "question": "A psy?", "history": ["Śpią ryby?"], "answer": "狗每天散步兩次。 [1]", "grade": "wrong"},
    {
        **TURN,
        "question": "Kto zbudował most?",
        "answerable": False,
        "answered": False,
        "answer": "Źródła tego nie podają.",
        "grade": "refused rightly",
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as CCO_SHARED names it, with four turns."""
    (tmp_path / "judged").mkdir()
    lines = "".join(json.dumps(turn, ensure_ascii=False) + "\n" for turn in TURNS)
    (tmp_path / "judged" / "judged.jsonl").write_text(lines, encoding="utf-8")
    write_animals(tmp_path / "seeds")
    return tmp_path


def answers(turns: list[dict[str, object]], *texts: str) -> dict[str, dict[str, object]]:
    told = zip(turns, texts, strict=True)
    return {
        str(turn["key"]): {"key": turn["key"], "answer": text, "answered": bool(text), "completed": "", "quotes": []}
        for turn, text in told
    }


def typing(*keys: str) -> Callable[[str], str]:
    typed = iter(keys)
    return lambda prompt: next(typed)


def test_what_did_not_change_keeps_its_grade(folder: Path) -> None:
    turns = judged.turns_of(folder)
    now = answers(turns, "猫每天睡十六个小时。 [2]", "Ryby nie śpią. [1]", "", "")
    assert list(judged.grades_now(turns, now, {}).values()) == ["right, well chosen", "refused rightly"]


def test_a_person_grades_what_changed_and_goes_on_where_it_was_left(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turns, file = judged.turns_of(folder), folder / "a.grades.jsonl"
    now = answers(turns, "猫每天睡十六个小时。 [1]", "Ryby nie śpią. [1]", "", "")
    judged.grade(turns, now, file, typing("9", "1", "q"))
    printed = capsys.readouterr().out
    assert "'9' is no grade" in printed and "1 of 2 to grade" in printed
    for shown in ("Śpią ryby?", "Ryby pływają. [1]", "right but wrong/poor sentence", "Ryby nie śpią. [1]"):
        assert shown in printed
    assert "猫每天睡" not in printed
    judged.grade(turns, now, file, typing("5"))
    assert "1 of 1 to grade" in capsys.readouterr().out
    given = judged.grades_now(turns, now, judged.read(file))
    assert list(given.values()) == [
        "right, well chosen",
        "right, well chosen",
        "refused though answerable",
        "refused rightly",
    ]
    # An answer that changes again is to be graded again.
    again = answers(turns, "猫每天睡十六个小时。 [1]", "Ryby pływają w stawie. [1]", "", "")
    assert turns[1]["key"] not in judged.grades_now(turns, again, judged.read(file))


def test_shares_with_their_intervals(folder: Path) -> None:
    turns = judged.turns_of(folder)
    alone = "\n".join(judged.shares(turns, {}))
    assert "| answerable, 3: wrong | 1 = .33 (.06–.79) |" in alone and "now" not in alone
    some = "\n".join(judged.shares(turns, {turns[0]["key"]: "wrong"}))
    assert "| answerable, 3: wrong | 1 = .33 (.06–.79) | 1 so far |" in some
    assert "3 of 4 present answers have no grade yet" in some


def test_an_interval_of_none_and_of_all() -> None:
    assert wilson(7, 7) == pytest.approx((0.6457, 1.0), abs=1e-4)
    assert wilson(0, 7) == pytest.approx((0.0, 0.3543), abs=1e-4)
    assert wilson(38, 100) == pytest.approx((0.2909, 0.4779), abs=1e-4)


def test_all_turns_are_asked_of_their_own_texts_after_what_was_before(
    folder: Path, fake_model: FakeEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    histories = []
    original = KnowledgeBase.ask

    def ask(self: KnowledgeBase, question: str, **options: object) -> object:
        histories.append((question, options["history"]))
        return original(self, question, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(KnowledgeBase, "ask", ask)
    monkeypatch.setattr(judged, "TEXTS", folder / "seeds")
    monkeypatch.setenv("CCO_SHARED", str(folder))
    out = folder / "answers.jsonl"
    monkeypatch.setattr("sys.argv", ["judged", "--ask", str(out)])
    judged.main()
    assert ("A psy?", ["Śpią ryby?"]) in histories and len(histories) == 4
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["key"] for line in lines] == [turn["key"] for turn in judged.turns_of(folder)]
    assert lines[0]["quotes"][0]["quote"] in lines[0]["answer"]
    assert "keep their grade" in capsys.readouterr().out
