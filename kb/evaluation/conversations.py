"""Conversations whose last question leans on the ones before it, or opens a new topic: with and without completion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kb.evaluation.figures.bootstrap import intervals, means
from kb.evaluation.figures.measures import mean, ranking_values
from kb.evaluation.judging import Judge, Outcome
from kb.evaluation.manifest import manifest
from kb.evaluation.sets.faults import LineError, QuestionSetError, fault
from kb.evaluation.sets.question_sets import EvaluationQuestion, QuestionSet, json_of, question_of, read_bytes, text_of
from kb.knowledge_base import KnowledgeBase

_SHOWN = ("R@1", "R@3")


@dataclass(frozen=True)
class Conversation:
    """Questions in turn, of which the last is measured."""

    history: tuple[str, ...]
    """The questions before the last, as they were asked."""
    last: EvaluationQuestion
    new_topic: bool
    """Whether the last question has nothing to do with the ones before it, so that it must be left as it is."""


@dataclass(frozen=True)
class ConversationSet:
    """Conversations from one file."""

    file: str
    sha256: str
    conversations: tuple[Conversation, ...]


def load_conversations(path: Path) -> ConversationSet:
    """Read a JSONL of conversations. Raises `QuestionSetError` with all faults at once, each with its line."""
    data = read_bytes(path)
    conversations, faults = [], []
    for number, line in enumerate(text_of(data, path).split("\n"), 1):
        try:
            if line.strip():
                conversations.append(_conversation(json_of(line), number))
        except LineError as error:
            faults += [replace(found, line=number) for found in error.faults]
    if not conversations and not faults:
        faults.append(fault("other", detail="holds no conversation; one JSON object a line is expected"))
    if faults:
        raise QuestionSetError(path, *faults)
    return ConversationSet(path.name, hashlib.sha256(data).hexdigest(), tuple(conversations))


def _wrong(detail: str) -> LineError:
    return LineError([fault("other", detail=detail)])


def _conversation(fields: Any, number: int) -> Conversation:
    if not isinstance(fields, dict):
        raise LineError([fault("no_object", got=type(fields).__name__)])
    turns = fields.get("turns")
    if not isinstance(turns, list) or len(turns) < 2 or not all(isinstance(t, str) and t.strip() for t in turns):
        raise _wrong('"turns" must be a list of at least two questions')
    if not isinstance(fields.get("new_topic"), bool):
        raise _wrong('"new_topic" must be true or false')
    last = question_of(fields | {"question": turns[-1]}, number)
    if not last.answers:
        raise _wrong('"answers" must say what the last question is to find')
    return Conversation(tuple(turns[:-1]), last, fields["new_topic"])


def compared(
    base: KnowledgeBase, conversations: ConversationSet, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Ask the last question of every conversation alone and after the others; return the measures of both.

    A question that fails counts as 0. A follow-up that is not completed counts as what it finds as it is.
    """
    started = datetime.now(UTC)
    judge = Judge(base, by_paragraph=False)
    alone, after = [], []
    for number, conversation in enumerate(conversations.conversations, 1):
        alone.append(judge.ask(conversation.last))
        after.append(judge.ask(conversation.last, conversation.history))
        if progress:
            progress(number, len(conversations.conversations))
    pairs = list(zip(conversations.conversations, alone, after, strict=True))
    languages = sorted({conversation.last.language for conversation in conversations.conversations})
    completed = [bool(outcome.answer and outcome.answer.completed) for outcome in after]
    leaning = [c for (conversation, *_), c in zip(pairs, completed, strict=True) if not conversation.new_topic]
    fresh = [c for (conversation, *_), c in zip(pairs, completed, strict=True) if conversation.new_topic]
    questions = QuestionSet(conversations.file, conversations.sha256, ())
    return {
        "manifest": manifest(base, questions, started),
        "overall": _both(pairs),
        "follow_ups": {**_both([p for p in pairs if not p[0].new_topic]), "completed": sum(leaning)},
        "new_topics": {**_both([p for p in pairs if p[0].new_topic]), "left_alone": len(fresh) - sum(fresh)},
        "by_language": {tag: _both([p for p in pairs if p[0].last.language == tag]) for tag in languages},
        "questions": [_line(judge, *pair) for pair in pairs],
    }


def _both(pairs: Sequence[tuple[Conversation, Outcome, Outcome]]) -> dict[str, Any]:
    return {
        "n": len(pairs),
        "without": _measures([alone for _, alone, _ in pairs]),
        "with": _measures([after for _, _, after in pairs]),
    }


def _measures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    relevant = {str(number): set(outcome.right) for number, outcome in enumerate(outcomes)}
    ranked = {str(number): outcome.ranked for number, outcome in enumerate(outcomes)}
    found = ranking_values(relevant, ranked)
    values = {name: found[name] for name in _SHOWN} | {"answer_found": [float(o.answer_found) for o in outcomes]}
    bounds = intervals(means(list(values.values())), len(outcomes)) if outcomes else [None] * len(values)
    told = {name: round(mean(row), 4) for name, row in values.items()}
    return {**told, "interval": dict(zip(values, bounds, strict=True))}


def _line(judge: Judge, conversation: Conversation, alone: Outcome, after: Outcome) -> dict[str, Any]:
    fault = "error" if after.error else "lost_follow_up" if not after.answer_found else None
    return {
        "id": conversation.last.id,
        "language": conversation.last.language,
        "new_topic": conversation.new_topic,
        "question": conversation.last.question,
        "answers": list(conversation.last.answers),
        "answerable": True,
        "kind": "new_topic" if conversation.new_topic else "follow_up",
        "turns": [*conversation.history, conversation.last.question],
        "digest": conversation.last.digest,
        "completed": after.answer.completed if after.answer else "",
        "rank_without": alone.rank,
        "rank_with": after.rank,
        "found_without": alone.answer_found,
        "found_with": after.answer_found,
        "answered": after.answered,
        "answer": after.words if after.answered else None,
        "fault": fault,
        **({"shown": judge.shown(after)} if fault else {}),
        **({"error": after.error} if after.error else {}),
    }
