"""Two runs side by side: what changed, how surely, and when a build is to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.evaluation.comparison import compare
from kb.evaluation.question_sets import QuestionSetError


def saved(path: Path, ranks: list[int | None], found: list[bool]) -> Path:
    questions = [
        {"id": f"q{n}", "answerable": True, "rank": rank, "answered": good, "answer_found": good}
        for n, (rank, good) in enumerate(zip(ranks, found, strict=True))
    ]
    path.write_text(json.dumps({"manifest": {"started": path.name, "commit": path.name}, "questions": questions}))
    return path


def test_a_comparison_says_what_changed_and_how_surely(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1, 2, None, 1] * 20, [True, False, False, True] * 20)
    b = saved(tmp_path / "b.json", [1, 1, 4, 1] * 20, [True, True, False, False] * 20)
    result = compare(a, b)
    assert result["questions"] == 80
    r1 = result["measures"]["R@1"]
    assert (r1["a"], r1["b"], r1["difference"]) == (0.5, 0.75, 0.25)
    assert r1["p"] < 0.01
    assert result["measures"]["MRR@10"]["difference"] == pytest.approx((0.5 + 0.25) / 4)
    assert result["measures"]["answer_found"]["difference"] == 0.0
    assert result["measures"]["answer_found"]["p"] == 1.0
    assert result["won"] == [f"q{n}" for n in range(80) if n % 4 == 1]
    assert result["lost"] == [f"q{n}" for n in range(80) if n % 4 == 3]
    assert result["manifest"] == {"commit": {"a": "a.json", "b": "b.json"}}
    assert compare(a, b) == result


def test_one_question_more_is_no_proof(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1, 1, 2, 2], [True] * 4)
    b = saved(tmp_path / "b.json", [1, 1, 1, 2], [True] * 4)
    assert compare(a, b)["measures"]["R@1"]["p"] > 0.2


def test_runs_that_share_no_question_or_are_none_are_refused(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1], [True])
    other = tmp_path / "b.json"
    other.write_text(a.read_text().replace('"q0"', '"other"'))
    with pytest.raises(QuestionSetError, match="have no answerable question in common; compare runs over one set"):
        compare(a, other)
    for content in ("nonsense", "[]", "{}"):
        other.write_text(content)
        with pytest.raises(QuestionSetError, match=r"b\.json: not a run.*cco eval QUESTIONS\.jsonl --json OUT"):
            compare(a, other)
