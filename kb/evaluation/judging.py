"""One question asked and judged: which texts are right for it, what was found, what was said, what bears it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.documents import Document, Passage
from kb.answering.answers import Answer
from kb.evaluation.figures.citations import citation_precision, citation_recall
from kb.evaluation.figures.measures import holds_answer, mean, overlap_f1, tight
from kb.evaluation.sets.question_sets import EvaluationQuestion
from kb.generation.checking import Cosines
from kb.generation.support import enough, same_language, support
from kb.knowledge_base import KnowledgeBase
from kb.settings.schema import LlmSettings

DEPTH = 10
"""Passages that a run looks at."""
FAR = 100
"""How far down the right passage is looked for where it is not among them."""
FAULTS = ("error", "not_retrieved", "refused", "wrong_answer", "should_refuse")
"""What can be wrong with a question, each question having the first that fits."""
_OPTIONAL = {"error", "reason", "shown", "digest", "turns", "completed"}
_EXCERPT = 420
"""Characters of a passage that a record keeps."""


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
        """Whether the sources were said to answer."""
        # Small talk is answered without the sources: it claims nothing of them.
        return self.answer is not None and self.answer.answered and bool(self.answer.citations)

    @property
    def confidence(self) -> float:
        """How sure the answer was that the sources answer; 0 where asking failed."""
        return self.answer.confidence if self.answer and (self.answered or not self.answer.answered) else 0.0

    @property
    def words(self) -> str:
        """The answer's own sentences, a line each; empty where it was a refusal."""
        return "\n".join(sentence.text for sentence in self.answer.sentences) if self.answer else ""

    @property
    def marked(self) -> str:
        """The words underlined in the quotes, the whole of those in which none are."""
        quotes = self.answer.citations if self.answer else ()
        spans = [(c, span) for c in quotes for span in c.marks or ((c.start, c.end),)]
        return "\n".join(c.quote[start - c.start : end - c.start] for c, (start, end) in spans)

    @property
    def answer_found(self) -> bool:
        """Whether an expected answer stands in the answer's own sentences."""
        return self.answered and holds_answer(self.words, self.question.answers)

    @property
    def fault(self) -> str:
        """The first of `FAULTS` that fits, empty where all is well."""
        if self.error:
            return "error"
        if not self.question.answerable:
            return "should_refuse" if self.answered else ""
        if self.answer_found:
            return ""
        if self.rank is None:
            return "not_retrieved"
        return "wrong_answer" if self.answered else "refused"


