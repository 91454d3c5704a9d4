"""An answer gone on with: one of its items told by what its source says of it, or what its source says next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from corpus.documents import Document
from corpus.text.segment import sentence_spans
from kb.answering.answers import Answer, Citation, Refusal, text_of
from kb.answering.extractive import MOST_ITEMS
from kb.answering.lists import list_around
from kb.answering.quoting import Quoted, cited
from kb.answering.treatment import TREATMENTS
from kb.answering.wording import no_more
from kb.asking.answered import answered
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse
from kb.question.conversation import asked_before, completed
from kb.question.turns import LAST, Turn, turn_of
from kb.question.understanding import Understood
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Snapshot

AT_ONCE = 3
"""Sentences with which an answer goes on."""
_OF_AN_ITEM = 4
"""Sentences at most by which an item is told, itself the first."""
_LOOKED_BACK = 3
"""Questions among which the list is looked for of which an item is meant."""


@dataclass(frozen=True)
class Before:
    """The answer that a turn points back to."""

    answer: Answer
    question: Understood
    gone_on: int
    """How often it was gone on with already."""

    @classmethod
    def of(
        cls,
        turn: Turn,
        history: Sequence[str],
        opened: OpenGeneration,
        in_use: InUse,
        lexicon: Lexicon,
        languages: Collection[str] = (),
    ) -> Before | None:
        """Answer once more what was asked last, or for an item what was answered by a list; None where nothing was."""
        turns = asked_before(history, lexicon)
        gone_on = len(list(takewhile(lambda earlier: turn_of(earlier).more, reversed(history))))
        for back in range(1, min(_LOOKED_BACK if turn.item else 1, len(turns)) + 1):
            whole = completed(turns[-back], turns[:-back], lexicon)
            question = Understood.by(whole, lexicon, opened.snapshot, opened.encoder)
            if not TREATMENTS[question.kind].looked_up:
                continue
            answer = answered(opened, question, replace(in_use, llm=None), lexicon, languages=languages)
            if answer.items or (answer.citations and not turn.item):
                return cls(answer, question, gone_on)
        return None


def continued(turn: Turn, own: str, before: Before, snapshot: Snapshot) -> Answer | None:
    """Return what the source says next, or more of an item; None where the turn points to no such thing."""
    question = before.question
    if turn.more:
        told = _gone_on(snapshot, before)
    elif item := _item(before.answer, turn.item):
        told = _item_told(snapshot, question, item)
    else:
        return None
    tells = bool(told.sentences)
    return replace(
        before.answer,
        question=own,
        completed=f"{question.text} {own}",
        answered=tells,
        text=text_of(told.sentences, told.lead) if tells else no_more(question.language),
        sentences=told.sentences,
        citations=told.citations,
        differences=(),
        note="",
        lead=told.lead,
        items=0,
        refusal=None if tells else Refusal.FACT_MISSING,
    )


def _item(before: Answer, number: int) -> Citation | None:
    """Return an item of an answer that is a list; None where it shows no such item."""
    items = before.citations[-min(before.items, MOST_ITEMS) :]  # what leads the list stands before them
    place = len(items) - 1 if number == LAST else number - 1
    return items[place] if place < len(items) else None


def _item_told(snapshot: Snapshot, question: Understood, item: Citation) -> Quoted:
    """Quote an item and the sentences that explain it: up to the next one, or the end of its section."""
    document = snapshot.documents[item.document_id]
    listing = list_around(document, (item.start, item.end))
    further = [start for start, _ in listing.items if start > item.start] if listing else []
    spans = [span for span in _after(document, item.end) if not further or span[0] < further[0]]
    return _quoted(snapshot, question, document, [(item.start, item.end), *spans[: _OF_AN_ITEM - 1]])


def _gone_on(snapshot: Snapshot, before: Before) -> Quoted:
    """Quote what the source of an answer says next; nothing where it says no more there."""
    first = before.answer.citations[0].document_id
    document = snapshot.documents[first]
    place = max(citation.end for citation in before.answer.citations if citation.document_id == first)
    skipped = before.gone_on * AT_ONCE
    return _quoted(snapshot, before.question, document, _after(document, place)[skipped : skipped + AT_ONCE])


def _after(document: Document, place: int) -> list[tuple[int, int]]:
    """Return the sentences of a section after a place in it, headings left out."""
    end = next((section.end for section in document.sections if section.start <= place - 1 < section.end), None)
    within = [
        b for b in document.blocks if b.kind != "heading" and b.end > place and b.start < (end or len(document.text))
    ]
    spans = [span for b in within for span in sentence_spans(document.text, b.start, b.end)]
    return [span for span in spans if span[0] >= place - 1]


def _quoted(snapshot: Snapshot, question: Understood, document: Document, spans: list[tuple[int, int]]) -> Quoted:
    passages = [p for p in snapshot.contents.passages if p.document_id == document.id]
    citations = [
        Citation.of(number, document, next((p for p in passages if p.start <= span[0] < p.end), passages[0]), span)
        for number, span in enumerate(spans, 1)
    ]
    return cited(citations, question=question)
