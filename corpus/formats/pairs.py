"""JSON lines of questions and answers, one pair a line: each question heads a section that its answer stands in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.cleaning.lines import Piece
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ContentError
from corpus.formats.plain import text_of
from corpus.limits import Limits
from corpus.reasons import said, why

_ROLES = {
    name: role
    for role, names in {
        "question": "question questions query q prompt pytanie pytania p 问题 問題 问 問 提问 提問 常见问题 常見問題",
        "answer": "answer answers response reply a odpowiedź odpowiedz odpowiedzi o 答案 回答 答 答复 答覆 回覆 解答",
    }.items()
    for name in names.split()
}


def read(data: bytes, limits: Limits) -> Content:
    """Read JSON lines, each an object with a question and its answer or answers. Raises `ContentError`."""
    pieces = list[Piece]()
    for number, line in enumerate(text_of(data).split("\n"), 1):
        if line.strip():
            pieces += _pair_in(line, number)
    return Content(Cleaned(tuple(pieces)))


def role_of(name: str) -> str | None:
    """Return what a column or key of this name holds: `question`, `answer`, or None where it is something else."""
    return _ROLES.get(name.strip().strip(":：").casefold())


def pair(question: str, answers: Sequence[str]) -> Iterator[Piece]:
    """Yield a question as a heading and its answers as paragraphs; nothing where one of them is missing."""
    told = [" ".join(line.split()) for answer in answers for line in answer.split("\n")]
    if question.strip() and any(told):
        yield Piece("heading", " ".join(question.split()), 2)
        yield from (Piece("paragraph", line) for line in told if line)


def _pair_in(line: str, number: int) -> Iterator[Piece]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ContentError(why("line_no_json", line=number, detail=said(error))) from None
    if not isinstance(value, dict):
        raise ContentError(why("line_no_object", line=number))
    found: dict[str | None, list[str]] = {"question": [], "answer": []}
    for key, item in value.items():
        found.setdefault(role_of(key), []).extend(_strings(item))
    if not found["question"] or not found["answer"]:
        lacking = "question" if not found["question"] else "answer"
        raise ContentError(why("line_lacks", line=number, lacking=lacking, keys=", ".join(value) or "none"))
    return pair(found["question"][0], found["answer"])


def _strings(item: Any) -> list[str]:
    """Return the texts in a value: itself, those of a list, or what SQuAD's `{"text": [...]}` holds."""
    if isinstance(item, dict):
        item = item.get("text", [])
    values = item if isinstance(item, list) else [item]
    texts = [value.get("text") if isinstance(value, dict) else value for value in values]
    return [str(text) for text in texts if isinstance(text, str | int | float) and str(text).strip()]
