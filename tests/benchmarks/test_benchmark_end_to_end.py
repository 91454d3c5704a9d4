"""The table in docs/figures.md: what is kept of a run, what a row says, and that nothing is asked twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from benchmarks import end_to_end
from kb.evaluation.splits import REPORT, part_of
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.helpers.fakes import FakeEncoder
from tests.helpers.questions import write

PARAGRAPHS = [f"Kot numer {n} śpi w koszu. Pies numer {n} śpi w budzie." for n in range(12)]
SQUAD = {
    "data": [
        {
            "title": "Zwierzęta",
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {"id": f"secret-{n}", "question": f"Gdzie śpi kot {n}?", "answers": [{"text": "koszu"}]},
                        {"id": f"none-{n}", "question": f"Co je kot {n}?", "is_impossible": True, "answers": []},
                    ],
                }
                for n, text in enumerate(PARAGRAPHS)
            ],
        }
    ]
}


@pytest.fixture
def figures(tmp_path: Path) -> end_to_end.Figures:
    encoder = cast(SentenceTransformerEncoder, FakeEncoder())
    return end_to_end.Figures(tmp_path / "kept", encoder, lambda *told: None)


def test_of_a_public_set_the_reported_half_is_asked_and_figures_alone_are_kept(
    figures: end_to_end.Figures, tmp_path: Path
) -> None:
    file = write(tmp_path / "squad.json", json.dumps(SQUAD))
    told = figures.of("squad", lambda: end_to_end.squad(figures, file, 1), file)
    mine = sum(part_of(f"paragraph-{n}") == REPORT for n in range(12))
    assert 0 < mine < 12
    assert (told["refusal"]["answerable"], told["refusal"]["unanswerable"]) == (mine, mine)
    kept = (tmp_path / "kept" / "squad.json").read_text(encoding="utf-8")
    assert "secret" not in kept and "Gdzie" not in kept and json.loads(kept)["part"] == "report"
    rows = list(end_to_end.squad_rows("PoQuAD, pl", told))
    assert rows[0].startswith(f"| PoQuAD, pl | right paragraph first, by search alone | {mine} | ") and len(rows) == 8
    third = end_to_end.squad(figures, file, 3)
    assert len(third["questions"]) == -(-2 * mine // 3)


def test_a_set_is_asked_again_only_of_another_program_or_other_questions(
    figures: end_to_end.Figures, tmp_path: Path
) -> None:
    file, made = write(tmp_path / "a.txt", "one"), []

    def make() -> dict[str, Any]:
        made.append(1)
        return {"n": len(made), "questions": [{"id": "secret"}]}

    assert [figures.of("a", make, file)["n"] for _ in range(2)] == [1, 1]
    write(file, "two")
    assert figures.of("a", make, file)["n"] == 2
    other = FakeEncoder()
    other.dtype = "bfloat16"
    again = end_to_end.Figures(tmp_path / "kept", cast(SentenceTransformerEncoder, other), lambda *told: None)
    assert again.of("a", make, file)["n"] == 3


def test_a_row_has_its_count_and_its_interval() -> None:
    values = {"R@1": 0.98765, "interval": {"R@1": [0.98, 0.9944]}}
    assert end_to_end.row("CMRC", "first", values, "R@1", 500) == "| CMRC | first | 500 | .988 | .980–.994 |"
    assert end_to_end.row("CMRC", "first", {"R@1": None, "interval": {}}, "R@1", 0) == "| CMRC | first | 0 | – | – |"


def test_rows_of_conversations_have_intervals_too() -> None:
    measures = {"R@1": 0.5, "R@3": 0.75, "answer_found": 0.25}
    side = {**measures, "interval": {name: [0.1, 0.9] for name in measures}}
    told = {
        "follow_ups": {"n": 20, "without": side, "with": side},
        "new_topics": {"n": 7, "left_alone": 7},
    }
    rows = list(end_to_end.conversation_rows(told))
    assert len(rows) == 7 and "| 20 | .750 | .100–.900 |" in rows[1]
    assert rows[-1] == "| shipped conversations, new topics | left as they are | 7 | 1.000 | .646–1.000 |"
