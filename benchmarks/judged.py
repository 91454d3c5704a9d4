"""Answers that a person graded, beside those of now, to be graded again.

    CCO_SHARED=FOLDER .venv/bin/python -m benchmarks.judged                     # the share of each grade
    CCO_SHARED=FOLDER .venv/bin/python -m benchmarks.judged --ask answers.jsonl    # asks all turns anew
    CCO_SHARED=FOLDER .venv/bin/python -m benchmarks.judged --grade answers.jsonl  # grades what changed, key by key

FOLDER/judged/judged.jsonl holds the turns (`index`: the shipped texts, or FOLDER/seeds); nothing of it is part of this
project. An answer that did not change keeps its grade, so that a person grades only what did; the new grades lie beside
the answers (`answers.grades.jsonl`), each as soon as it is given, and grading goes on where it was left.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kb import KnowledgeBase, Settings
from kb.evaluation.figures.bootstrap import wilson
from kb.output import write_whole
from retrieval.models.encoder import SentenceTransformerEncoder
from ui.commands.shared import Progress

TEXTS = Path(__file__).resolve().parents[1] / "corpus" / "texts"
GRADES = {
    "1": "right, well chosen",
    "2": "right but padded",
    "3": "right but wrong/poor sentence",
    "4": "wrong",
    "5": "refused though answerable",
    "6": "answered though not answerable",
    "7": "refused rightly",
}
"""The key that gives each grade."""
_GRADED_IN = "7d11cad"
"""The commit whose answers the file holds."""
_NUMBERS = re.compile(r"\s*\[\d+\]")

Turn = Mapping[str, Any]


def turns_of(shared: Path) -> list[dict[str, Any]]:
    """Return the graded turns, each under the digest of what was asked. Exits where there are none."""
    file = shared / "judged" / "judged.jsonl"
    if not file.is_file():
        sys.exit(f"{file} is not there: CCO_SHARED names the folder that has judged/ and seeds/")
    turns = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [{**turn, "key": _key(turn)} for turn in turns]


def _key(turn: Turn) -> str:
    asked = json.dumps([turn["index"], *turn["history"], turn["question"]], ensure_ascii=False)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------------------------- asking


def asked(turns: Sequence[Turn], shared: Path, report: Callable[[str, int, int], None]) -> list[dict[str, Any]]:
    """Ask every turn, after its history, of the texts it was asked of."""
    encoder, found = SentenceTransformerEncoder.load(), {}
    for name, texts in (("shipped", TEXTS), ("seeds", shared / "seeds")):
        mine = [turn for turn in turns if turn["index"] == name]
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(index=Path(folder))
            base = KnowledgeBase.build([texts], Path(folder), settings=settings, encoder=encoder, report=report)
            for number, turn in enumerate(mine, 1):
                found[turn["key"]] = _answer(base, turn)
                report(f"asking {name}", number, len(mine))
    return [found[turn["key"]] for turn in turns]


def _answer(base: KnowledgeBase, turn: Turn) -> dict[str, Any]:
    answer = base.ask(turn["question"], history=turn["history"])
    quotes = [{"number": c.number, "title": c.title, "quote": c.quote} for c in answer.citations]
    told = {"answer": answer.text, "answered": answer.answered, "confidence": round(answer.confidence, 4)}
    return {"key": turn["key"], **told, "completed": answer.completed, "quotes": quotes}


def same(before: Turn, now: Turn) -> bool:
    """Tell whether two answers say the same: refusals alike, sentences word for word, whatever their numbers."""
    if not before["answered"] and not now["answered"]:
        return True
    texts = (" ".join(_NUMBERS.sub("", answer["answer"]).split()) for answer in (before, now))
    return before["answered"] == now["answered"] and len(set(texts)) == 1


# ------------------------------------------------------------------------------------------------------------- grades


def grades_now(turns: Sequence[Turn], answers: Mapping[str, Turn], given: Mapping[str, Turn]) -> dict[str, str]:
    """Return the grade of each present answer that has one: carried over where nothing changed, or given anew."""
    found = {}
    for turn in turns:
        now = answers.get(turn["key"])
        if now is None:
            continue
        if same(turn, now):
            found[turn["key"]] = turn["grade"]
        elif (grade := given.get(turn["key"])) and grade["answer"] == _digest(now):
            found[turn["key"]] = grade["grade"]
    return found


def shares(turns: Sequence[Turn], now: Mapping[str, str]) -> Iterator[str]:
    """Yield a table of the share of each grade with its 95 % interval (Wilson), then and, of all graded turns, now."""
    complete = len(now) == len(turns)
    yield (
        f"| grade | answers of {_GRADED_IN} | now |\n|---|---|---|"
        if now
        else (f"| grade | answers of {_GRADED_IN} |\n|---|---|")
    )
    for told, mine in (("answerable", True), ("not answerable", False)):
        group = [turn for turn in turns if turn["answerable"] is mine]
        for grade in GRADES.values():
            before = sum(turn["grade"] == grade for turn in group)
            after = sum(now.get(turn["key"]) == grade for turn in group)
            if before or after:
                cells = [_share(before, len(group))]
                cells += [_share(after, len(group)) if complete else f"{after} so far"] if now else []
                yield f"| {told}, {len(group)}: {grade} | {' | '.join(cells)} |"
    if now and not complete:
        yield f"\n{len(turns) - len(now)} of {len(turns)} present answers have no grade yet"


def _share(count: int, n: int) -> str:
    between = wilson(count, n)
    share, low, high = (f"{value:.2f}".removeprefix("0") for value in (count / n, *between))
    return f"{count} = {share} ({low}–{high})"


def _digest(now: Turn) -> str:
    return hashlib.sha256(now["answer"].encode()).hexdigest()[:16]


def grade(turns: Sequence[Turn], answers: Mapping[str, Turn], file: Path, ask: Callable[[str], str] = input) -> None:
    """Show each answer that changed beside the old one and its grade, and keep what a person types in `file`."""
    done = grades_now(turns, answers, read(file))
    left = [turn for turn in turns if turn["key"] in answers and turn["key"] not in done]
    keys = "\n".join(f"  {key}  {words}" for key, words in GRADES.items())
    for number, turn in enumerate(left, 1):
        now = answers[turn["key"]]
        print(f"\n{'=' * 100}\n{number} of {len(left)} to grade\n\n" + "\n".join(_beside(turn, now)) + f"\n\n{keys}")
        while (typed := ask("grade (q: stop here, s: leave for later) ").strip()) not in {*GRADES, "q", "s"}:
            print(f"{typed!r} is no grade")
        if typed == "q":
            return
        if typed != "s":
            line = {"key": turn["key"], "answer": _digest(now), "grade": GRADES[typed]}
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _beside(turn: Turn, now: Turn) -> Iterator[str]:
    yield from (f"before   {question}" for question in turn["history"])
    yield f"asked    {turn['question']}   ({turn['index']}, {'answerable' if turn['answerable'] else 'not answerable'})"
    if now["completed"]:
        yield f"taken as {now['completed']}"
    yield f"\nthen     {turn['answer']}\n         graded: {turn['grade']}" + f" ({turn['failure']})" * bool(
        turn["failure"]
    )
    yield f"\nnow      {now['answer']}"
    yield from (f"  [{quote['number']}] {quote['title']}: {quote['quote']}" for quote in now["quotes"])


def read(file: Path) -> dict[str, dict[str, Any]]:
    """Return the lines of a JSONL by their key, the last of each; none where there is no file."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return {line["key"]: line for line in map(json.loads, filter(str.strip, text.splitlines()))}


