"""A conversation: questions in turn, each with what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from kb import Answer, KnowledgeBase, QuestionError
from kb.knowledge_base import LONGEST_QUESTION
from ui.messages import Words

MOST_TURNS = 50
"""Turns that a conversation keeps; older ones go, so that an open page does not grow without bound."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """One question and its answer, or why there is none yet."""

    question: str
    outcome: Answer | Literal["pending", "stopped", "failed"]


Turns = tuple[Turn, ...]


@dataclass(frozen=True)
class Moment:
    """What the page shows at one moment: the conversation, and what is wrong with the question just sent."""

    turns: Turns
    problem: str = ""


def asking(base: KnowledgeBase, turns: Turns, question: str, words: Words) -> Iterator[Moment]:
    """Ask `question`, yielding the conversation as it goes; a bad question leaves it as it was."""
    problem = problem_with(question, words)
    if problem:
        yield Moment(turns, problem)
        return
    asked = question.strip()
    earlier = [turn.question for turn in turns]
    yield Moment(_with(turns, Turn(asked, "pending")))
    try:
        yield Moment(_with(turns, Turn(asked, base.ask(question, history=earlier))))
    except QuestionError as error:
        yield Moment(turns, str(error))
    except Exception:
        # The page lives on whatever happens to one question; the log has the trace, the reader a line.
        _log.exception("a question could not be answered")
        yield Moment(_with(turns, Turn(asked, "failed")))


def stopped(turns: Turns) -> Turns:
    """Return the conversation with the turn that was still going marked as stopped."""
    return tuple(replace(turn, outcome="stopped") if turn.outcome == "pending" else turn for turn in turns)


def problem_with(question: str, words: Words) -> str:
    """Return what is wrong with a question, in the page's language; nothing where it can be asked."""
    trimmed = question.strip()
    if not trimmed:
        return words("empty")
    if len(trimmed) > LONGEST_QUESTION:
        return words("too_long", count=len(trimmed), most=LONGEST_QUESTION)
    if not any(character.isalnum() for character in trimmed):
        return words("no_words")
    return ""


def _with(turns: Turns, turn: Turn) -> Turns:
    return (*stopped(turns), turn)[-MOST_TURNS:]
