"""Print the figures of docs/figures.md: of questions that nothing was tuned on, each with its count and interval.

    CCO_SHARED=../shared .venv/bin/python -m benchmarks.end_to_end [--keep FOLDER]

Of every set the half that is only reported on is asked (kb/evaluation/splits.py), of DRCD every third question of it;
figures alone are kept, in FOLDER, so that a set is not asked again of the same program. Public sets are looked for in
CCO_SHARED/bench, graded answers in CCO_SHARED/judged; what is not there is left out, with a word. The vectors of the
public sets are kept in the cache folder: encoding them is most of the first run. Times are of this machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import judged
from corpus.user_folders import cache_folder
from kb import KnowledgeBase, Settings
from kb.evaluation.conversations import compared, load_conversations
from kb.evaluation.figures.bootstrap import intervals, means, wilson
from kb.evaluation.figures.measures import mean
from kb.evaluation.kept_vectors import KeptVectors
from kb.evaluation.manifest import surroundings
from kb.evaluation.parallel import probe
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import EvaluationQuestion, load_parallel, load_question_set
from kb.evaluation.sets.squad import load_squad
from kb.evaluation.splits import REPORT, conversations_of, part_of, part_of_line, questions_of, without_questions
from kb.output import write_whole
from retrieval.models.encoder import SentenceTransformerEncoder
from ui.commands.shared import Progress

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "corpus" / "texts"
EVALUATION = ROOT / "kb" / "evaluation"
SQUAD = {
    "CMRC 2018 trial, zh-Hans": ("cmrc2018_trial.zh-Hans.json", 1),
    "DRCD test, zh-Hant": ("drcd_test.zh-Hant.json", 3),
    "PoQuAD, pl": ("poquad_a.pl.json", 1),
}
"""Files, and of how many questions one is asked."""
PAIRS = ("pl:zh-Hans", "zh-Hans:pl", "pl:zh-Hant", "zh-Hant:pl")
SHIPPED = {
    "shipped questions": EVALUATION / "questions.jsonl",
    "near misses (`benchmarks/near_misses.jsonl`)": ROOT / "benchmarks" / "near_misses.jsonl",
    "plain questions (`benchmarks/plain.jsonl`)": ROOT / "benchmarks" / "plain.jsonl",
}
READER = ROOT / "kb" / "reading" / "reader.safetensors"
"""The trained reader: of what it was trained on no figure is one of questions that it never saw."""
CONVERSATIONS = EVALUATION / "conversations.jsonl"
MARKED = "F1 of the underlined words"
KINDS = {
    "same-language": ", same language",
    "cross-script": ", other Chinese script",
    "cross-lingual": ", Polish and Chinese",
}

Run = dict[str, Any]
Report = Callable[[str, int, int], None]


class Figures:
    """Makes the runs, or takes them from where they were kept."""

    def __init__(self, folder: Path, encoder: SentenceTransformerEncoder, report: Report) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder, self.report, self._folder = encoder, report, folder
        told = surroundings(Settings())
        depends = [told["settings"], told["program"], told["versions"], told["machine"]["cpu"]]
        self._key = json.dumps([*depends, encoder.digest, encoder.dtype], sort_keys=True)

    def of(self, name: str, make: Callable[[], Run], *files: Path) -> Run:
        """Return the figures of a run that depends on `files`; nothing of a single question is kept."""
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        key = hashlib.sha256("\0".join([self._key, *digests]).encode()).hexdigest()
        file = self._folder / f"{name}.json"
        try:
            kept: Run = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = {}
        if kept.get("key") != key:
            kept = without_questions(make()) | {"key": key}
            write_whole(file, json.dumps(kept, ensure_ascii=False) + "\n")
        return kept


# ---------------------------------------------------------------------------------------------------------- the runs


def squad(figures: Figures, file: Path, one_in: int, *, search_alone: bool = False) -> Run:
    """Ask the reported half of a file in SQuAD's format, of all its paragraphs."""
    questions, documents = load_squad(file, asked_of=lambda document: part_of(document) == REPORT)
    questions = replace(questions, questions=questions.questions[::one_in])
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase.of_documents(
            documents,
            settings=Settings(index=Path(folder)),
            encoder=KeptVectors(figures.encoder),
            report=figures.report,
        )
        told = {} if search_alone else run(base, questions, partial(figures.report, f"asking {file.name}"))
        return told | {"search": searched(base, questions.questions)}