def main() -> None:
    """Print shares, ask, or let a person grade."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    doing = parser.add_mutually_exclusive_group()
    doing.add_argument("--ask", type=Path, metavar="ANSWERS.jsonl", help="ask all turns and write the answers")
    doing.add_argument("--grade", type=Path, metavar="ANSWERS.jsonl", help="grade those that changed")
    options = parser.parse_args()
    shared = Path(os.environ.get("CCO_SHARED") or sys.exit("CCO_SHARED is not set: it names the folder with judged/"))
    turns, file = turns_of(shared), options.ask or options.grade
    if options.ask:
        with Progress() as progress:
            lines = asked(turns, shared, progress)
        write_whole(options.ask, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    answers = read(file) if file else {}
    grades = file.with_suffix(".grades.jsonl") if file else Path()
    if options.grade:
        if not answers:
            sys.exit(f"{file} holds no answers; --ask {file} writes them")
        grade(turns, answers, grades)
    now = grades_now(turns, answers, read(grades) if file else {})
    print("\n".join(shares(turns, now)))
    if answers:
        unchanged = sum(same(turn, answers[turn["key"]]) for turn in turns if turn["key"] in answers)
        print(f"\n{unchanged} of {len(turns)} answers are as they were and keep their grade")


if __name__ == "__main__":
    main()
