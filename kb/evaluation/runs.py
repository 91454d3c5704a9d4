"""A run: every question of a set asked of a knowledge base, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.evaluation.figures.summary import summary
from kb.evaluation.judging import Judge
from kb.evaluation.manifest import manifest, run_key
from kb.evaluation.run_file import RunFile
from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.evaluation.sets.question_sets import QuestionSet
from kb.knowledge_base import KnowledgeBase


def run(
    base: KnowledgeBase,
    questions: QuestionSet,
    progress: Callable[[int, int], None] | None = None,
    *,
    keep: Path | None = None,
) -> dict[str, Any]:
    """Ask every question and return the run in the form of `cco eval --json`. A question that fails counts as 0.

    `keep` is where finished questions are kept as they come, and taken from where all that answers depend on is the
    same; one that failed is asked again. Raises `QuestionSetError` where index or settings are changed meanwhile.
    """
    snapshot, settings = base.snapshot, base.settings.digest
    told = manifest(base, questions, datetime.now(UTC))
    key = run_key(told, base.settings, by_paragraph=questions.by_paragraph)
    file = RunFile(keep, key) if keep else None
    judge = Judge(base, by_paragraph=questions.by_paragraph)
    records = []
    try:
        for number, question in enumerate(questions.questions, 1):
            record = (file.finished(question) if file else None) or judge.record(question)
            if base.snapshot is not snapshot:
                raise QuestionSetError(None, fault("index_changed"))
            if base.settings.digest != settings:
                raise QuestionSetError(None, fault("settings_changed"))
            records.append({**record, "digest": question.digest})
            if file:
                file.keep(question, record, told)
            if progress:
                progress(number, len(questions.questions))
    except BaseException:
        if file and records:
            file.save(told)
        raise
    taken_up = {"taken_up": file.taken_up} if file and file.taken_up else {}
    return {"manifest": {**told, "key": key, **taken_up}, **summary(records)}
