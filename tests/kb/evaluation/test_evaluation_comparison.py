"""Two runs side by side: what changed, how surely, and when a build is to fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb import KnowledgeBase
from kb.evaluation.comparison import compare, losses
from kb.evaluation.figures.limits import Limit, LimitError, broken
from kb.evaluation.runs import run
from kb.evaluation.sets.faults import QuestionSetError
from kb.evaluation.sets.question_sets import load_question_set
from tests.helpers.questions import CATS, FISH, NOBODY, with_threshold, write
from ui.cli import main


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
    with pytest.raises(QuestionSetError, match=r"a\.json: no answerable question in common with .*b\.json; "):
        compare(a, other)
    for content in ("nonsense", "[]", "{}"):
        other.write_text(content)
        with pytest.raises(QuestionSetError, match=r"b\.json: not a run.*cco eval QUESTIONS\.jsonl --json OUT"):
            compare(a, other)


def test_all_measures_of_a_real_run_are_compared(small_base: KnowledgeBase, tmp_path: Path) -> None:
    other = with_threshold(small_base, 0.0)
    questions = load_question_set(write(tmp_path / "q.jsonl", *map(json.dumps, [CATS, FISH, NOBODY])))
    for name, base in (("a", with_threshold(small_base, 1.0)), ("b", other)):
        (tmp_path / f"{name}.json").write_text(json.dumps(run(base, questions)))
    result = compare(tmp_path / "a.json", tmp_path / "b.json")
    assert {"R@1", "MRR@10", "nDCG@10", "MAP@10", "answer_found", "f1", "unanswerable_refused", "auroc", "ece"} <= set(
        result["measures"]
    )
    assert result["measures"]["answered"]["difference"] == 1.0
    assert result["measures"]["unanswerable_refused"]["difference"] == -1.0
    assert result["lost"] == ["none"]
    assert {"cats", "fish"} == set(result["won"])
    assert result["manifest"] == {"settings.answer.refuse_below": {"a": 1.0, "b": 0.0}}
    assert [detail["b"]["fault"] for detail in result["details"] if detail["id"] == "none"] == ["should_refuse"]


def test_questions_that_changed_are_not_paired(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [1, 1, 2], [True] * 3)
    run_b = json.loads(saved(tmp_path / "b.json", [1, None, 2], [True] * 3).read_text())
    for line, text in zip(run_b["questions"], ("x", "y", "z"), strict=True):
        line["question"] = text
    run_a = json.loads(a.read_text())
    for line, text in zip(run_a["questions"], ("x", "another", "z"), strict=True):
        line["question"] = text
    a.write_text(json.dumps(run_a))
    (tmp_path / "b.json").write_text(json.dumps(run_b))
    result = compare(a, tmp_path / "b.json")
    assert (result["questions"], result["changed"]) == (2, ["q1"])
    assert result["measures"]["R@1"]["difference"] == 0.0


def test_the_interval_of_a_difference_goes_by_pairs(tmp_path: Path) -> None:
    # 20 of 100 questions won, none lost: .2 give or take 1.96 · √(.2 · .8 / 100) = .078.
    a = saved(tmp_path / "a.json", [1] * 60 + [2] * 40, [True] * 100)
    b = saved(tmp_path / "b.json", [1] * 80 + [2] * 20, [True] * 100)
    told = compare(a, b)["measures"]["R@1"]
    assert told["interval"] == [pytest.approx(0.122, abs=0.012), pytest.approx(0.278, abs=0.012)]
    assert (told["significant"], told["worse"], told["n"]) == (True, False, 100)
    assert losses(compare(a, b)["measures"]) == []
    assert losses(compare(b, a)["measures"]) == ["R@1", "MRR@10"]


def test_a_calibration_error_that_grows_is_worse(tmp_path: Path) -> None:
    for name, confidence in (("a", 0.9), ("b", 0.2)):
        lines = [
            {"id": f"q{n}", "answerable": True, "rank": 1, "answered": True, "answer_found": True}
            | {"confidence": confidence, "right_if_answered": True}
            for n in range(30)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps({"manifest": {}, "questions": lines}))
    result = compare(tmp_path / "a.json", tmp_path / "b.json")
    assert result["measures"]["ece"]["difference"] == pytest.approx(0.7)
    assert losses(result["measures"]) == ["ece"]


# ---------------------------------------------------------------------------------------------------------- limits


RUN = {
    "manifest": {"machine": {"cores": 2}},
    "retrieval": {
        "overall": {"n": 4, "R@1": 0.5, "interval": {"R@1": [0.1, 0.9]}},
        "by_kind": {"v1.2=x": {"R@1": 0.25}},
    },
    "refusal": {"auroc": None, "f1": 0.4},
    "latency_ms": {"p95": 80.0},
    "questions": [],
}


@pytest.mark.parametrize(
    ("limit", "over", "said"),
    [
        ("retrieval.R@1=0.5", False, []),
        ("retrieval.R@1=0.51", False, ["retrieval.R@1 is 0.5, under 0.51"]),
        ("retrieval.overall.R@1=0.6", False, ["retrieval.overall.R@1 is 0.5, under 0.6"]),
        ("retrieval.by_kind.v1.2=x.R@1=0.3", False, ["retrieval.by_kind.v1.2=x.R@1 is 0.25, under 0.3"]),
        ("refusal.auroc=0.9", False, ["refusal.auroc was not measured, so whether it is under 0.9 is not known"]),
        ("latency_ms.p95=80", True, []),
        ("latency_ms.p95=50", True, ["latency_ms.p95 is 80, over 50"]),
    ],
)
def test_limits(limit: str, over: bool, said: list[str]) -> None:
    assert broken(RUN, [Limit.read(limit, over=over)]) == said


@pytest.mark.parametrize("text", ["", "retrieval.R@1", "=0.5", "retrieval.R@1=", "retrieval.R@1=high", "a=nan"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match=r"is no limit; expected PATH=VALUE, such as retrieval\.R@1=0\.95"):
        Limit.read(text)


def test_an_unknown_path_names_the_ones_there_are() -> None:
    with pytest.raises(LimitError) as raised:
        broken(RUN, [Limit.read("retrieval.R@1=0.1"), Limit.read("retrieval.R@2=0.1"), Limit.read("manifest.x=1")])
    assert str(raised.value) == (
        "the run has no retrieval.R@2, manifest.x; it has retrieval.n, retrieval.R@1, refusal.auroc, refusal.f1, "
        "latency_ms.p95; of one group alone such as retrieval.by_kind.v1.2=x.R@1"
    )


# ------------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def runs(tmp_path: Path) -> tuple[str, str]:
    """A run with 40 questions and one that lost ten of them."""
    a = saved(tmp_path / "a.json", [1] * 40, [True] * 40)
    b = saved(tmp_path / "b.json", [1] * 30 + [None] * 10, [True] * 30 + [False] * 10)
    for path, value in ((a, 1.0), (b, 0.75)):
        told = json.loads(path.read_text())
        path.write_text(json.dumps({**told, "retrieval": {"overall": {"R@1": value}}}))
    return str(a), str(b)


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ([], 0, ""),
        (["--fail-under", "retrieval.R@1=0.75", "--fail-on-loss"], 1, "cco: R@1 is worse: 1.0000 > 0.7500, p = 0.0"),
        (["--fail-under", "retrieval.R@1=0.75"], 0, ""),
        (["--fail-on-loss", "--tolerance", "10"], 0, ""),
        (
            ["--fail-on-loss", "--tolerance", "9", "--most-points", "30"],
            1,
            "cco: R@1 is worse: 1.0000 > 0.7500, p = 0.0",
        ),
        (
            ["--fail-under", "retrieval.R@1=0.75", "--fail-under", "retrieval.R@1=.8"],
            1,
            "cco: retrieval.R@1 is 0.75, u",
        ),
        (["--fail-over", "retrieval.R@1=0.7"], 1, "cco: retrieval.R@1 is 0.75, over 0.7\n"),
        (
            ["--fail-under", "retrieval.R@7=0.75"],
            2,
            "cco compare: error: the run has no retrieval.R@7; it has retr",
        ),
        (["--fail-under", "nonsense"], 2, "cco compare: error: 'nonsense' is no limit"),
    ],
)
def test_exit_status_for_ci(
    runs: tuple[str, str], capsys: pytest.CaptureFixture[str], options: list[str], status: int, said: str
) -> None:
    try:
        got = main(["compare", *runs, *options])
    except SystemExit as end:
        got = int(end.code or 0)
    printed = capsys.readouterr()
    assert (got, printed.err[: len(said)]) == (status, said)
    if status == 2:
        assert printed.out == ""
    else:
        assert json.loads(printed.out)["lost"] == [f"q{n}" for n in range(30, 40)]


def test_a_table_for_people(runs: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *runs, "--text"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["n", "before", "after", "change", "95", "%", "interval", "p"]
    r1 = next(line.split() for line in lines if line.startswith("R@1 "))
    assert r1[1:5] == ["40", "1.0000", "0.7500", "-0.2500"] and r1[-1] == "worse"
    assert "lost: 10" in lines and "won: 0" in lines and '  commit: "a.json" > "b.json"' in lines
