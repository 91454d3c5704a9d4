"""The parts of the retrieval benchmark that need neither a peer nor a model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.peers import SYSTEMS, Entry
from benchmarks.pools import Asked, Paragraph, Pool, mixed_pool, read_pools, save_pools, squad_pool
from benchmarks.retrieval import install_line, run
from benchmarks.tables import Missing, Row, cost_table, pool_table, quality_table, row_of

ROOT = Path(__file__).resolve().parents[2]
TWO = Pool(
    "zh-Hans",
    (Paragraph("a", "猫", "猫每天睡十六个小时。"), Paragraph("b", "", "狗每天散步两次。")),
    (Asked("0", "猫睡多久?", "a"), Asked("1", "狗散步几次?", "b")),
)


def test_a_squad_file_becomes_a_pool_of_its_distinct_paragraphs(tmp_path: Path) -> None:
    def asked(question: str, answer: str | None) -> dict[str, object]:
        answers = [{"text": answer, "answer_start": 0}] if answer else []
        return {"id": f"{question} {answer}", "question": question, "answers": answers, "is_impossible": not answers}

    paragraphs = [
        {"context": "猫每天睡十六个小时。", "qas": [asked("猫睡多久?", "十六个小时"), asked("猫吃什么?", None)]},
        {"context": "狗每天散步两次。", "qas": [asked("狗散步几次?", "两次"), asked(" ", "两次")]},
        {"context": "猫每天睡十六个小时。", "qas": [asked("谁睡十六个小时?", "猫")]},
    ]
    file = tmp_path / "squad.json"
    file.write_text(json.dumps({"data": [{"title": "动物", "paragraphs": paragraphs}]}), encoding="utf-8")

    whole = squad_pool("zh-Hans", file)
    assert [paragraph.whole for paragraph in whole.paragraphs] == [
        "动物 猫每天睡十六个小时。",
        "动物 狗每天散步两次。",
    ]
    first, second = (paragraph.id for paragraph in whole.paragraphs)
    assert [(q.text, q.right) for q in whole.questions] == [
        ("猫睡多久?", first),
        ("狗散步几次?", second),
        ("谁睡十六个小时?", first),
    ]
    assert [question.text for question in squad_pool("zh-Hans", file, limit=2).questions] == [
        "猫睡多久?",
        "狗散步几次?",
    ]
    small = squad_pool("zh-Hans", file, paragraphs=1)
    assert len(small.paragraphs) == 1 and {question.right for question in small.questions} == {first}


def test_a_mixed_pool_holds_the_translations_and_other_lines_of_the_questions_language() -> None:
    polish, chinese = [f"zdanie {n}" for n in range(1000)], [f"句子{n}" for n in range(1000)]
    pool = mixed_pool("pl>zh-Hans", polish, chinese, lines=2)
    assert [(p.id, p.whole) for p in pool.paragraphs] == [
        ("0", "句子0"),
        ("1", "句子1"),
        ("other-0", "zdanie 500"),
        ("other-1", "zdanie 501"),
    ]
    assert pool.questions == (Asked("0", "zdanie 0", "0"), Asked("1", "zdanie 1", "1"))
    assert len(mixed_pool("pl>zh-Hans", polish, chinese, limit=7).questions) == 7
    assert len(mixed_pool("pl>zh-Hans", polish, chinese).paragraphs) == 1000


def test_pools_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    save_pools([TWO], tmp_path / "pools.json")
    assert read_pools(tmp_path / "pools.json") == [TWO]


def test_measures_and_times_are_those_worked_out_by_hand() -> None:
    result = {
        "pools": {"zh-Hans": {"found": {"0": ["a", "b"], "1": ["a", "b"]}, "ms": [1.0, 3.0], "build_s": 0.5}},
        "peak_mb": 800.4,
    }
    row = row_of("ours", result, [TWO])
    # The second question's paragraph comes second: reciprocal rank 1/2, gain 1 / log2(3).
    assert row.scores["zh-Hans"] == pytest.approx(
        {"R@1": 0.5, "R@10": 1.0, "MRR@10": 0.75, "nDCG@10": (1 + 0.63093) / 2}
    )
    assert (row.p50, row.p95, row.build_s, row.peak_mb) == (2.0, pytest.approx(2.9), 0.5, 800.4)


def test_tables_print_shares_times_and_what_is_missing() -> None:
    def row(label: str, share: float) -> Row:
        return Row(label, {"zh-Hans": {"R@1": share}}, 1.26, 3.0, 0.514, 812.6)

    rows: list[Row | Missing] = [
        row("ours", 0.9849),
        row("other", 0.85),
        Missing("peer", "not installed: `pip install peer`"),
    ]
    assert quality_table(rows, [TWO], "R@1").splitlines() == [
        "| R@1 | zh-Hans |",
        "|---|---|",
        "| ours | **.985** |",
        "| other | .850 |",
        "| peer | not installed: `pip install peer` |",
    ]
    assert cost_table(rows, [TWO]).splitlines()[2:] == [
        "| ours | 1.3 | 3.0 | 0.51 | 813 |",
        "| other | 1.3 | 3.0 | 0.51 | 813 |",
    ]
    assert "build, s (zh-Hans, 2)" in cost_table(rows, [TWO])
    assert pool_table([TWO]).splitlines()[2] == "| zh-Hans | 2 | 2 |"


def test_plain_bm25_finds_the_right_paragraphs(tmp_path: Path) -> None:
    system = SYSTEMS["bm25"].load()(tmp_path, tmp_path)
    system.build(TWO.paragraphs)
    assert [system.search(question.text, 1) for question in TWO.questions] == [["a"], ["b"]]


def test_a_peer_that_is_not_installed_is_named_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SYSTEMS, "absent", Entry("Absent", "absent", "Absent", ("absent-kb",), ("absent_kb",)))
    row, result = run("absent", [TWO], tmp_path, tmp_path, tmp_path)
    assert row == Missing("Absent", "not installed: `pip install -c constraints.txt absent-kb`") and result is None


def test_each_peer_is_in_the_requirements_file() -> None:
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0] for line in lines if line and not line.startswith("#")}
    assert {package for entry in SYSTEMS.values() for package in entry.packages} <= pinned
    assert install_line(SYSTEMS["txtai"]) == "pip install -c constraints.txt txtai"


@pytest.mark.model
def test_a_text_must_have_one_prompt() -> None:
    from benchmarks.vectors import PromptError, check_prompts

    check_prompts(["query: 猫睡多久?", "passage: 猫每天睡十六个小时。"])
    for text in ("猫睡多久?", "query: query: 猫睡多久?", "passage: query: 猫"):
        with pytest.raises(PromptError, match="expected one of"):
            check_prompts([text])


@pytest.mark.process
@pytest.mark.parametrize(("named", "message"), [("", "CCO_SHARED is not set"), ("nowhere", "no such folder")])
def test_without_the_public_sets_it_says_so_and_ends_with_2(
    named: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCO_SHARED", str(tmp_path / named) if named else "")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.retrieval"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr
