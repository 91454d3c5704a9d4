"""The passages and questions that the reader is trained on; which of them are kept for measuring."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWN = Path(__file__).resolve().parent / "data"
_KEPT_APART = 12
"""One passage in so many is never trained on: the measured ones."""


class MaterialError(ValueError):
    """A file of passages or questions does not say what it should."""


@dataclass(frozen=True)
class Asked:
    """A question on a passage, and the words of the passage that answer it, if any do."""

    language: str
    question: str
    answer: tuple[int, int] | None
    """As a span of the passage's text."""


@dataclass(frozen=True)
class Passage:
    """A text with the questions on it."""

    id: str
    language: str
    title: str
    text: str
    asked: tuple[Asked, ...]
    own: bool
    """Whether it was written for this project, not taken from elsewhere."""

    @property
    def measured(self) -> bool:
        """Whether it is kept apart, by its id alone, so that it stays so whatever is added."""
        return int(hashlib.sha256(self.id.encode()).hexdigest(), 16) % _KEPT_APART == 0


def load(folders: Iterable[Path]) -> list[Passage]:
    """Return the passages of all folders: what `passages*.jsonl` and `questions*.jsonl` in them hold.

    Questions may stand in another folder than their passage. Raises `MaterialError` with file and line.
    """
    folders = list(folders)
    texts: dict[str, dict[str, Any]] = {}
    for place, row in _rows(folders, "passages*.jsonl", ("id", "language", "title", "text")):
        if texts.setdefault(row["id"], row)["text"] != row["text"]:
            raise MaterialError(f"{place}: another passage is called {row['id']} already")
    asked: dict[str, dict[Asked, None]] = {name: {} for name in texts}
    for place, row in _rows(folders, "questions*.jsonl", ("passage", "language", "question", "answer")):
        if row["passage"] not in texts:
            raise MaterialError(f"{place}: there is no passage {row['passage']}")
        asked[row["passage"]][_asked(place, row, texts[row["passage"]]["text"])] = None
    return [
        Passage(name, row["language"], row["title"], row["text"], tuple(asked[name]), row.get("origin") == "own")
        for name, row in texts.items()
    ]


def load_messages(folders: Iterable[Path]) -> list[str]:
    """Return messages that no passage answers: what `messages*.jsonl` in the folders hold."""
    return [row["question"] for _, row in _rows(folders, "messages*.jsonl", ("language", "question"))]


def _asked(place: str, row: dict[str, Any], text: str) -> Asked:
    if row["answer"] is None:
        return Asked(row["language"], row["question"], None)
    start = row.get("start")
    start = text.find(row["answer"]) if start is None else start
    if not row["answer"] or text[start : start + len(row["answer"])] != row["answer"]:
        raise MaterialError(f"{place}: the answer does not stand in the passage: {row['answer']}")
    return Asked(row["language"], row["question"], (start, start + len(row["answer"])))


def _rows(folders: Iterable[Path], names: str, needed: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in (file for folder in folders for file in sorted(folder.glob(names))):
        with file.open(encoding="utf-8") as lines:  # not splitlines: U+2028 in a text ends no line of JSON
            for number, line in enumerate(lines, 1):
                place = f"{file.name}, line {number}"
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise MaterialError(f"{place}: no JSON: {error}") from error
                missing = [name for name in needed if name not in row]
                if missing:
                    raise MaterialError(f"{place}: {', '.join(missing)} is missing")
                yield place, row