def searched(base: KnowledgeBase, questions: Sequence[EvaluationQuestion]) -> dict[str, Any]:
    """Return how often search alone, before anything is read, has a question's own paragraph first."""
    firsts = [float(_first(base, q.question) in q.documents) for q in questions if q.answerable]
    bounds = intervals(means([firsts]), len(firsts))[0]
    return {"n": len(firsts), "R@1": mean(firsts), "interval": {"R@1": bounds}}


def _first(base: KnowledgeBase, question: str) -> str:
    # CMRC 2018 has two questions without a word, which find nothing.
    found = base.snapshot.search(base.question(question), k=1) if question.strip() else []
    return found[0].passage.document_id if found else ""


def pool(figures: Figures, file: Path, pair: str) -> Run:
    """Ask the reported half of the lines of a table of translations, of the whole pool."""
    kept, tell = KeptVectors(figures.encoder), partial(figures.report, f"encoding {pair}")
    lines = load_parallel(file)
    return probe(file, lines, pair, kept, Settings(), tell, lambda line: part_of_line(line) == REPORT)


def shipped(figures: Figures, base: Callable[[], KnowledgeBase], file: Path) -> Run:
    """Ask the reported half of a set about the shipped texts."""
    tell = partial(figures.report, f"asking {file.name}")
    if file == CONVERSATIONS:
        return compared(base(), conversations_of(load_conversations(file), REPORT, file), tell)
    return run(base(), questions_of(load_question_set(file), REPORT, file), tell)


# ---------------------------------------------------------------------------------------------------------- the rows


def row(of: str, what: str, values: Mapping[str, Any], name: str, n: int) -> str:
    """Return a row of the table from the figures of one group."""
    value, bounds = values[name], (values.get("interval") or {}).get(name)
    between = "–".join(map(_short, bounds)) if bounds else "–"
    return f"| {of} | {what} | {n} | {'–' if value is None else _short(value)} | {between} |"


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def squad_rows(name: str, told: Run) -> Iterator[str]:
    """Yield what a run over paragraphs gives."""
    yield row(name, "right paragraph first, by search alone", told["search"], "R@1", told["search"]["n"])
    if "answers" not in told:
        return
    answers = told["answers"]["overall"]
    if READER.is_file():
        name += " (the reader was trained on these paragraphs)"
    yield row(name, "right paragraph first", told["retrieval"]["overall"], "R@1", told["retrieval"]["overall"]["n"])
    held = f"the answer holds what was asked for, at {answers['mean_characters']:.0f} characters"
    yield row(name, held, answers, "answer_found", answers["n"])
    yield row(name, MARKED, answers, "marked_f1", answers["n"])
    yield row(name, "the quotes are from the right paragraph", answers, "cited_right", answers["answered"])
    if told["refusal"]["unanswerable"]:
        yield from refusal_rows(name, told["refusal"])


def refusal_rows(name: str, told: Mapping[str, Any]) -> Iterator[str]:
    """Yield how questions with and without an answer are told apart."""
    yield row(name, "answered, with an answer in the texts", told, "answerable_answered", told["answerable"])
    yield row(name, "refused, without one", told, "unanswerable_refused", told["unanswerable"])
    yield row(name, "AUROC of the confidence", told, "auroc", told["answerable"] + told["unanswerable"])


def question_rows(name: str, told: Run) -> Iterator[str]:
    """Yield what a run over the shipped texts gives."""
    kinds = [(KINDS[kind], values) for kind, values in told["retrieval"]["by_kind"].items() if kind in KINDS]
    for kind, values in kinds or [("", told["retrieval"]["overall"])]:
        for measure, what in (("R@1", "right passage first"), ("R@3", "among three")):
            yield row(f"{name}{kind}", what, values, measure, values["n"])
    answers = told["answers"]["overall"]
    held = f"the answer holds what was asked for, at {answers['mean_characters']:.0f} characters"
    yield row(name, held, answers, "answer_found", answers["n"])
    yield row(name, MARKED, answers, "marked_f1", answers["n"])
    yield from refusal_rows(name, told["refusal"])


