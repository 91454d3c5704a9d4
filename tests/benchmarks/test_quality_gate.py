"""The gate of CI: what turns it red and what does not, its baseline, and three real losses that it must see."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kb.asking.answered
from benchmarks import gate
from corpus.text import segment
from kb import KnowledgeBase, Settings
from kb.evaluation.conversations import load_conversations
from kb.evaluation.figures.limits import Limit
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_question_set
from kb.evaluation.splits import REPORT, part_of_question
from kb.terms import names as terms
from retrieval.index.contents import Contents
from retrieval.models.encoder import SentenceTransformerEncoder
from tests.conftest import ROOT, SHIPPED_TEXTS

# ------------------------------------------------------------------------------------- what is red, on made-up runs


def saved(path: Path, right: Sequence[bool], refused: Sequence[bool] = ()) -> Path:
    lines: list[dict[str, Any]] = [
        {"id": f"q{n}", "part": "look", "answerable": True, "rank": 1 if good else 2, "answered": True}
        | {"answer_found": good, "confidence": 0.9, "right_if_answered": good}
        for n, good in enumerate(right)
    ]
    lines += [
        {"id": f"u{n}", "part": "report", "answerable": False, "rank": None, "answered": not good}
        | {"answer_found": False, "confidence": 0.4 if good else 0.6, "right_if_answered": False}
        for n, good in enumerate(refused)
    ]
    path.write_text(json.dumps({"manifest": {}, "retrieval": {"R@1": 0.9}, "questions": lines}))
    return path


def turned(n: int, right: int, *, lost: int = 0, won: int = 0) -> tuple[list[bool], list[bool]]:
    """Return `n` outcomes of which `right` are right, and the same with so many lost and won."""
    before = [place < right for place in range(n)]
    return before, [place >= lost if place < right else place - right < won for place in range(n)]


@pytest.mark.parametrize(
    ("n", "lost", "won", "red"),
    [
        (191, 0, 0, False),
        (191, 1, 0, False),  # what another processor may turn
        (191, 2, 0, False),
        (191, 3, 2, False),
        (191, 6, 0, True),  # significant
        (191, 12, 5, True),  # 3.7 points, if not significant
        (191, 12, 8, False),
        (300, 8, 0, True),
        (24, 2, 0, False),
        (24, 3, 0, True),  # 12 points
    ],
)
def test_a_loss_is_red_from_where_it_is_no_chance(tmp_path: Path, n: int, lost: int, won: int, red: bool) -> None:
    before, now = turned(n, n - 15, lost=lost, won=won)
    verdict = gate.judged("x", saved(tmp_path / "a.json", before), saved(tmp_path / "b.json", now))
    assert verdict.red is red and ("answer_found" in verdict.worse) is red


def test_refusing_nothing_is_red(tmp_path: Path) -> None:
    before, now = [True] * 60 + [False] * 90, [False] * 150
    right = [True] * 100
    verdict = gate.judged("x", saved(tmp_path / "a.json", right, before), saved(tmp_path / "b.json", right, now))
    assert verdict.red and "unanswerable_refused" in verdict.worse and "answered" not in verdict.worse


def test_a_limit_holds_whatever_the_baseline_says(tmp_path: Path) -> None:
    run = saved(tmp_path / "a.json", [True] * 9)
    verdict = gate.judged("x", run, run, (Limit("retrieval.R@1", 0.95),))
    assert verdict.red and verdict.broken == ("retrieval.R@1 is 0.9, under 0.95",) and verdict.worse == ()


def test_the_table_names_what_is_worse_and_no_question_that_is_only_reported_on(tmp_path: Path) -> None:
    a = saved(tmp_path / "a.json", [True] * 60, [True] * 40)
    b = saved(tmp_path / "b.json", [False] * 20 + [True] * 40, [False] * 20 + [True] * 20)
    told = list(gate.table([gate.judged("near_misses", a, b)]))
    assert told[0].split() == ["set", "figure", "n", "baseline", "now", "change", "p", "verdict"]
    rows = {line.split()[1]: line.split() for line in told[1:] if line.startswith("near_misses  ")}
    assert rows["answer_found"][2:6] == ["60", "1.000", "0.667", "-0.333"] and rows["answer_found"][-1] == "WORSE"
    assert rows["answered"][-1] == "same"
    text = "\n".join(told)
    assert "near_misses: 0 questions won, 40 lost" in text and "lost q0:" in text and "u0" not in text


def test_another_set_than_the_baseline_was_made_of_is_red(tmp_path: Path) -> None:
    a, b = saved(tmp_path / "a.json", [True] * 9), saved(tmp_path / "b.json", [True] * 8)
    verdict = gate.judged("x", a, b)
    assert verdict.red and "make baseline renews it" in "\n".join(gate.table([verdict]))


# ------------------------------------------------------------------------------------------------------ the baseline


@pytest.fixture(scope="module")
def baseline() -> dict[str, Any]:
    if not gate.BASELINE.is_dir():
        pytest.skip("benchmarks/baseline is not there: make baseline writes it")
    return {name: json.loads((gate.BASELINE / f"{name}.json").read_text(encoding="utf-8")) for name in gate.SETS}


def questions_of(name: str) -> list[EvaluationQuestion]:
    if name == "conversations":
        return [conversation.last for conversation in load_conversations(gate.SETS[name]).conversations]
    return list(load_question_set(gate.SETS[name]).questions)


@pytest.mark.parametrize("name", gate.SETS)
def test_the_baseline_is_of_the_sets_as_they_are_and_says_of_what_it_was_made(
    baseline: dict[str, Any], name: str
) -> None:
    told = baseline[name]
    assert sorted(line["asked"] for line in told["questions"]) == sorted(q.digest[:16] for q in questions_of(name))
    manifest = told["manifest"]
    assert len(manifest["commit"]) == 40 and len(manifest["program"]) == 64
    assert (
        manifest["model"]["name"] and manifest["model"]["dtype"] == "float32" and len(manifest["model"]["digest"]) == 64
    )
    assert "started" not in json.dumps(told) and "timings" not in json.dumps(told)


@pytest.mark.parametrize("name", gate.SETS)
def test_the_baseline_is_small_and_tells_nothing_of_what_is_only_reported_on(
    baseline: dict[str, Any], name: str
) -> None:
    text = (gate.BASELINE / f"{name}.json").read_text(encoding="utf-8")
    # A line is about 250 characters.
    assert len(text) < 300 * len(baseline[name]["questions"]) + 5_000
    hidden = [question for question in questions_of(name) if part_of_question(question) == REPORT]
    assert hidden and not any(f'"{q.id}"' in text or q.question in text for q in hidden)
    assert not any(q.question in text for q in questions_of(name))


def test_the_baseline_keeps_its_own_limits(baseline: dict[str, Any]) -> None:
    assert {name: gate.broken(baseline[name], gate.LIMITS[name]) for name in gate.SETS} == {n: [] for n in gate.SETS}


def test_a_baseline_is_renewed_from_what_is_committed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["gate", "--renew"])
    monkeypatch.setattr(gate, "not_committed", lambda: " M kb/answering/answers.py")
    monkeypatch.setattr(gate, "_run_all", lambda: pytest.fail("asked"))
    with pytest.raises(SystemExit, match="a baseline belongs to a commit, and this is not committed"):
        gate.main()


def test_without_a_baseline_it_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.argv", ["gate"])
    monkeypatch.setattr(gate, "BASELINE", tmp_path)
    with pytest.raises(SystemExit, match=r"there is no baseline for questions, .*; make baseline writes it"):
        gate.main()


@pytest.mark.parametrize(("lost", "status", "said"), [(0, 0, "gate: green"), (9, 1, "gate: RED, answers got worse")])
def test_the_exit_status_says_whether_answers_got_worse(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lost: int,
    status: int,
    said: str,
) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "now").mkdir()
    for name in gate.SETS:
        saved(tmp_path / "before" / f"{name}.json", [True] * 50)
        saved(tmp_path / "now" / f"{name}.json", [n >= lost for n in range(50)])
    monkeypatch.setattr("sys.argv", ["gate"])
    monkeypatch.setattr(gate, "ROOT", tmp_path)
    monkeypatch.setattr(gate, "BASELINE", tmp_path / "before")
    monkeypatch.setattr(gate, "RUNS", tmp_path / "now")
    monkeypatch.setattr(gate, "LIMITS", dict.fromkeys(gate.SETS, ()))
    monkeypatch.setattr(gate, "_run_all", dict)
    assert gate.main() == status
    assert said in capsys.readouterr().out


def test_ci_calls_it() -> None:
    assert "make gate" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "gate: $(READY)\n\t$(BIN)/python -m benchmarks.gate\n" in makefile
    assert "baseline: $(READY)\n\t$(BIN)/python -m benchmarks.gate --renew\n" in makefile


# ------------------------------------------------------------------------------- three losses, on the real texts


class Remembering:
    """The bundled encoder, which takes vectors from an index that has them already."""

    def __init__(self, encoder: SentenceTransformerEncoder, contents: Contents) -> None:
        self.name, self.digest = encoder.name, encoder.digest
        self.dimension, self.dtype = encoder.dimension, encoder.dtype
        self.count_tokens, self._encoder = encoder.count_tokens, encoder
        self._documents, self._questions = contents.vectors_of_texts()

    def encode_documents(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> np.ndarray:
        if all(text in self._documents for text in texts):
            return np.array([self._documents[text] for text in texts], np.float32)
        return self._encoder.encode_documents(texts, progress)

    def encode_queries(self, texts: Sequence[str]) -> np.ndarray:
        if texts and all(text in self._questions for text in texts):
            return np.array([self._questions[text] for text in texts], np.float32)
        return self._encoder.encode_queries(texts)


SUBSETS: dict[str, tuple[str, Callable[[EvaluationQuestion], bool]]] = {
    "second best": ("questions", lambda q: q.answerable and _one_in(6, q)),
    "refuse nothing": ("near_misses", lambda q: _one_in(8, q)),
    "no Polish lemmas": ("questions", lambda q: q.answerable and q.language == "pl"),
}
"""For each loss the set that is to show it, and as much of it as is enough."""


def _one_in(share: int, question: EvaluationQuestion) -> bool:
    return int(question.digest, 16) % share == 0


@contextmanager
def forgetting() -> Iterator[None]:
    """Let nothing that is kept of words and texts go in or out: it is made anew within, and anew afterwards."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("corpus.", "kb."))]
    caches = {value for module in modules for value in vars(module).values() if hasattr(value, "cache_clear")}
    kept = [cache for cache in caches if cache.cache_parameters()["maxsize"] != 1]  # of one there are dictionaries
    assert {segment._latin_tokens, terms.name_phrase} < set(kept)

    def forget() -> None:
        for each in kept:
            each.cache_clear()

    forget()
    try:
        yield
    finally:
        forget()


