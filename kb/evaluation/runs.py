"""A run: every question of a set asked of a knowledge base, and what came of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.documents import Document, Passage
from kb.answers import Answer
from kb.evaluation.measures import auroc, f1, holds_answer, mean, ranking_measures
from kb.evaluation.question_sets import EvaluationQuestion, QuestionSet
from kb.knowledge_base import KnowledgeBase

_DEPTH = 10


@dataclass(frozen=True)
class Outcome:
    """What one question got."""

    question: EvaluationQuestion
    answer: Answer | None
    error: str | None
    ranked: tuple[str, ...]
    """Items found, best first: passages, or documents where paragraphs are judged."""
    right: frozenset[str]
    """All right items in the index."""
    document_language: str
    """Language of the right document; of the question's own where there is none."""

    @property
    def rank(self) -> int | None:
        """Place of the first right item, from 1; None where none was found."""
        return next((place for place, item in enumerate(self.ranked, 1) if item in self.right), None)

    @property
    def answered(self) -> bool:
        return self.answer is not None and self.answer.answered

    @property
    def confidence(self) -> float:
        return self.answer.confidence if self.answer else 0.0

    @property
    def answer_found(self) -> bool:
        """Whether an expected answer stands in the answer's own sentences."""
        return self.answered and holds_answer(_words(self.answer), self.question.answers)

    @property
    def citation_precision(self) -> float:
        """Share of the citations that lie in a right document."""
        return mean(citation in self._right_documents for citation in self._cited)

    @property
    def citation_recall(self) -> float:
        """Share of the answer's sentences with a citation that lies in a right document."""
        assert self.answer is not None
        documents = {citation.number: citation.document_id for citation in self.answer.citations}
        return mean(
            any(documents[number] in self._right_documents for number in sentence.citations)
            for sentence in self.answer.sentences
        )

    @property
    def _cited(self) -> list[str]:
        return [citation.document_id for citation in self.answer.citations] if self.answer else []

    @property
    def _right_documents(self) -> set[str]:
        return {item.rsplit("#", 1)[0] for item in self.right}