def conversation_rows(told: Run) -> Iterator[str]:
    """Yield what follow-ups find alone and completed, and how many new topics were left as they are."""
    leaning, fresh = told["follow_ups"], told["new_topics"]
    whats = (("R@1", "right passage first"), ("R@3", "among three"), ("answer_found", "answer found"))
    for side, word in (("without", "alone"), ("with", "completed")):
        for measure, what in whats:
            yield row(f"shipped follow-ups, {word}", what, leaning[side], measure, leaning["n"])
    alone = {"left": fresh["left_alone"] / fresh["n"], "interval": {"left": wilson(fresh["left_alone"], fresh["n"])}}
    yield row("shipped conversations, new topics", "left as they are", alone, "left", fresh["n"])


# ------------------------------------------------------------------------------------------------------------ the rest


def main() -> None:
    """Run everything and print the table, each set as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, default=cache_folder() / "end-to-end", help="where figures are kept")
    parser.add_argument("--search-alone", action="store_true", help="print what search alone finds in the public sets")
    options, shared = parser.parse_args(), os.environ.get("CCO_SHARED")
    print("| question set, reported half | what | n | figure | 95 % interval |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        figures = Figures(options.keep, SentenceTransformerEncoder.load(), progress)
        if options.search_alone and shared:
            return public(figures, Path(shared) / "bench", search_alone=True)
        times = own(figures, Path(folder))
        if shared:
            public(figures, Path(shared) / "bench")
        else:
            print("CCO_SHARED is not set: the public question sets are left out", file=sys.stderr)
        say(*times, *cold_start(Path(folder)))
    if shared and (Path(shared) / "judged").is_dir():
        say("", *judged.shares(judged.turns_of(Path(shared)), {}))


def own(figures: Figures, folder: Path) -> list[str]:
    """Print the figures about the shipped texts; return what questions took."""
    bases: list[KnowledgeBase] = []

    def base() -> KnowledgeBase:
        if not bases:
            settings = Settings(index=folder)
            build = partial(KnowledgeBase.build, [TEXTS], folder, settings=settings, encoder=figures.encoder)
            bases.append(build(report=figures.report))
        return bases[0]

    files = sorted(TEXTS.glob("*.md"))
    times: dict[str, float] = {}
    for name, file in SHIPPED.items():
        told = figures.of(file.stem, partial(shipped, figures, base, file), file, *files)
        say(*question_rows(name, told))
        times = told["latency_ms"]
    say(
        *conversation_rows(
            figures.of(CONVERSATIONS.stem, partial(shipped, figures, base, CONVERSATIONS), CONVERSATIONS)
        )
    )
    base()
    return ["\nquestion to answer, median / 95th percentile: {p50:.0f} / {p95:.0f} ms".format(**times)]


def public(figures: Figures, bench: Path, *, search_alone: bool = False) -> None:
    """Print the figures of the public sets."""
    for name, (file, one_in) in SQUAD.items():
        make = partial(squad, figures, bench / file, one_in, search_alone=search_alone)
        kept = Path(file).stem + (".search" if search_alone else "")
        say(*squad_rows(name, figures.of(kept, make, bench / file)))
    lines = bench / "ntrex_a.tsv"
    for pair in PAIRS:
        told = figures.of(pair.replace(":", "-"), partial(pool, figures, lines, pair), lines)["retrieval"]["overall"]
        say(row(f"NTREX mixed pool, {pair.replace(':', ' > ')}", "own translation first", told, "R@1", told["n"]))


def cold_start(folder: Path) -> Iterator[str]:
    """Yield what one question takes where nothing is loaded."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "ui.cli", "ask", "客戶長是做什麼的?", "--json", "--index", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"cco ask: {done.stderr.strip()}")
    yield f"`cco ask` from a cold start: {time.perf_counter() - started:.1f} s"


def say(*lines: str) -> None:
    """Print lines at once."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
