"""From the sentences found to a cited answer: what is quoted, which words of it answer, and what contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answering.answers import AnswerSentence, Citation, Difference
from kb.answering.differences import contradicting
from kb.answering.extractive import ENDS, MOST_ITEMS, Candidate, chosen, marked
from kb.answering.wording import differing, shown_of
from kb.question.understanding import Understood
from retrieval.index.snapshot import Hit, Snapshot

Span = tuple[int, int]


@dataclass(frozen=True)
class Quoted:
    """The sentences of an answer, word for word, and what is to be said of them."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()
    note: str = ""


def quoted(snapshot: Snapshot, question: Understood, ranked: Sequence[Candidate], *, most: int) -> Quoted:
    """Quote the sentences that answer, and beside them one of another source that contradicts the first."""
    choice = chosen(snapshot, question, ranked, most=most)
    spans = list(choice.spans)
    opposed = contradicting(snapshot, question, ranked)
    differences: tuple[Difference, ...] = ()
    note = shown_of(question.language, MOST_ITEMS, choice.items) if choice.items > MOST_ITEMS else ""
    if opposed is not None:
        sides = (ranked[0], opposed)
        numbers = tuple(_place(spans, side) + 1 for side in sides)
        said = tuple(side.marked for side in sides)
        differences = (Difference(numbers, said),)
        note = differing(question.language, list(zip(numbers, said, strict=True)))
    citations = [
        _marked(
            Citation.of(number, snapshot.documents[hit.passage.document_id], hit, span),
            hit,
            () if choice.items else ranked,
        )
        for number, (hit, span) in enumerate(spans, 1)
    ]
    sentences = [AnswerSentence(citation.quote, (citation.number,)) for citation in citations]
    return Quoted(tuple(sentences), tuple(citations), differences, note)


def _place(spans: list[tuple[Hit, Span]], candidate: Candidate) -> int:
    """Return where a candidate stands among the spans, to which it is added if it does not."""
    quoted_already = [(hit.passage.document_id, span) for hit, span in spans]
    wanted = (candidate.hit.passage.document_id, candidate.span)
    if wanted not in quoted_already:
        spans.append((candidate.hit, candidate.span))
        return len(spans) - 1
    return quoted_already.index(wanted)


def _marked(citation: Citation, hit: Hit, ranked: Sequence[Candidate]) -> Citation:
    """Mark the words that the reader found in the quote; where they are all of it, none stand out."""
    reading = next((c.reading for c in ranked if c.hit.number == hit.number), None)
    if reading is None:
        return citation
    start, end = marked(hit, reading, (citation.start, citation.end))
    return replace(citation, marks=((start, end),)) if 0 < end - start < len(citation.quote.rstrip(ENDS)) else citation
