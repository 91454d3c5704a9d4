"""Questions with known answers: our JSONL, files in SQuAD's format, and tables of translations."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpus.text.language import LANGUAGES, UNDETERMINED, detect_language
from kb.evaluation.sets.faults import Fault, LineError, QuestionSetError, fault


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
    lines = text_of(data, path).split("\n")
    if lines[-1:] == [""]:
        lines.pop()
    faults: list[Fault] = []
    questions: list[EvaluationQuestion] = []
    places: dict[str, int] = {}
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    for number, line in filled:
        try:
            question = question_of(json_of(line), number)
        except LineError as error:
            faults += [replace(found, line=number) for found in error.faults]
            continue
        if question.id in places:
            faults.append(fault("id_twice", got=repr(question.id), earlier=places[question.id], line=number))
        places.setdefault(question.id, number)
        questions.append(question)
    if not filled:
        faults.append(fault("holds_none"))
    if not questions and (other := _other_format(data, path)):
        faults = [other]
    if faults:
        raise QuestionSetError(path, *faults)
    empty = [number for number, line in enumerate(lines, 1) if not line.strip()]
    warnings = tuple(_warnings(path, questions, empty))
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), tuple(questions), warnings=warnings)


def load_parallel(path: Path) -> dict[str, list[str]]:
    """Read a TSV of translations, a column a language under its tag. Raises `QuestionSetError` with all faults."""
    lines = text_of(read_bytes(path), path).replace("\r\n", "\n").split("\n")
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    if len(rows) < 3:
        detail = f"a header with language tags and at least two lines are expected, got {len(rows)}"
        raise QuestionSetError(path, fault("other", detail=detail))
    (_, header), *rest = rows
    twice = [tag for tag in dict.fromkeys(header) if header.count(tag) > 1]
    faults = [fault("other", detail=f"two columns have the tag {tag}", line=1) for tag in twice]
    for number, row in rest:
        if len(row) != len(header):
            detail = f"{len(row)} columns, the header has {len(header)}"
            faults.append(fault("other", detail=detail, line=number))
        elif not all(cell.strip() for cell in row):
            faults.append(fault("other", detail="an empty column", line=number))
    if faults:
        raise QuestionSetError(path, *faults)
    return {tag: [row[column] for _, row in rest] for column, tag in enumerate(header)}


def question_of(fields: Any, number: int) -> EvaluationQuestion:
    """Return the question that one line of a set gives. Raises `LineError` with all that is wrong with it."""
    if not isinstance(fields, dict):
        raise LineError([fault("no_object", got=type(fields).__name__)])
    if faults := list(_faults(fields)):
        raise LineError(faults)
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
    """Return what one line of JSON says. Raises `LineError` where it is none."""
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise LineError([fault("no_json", detail=error.msg, column=error.colno)]) from error
    except UnicodeEncodeError as error:
        raise LineError([fault("half_character", got=repr(error.object[error.start]))]) from error
    except RecursionError as error:
        raise LineError([fault("too_deep")]) from error
    return value


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes. Raises `QuestionSetError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise QuestionSetError(path, fault("unreadable", detail=str(error.strerror))) from error


def text_of(data: bytes, path: Path) -> str:
    """Return the text that a file's bytes are. Raises `QuestionSetError` where they are no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionSetError(path, fault("no_utf8", byte=error.start)) from error


def _faults(fields: Mapping[str, Any]) -> Iterable[Fault]:
    question = fields.get("question")
    if "question" not in fields:
        yield _missing("question", fields)
    elif not isinstance(question, str) or not question.strip():
        yield fault("no_words", key="question")
    for key in ("answers", "documents"):
        value = fields.get(key, [])
        if not isinstance(value, list):
            yield fault("no_list", key=key, got=type(value).__name__)
        elif odd := [item for item in value if not (isinstance(item, str) and item.strip())]:
            yield fault("odd_item", key=key, got=f"{odd[0]!r:.40}")
    if "answers" not in fields and (missing := _missing("answers", fields)).code == "lacks_but":
        yield missing
    language = fields.get("language")
    if language is not None and language not in (*LANGUAGES, UNDETERMINED):
        yield fault("language", got=repr(language), tags=", ".join(LANGUAGES))
    for key in ("id", "kind"):
        if not isinstance(fields.get(key, ""), str):
            yield fault("no_string", key=key)


def _missing(key: str, fields: Mapping[str, Any]) -> Fault:
    """Return that a key is missing, with the one that looks like a misspelling of it."""
    near = difflib.get_close_matches(key, [name for name in fields if name not in _KNOWN], 1, 0.75)
    return fault("lacks_but", key=key, near=near[0]) if near else fault("lacks", key=key)


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


def _other_format(data: bytes, path: Path) -> Fault | None:
    """Return what a file is of which no line is a question, where that is plain to see."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and "data" in value:
        return fault("squad", path=str(path))
    if isinstance(value, list) and value:
        return fault("one_list")
    if isinstance(value, dict) and "manifest" in value:
        return fault("run")
    first = data.decode("utf-8-sig").lstrip()[:1]
    return fault("no_set") if first and first not in "{[" else None
