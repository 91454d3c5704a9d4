"""`cco eval`: a run over questions, its file and its report."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ui.commands.shared import (
    TAGS,
    Commands,
    Progress,
    misused,
    positive,
    print_json,
    reranker_option,
    say,
    settings_of,
)

_SHIPPED = Path(__file__).resolve().parents[2] / "kb" / "evaluation"
SHIPPED_CONVERSATIONS = _SHIPPED / "conversations.jsonl"
SHIPPED_QUESTIONS = _SHIPPED / "questions.jsonl"


def register(commands: Commands) -> None:
    """Declare the command."""
    sub = commands.add("eval", _eval, "run a question set and measure", "cco eval questions.jsonl --json run.json")
    sub.add_argument(
        "questions",
        nargs="?",
        type=Path,
        metavar="QUESTIONS.jsonl",
        help="one JSON object a line; without it the shipped questions about the shipped texts",
    )
    sub.add_argument(
        "--squad", type=Path, metavar="FILE.json", help="index this file's paragraphs and ask its questions"
    )
    sub.add_argument(
        "--conversations",
        nargs="?",
        type=Path,
        const=SHIPPED_CONVERSATIONS,
        metavar="FILE.jsonl",
        help="ask the last question of each conversation alone and after the others; without FILE the shipped ones",
    )
    sub.add_argument("--limit", type=positive, metavar="N", help="ask the first N questions")
    sub.add_argument("--parallel", type=Path, metavar="FILE.tsv", help="the mixed-pool cross-language probe")
    sub.add_argument("--pair", default="", metavar="FROM:TO", help="with --parallel: its languages, such as pl:zh-Hans")
    sub.add_argument("--json", dest="json_file", type=Path, metavar="OUT", help="write the whole run to this file")
    sub.add_argument("--html", type=Path, metavar="OUT", help="write a report to this file")
    sub.add_argument(
        "--report-language",
        choices=TAGS,
        metavar="TAG",
        help=f"the report's language to begin with, one of {', '.join(TAGS)} (the browser's); all four are in it",
    )
    sub.add_argument(
        "--part",
        choices=("look", "report"),
        help="one half of the questions, by document: look, for tuning; report, figures alone, for when work is done",
    )
    reranker_option(sub)


def _eval(options: argparse.Namespace) -> int:
    from kb.evaluation.command import Asked, evaluate
    from kb.evaluation.splits import REPORT, counted_only, without_questions
    from kb.output import check_writable, write_whole

    if bool(options.pair) != bool(options.parallel):
        misused("eval", "--parallel FILE.tsv and --pair FROM:TO go together")
    inputs = [file for file in (options.questions, options.conversations, options.squad, options.parallel) if file]
    if len(inputs) > 1:
        misused(
            "eval", "give one of QUESTIONS.jsonl, --squad FILE.json, --parallel FILE.tsv, --conversations [FILE.jsonl]"
        )
    questions = options.questions or SHIPPED_QUESTIONS
    outputs = [file for file in (options.json_file, options.html) if file]
    named = [file.resolve() for file in (*(inputs or [questions]), *outputs)]
    if len(set(named)) < len(named):
        misused("eval", "--json and --html take files of their own, not one that is read or written already")
    for out in outputs:
        check_writable(out)
    asked = Asked(
        questions,
        conversations=options.conversations,
        squad=options.squad,
        parallel=options.parallel,
        pair=options.pair,
        limit=options.limit,
        part=options.part,
        keep=options.json_file,
    )
    with Progress() as progress:
        result = evaluate(asked, settings_of(options), progress, say)
    if options.part == REPORT:
        result = counted_only(result)
    if options.html:
        from kb.evaluation.report.page import write_report

        write_report(result, options.html, options.report_language)
    if options.part == REPORT:
        result = without_questions(result)
    if options.json_file:
        write_whole(options.json_file, json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    if options.parallel:
        return print_json({key: result[key] for key in ("pair", "n", "R@1")})
    return print_json({key: value for key, value in result.items() if key != "questions" or not options.json_file})
