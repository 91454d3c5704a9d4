"""Holds the answers to the shipped questions, conversations and near misses against those of the baseline.

    .venv/bin/python -m benchmarks.gate            # `make gate`: exit status 1 where answers got worse
    .venv/bin/python -m benchmarks.gate --renew    # `make baseline`: after what the gate printed was meant

The texts are indexed anew and asked with the settings that ship. What `cco compare --fail-on-loss --tolerance 2
--most-points 3` finds worse turns it red, and so do LIMITS, which no renewal moves.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kb import KnowledgeBase, Settings
from kb.evaluation.comparison import compare, losses
from kb.evaluation.conversations import compared, load_conversations
from kb.evaluation.figures.limits import Limit, broken
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_question_set
from kb.evaluation.splits import REPORT, part_of_question
from kb.output import write_whole
from ui.commands.shared import Progress

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "corpus" / "texts"
SETS = {
    "questions": ROOT / "kb" / "evaluation" / "questions.jsonl",
    "conversations": ROOT / "kb" / "evaluation" / "conversations.jsonl",
    "near_misses": ROOT / "benchmarks" / "near_misses.jsonl",
}
BASELINE = ROOT / "benchmarks" / "baseline"
RUNS = ROOT / "out" / "gate"
"""Where the runs are left, for `cco compare`."""
TOLERANCE = 2
"""Questions that a figure may lose: in float32 another processor or library turned one of 621 at most."""
MOST_POINTS = 3.0
"""Points of 100 that a figure may fall, also where as many other questions were won as make it no more than chance."""
FIGURES = ("R@1", "R@3", "answer_found", "cited_right", "answered", "unanswerable_refused", "auroc")
"""What is held against the baseline; of a single language the three in OF_A_LANGUAGE, which have fewer questions."""
OF_A_LANGUAGE = ("R@1", "answer_found", "unanswerable_refused")
MOST_POINTS_OF_A_LANGUAGE = 6.0
LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "questions": (
        Limit("retrieval.R@1", 0.75),
        Limit("answers.answer_found", 0.7),
        Limit("refusal.auroc", 0.9),
        Limit("answers.mean_characters", 160, over=True),
    ),
    "conversations": (Limit("follow_ups.with.R@1", 0.75),),
    "near_misses": (Limit("refusal.answerable_answered", 0.85), Limit("refusal.auroc", 0.7)),
}
"""What holds whatever the baseline says: one that is renewed after each small loss would let them add up."""
_MANIFEST = ("commit", "program", "model", "index", "questions", "versions")
_FIGURES = ("retrieval", "answers", "refusal", "calibration", "follow_ups", "new_topics")
_OUTCOME = ("answerable", "answered", "right_if_answered", "cited_right", "confidence")
_LISTED = 10

Report = Callable[[str, int, int], None]
Run = dict[str, Any]
Chosen = Callable[[EvaluationQuestion], bool]


@dataclass(frozen=True)
class Verdict:
    """What became of one set."""

    name: str
    comparison: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Any]]
    """What is held against the baseline, by its name."""
    worse: tuple[str, ...]
    """Those that fell by more than chance."""
    broken: tuple[str, ...]
    """Limits that are not kept, a line each."""

    @property
    def other_set(self) -> bool:
        """Whether the baseline was made of other questions."""
        return any(self.comparison[key] for key in ("only_in_a", "only_in_b", "changed"))

    @property
    def red(self) -> bool:
        """Whether the build is to fail."""
        return bool(self.worse or self.broken or self.other_set)


# ---------------------------------------------------------------------------------------------------------- the runs


def asked(base: KnowledgeBase, name: str, report: Report | None = None, chosen: Chosen | None = None) -> Run:
    """Ask one of the sets of `base` and return the run, its lines cut down to what is compared.

    `chosen` says which questions are asked, all of them without it. The questions that are only reported on have
    digests for ids, and none has an answer's text.
    """
    tell = (lambda done, total: report(f"asking {name}", done, total)) if report else None
    whole, questions = (_conversations if name == "conversations" else _questions)(base, SETS[name], tell, chosen)
    parts = {question.id: part_of_question(question) for question in questions}
    lines = [_line(line, parts[line["id"]]) for line in whole["questions"]]
    return {
        "manifest": {key: whole["manifest"].get(key) for key in _MANIFEST},
        **{key: _plain(whole[key]) for key in _FIGURES if key in whole},
        "questions": sorted(lines, key=lambda line: str(line["id"])),
    }


def _questions(
    base: KnowledgeBase, file: Path, tell: Callable[[int, int], None] | None, chosen: Chosen | None
) -> tuple[Run, tuple[EvaluationQuestion, ...]]:
    loaded = load_question_set(file)
    kept = tuple(question for question in loaded.questions if chosen is None or chosen(question))
    return run(base, replace(loaded, questions=kept), tell), kept


def _conversations(
    base: KnowledgeBase, file: Path, tell: Callable[[int, int], None] | None, chosen: Chosen | None
) -> tuple[Run, tuple[EvaluationQuestion, ...]]:
    loaded = load_conversations(file)
    kept = tuple(c for c in loaded.conversations if chosen is None or chosen(c.last))
    return compared(base, replace(loaded, conversations=kept), tell), tuple(c.last for c in kept)


def _line(line: Mapping[str, Any], part: str) -> dict[str, Any]:
    told = {key: line[key] for key in _OUTCOME if key in line}
    if "confidence" in told:
        told["confidence"] = round(told["confidence"], 3)
    digest = line["digest"][:16]
    hidden = part == REPORT
    return {
        "id": digest if hidden else line["id"],
        "asked": digest,
        "part": part,
        "language": line["language"],
        **({} if hidden else {"question": line["question"], "fault": line["fault"]}),
        "rank": line.get("rank_with", line.get("rank")),
        "answer_found": line.get("found_with", line.get("answer_found")),
        **told,
    }


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures over all questions, without intervals and groups."""
    figures = figures.get("overall", figures)
    told = {key: value for key, value in figures.items() if key not in ("interval", "bins")}
    return {
        key: _plain(value) if isinstance(value, Mapping) else round(value, 6) if isinstance(value, float) else value
        for key, value in told.items()
        if not key.startswith("by_")
    }


