"""`cco questions suggest` and `check`: making question sets, and finding what is wrong with them."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ui.commands.shared import Commands, Progress, flat, json_flag, language_option, opened, positive, print_json, say


def register(commands: Commands) -> None:
    """Declare the commands."""
    group = commands.group("questions", "make and check question sets", "cco questions check questions.jsonl")
    sub = group.add(
        "suggest",
        _suggest,
        "propose questions that the indexed texts answer, as a question set to edit",
        "cco questions suggest --count 50 --out questions.jsonl",
    )
    sub.add_argument("--out", type=Path, metavar="FILE", help="write to this file instead of stdout")
    sub.add_argument("--count", type=positive, default=20, metavar="N", help="how many at most (20)")
    language_option(sub)
    sub = group.add(
        "check",
        _check,
        "name duplicates, answers that no source holds, wrong languages, unanswerable ones that are answered",
        "cco questions check questions.jsonl",
    )
    sub.add_argument("file", type=Path, metavar="FILE")
    json_flag(sub)


def _suggest(options: argparse.Namespace) -> int:
    from kb.output import check_writable, write_whole
    from kb.suggestions.suggest import suggest

    if options.out:
        check_writable(options.out)
    found = suggest(opened(options), options.count, languages=options.language)
    lines = [json.dumps(one.to_json(number), ensure_ascii=False) + "\n" for number, one in enumerate(found, 1)]
    if options.out:
        write_whole(options.out, "".join(lines))
    else:
        sys.stdout.write("".join(lines))
    say(f"questions suggested: {len(found)}; read them before you rely on them")
    return 0


def _check(options: argparse.Namespace) -> int:
    from kb.evaluation.checks import counts, faults
    from kb.evaluation.sets.question_sets import load_question_set

    questions = load_question_set(options.file)
    for warning in questions.warnings:
        say(warning)
    with Progress() as progress:
        base = opened(options)
        found = faults(base, questions, lambda done, total: progress("checking", done, total))
    if options.json:
        print_json({"questions": len(questions.questions), "counts": counts(found), "faults": [vars(f) for f in found]})
    else:
        for fault in found:
            print(f"{options.file}:{fault.line}: {flat(fault.message)}")
    told = ", ".join(f"{kind} {count}" for kind, count in counts(found).items())
    say(f"questions checked: {len(questions.questions)}; faults: {len(found)}" + (f" ({told})" if told else ""))
    return 1 if found else 0
