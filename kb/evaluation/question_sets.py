"""Questions with known answers: our JSONL, and files in SQuAD's format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.documents import Document
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

    @property
    def answerable(self) -> bool:
        """Whether the sources answer it."""
        return bool(self.answers)


@dataclass(frozen=True)
class QuestionSet:
    """Questions from one file."""

    file: str
    sha256: str
    questions: tuple[EvaluationQuestion, ...]
    by_paragraph: bool = False
    """Whether right means the question's own paragraph (SQuAD) and not any text that holds an answer."""


_KNOWN = {"id", "question", "language", "answers", "documents", "kind"}


def load_question_set(path: Path) -> QuestionSet:
    """Read a JSONL of questions. Raises `QuestionSetError` with all faults at once."""
    data = _bytes(path)
    faults: list[str] = []
    questions: list[EvaluationQuestion] = []
    places: dict[str, int] = {}
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            question = question_of(json.loads(line), number)
        except json.JSONDecodeError as error:
            faults.append(
                f"{path}:{number}: not JSON ({error.msg}, column {error.colno}); one object a line is expected"
            )
            continue
        except ValueError as error:
            faults.append(f"{path}:{number}: {error}")
            continue
        if question.id in places:
            faults.append(f"{path}:{number}: the id {question.id!r} stands in line {places[question.id]} already")
        places.setdefault(question.id, number)
        questions.append(question)
    if not questions and not faults:
        faults.append(f"{path}: holds no question; one JSON object a line is expected")
    if faults:
        raise QuestionSetError("\n".join(faults))
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), tuple(questions))


def load_squad(path: Path, limit: int | None = None) -> tuple[QuestionSet, list[Document]]:
    """Read a file in SQuAD's format: its questions, and every distinct paragraph as a document.

    `limit` keeps the first so many questions, of all paragraphs. Raises `QuestionSetError`.
    """
    data = _bytes(path)
    try:
        articles = json.loads(data)["data"]
        paragraphs = [(article.get("title", ""), p) for article in articles for p in article["paragraphs"]]
        documents: dict[str, Document] = {}
        questions: list[EvaluationQuestion] = []
        for title, paragraph in paragraphs:
            text = paragraph["context"]
            document = documents.setdefault(text, _paragraph_document(text, title, len(documents)))
            questions += [_squad_question(qa, document, len(questions) + n) for n, qa in enumerate(paragraph["qas"])]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise QuestionSetError(f"{path}: not in SQuAD's format ({type(error).__name__}: {error})") from error
    if not questions:
        raise QuestionSetError(f"{path}: holds no question")
    kept = tuple(questions[:limit] if limit else questions)
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), kept, by_paragraph=True), list(documents.values())


def load_parallel(path: Path) -> dict[str, list[str]]:
    """Read a TSV of translations, a column a language under its tag. Raises `QuestionSetError`."""
    try:
        rows = [
            line.split("\t")
            for line in _bytes(path).decode("utf-8-sig").replace("\r\n", "\n").split("\n")
            if line.strip()
        ]
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{path}: not UTF-8 (byte {error.start})") from error
    if len(rows) < 3:
        raise QuestionSetError(
            f"{path}: a header with language tags and at least two lines are expected, got {len(rows)}"
        )
    uneven = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]
    if uneven:
        raise QuestionSetError(f"{path}:{uneven[0]}: {len(rows[uneven[0] - 1])} columns, the header has {len(rows[0])}")
    return {tag: [row[column] for row in rows[1:]] for column, tag in enumerate(rows[0])}


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise QuestionSetError(f"{path}: {error.strerror}") from error


def question_of(fields: Any, number: int) -> EvaluationQuestion:
    """Return the question that one line of a set gives. Raises `ValueError` with all that is wrong with it."""
    if not isinstance(fields, dict):
        raise ValueError(f"a JSON object is expected, got {type(fields).__name__}")
    faults = []
    question = fields.get("question")
    if not isinstance(question, str) or not question.strip():
        faults.append('"question" must be a string with words')
    for key in ("answers", "documents"):
        value = fields.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            faults.append(f'"{key}" must be a list of strings')
    language = fields.get("language")
    if language is not None and language not in (*LANGUAGES, UNDETERMINED):
        faults.append(f'"language" is {language!r}, expected one of {", ".join(LANGUAGES)}')
    for key in ("id", "kind"):
        if not isinstance(fields.get(key, ""), str):
            faults.append(f'"{key}" must be a string')
    if faults:
        raise ValueError("; ".join(faults))
    assert isinstance(question, str)
    return EvaluationQuestion(
        id=fields.get("id") or f"line-{number}",
        question=question,
        language=language or detect_language(question),
        answers=tuple(fields.get("answers", ())),
        documents=tuple(fields.get("documents", ())),
        kind=fields.get("kind", ""),
        extra={key: value for key, value in fields.items() if key not in _KNOWN},
    )


def _paragraph_document(text: str, title: str, number: int) -> Document:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return Document(f"paragraph-{number}", title, text, detect_language(text), title, digest)


def _squad_question(fields: Mapping[str, Any], document: Document, number: int) -> EvaluationQuestion:
    impossible = bool(fields.get("is_impossible"))
    answers: Sequence[str] = () if impossible else [answer["text"] for answer in fields["answers"]]
    return EvaluationQuestion(
        id=str(fields.get("id") or f"question-{number}"),
        question=fields["question"],
        language=detect_language(fields["question"]),
        answers=tuple(dict.fromkeys(answer for answer in answers if answer.strip())),
        documents=() if impossible else (document.id,),
        kind="unanswerable" if impossible else "answerable",
    )
