"""From the sentences found to a cited answer: what is quoted, which words of it answer, and what contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.text.language import family_of
from kb.answering.answers import AnswerSentence, Citation, Difference
from kb.answering.differences import contradicting
from kb.answering.extractive import ENDS, MOST_ITEMS, Candidate, chosen, in_one_language, marked
from kb.answering.wording import differing, quoted_from, shown_of
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
    lead: str = ""
    """Whose words they are, where they are in another language than the question."""
    items: int = 0
    """Where they are a list, how many items it has."""
    support: float = 1.0
    """How likely they answer; 0 to 1."""


def quoted(snapshot: Snapshot, question: Understood, ranked: Sequence[Candidate], *, most: int) -> Quoted:
    """Quote the sentences that answer, and beside them one of another source that contradicts the first."""
    told = in_one_language(question, ranked)
    choice = chosen(snapshot, question, told, most=most)
    spans = list(choice.spans)
    others = (candidate for candidate in ranked if candidate is not told[0])
    opposed = None if choice.items or not told else contradicting(snapshot, question, [told[0], *others])
    differences: tuple[Difference, ...] = ()
    note = shown_of(question.language, MOST_ITEMS, choice.items) if choice.items > MOST_ITEMS else ""
    if opposed is not None:
        sides = (told[0], opposed)
        numbers = tuple(_place(spans, side) + 1 for side in sides)
        said = tuple(side.marked for side in sides)
        differences = (Difference(numbers, said),)
        note = differing(question.language, list(zip(numbers, said, strict=True)))
    citations = [
        _marked(
            Citation.of(number, snapshot.documents[hit.passage.document_id], hit.passage, span),
            hit,
            () if choice.items else ranked,
        )
        for number, (hit, span) in enumerate(spans, 1)
    ]
    return cited(citations, question=question, note=note, differences=differences, items=choice.items)


def labelled(snapshot: Snapshot, question: Understood, said: Sequence[tuple[str, Candidate]]) -> Quoted:
    """Quote sentences that were chosen already, each under what it is about."""
    citations = [
        _marked(Citation.of(number, snapshot.documents[c.hit.passage.document_id], c.hit.passage, c.span), c.hit, [c])
        for number, (_, c) in enumerate(said, 1)
    ]
    return cited(citations, [label for label, _ in said], question=question)


def cited(
    citations: Sequence[Citation],
    labels: Sequence[str] = (),
    *,
    question: Understood | None = None,
    lead: str = "",
    note: str = "",
    differences: tuple[Difference, ...] = (),
    items: int = 0,
) -> Quoted:
    """Return an answer of one sentence a citation, under `labels` where there are some.

    Before it stands `lead`, or whose words they are where they are in no language of the `question`.
    """
    sentences = tuple(
        AnswerSentence(citation.quote, (citation.number,), label=label)
        for citation, label in zip(citations, labels or [""] * len(citations), strict=True)
    )
    sources = [(citation.language, citation.title) for citation in citations]
    families = {family_of(language) for language, _ in sources}
    if question and sources and family_of(question.language) not in families:
        lead = quoted_from(question.language, sources)
    return Quoted(sentences, tuple(citations), differences, note, lead, items)


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
