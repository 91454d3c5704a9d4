"""What `cco eval` does with its options."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kb.evaluation.conversations import compared, load_conversations
from kb.evaluation.kept_vectors import KeptVectors
from kb.evaluation.parallel import probe
from kb.evaluation.runs import run
from kb.evaluation.sets.question_sets import QuestionSet, load_parallel, load_question_set
from kb.evaluation.sets.squad import load_squad
from kb.evaluation.splits import REPORT, conversations_of, part_of, part_of_line, questions_of
from kb.knowledge_base import KnowledgeBase
from kb.library.library import loaded
from kb.settings.schema import Settings

Report = Callable[[str, int, int], None]


def evaluate(
    options: argparse.Namespace, settings: Settings, report: Report, say: Callable[[str], None]
) -> dict[str, Any]:
    """Run what the options name: a question set on the index, conversations, a SQuAD file, or the mixed-pool probe.

    `say` is told what is odd about the questions.
    """
    # What is kept while a run goes on holds single questions.
    keep = None if options.part == REPORT else options.json_file
    if options.parallel:
        translations = load_parallel(options.parallel)
        encoder = KeptVectors(loaded(settings.model))
        progress = partial(report, "encoding")
        asked = None if options.part is None else lambda line: part_of_line(line) == options.part
        return probe(options.parallel, translations, options.pair, encoder, settings, progress, asked)
    if options.conversations:
        base = KnowledgeBase.open(settings=settings)
        conversations = conversations_of(load_conversations(options.conversations), options.part, options.conversations)
        return compared(base, conversations, partial(report, "asking"))
    if options.squad:
        asked_of = None if options.part is None else lambda document: part_of(document) == options.part
        questions, documents = load_squad(options.squad, options.limit, asked_of)
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase.of_documents(
                documents,
                settings=settings.model_copy(update={"index": Path(folder)}),
                encoder=KeptVectors(loaded(settings.model)),
                report=report,
            )
            return _asked(base, questions, keep, report, say)
    questions = load_question_set(options.questions)
    for warning in questions.warnings:
        say(warning)
    questions = questions_of(questions, options.part, options.questions)
    if options.limit:
        questions = replace(questions, questions=questions.questions[: options.limit])
    return _asked(KnowledgeBase.open(settings=settings), questions, keep, report, say)


def _asked(
    base: KnowledgeBase, questions: QuestionSet, keep: Path | None, report: Report, say: Callable[[str], None]
) -> dict[str, Any]:
    result = run(base, questions, partial(report, "asking"), keep=keep)
    if taken_up := result["manifest"].get("taken_up"):
        say(f"{taken_up} of {len(questions.questions)} questions were finished before")
    return result
