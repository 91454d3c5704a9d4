"""A run on disk while it goes on: finished questions are kept as they come, and taken up again by whoever goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.evaluation.sets.question_sets import EvaluationQuestion, read_bytes
from kb.output import check_writable, write_whole

_SHARE_OF_TIME = 20
"""Keeping a run takes one part in so many of its time, however long it grows."""


class RunFile:
    """The file of one run. What is in it is always whole JSON: of a run under way, or of one that has ended."""

    def __init__(self, path: Path, key: str) -> None:
        """Take up what `path` holds of a run with the same `key`, which stands for all that answers depend on."""
        check_writable(path)
        self._path, self._key = path, key
        self._earlier = _earlier(path, key)
        self._lines: list[dict[str, Any]] = []
        self._next = 0.0
        self.taken_up = 0
        """Questions that were finished before."""

    def finished(self, question: EvaluationQuestion) -> dict[str, Any] | None:
        """Return what is kept of a question, None where it must be asked."""
        line = self._earlier.get((question.id, question.digest))
        self.taken_up += line is not None
        return line

    def keep(self, question: EvaluationQuestion, line: Mapping[str, Any], manifest: Mapping[str, Any]) -> None:
        """Keep a finished question, on disk within a twentieth of the time that the run has taken."""
        self._lines.append({**line, "digest": question.digest})
        if time.monotonic() >= self._next:
            self.save(manifest)

    def save(self, manifest: Mapping[str, Any]) -> None:
        """Write what there is of the run, whole or not at all."""
        started = time.monotonic()
        told = {"manifest": {**manifest, "key": self._key}, "unfinished": True, "questions": self._lines}
        write_whole(self._path, json.dumps(told, ensure_ascii=False) + "\n")
        ended = time.monotonic()
        self._next = ended + _SHARE_OF_TIME * (ended - started)


def _unsure(line: Mapping[str, Any]) -> bool:
    """Tell whether another try may give something else: asking failed, or a language model was out of reach."""
    return bool(line.get("error") or line.get("reason"))


def read_run(path: Path) -> dict[str, Any]:
    """Return the run that a file holds. Raises `QuestionSetError` where it holds none or one that has not ended."""
    try:
        value = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise QuestionSetError(path, fault("no_run")) from error
    if not isinstance(value, dict) or not isinstance(value.get("manifest"), dict):
        raise QuestionSetError(path, fault("no_run"))
    if value.get("unfinished"):
        raise QuestionSetError(path, fault("broken_off", path=str(path)))
    return value


def _earlier(path: Path, key: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the finished questions of a run with this key, none of whatever else lies there."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["manifest"]["key"] != key:
            return {}
        lines = value["questions"]
        return {(line["id"], line["digest"]): line for line in lines if not _unsure(line)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