def save(told: Run, path: Path, *, questions: bool = True) -> None:
    """Write a run, a line of the file for each question; without their words where they are only to be compared."""
    lines = told["questions"]
    if not questions:
        lines = [{key: value for key, value in line.items() if key != "question"} for line in lines]
    head = json.dumps({key: value for key, value in told.items() if key != "questions"}, ensure_ascii=False, indent=1)
    body = ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f'{head[:-2]},\n "questions": [\n{body}\n]}}\n')


# ------------------------------------------------------------------------------------------------------- the verdicts


def judged(name: str, before: Path, now: Path, limits: tuple[Limit, ...] = ()) -> Verdict:
    """Hold a run against the baseline, as `cco compare` does, and against `limits`."""
    comparison = compare(before, now)
    figures = {figure: told for figure, told in comparison["measures"].items() if figure in FIGURES}
    worse = losses(figures, tolerance=TOLERANCE, most_points=MOST_POINTS)
    languages = {
        f"{figure}, {tag}": told
        for tag, measures in comparison["by_language"].items()
        for figure, told in measures.items()
        if figure in OF_A_LANGUAGE
    }
    worse += losses(languages, tolerance=TOLERANCE, most_points=MOST_POINTS_OF_A_LANGUAGE)
    told = json.loads(now.read_text(encoding="utf-8"))
    faults = tuple(broken(told, limits)) if limits else ()
    return Verdict(name, comparison, figures | languages, tuple(worse), faults)


