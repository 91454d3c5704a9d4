"""From the sentences found to a cited answer: what is quoted, which words of it answer, and what contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answers import AnswerSentence, Citation, Difference
from kb.differences import contradiction
from kb.extractive import Candidate, chosen
from kb.phrases import differing
from retrieval.index import Hit, Question, Snapshot

Span = tuple[int, int]

_END = "。.！!；; \n"
"""What ends a sentence and answers nothing."""


@dataclass(frozen=True)
class Quoted:
    """The sentences of an answer, word for word, and what is to be said of them."""

    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    differences: tuple[Difference, ...] = ()
    note: str = ""


def quoted(snapshot: Snapshot, question: Question, ranked: Sequence[Candidate], *, most: int) -> Quoted:
    """Quote the sentences that answer, and beside them one of another source that contradicts the first."""
    spans = chosen(snapshot, question, ranked, most=most)
    opposed = contradiction(snapshot, question, ranked)
    differences: tuple[Difference, ...] = ()
    note = ""
    if opposed is not None:
        places = [_place(spans, candidate) for candidate in (ranked[0], opposed.candidate)]
        numbers = tuple(place + 1 for place in places)
        differences = (Difference(numbers, opposed.said),)
        note = differing(question.language, list(zip(numbers, opposed.said, strict=True)))
    citations = [
        _marked(Citation.of(number, snapshot.documents[hit.passage.document_id], hit, span), hit, ranked)
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
    begin = hit.passage.start
    start, end = reading.span_in((citation.start - begin, citation.end - begin))
    words = citation.quote[start + begin - citation.start : end + begin - citation.start].rstrip(_END)
    if not words or len(words) >= len(citation.quote.rstrip(_END)):
        return citation
    return replace(citation, marks=((start + begin, start + begin + len(words)),))
