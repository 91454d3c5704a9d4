"""Questions with known answers: our JSONL, files in SQuAD's format, and tables of translations."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.language import LANGUAGES, UNDETERMINED, detect_language


class QuestionSetError(Exception):
    """A file of questions cannot be used; the message has one line for each fault, with its place."""


@dataclass(frozen=True)
class EvaluationQuestion:
    """A question and what makes a text a right one."""

    id: str
    question: str
    language: str
    answers: tuple[str, ...] = ()
    """Any of these found in a text makes it a right one; none: the sources do not say."""
    documents: tuple[str, ...] = ()
    """Ids of the right documents; none: any document that holds an answer."""
    kind: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys that the format does not know, as they stood in the file."""
    line: int = 0
    """Where it stands in its file, from 1; 0 where the file has no lines."""

    @property
    def answerable(self) -> bool:
        """Whether the sources answer it."""
        return bool(self.answers)

    @property
    def digest(self) -> str:
        """One SHA-256 over all that bears on how it is judged."""
        told = [self.question, self.language, self.answers, self.documents, self.kind, self.extra]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class QuestionSet:
    """Questions from one file."""

    file: str
    sha256: str
    questions: tuple[EvaluationQuestion, ...]
    by_paragraph: bool = False
    """Whether right means the question's own paragraph (SQuAD) and not any text that holds an answer."""
    warnings: tuple[str, ...] = ()
    """What is odd about the file and does not stop a run, a line each, with the numbers of its lines."""


_KNOWN = {"id", "question", "language", "answers", "documents", "kind"}
_OURS = {"ratings", "time", "rejected", "comments", "from", "by"}
"""Further keys that `cco feedback export` and `cco questions suggest` write."""
_LISTED = 12
"""Lines that one warning names."""


def load_question_set(path: Path) -> QuestionSet:
    """Read a JSONL of questions. Raises `QuestionSetError` with all faults at once."""
    data = read_bytes(path)
    lines = _text(data, path).split("\n")
    if lines[-1:] == [""]:
        lines.pop()
    faults: list[str] = []
    questions: list[EvaluationQuestion] = []
    places: dict[str, int] = {}
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    for number, line in filled:
        try:
            question = question_of(json_of(line), number)
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
            continue
        if question.id in places:
            faults.append(f"{path}:{number}: the id {question.id!r} stands in line {places[question.id]} already")
        places.setdefault(question.id, number)
        questions.append(question)
    if not filled:
        faults.append(f"{path}: holds no question; one JSON object a line is expected")
    if not questions and (other := _other_format(data, path)):
        faults = [other]
    if faults:
        raise QuestionSetError("\n".join(faults))
    empty = [number for number, line in enumerate(lines, 1) if not line.strip()]
    warnings = tuple(_warnings(path, questions, empty))
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), tuple(questions), warnings=warnings)


def load_parallel(path: Path) -> dict[str, list[str]]:
    """Read a TSV of translations, a column a language under its tag. Raises `QuestionSetError` with all faults."""
    lines = _text(read_bytes(path), path).replace("\r\n", "\n").split("\n")
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    if len(rows) < 3:
        raise QuestionSetError(
            f"{path}: a header with language tags and at least two lines are expected, got {len(rows)}"
        )
    (_, header), *rest = rows
    faults = [f"{path}:1: two columns have the tag {tag}" for tag in dict.fromkeys(header) if header.count(tag) > 1]
    for number, row in rest:
        if len(row) != len(header):
            faults.append(f"{path}:{number}: {len(row)} columns, the header has {len(header)}")
        elif not all(cell.strip() for cell in row):
            faults.append(f"{path}:{number}: an empty column")
    if faults:
        raise QuestionSetError("\n".join(faults))
    return {tag: [row[column] for _, row in rest] for column, tag in enumerate(header)}


