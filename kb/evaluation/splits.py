"""Which questions may be looked at one by one while tuning, and which are only reported on when work is done.

A document is in one half or the other by the SHA-256 of its id, and a question goes with the document it rests on.
What may be looked at is one half of the public sets by this very rule; the other is only reported on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from kb.evaluation.conversations import ConversationSet
from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.evaluation.sets.question_sets import EvaluationQuestion, QuestionSet

LOOK, REPORT = "look", "report"
PARTS = (LOOK, REPORT)
ALL_LOOKED_AT = frozenset({"development.jsonl"})
"""Sets that are there to be tuned on: all of them may be looked at."""
_LINES_TOGETHER = 20
"""Lines of a table of translations that count as one document: it does not say where one ends."""
_COUNTED = ("answerable", "rank", "answered", "answer_found", "fault", "timings_ms")
"""What the figures of a report are counted from."""


def part_of(document: str) -> str:
    """Return the half that a document is in, by its id or its file's name with or without the ending."""
    digest = hashlib.sha256(PurePath(document).stem.encode()).hexdigest()
    return LOOK if int(digest, 16) % 2 == 0 else REPORT


def part_of_question(question: EvaluationQuestion) -> str:
    """Return the half of a question: that of its documents, `look` where they differ; without any, by its own id."""
    return LOOK if LOOK in map(part_of, question.documents or (question.id,)) else REPORT


def part_of_line(number: int) -> str:
    """Return the half of a line, from 0, of a table of translations."""
    return part_of(f"lines-{number // _LINES_TOGETHER}")


def questions_of(questions: QuestionSet, part: str | None, file: Path) -> QuestionSet:
    """Return the questions of one half, all of them without one. Raises `QuestionSetError` where none is left."""
    if part is None or (part == LOOK and file.name in ALL_LOOKED_AT):
        return questions
    none = file.name in ALL_LOOKED_AT
    kept = tuple(q for q in questions.questions if not none and part_of_question(q) == part)
    return replace(questions, questions=_some(kept, part, file))


def conversations_of(conversations: ConversationSet, part: str | None, file: Path) -> ConversationSet:
    """Return the conversations of one half by their last questions. Raises `QuestionSetError` where none is left."""
    if part is None:
        return conversations
    kept = tuple(c for c in conversations.conversations if part_of_question(c.last) == part)
    return replace(conversations, conversations=_some(kept, part, file))


def without_questions(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's figures alone: nothing in it tells of a single question."""
    return {key: value for key, value in run.items() if key != "questions"} | {"part": REPORT}


def counted_only(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run whose lines hold what figures are counted from, and neither ids nor words."""
    lines: Iterable[Mapping[str, Any]] = run["questions"]
    kept = [{key: line[key] for key in _COUNTED if key in line} for line in lines]
    return {**run, "questions": kept, "part": REPORT}


def _some(kept: tuple[Any, ...], part: str, file: Path) -> tuple[Any, ...]:
    if not kept:
        raise QuestionSetError(file, fault("other", detail=f"no question is in the half --part {part}"))
    return kept
