"""A turn as plain values, for the browser to keep, and back. What comes back is checked, whoever sent it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kb import Answer
from kb.question.understanding import LONGEST_QUESTION
from ui.chat.turns import MOST_TURNS, Turn, Turns

_ANSWER = TypeAdapter(Answer)
_MOST_FOLLOW_UPS = 5


def record(turn: Turn) -> dict[str, Any]:
    """Return a turn as plain values, without what is never shown again."""
    kept: dict[str, Any] = {"question": turn.question}
    if isinstance(turn.outcome, Answer):
        # Only a refusal shows its passages.
        answer = replace(turn.outcome, hits=()) if turn.outcome.answered else turn.outcome
        return kept | {"answer": _ANSWER.dump_python(answer, mode="json"), "follow_ups": list(turn.follow_ups)}
    return kept | {"state": "failed" if turn.outcome == "failed" else "stopped"}


def record_json(turn: Turn) -> str:
    """Return `record` as JSON."""
    return json.dumps(record(turn), ensure_ascii=False, separators=(",", ":"))


def turns(kept: object) -> Turns:
    """Return the turns that a browser kept, at most `MOST_TURNS`; one that cannot be read counts as stopped."""
    if not isinstance(kept, Sequence) or isinstance(kept, str):
        return ()
    return tuple(turn for value in kept[-MOST_TURNS:] if (turn := _turn(value)))


def answer(value: object) -> Answer | None:
    """Return the answer of one kept turn, None where it has none."""
    turn = _turn(value)
    return turn.outcome if turn and isinstance(turn.outcome, Answer) else None


def _turn(value: object) -> Turn | None:
    if not isinstance(value, dict):
        return None
    question = value.get("question")
    if not isinstance(question, str) or not question.strip() or len(question) > LONGEST_QUESTION:
        return None
    if "answer" not in value:
        return Turn(question, "failed" if value.get("state") == "failed" else "stopped")
    try:
        found = _ANSWER.validate_python(value["answer"])
    except ValidationError:
        return Turn(question, "stopped")
    cited = {citation.number for citation in found.citations}
    if not {number for sentence in found.sentences for number in sentence.citations} <= cited:
        return Turn(question, "stopped")
    asked = value.get("follow_ups")
    more = [q for q in asked if isinstance(q, str) and q] if isinstance(asked, list) else []
    return Turn(question, found, follow_ups=tuple(more[:_MOST_FOLLOW_UPS]))