def question_of(fields: Any, number: int) -> EvaluationQuestion:
    """Return the question that one line of a set gives. Raises `ValueError` with all that is wrong with it."""
    if not isinstance(fields, dict):
        raise ValueError(f"a JSON object is expected, got {type(fields).__name__}")
    if faults := list(_faults(fields)):
        raise ValueError("; ".join(faults))
    return EvaluationQuestion(
        id=fields.get("id") or f"line-{number}",
        question=fields["question"],
        language=fields.get("language") or detect_language(fields["question"]),
        answers=tuple(fields.get("answers", ())),
        documents=tuple(fields.get("documents", ())),
        kind=fields.get("kind", ""),
        extra={key: value for key, value in fields.items() if key not in _KNOWN},
        line=number,
    )


def json_of(line: str) -> Any:
    """Return what one line of JSON says. Raises `ValueError` where it is none."""
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, column {error.colno}); one object a line is expected") from error
    except UnicodeEncodeError as error:
        raise ValueError(f"holds half a character ({error.object[error.start]!r})") from error
    except RecursionError as error:
        raise ValueError("not a question: nested too deeply") from error
    return value


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes. Raises `QuestionSetError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise QuestionSetError(f"{path}: {error.strerror}") from error


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _faults(fields: Mapping[str, Any]) -> Iterable[str]:
    question = fields.get("question")
    if "question" not in fields:
        yield f'no "question"{_meant("question", fields)}'
    elif not isinstance(question, str) or not question.strip():
        yield '"question" must be a string with words'
    for key in ("answers", "documents"):
        value = fields.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            yield f'"{key}" must be a list of strings{_odd(value)}'
    if "answers" not in fields and (meant := _meant("answers", fields)):
        yield f'no "answers"{meant}'
    language = fields.get("language")
    if language is not None and language not in (*LANGUAGES, UNDETERMINED):
        yield f'"language" is {language!r}, expected one of {", ".join(LANGUAGES)}'
    for key in ("id", "kind"):
        if not isinstance(fields.get(key, ""), str):
            yield f'"{key}" must be a string'


def _odd(value: Any) -> str:
    if not isinstance(value, list):
        return f", got {type(value).__name__}"
    odd = next(item for item in value if not (isinstance(item, str) and item.strip()))
    return f", {odd!r:.40} is none"


def _meant(missing: str, fields: Mapping[str, Any]) -> str:
    """Return a hint where a key looks like a misspelling of one that is missing."""
    near = difflib.get_close_matches(missing, [key for key in fields if key not in _KNOWN], 1, 0.75)
    return f', but "{near[0]}"' if near else ""


def _warnings(path: Path, questions: Sequence[EvaluationQuestion], empty: Sequence[int]) -> Iterable[str]:
    unknown: dict[str, list[int]] = {}
    for question in questions:
        for key in question.extra:
            if key not in _OURS:
                unknown.setdefault(key, []).append(question.line)
    for key, lines in unknown.items():
        yield f'{path}:{_lines(lines)}: unknown key "{key}", kept as it is'
    if empty:
        yield f"{path}:{_lines(empty)}: empty, passed over"


def _lines(numbers: Sequence[int]) -> str:
    more = len(numbers) - _LISTED
    return ",".join(map(str, numbers[:_LISTED])) + (f" and {more} more" if more > 0 else "")


def _other_format(data: bytes, path: Path) -> str | None:
    """Return what a file is of which no line is a question, where that is plain to see."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and "data" in value:
        return f"{path}: looks like SQuAD's format; give it as --squad {path}"
    if isinstance(value, list) and value:
        return f"{path}: is one list; one JSON object a line is expected, without the list's brackets and commas"
    if isinstance(value, dict) and "manifest" in value:
        return f"{path}: is a run; cco compare takes two of them"
    first = data.decode("utf-8-sig").lstrip()[:1]
    if first and first not in "{[":
        return f"{path}: is no question set: none of its lines is a JSON object, such as {_EXAMPLE}"
    return None


_EXAMPLE = '{"id": "q1", "question": "…", "answers": ["…"]}'
