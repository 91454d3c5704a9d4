"""A run over whatever is to be asked: what `cco eval` does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Asked:
    """What a run asks: translations, conversations or a SQuAD file where one is given, and a question set else."""

    questions: Path
    conversations: Path | None = None
    squad: Path | None = None
    parallel: Path | None = None
    pair: str = ""
    """The languages of the translations, such as `pl:zh-Hans`."""
    limit: int | None = None
    part: str | None = None
    """One half of the questions: `look` or `report`."""
    keep: Path | None = None
    """Where finished questions are kept while the run goes on."""


def evaluate(asked: Asked, settings: Settings, report: Report, say: Callable[[str], None]) -> dict[str, Any]:
    """Run a question set on the index, conversations, a SQuAD file, or the mixed-pool probe.

    `say` is told what is odd about the questions.
    """
    # What is kept while a run goes on holds single questions.
    keep = None if asked.part == REPORT else asked.keep
    if asked.parallel:
        translations = load_parallel(asked.parallel)
        encoder = KeptVectors(loaded(settings.model))
        progress = partial(report, "encoding")
        in_part = None if asked.part is None else lambda line: part_of_line(line) == asked.part
        return probe(asked.parallel, translations, asked.pair, encoder, settings, progress, in_part)
    if asked.conversations:
        base = KnowledgeBase.open(settings=settings)
        conversations = conversations_of(load_conversations(asked.conversations), asked.part, asked.conversations)
        return compared(base, conversations, partial(report, "asking"))
    if asked.squad:
        asked_of = None if asked.part is None else lambda document: part_of(document) == asked.part
        questions, documents = load_squad(asked.squad, asked.limit, asked_of)
        with tempfile.TemporaryDirectory() as folder:
            base = KnowledgeBase.of_documents(
                documents,
                settings=settings.model_copy(update={"index": Path(folder)}),
                encoder=KeptVectors(loaded(settings.model)),
                report=report,
            )
            return _asked(base, questions, keep, report, say)
    questions = load_question_set(asked.questions)
    for warning in questions.warnings:
        say(warning)
    questions = questions_of(questions, asked.part, asked.questions)
    if asked.limit:
        questions = replace(questions, questions=questions.questions[: asked.limit])
    return _asked(KnowledgeBase.open(settings=settings), questions, keep, report, say)


def _asked(
    base: KnowledgeBase, questions: QuestionSet, keep: Path | None, report: Report, say: Callable[[str], None]
) -> dict[str, Any]:
    result = run(base, questions, partial(report, "asking"), keep=keep)
    if taken_up := result["manifest"].get("taken_up"):
        say(f"{taken_up} of {len(questions.questions)} questions were finished before")
    return result
