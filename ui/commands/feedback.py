"""`cco feedback export`: what was rated on the page, as a question set."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ui.commands.shared import Commands, say, settings_of


def register(commands: Commands) -> None:
    """Declare the command."""
    group = commands.group("feedback", "what was rated on the page", "cco feedback export --out rated.jsonl")
    sub = group.add(
        "export", _export, "write the ratings as a question set to edit", "cco feedback export --out rated.jsonl"
    )
    sub.add_argument("--out", type=Path, metavar="FILE", help="write to this file instead of stdout")


def _export(options: argparse.Namespace) -> int:
    from kb.hosting.feedback import FeedbackStore, as_questions
    from kb.output import write_whole

    questions = as_questions(FeedbackStore(settings_of(options).index).ratings())
    lines = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    if options.out:
        write_whole(options.out, lines)
    else:
        sys.stdout.write(lines)
    unanswered = sum(question["kind"] == "feedback-down" for question in questions)
    say(f"rated questions: {len(questions)}; without a right answer yet: {unanswered}")
    return 0
