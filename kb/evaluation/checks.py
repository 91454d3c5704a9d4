"""What is wrong with a question set that can be read: each fault with the number of its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.text.language import detect_language
from corpus.text.normalize import encoder_form
from corpus.text.segment import content_words
from kb.evaluation.figures.measures import tight
from kb.evaluation.judging import Judge
from kb.evaluation.sets.question_sets import EvaluationQuestion, QuestionSet
from kb.generation.checking import speaks
from kb.knowledge_base import KnowledgeBase

NEAR = 0.97
"""Cosine of two questions, as the model reads them, from which they are looked at as nearly the same."""
SHARE = 0.75
"""Share of their words that two near questions in one language have in common, to be called nearly the same."""
SURE = 0.8
"""Confidence from which a question that is to be unanswerable is said to be answered."""

_WAITING = "feedback-down"
"""The kind of a question that was rated down and has no right answer yet."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """Something that its author should look at."""

    line: int
    id: str
    kind: str
    """`duplicate`, `near_duplicate`, `answer_missing`, `document_missing`, `language`, `answerable`, `no_answer_yet`"""
    message: str


def faults(base: KnowledgeBase, questions: QuestionSet, progress: Progress | None = None) -> list[Finding]:
    """Return all faults, in the order of the lines."""
    found = [*_duplicates(questions.questions), *_near_duplicates(base, questions.questions)]
    judge = Judge(base, by_paragraph=False)
    known = {document.id for document in base.documents()}
    for number, question in enumerate(questions.questions, 1):
        found += _language(question)
        found += _unanswered(question)
        if question.answerable:
            found += _answers(judge, question, known)
        elif question.kind != _WAITING:
            found += _answerable(base, question)
        if progress:
            progress(number, len(questions.questions))
    return sorted(found, key=lambda fault: (fault.line, fault.kind))


def _fault(question: EvaluationQuestion, kind: str, message: str) -> Finding:
    return Finding(question.line, question.id, kind, message)


def _duplicates(questions: Sequence[EvaluationQuestion]) -> Iterator[Finding]:
    first: dict[str, EvaluationQuestion] = {}
    for question in questions:
        form = _bare(question)
        if form in first:
            yield _fault(question, "duplicate", f"asks the same as line {first[form].line} ({first[form].id})")
        first.setdefault(form, question)


def _near_duplicates(base: KnowledgeBase, questions: Sequence[EvaluationQuestion]) -> Iterator[Finding]:
    """Yield questions that the model can hardly tell from one before it, in the same language and with its words."""
    if len(questions) < 2:
        return
    vectors = base.encoder.encode_queries([encoder_form(question.question) for question in questions])
    words = [{word for group in content_words(question.question) for word in group} for question in questions]
    for place, question in enumerate(questions):
        near = vectors[:place] @ vectors[place]
        close = np.flatnonzero(near >= NEAR)
        for other in close[np.argsort(-near[close], kind="stable")].tolist():
            before = questions[other]
            alike = before.language == question.language and _bare(before) != _bare(question)
            if alike and _share(words[place], words[other]) >= SHARE and _figures(before) == _figures(question):
                yield _fault(question, "near_duplicate", f"asks nearly the same as line {before.line} ({before.id})")
                break


def _share(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def _figures(question: EvaluationQuestion) -> list[str]:
    return sorted(word for group in content_words(question.question) for word in group if word.startswith("n"))


def _bare(question: EvaluationQuestion) -> str:
    return "".join(character for character in tight(question.question) if character.isalnum())


def _language(question: EvaluationQuestion) -> Iterator[Finding]:
    if not speaks(question.question, question.language):
        found = detect_language(question.question)
        yield _fault(question, "language", f'"language" is {question.language}, the question is in {found}')


def _unanswered(question: EvaluationQuestion) -> Iterator[Finding]:
    if question.kind == _WAITING and not question.answers:
        message = 'was rated down; write the right "answers" in and change "kind", or take the line out'
        yield _fault(question, "no_answer_yet", message)


def _answers(judge: Judge, question: EvaluationQuestion, known: set[str]) -> Iterator[Finding]:
    for name in question.documents:
        if judge.document_id(name) not in known:
            yield _fault(question, "document_missing", f"no document {name!r} in the index")
    for answer in question.answers:
        alone = EvaluationQuestion(question.id, question.question, question.language, (answer,), question.documents)
        if judge.right(alone):
            continue
        anywhere = EvaluationQuestion(question.id, question.question, question.language, (answer,))
        elsewhere = sorted({item.rsplit("#", 1)[0] for item in judge.right(anywhere)})
        if elsewhere:
            message = f"the answer {answer!r} stands in {', '.join(elsewhere[:3])} and not where it should"
        else:
            message = f"the answer {answer!r} stands nowhere in the sources"
        yield _fault(question, "answer_missing", message)


def _answerable(base: KnowledgeBase, question: EvaluationQuestion) -> Iterator[Finding]:
    answer = base.ask(question.question)
    if answer.citations and answer.confidence >= SURE:
        quote = " ".join(sentence.text for sentence in answer.sentences)
        where = answer.citations[0].document_id if answer.citations else ""
        message = f"no answer is expected, yet {where} seems to give one ({answer.confidence:.2f}): {quote[:120]}"
        yield _fault(question, "answerable", message)


def counts(found: Sequence[Finding]) -> Mapping[str, int]:
    """Return how many faults there are of each kind."""
    kinds = sorted({fault.kind for fault in found})
    return {kind: sum(fault.kind == kind for fault in found) for kind in kinds}