def second_best(base: KnowledgeBase, folder: Path, patch: pytest.MonkeyPatch) -> KnowledgeBase:
    """Choose the second-best sentence."""
    original = kb.asking.answered.findings

    def findings(*arguments: Any, **options: Any) -> Any:
        found = original(*arguments, **options)
        return replace(found, ranked=found.ranked[1:])

    patch.setattr(kb.asking.answered, "findings", findings)
    return base


def refuse_nothing(base: KnowledgeBase, folder: Path, patch: pytest.MonkeyPatch) -> KnowledgeBase:
    """Answer whatever is asked."""
    answer = base.settings.answer.model_copy(update={"refuse_below": 0.0})
    return base.with_settings(base.settings.model_copy(update={"answer": answer}))


def no_lemmas(base: KnowledgeBase, folder: Path, patch: pytest.MonkeyPatch) -> KnowledgeBase:
    """Look for Polish words as they are written, in an index made so: where lemmas alone are gone, stems do as well."""
    patch.setattr(segment, "polish_lemmas", lambda word: set())
    patch.setattr(segment, "polish_stem", lambda word: word)
    remembering = Remembering(base.opened.encoder, base.snapshot.contents)  # type: ignore[arg-type]
    return KnowledgeBase.build([SHIPPED_TEXTS], folder, settings=Settings(index=folder), encoder=remembering)


PLANTED = {
    "second best": (second_best, {"answer_found"}),
    "refuse nothing": (refuse_nothing, {"unanswerable_refused"}),
    "no Polish lemmas": (no_lemmas, {"R@1"}),
}


@pytest.mark.parametrize("loss", PLANTED)
def test_a_planted_loss_turns_it_red(
    baseline: dict[str, Any], shipped_base: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    name, chosen = SUBSETS[loss]
    plant, worse = PLANTED[loss]
    asked = {question.digest[:16] for question in questions_of(name) if chosen(question)}
    kept = [line for line in baseline[name]["questions"] if line["asked"] in asked]
    gate.save(baseline[name] | {"questions": kept}, tmp_path / "before.json")
    with forgetting():
        now = gate.asked(plant(shipped_base, tmp_path / "index", monkeypatch), name, chosen=chosen)
    gate.save(now, tmp_path / "now.json")
    verdict = gate.judged(name, tmp_path / "before.json", tmp_path / "now.json")
    print("\n".join(gate.table([verdict])))
    assert verdict.red and worse <= set(verdict.worse)
    same = gate.judged(name, tmp_path / "before.json", tmp_path / "before.json")
    assert not same.red