class Judge:
    """Asks questions and tells which of the index's texts are right for them."""

    def __init__(self, base: KnowledgeBase, *, by_paragraph: bool) -> None:
        self._base, self._by_paragraph = base, by_paragraph
        self._documents = {document.id: document for document in base.documents()}
        self._passages = list(base.snapshot.contents.passages)
        self._names = {name: document.id for document in self._documents.values() for name in _names(document)}
        self._forms: dict[int, str] = {}

    def ask(self, question: EvaluationQuestion, history: Sequence[str] = ()) -> Outcome:
        """Ask one question, after those in `history`."""
        right = self.right(question)
        documents = sorted({item.rsplit("#", 1)[0] for item in right} & self._documents.keys())
        language = self._documents[documents[0]].language if documents else question.language
        try:
            # Without a model that is the same answer, and after a refusal nobody waits for what could be asked instead.
            quotes_only = not self._base.settings.llm.base_url
            answer = self._base.ask(question.question, k=DEPTH, history=history, quotes_only=quotes_only)
        except Exception as error:  # any failure is the question's result, and the run goes on
            return Outcome(question, None, f"{type(error).__name__}: {error}", (), frozenset(right), language)
        ranked = tuple(dict.fromkeys(self._item(hit.passage) for hit in answer.hits))
        return Outcome(question, answer, None, ranked, frozenset(right), language)

    def right(self, question: EvaluationQuestion) -> set[str]:
        """Return the right items: passages that hold an answer, or the question's own paragraph."""
        if not question.answerable:
            return set()
        wanted = set(map(self.document_id, question.documents))
        if self._by_paragraph:
            return {f"{document_id}#" for document_id in wanted}
        answers = [tight(answer) for answer in question.answers]
        within = (n for n, p in enumerate(self._passages) if not wanted or p.document_id in wanted)
        return {self._item(self._passages[n]) for n in within if any(answer in self._form(n) for answer in answers)}

    def document_id(self, name: str) -> str:
        """Return the id of the document that goes by an id or a file's name; the name itself where none does."""
        return self._names.get(name, name)

    def record(self, question: EvaluationQuestion) -> dict[str, Any]:
        """Ask one question and return all that a run keeps of it, as plain values: its line in the run's file."""
        outcome = self.ask(question)
        # What a file says under a key of ours never stands in for a result.
        kept = {key: value for key, value in question.extra.items() if key not in _OPTIONAL}
        line: dict[str, Any] = {**kept, **_said(outcome), "pair": self._pair(outcome), **self._measured(outcome)}
        if outcome.fault:
            line |= {"shown": self.shown(outcome)}
        return line

    # ------------------------------------------------------------------------------------------------------- measures

    def _measured(self, outcome: Outcome) -> dict[str, Any]:
        answer, question = outcome.answer, outcome.question
        told = bool(answer and outcome.answered)
        supports = self._supports(question.question)
        right = {item.rsplit("#", 1)[0] for item in outcome.right}
        expected = question.answers if told else ()
        return {
            "f1": overlap_f1(outcome.words, expected),
            "marked_f1": overlap_f1(outcome.marked, expected),
            "citation_precision": citation_precision(answer, supports) if answer and told else None,
            "citation_recall": citation_recall(answer, supports) if answer and told else None,
            "cited_right": mean(c.document_id in right for c in answer.citations) if answer and told else None,
            "right_if_answered": self._right_if_answered(outcome),
            "ranked": list(outcome.ranked),
            "right": sorted(outcome.right),
            "timings_ms": {stage: round(ms, 3) for stage, ms in answer.timings_ms.items()} if answer else {},
        }

    def _right_if_answered(self, outcome: Outcome) -> bool:
        """Tell whether the answer that was given, or was held back for want of confidence, holds what was asked for."""
        if outcome.answered or outcome.error or not outcome.question.answerable:
            return outcome.answer_found
        try:
            answer = self._unrefusing.ask(outcome.question.question, k=DEPTH)
        except Exception:
            return False
        return answer.answered and holds_answer("\n".join(s.text for s in answer.sentences), outcome.question.answers)

    @cached_property
    def _unrefusing(self) -> KnowledgeBase:
        """The same texts, answering whatever they are asked, without a language model."""
        settings = self._base.settings
        answer = settings.answer.model_copy(update={"refuse_below": 0.0})
        return self._base.with_settings(settings.model_copy(update={"answer": answer, "llm": LlmSettings()}))

    def _supports(self, question: str) -> Callable[[str, Sequence[Any]], bool]:
        """Return the test whether quotes bear out a sentence: word for word, or by `kb.generation.support`."""

        def supports(sentence: str, citations: Sequence[Any]) -> bool:
            cited = [c for c in citations if self._is_verbatim(c)]
            if not cited:
                return False
            quote = " ".join(c.quote for c in cited)
            if tight(sentence) in tight(quote):
                return True
            titles = "\n".join(f"{c.title}\n{c.section}" for c in cited)
            score = support(sentence, quote, question=question, context=titles)
            if score and not same_language(sentence, quote):
                cosine = self._cosines(sentence, self._base.question(sentence).language, quote)
                score = support(sentence, quote, question=question, context=titles, cosine=cosine)
            return score >= enough(sentence, quote)

        return supports

    @cached_property
    def _cosines(self) -> Cosines:
        opened = self._base.opened
        return Cosines(opened.snapshot, opened.encoder)

    def _is_verbatim(self, citation: Any) -> bool:
        document = self._documents.get(citation.document_id)
        return document is not None and document.text[citation.start : citation.end] == citation.quote

    # --------------------------------------------------------------------------------------- what a reader is shown

    def _pair(self, outcome: Outcome) -> str | None:
        return f"{outcome.question.language}>{outcome.document_language}" if outcome.question.answerable else None

    def shown(self, outcome: Outcome) -> dict[str, Any]:
        """Return what was found instead and the right passage, with its rank, however far down."""
        question = outcome.question
        shown: dict[str, Any] = {"found": None, "right": None, "rank": outcome.rank}
        if outcome.answer and outcome.answer.hits:
            hit = outcome.answer.hits[0]
            shown["found"] = self._excerpt(hit.passage, hit.start - hit.passage.start)
        understood = (outcome.answer and outcome.answer.completed) or question.question
        far = [] if outcome.rank or not outcome.right or outcome.error else self._far(understood)
        shown["rank"] = outcome.rank or next((n for n, p in enumerate(far, 1) if self._item(p) in outcome.right), None)
        ranked = [hit.passage for hit in outcome.answer.hits] if outcome.answer else []
        candidates = [p for p in (*ranked, *far, *self._passages) if self._item(p) in outcome.right]
        holding = [p for p in candidates if holds_answer(p.text, question.answers)] or candidates
        if holding:
            at = next((i for a in question.answers if (i := holding[0].text.find(a)) >= 0), 0)
            shown["right"] = self._excerpt(holding[0], at)
        return shown

    def _far(self, question: str) -> list[Passage]:
        found = [hit.passage for hit in self._base.search(question, k=FAR)]
        return list({self._item(passage): passage for passage in reversed(found)}.values())[::-1]

    def _excerpt(self, passage: Passage, at: int) -> dict[str, Any]:
        """Return about `_EXCERPT` characters of a passage around place `at` of its text."""
        start = 0 if len(passage.text) <= _EXCERPT else max(0, min(at - _EXCERPT // 3, len(passage.text) - _EXCERPT))
        text = passage.text[start : start + _EXCERPT]
        title = self._documents[passage.document_id].title
        return {
            "document_id": passage.document_id,
            "title": title,
            "section": passage.section,
            "language": passage.language,
            "text": ("… " if start else "") + text + (" …" if start + _EXCERPT < len(passage.text) else ""),
        }

    def _item(self, passage: Passage) -> str:
        return f"{passage.document_id}#" if self._by_paragraph else f"{passage.document_id}#{passage.start}"

    def _form(self, number: int) -> str:
        if number not in self._forms:
            self._forms[number] = tight(self._passages[number].text)
        return self._forms[number]


def _names(document: Document) -> set[str]:
    file = Path(document.metadata.get("path") or document.source)
    return {document.id, file.name, file.stem}


def _said(outcome: Outcome) -> Mapping[str, Any]:
    """Return the part of a record that says what was asked and what came."""
    question, answer = outcome.question, outcome.answer
    return {
        "id": question.id,
        "language": question.language,
        "kind": question.kind,
        "question": question.question,
        "answerable": question.answerable,
        "answers": list(question.answers),
        "rank": outcome.rank,
        "answered": outcome.answered,
        "confidence": round(outcome.confidence, 6),
        "support": round(answer.support, 4) if answer else 0.0,
        "answer_found": outcome.answer_found,
        "answer": outcome.words if outcome.answered else None,
        "engine": answer.engine if answer else None,
        "fault": outcome.fault or None,
        **({"error": outcome.error} if outcome.error else {}),
        **({"reason": answer.reason} if answer and answer.reason else {}),
    }
