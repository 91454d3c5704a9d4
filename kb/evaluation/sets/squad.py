"""Files in SQuAD's format: every distinct paragraph a document, every question with its own paragraph."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.documents import Document
from corpus.text.language import detect_language
from kb.evaluation.sets.faults import QuestionSetError, fault
from kb.evaluation.sets.question_sets import EvaluationQuestion, QuestionSet, read_bytes

_FAULTS_TOLD = 50


def load_squad(
    path: Path, limit: int | None = None, asked_of: Callable[[str], bool] | None = None
) -> tuple[QuestionSet, list[Document]]:
    """Read a file in SQuAD's format: its questions, and every distinct paragraph as a document.

    `asked_of` tells by its document's id whether a paragraph's questions are asked, those without an answer too;
    `limit` keeps the first so many of them. All paragraphs are there to be found. Raises `QuestionSetError` with all
    faults, each with its place.
    """
    data = read_bytes(path)
    try:
        articles = json.loads(data)["data"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        detail = f"not in SQuAD's format ({type(error).__name__}: {error})"
        raise QuestionSetError(path, fault("other", detail=detail)) from error
    if faults := list(_faults(articles)):
        listed = [f"not in SQuAD's format: {found}" for found in faults[:_FAULTS_TOLD]]
        more = [f"and {len(faults) - _FAULTS_TOLD} more"] if len(faults) > _FAULTS_TOLD else []
        raise QuestionSetError(path, *(fault("other", detail=detail) for detail in [*listed, *more]))
    documents: dict[str, Document] = {}
    questions: list[EvaluationQuestion] = []
    count = 0
    for article in articles:
        for paragraph in article["paragraphs"]:
            text, title = paragraph["context"], article.get("title") or ""
            document = documents.setdefault(text, _document(text, title, len(documents)))
            asked = [_question(qa, document, count + n) for n, qa in enumerate(paragraph["qas"])]
            count += len(asked)
            questions += asked if asked_of is None or asked_of(document.id) else []
    if not questions:
        raise QuestionSetError(path, fault("other", detail="holds no question"))
    kept = tuple(questions[:limit] if limit else questions)
    return QuestionSet(path.name, hashlib.sha256(data).hexdigest(), kept, by_paragraph=True), list(documents.values())


def _faults(articles: Any) -> Iterator[str]:
    """Yield what is not as the format has it, with its place."""
    if not isinstance(articles, list):
        yield f'"data" must be a list, got {type(articles).__name__}'
        return
    ids: dict[str, str] = {}
    for a, article in enumerate(articles):
        paragraphs = article.get("paragraphs") if isinstance(article, dict) else None
        if not isinstance(paragraphs, list):
            yield f'data[{a}]: no list of "paragraphs"'
            continue
        if not isinstance(article.get("title") or "", str):
            yield f'data[{a}]: "title" must be a string'
        for p, paragraph in enumerate(paragraphs):
            yield from _faults_of_paragraph(paragraph, f"data[{a}].paragraphs[{p}]", ids)


def _faults_of_paragraph(paragraph: Any, place: str, ids: dict[str, str]) -> Iterator[str]:
    if not isinstance(paragraph, dict):
        yield f"{place}: must be an object"
        return
    if not isinstance(paragraph.get("context"), str) or not paragraph["context"].strip():
        yield f'{place}: "context" must be a string with words'
    qas = paragraph.get("qas")
    if not isinstance(qas, list):
        yield f'{place}: no list of "qas"'
        return
    for q, qa in enumerate(qas):
        where = f"{place}.qas[{q}]"
        question = qa.get("question") if isinstance(qa, dict) else None
        # An empty one is the file's own (CMRC 2018 has two): asking it fails, which counts as 0, and the rest goes on.
        if not isinstance(question, str):
            yield f'{where}: "question" must be a string'
            continue
        if qa.get("id") is not None and ids.setdefault(str(qa["id"]), where) != where:
            yield f"{where}: the id {str(qa['id'])!r} stands at {ids[str(qa['id'])]} already"
        answers = qa.get("answers", [] if qa.get("is_impossible") else None)
        if not isinstance(answers, list) or not all(
            isinstance(answer, dict) and isinstance(answer.get("text"), str) for answer in answers
        ):
            yield f'{where}: "answers" must be a list of objects, each with its "text"'


def _document(text: str, title: str, number: int) -> Document:
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return Document(f"paragraph-{number}", title, text, detect_language(text), title, digest)


def _question(fields: dict[str, Any], document: Document, number: int) -> EvaluationQuestion:
    impossible = bool(fields.get("is_impossible"))
    answers: Sequence[str] = () if impossible else [answer["text"] for answer in fields["answers"]]
    return EvaluationQuestion(
        id=str(fields["id"]) if fields.get("id") is not None else f"question-{number}",
        question=fields["question"],
        language=detect_language(fields["question"]),
        answers=tuple(dict.fromkeys(answer for answer in answers if answer.strip())),
        documents=() if impossible else (document.id,),
        kind="unanswerable" if impossible else "answerable",
    )
