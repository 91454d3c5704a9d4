"""Sources that contradict each other: two documents that give different figures or dates for the same matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from corpus.text.numerals import unscaled
from corpus.text.segment import lexical_tokens, token_form, words
from kb.answering.extractive import Candidate
from kb.question.understanding import Understood
from retrieval.index.snapshot import Snapshot

_AS_SURE = 0.5
"""Share of the answering passage's own chance that a contradicting one must reach, and of its sentence's within it."""
_WORDS_TOLD = 0.9
"""Share of what the answering passage says of the question that a contradicting one must say."""
_MOST_WORDS = 6
"""In longer marked words a figure is not all that answers."""

_Figures = Mapping[str, frozenset[str]]


def contradicting(snapshot: Snapshot, question: Understood, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return the likeliest sentence that contradicts the first of `ranked`, None where there is none.

    Only where the words that the reader marks tell a figure or a date, and only of sentences of other documents that
    say the same words of the question, its names and figures among them, with figures of the same unit. Sentences that
    name different years for their figures do not contradict each other.
    """
    told = _told(question, ranked[0]) if ranked else {}
    if not told:
        return None
    first, *others = ranked
    alike = (other for other in others if _same_matter(snapshot, question, first, other))
    return next((o for o in alike if _differ(first.text, told, o.text, _told(question, o))), None)


def _told(question: Understood, candidate: Candidate) -> _Figures:
    """Return the figures, with their units, that the reader marks in a sentence and the question does not say."""
    marked = token_form(candidate.marked)
    if len(list(words(marked))) > _MOST_WORDS:
        return {}
    figures = _figures(marked).keys() - lexical_tokens(question.text)
    return {figure: unit for figure, unit in _figures(candidate.text).items() if figure in figures}


def _same_matter(snapshot: Snapshot, question: Understood, first: Candidate, other: Candidate) -> bool:
    if other.hit.passage.document_id == first.hit.passage.document_id:
        return False
    if other.chance < _AS_SURE * first.chance or other.reading.chance < _AS_SURE * first.reading.chance:
        return False
    if not all(snapshot.sparse.holds(other.hit.number, name) for name in question.names):
        return False
    told, wanted = (_share_told(snapshot, question, candidate.hit.number) for candidate in (other, first))
    return told >= _WORDS_TOLD * wanted


def _share_told(snapshot: Snapshot, question: Understood, number: int) -> float:
    """Return which share of the question passage `number` says, in its own words or, across languages, in others."""
    if snapshot.same_family(question, number):
        sparse = snapshot.sparse
        weighed = [(sparse.rarity(token), sparse.holds(number, [token])) for token in question.tokens]
    else:
        asked = zip(question.words, question.sought, strict=True)
        weighed = [(s.weight, number in w.own_passages or number in w.other_passages) for w, s in asked]
    total = sum(weight for weight, _ in weighed)
    return sum(weight for weight, told in weighed if told) / total if total > 0 else 0.0


def _differ(text: str, told: _Figures, other: str, instead: _Figures) -> bool:
    one_unit = any(a == b or a & b for a in told.values() for b in instead.values())
    if not one_unit or not told.keys().isdisjoint(instead):
        return False
    years, others = (
        set(filter(_YEAR.fullmatch, _figures(sentence))) - figures.keys()
        for sentence, figures in ((text, told), (other, instead))
    )
    return not (years and others and years.isdisjoint(others))


_YEAR = re.compile(r"n(?:1\d|20)\d\d")
_OF_A_YEAR = frozenset(("年", "lrok", "lr"))
_PERCENT = re.compile(r"%|\bproc\b\.?|\bpercent\b")
_MORE = re.compile(r"(?<=\d)\s?[多余几]")


def _figures(text: str) -> _Figures:
    """Return the figures of a text as lexical tokens, each with its unit: the tokens of the word that follows."""
    said = list(words(_PERCENT.sub(" procent ", _MORE.sub("", unscaled(token_form(text))))))
    tokens = [frozenset(tokens or (word,)) for word, tokens in said]
    numbers = [next((token for token in word if token[0] == "n"), "") for word in tokens]
    found: dict[str, frozenset[str]] = {}
    for place, figure in enumerate(numbers):
        # „Three hundred" are two words for one figure, 10-12 are two for no single one.
        if figure and not any(numbers[max(place - 1, 0) : place] + numbers[place + 1 : place + 2]):
            unit = frozenset[str]().union(*tokens[place + 1 : place + 2])
            if _YEAR.fullmatch(figure):
                unit = frozenset(("year",)) if unit & _OF_A_YEAR else unit | {"year"}
            found[figure] = unit
    return found