def table(verdicts: list[Verdict]) -> Iterator[str]:
    """Yield one table of all figures, what is red about them, and the questions lost that may be looked at."""
    yield f"{'set':<15}{'figure':<30}{'n':>5}{'baseline':>10}{'now':>8}{'change':>9}{'p':>7}  verdict"
    for verdict in verdicts:
        for name, told in verdict.figures.items():
            yield (
                f"{verdict.name:<15}{name:<30}{told['n']:>5}{told['a']:>10.3f}{told['b']:>8.3f}"
                f"{told['difference']:>+9.3f}{told['p']:>7.3f}  {_word(name, told, verdict)}"
            )
    for verdict in filter(lambda verdict: verdict.red, verdicts):
        yield from _faults(verdict)


def _word(name: str, told: Mapping[str, Any], verdict: Verdict) -> str:
    if abs(told["difference"]) < 1e-9:
        return "same"
    if name in verdict.worse:
        return "WORSE"
    return "within chance" if not told["significant"] else "a little worse" if told["worse"] else "better"


def _faults(verdict: Verdict) -> Iterator[str]:
    yield ""
    if verdict.other_set:
        yield f"{verdict.name}: the baseline was made of other questions; make baseline renews it"
    yield from (f"{verdict.name}: {line}" for line in verdict.broken)
    counts, lost = verdict.comparison["counts"], verdict.comparison["lost"]
    words = {detail["id"]: detail.get("question", "") for detail in verdict.comparison["details"]}
    yield f"{verdict.name}: {counts['won']} questions won, {counts['lost']} lost; of those that may be looked at:"
    yield from (f"  lost {question}: {words[question][:80]}" for question in lost[:_LISTED])
    if len(lost) > _LISTED:
        yield f"  and {len(lost) - _LISTED} more"
    before, now = (folder.relative_to(ROOT) / f"{verdict.name}.json" for folder in (BASELINE, RUNS))
    yield f"  .venv/bin/cco compare {before} {now} --text lists all"


# ------------------------------------------------------------------------------------------------------------ the rest


def not_committed() -> str:
    """Return what of the program is not committed, the baseline itself left out; empty where all of it is."""
    aside = f":(exclude){BASELINE.relative_to(ROOT).as_posix()}"
    status = ["git", "-C", str(ROOT), "status", "--porcelain", "--", ".", aside]
    done = subprocess.run(status, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip() or "git status failed"


def main() -> int:
    """Ask, compare, and say what came of it; with `--renew` write the new baseline."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--renew", action="store_true", help="make what is answered now the baseline")
    renew, started = parser.parse_args().renew, time.perf_counter()
    if renew and (changed := not_committed()):
        sys.exit(f"a baseline belongs to a commit, and this is not committed:\n{changed}")
    missing = [name for name in SETS if not (BASELINE / f"{name}.json").is_file()]
    if missing and not renew:
        sys.exit(f"there is no baseline for {', '.join(missing)}; make baseline writes it")
    runs = _run_all()
    known = [name for name in SETS if name not in missing]
    verdicts = [judged(n, BASELINE / f"{n}.json", RUNS / f"{n}.json", LIMITS[n]) for n in known]
    print("\n".join(table(verdicts)))
    seconds = time.perf_counter() - started
    if not renew:
        red = any(verdict.red for verdict in verdicts)
        print(f"\ngate: {'RED, answers got worse' if red else 'green'} ({seconds:.0f} s)")
        return int(red)
    kept = [line for name in SETS for line in broken(runs[name], LIMITS[name])]
    if kept:
        sys.exit("below what no renewal may go, so the baseline stays as it is:\n" + "\n".join(kept))
    for name, told in runs.items():
        save(told, BASELINE / f"{name}.json", questions=False)
    print(f"\nthe baseline is renewed ({seconds:.0f} s); commit {BASELINE.relative_to(ROOT)} with the reason")
    return 0


def _run_all() -> dict[str, Run]:
    """Index the shipped texts, ask all sets, and leave the runs in `RUNS`."""
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        settings = Settings(index=Path(folder))
        base = KnowledgeBase.build([TEXTS], Path(folder), settings=settings, report=progress)
        runs = {name: asked(base, name, progress) for name in SETS}
    for name, told in runs.items():
        save(told, RUNS / f"{name}.json")
    return runs


if __name__ == "__main__":
    sys.exit(main())