def run(
    base: KnowledgeBase, questions: QuestionSet, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Ask every question and return the run in the form of `cco eval --json`. A question that fails counts as 0."""
    started = datetime.now(UTC)
    judge = Judge(base, by_paragraph=questions.by_paragraph)
    outcomes = []
    for number, question in enumerate(questions.questions, 1):
        outcomes.append(judge.ask(question))
        if progress:
            progress(number, len(questions.questions))
    return {"manifest": manifest(base, questions, started), **summary(outcomes)}


def summary(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """Return the measures over `outcomes` and a line for each question."""
    outcomes = list(outcomes)
    answerable = [o for o in outcomes if o.question.answerable]
    return {
        "retrieval": {
            "overall": _retrieval(answerable),
            "by_language": _grouped(answerable, lambda o: o.question.language, _retrieval),
            "by_pair": _grouped(answerable, lambda o: f"{o.question.language}>{o.document_language}", _retrieval),
            "by_kind": _grouped(answerable, lambda o: o.question.kind, _retrieval),
        },
        "answers": {
            "overall": _answers(answerable),
            "by_language": _grouped(answerable, lambda o: o.question.language, _answers),
            "by_kind": _grouped(answerable, lambda o: o.question.kind, _answers),
        },
        "refusal": _refusal(outcomes),
        "latency_ms": _latency(outcomes),
        "questions": [_line(outcome) for outcome in outcomes],
    }


class Judge:
    """Asks questions and tells which of the index's texts are right for them."""

    def __init__(self, base: KnowledgeBase, *, by_paragraph: bool) -> None:
        self._base, self._by_paragraph = base, by_paragraph
        self._documents = {document.id: document for document in base.documents()}
        self._passages = list(base.snapshot.contents.passages)
        self._names = {name: document.id for document in self._documents.values() for name in _names(document)}

    def ask(self, question: EvaluationQuestion, history: Sequence[str] = ()) -> Outcome:
        """Ask one question, after those in `history`."""
        right = self._right(question)
        documents = sorted({item.rsplit("#", 1)[0] for item in right})
        language = self._documents[documents[0]].language if documents else question.language
        try:
            answer = self._base.ask(question.question, k=_DEPTH, history=history)
        except Exception as error:  # any failure is the question's result, and the run goes on
            return Outcome(question, None, f"{type(error).__name__}: {error}", (), frozenset(right), language)
        ranked = tuple(dict.fromkeys(self._item(hit.passage) for hit in answer.hits))
        return Outcome(question, answer, None, ranked, frozenset(right), language)

    def _right(self, question: EvaluationQuestion) -> set[str]:
        if not question.answerable:
            return set()
        wanted = {self._names.get(name, name) for name in question.documents}
        if self._by_paragraph:
            return {f"{document_id}#" for document_id in wanted}
        within = [p for p in self._passages if not wanted or p.document_id in wanted]
        return {self._item(p) for p in within if holds_answer(p.text, question.answers)}

    def _item(self, passage: Passage) -> str:
        return f"{passage.document_id}#" if self._by_paragraph else f"{passage.document_id}#{passage.start}"


def _names(document: Document) -> set[str]:
    file = Path(document.metadata.get("path") or document.source)
    return {document.id, file.name, file.stem}


def _retrieval(outcomes: list[Outcome]) -> dict[str, float]:
    relevant = {str(n): set(o.right) for n, o in enumerate(outcomes)}
    ranked = {str(n): o.ranked for n, o in enumerate(outcomes)}
    return {"n": len(outcomes), **ranking_measures(relevant, ranked)}


def _answers(outcomes: list[Outcome]) -> dict[str, float]:
    # Precision, recall and length say something of answers only; how many there are is said beside them.
    answered = [o for o in outcomes if o.answered]
    return {
        "n": len(outcomes),
        "answered": len(answered),
        "answer_found": mean(o.answer_found for o in outcomes),
        "citation_precision": mean(o.citation_precision for o in answered),
        "citation_recall": mean(o.citation_recall for o in answered),
        "mean_characters": mean(len(_words(o.answer)) for o in answered),
    }


def _refusal(outcomes: list[Outcome]) -> dict[str, float | int | None]:
    answerable = [o for o in outcomes if o.question.answerable]
    unanswerable = [o for o in outcomes if not o.question.answerable]
    refused = sum(not o.answered for o in unanswerable)
    refused_wrongly = sum(not o.answered for o in answerable)
    return {
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "auroc": auroc([o.confidence for o in answerable], [o.confidence for o in unanswerable]),
        "answerable_answered": mean(o.answered for o in answerable),
        "unanswerable_refused": mean(not o.answered for o in unanswerable) if unanswerable else None,
        "f1": f1(refused, refused_wrongly, len(unanswerable) - refused) if unanswerable else None,
    }


def _latency(outcomes: list[Outcome]) -> dict[str, float]:
    totals = [o.answer.timings_ms["total"] for o in outcomes if o.answer]
    return {f"p{p}": float(np.percentile(totals, p)) if totals else 0.0 for p in (50, 95)}


def _grouped(
    outcomes: list[Outcome], key: Callable[[Outcome], str], measure: Callable[[list[Outcome]], dict[str, float]]
) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return {name: measure(group) for name, group in sorted(groups.items()) if name}


def _line(outcome: Outcome) -> dict[str, Any]:
    question = outcome.question
    line: dict[str, Any] = {
        "id": question.id,
        "language": question.language,
        "kind": question.kind,
        "question": question.question,
        "answerable": question.answerable,
        "rank": outcome.rank,
        "answered": outcome.answered,
        "confidence": round(outcome.confidence, 6),
        "answer_found": outcome.answer_found,
        "answer": _words(outcome.answer) if outcome.answered else None,
    }
    if outcome.error:
        line["error"] = outcome.error
    return dict(question.extra) | line


def _words(answer: Answer | None) -> str:
    return "\n".join(sentence.text for sentence in answer.sentences) if answer else ""


def manifest(base: KnowledgeBase, questions: QuestionSet, started: datetime) -> dict[str, Any]:
    """Return all that a run depends on, in the form of `cco eval --json`."""
    return {
        "started": started.isoformat(timespec="seconds"),
        "settings": base.settings.model_dump(mode="json", exclude={"index"}),
        "model": {"name": base.manifest.model, "digest": base.manifest.model_digest, "dtype": base.manifest.dtype},
        "index": {"digest": base.manifest.digest, "documents": base.manifest.documents},
        "questions": {"file": questions.file, "sha256": questions.sha256},
        "commit": _commit(),
    }


def _commit() -> str | None:
    root = Path(__file__).resolve().parents[2]
    try:
        found = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=False
        )
    except OSError:
        return None
    return found.stdout.strip() or None
