"""Sources that contradict each other: two documents that give different figures or dates for the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.segment import lexical_tokens
from kb.expressions import FIGURES, Expression, Sort, expressions
from kb.extractive import Candidate
from kb.questions import names_in, sorts_wanted, telling
from retrieval.index import Question, Snapshot

_AS_SURE = 0.5
"""Share of the answering passage's own chance that a contradicting one must reach, and of its sentence's within it."""
_WORDS_TOLD = 0.9
"""Share of what the answering passage says of the question that a contradicting one must say."""


@dataclass(frozen=True)
class Contradiction:
    """A sentence of another document that tells something else than the answering one."""

    candidate: Candidate
    said: tuple[str, str]
    """What the answer says and what this says instead, in their own words."""


def contradiction(snapshot: Snapshot, question: Question, ranked: Sequence[Candidate]) -> Contradiction | None:
    """Return the likeliest sentence that contradicts the first of `ranked`, None where there is none.

    Only where a figure or a date is asked for, and only of sentences of other documents that say the same words of the
    question, its names and figures among them, with an expression of the same sort and unit. Sentences that name
    different dates for their figures do not contradict each other.
    """
    wanted = sorts_wanted(question.text) & (FIGURES | {Sort.DATE})
    if not wanted or not ranked:
        return None
    first = ranked[0]
    told = _told(question, first, wanted)
    if told is None:
        return None
    for other in ranked[1:]:
        if other.hit.passage.document_id == first.hit.passage.document_id or not _same_matter(
            snapshot, question, first, other
        ):
            continue
        instead = _told(question, other, wanted)
        if instead is not None and _differ(first.text, told, other.text, instead):
            return Contradiction(other, (_words(first.text, told), _words(other.text, instead)))
    return None


def _told(question: Question, candidate: Candidate, wanted: frozenset[Sort]) -> Expression | None:
    """Return the expression of a wanted sort among the words that the reader found in a sentence."""
    offset = candidate.span[0] - candidate.hit.passage.start
    start, end = candidate.reading.span_in((offset, offset + len(candidate.text)))
    return next(
        (
            e
            for e in telling(candidate.text, wanted, question.text)
            if e.start < end - offset and e.end > start - offset
        ),
        None,
    )


def _same_matter(snapshot: Snapshot, question: Question, first: Candidate, other: Candidate) -> bool:
    if other.chance < _AS_SURE * first.chance or other.reading.chance < _AS_SURE * first.reading.chance:
        return False
    if not all(snapshot.sparse.holds(other.hit.number, name) for name in names_in(question.text)):
        return False
    told, wanted = (_share_told(snapshot, question, candidate.hit.number) for candidate in (other, first))
    return told >= _WORDS_TOLD * wanted


def _share_told(snapshot: Snapshot, question: Question, number: int) -> float:
    """Return which share of the question passage `number` says, in its own words or, across languages, in others."""
    if snapshot.same_family(question, number):
        sparse = snapshot.sparse
        weighed = [(sparse.rarity(token), sparse.holds(number, [token])) for token in question.tokens]
    else:
        words = zip(question.words, question.sought, strict=True)
        weighed = [(s.weight, number in w.own_passages or number in w.other_passages) for w, s in words]
    total = sum(weight for weight, _ in weighed)
    return sum(weight for weight, told in weighed if told) / total if total > 0 else 0.0


def _differ(text: str, told: Expression, other: str, instead: Expression) -> bool:
    a, b = _figures(text, told), _figures(other, instead)
    if told.sort is not instead.sort or not a or not b or a & b:
        return False
    if told.sort is Sort.DATE:
        return True
    dates = [_dates(text), _dates(other)]
    return not (all(dates) and dates[0].isdisjoint(dates[1])) and _unit(text, told) == _unit(other, instead)


def _figures(text: str, expression: Expression) -> set[str]:
    return {token for token in lexical_tokens(_words(text, expression)) if token[0] == "n"}


def _dates(text: str) -> set[str]:
    return {token for e in expressions(text) if e.sort is Sort.DATE for token in _figures(text, e)}


def _unit(text: str, expression: Expression) -> set[str]:
    """Return the words that the figure counts; sorts with one unit have none, as have expressions across languages."""
    if expression.sort is Sort.SHARE:
        return set()
    return {t for t in lexical_tokens(_words(text, expression)) if t[0] in "ul" and not t[1:].isdigit()} - _SCALES


_SCALES = {
    "u万",
    "u亿",
    "u千",
    "u百",
    "u约",
    "u近",
    "u超",
    "u过",
    "u多",
    "u十",
    "ltys",
    "lmln",
    "lmilion",
    "lponad",
    "lokolo",
    "lprawie",
}


def _words(text: str, expression: Expression) -> str:
    return text[expression.start : expression.end]
