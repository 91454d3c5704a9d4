"""The extractive answerer: the sentences of the found passages that answer, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.text.language import family_of
from kb.answering.confidence import answers_alike, asks_nothing, asks_of_other_things, confidence, figures, passage_odds
from kb.answering.lists import LEADS, Listing, leads_on, list_around
from kb.answering.treatment import TREATMENTS
from kb.question.kinds import Kind
from kb.question.question_words import is_question, states_definition
from kb.question.understanding import Understood
from kb.reading.readings import Excerpt, Reader, Reading, Span
from retrieval.index.snapshot import Hit, Snapshot

PASSAGES_READ = 4
"""Of the passages found; six tell no better whether any answers, and take half as long again."""
PASSAGES_WEIGHED = 10
"""Of the passages found, among which the best is to stand out."""
MOST_ITEMS = 12
_NOTHING_ASKED = 0.02
"""How sure it is at most that the sources answer a greeting, or words that no text is about."""
_OTHER_THINGS_ASKED = 0.1
"""How sure it is at most that a text in another language answers what mostly no text speaks of."""
_FURTHER = 0.3
"""Share of the first sentence's own probability from which another sentence adds to the answer."""
_OWN_LANGUAGE = 0.3
"""Share of the likeliest sentence's probability from which one in the question's own language comes before it."""
_LISTS_SOUGHT_AMONG = 8
"""Of the sentences, the likeliest: where a list is looked for whose items together are likelier still."""
_OF_AN_ITEM = 0.15
"""Share of a list's probability from which one of its items, with what explains it, counts."""
_NEAR_DUPLICATE = 0.8
ENDS = "。.！!；; \n"
"""What ends a sentence and answers nothing."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A sentence of a passage that was read, and how likely it answers."""

    hit: Hit
    reading: Reading
    place: int
    """Its number in the passage."""
    chance: float
    """That it holds the answer, if its passage does; 0 to 1."""
    probability: float
    """That it answers, its passage's own chance taken in; 0 to 1."""

    @property
    def span(self) -> Span:
        """Where it stands in its document's text."""
        return self.hit.passage.sentences[self.place]

    @property
    def text(self) -> str:
        """Its words."""
        begin = self.hit.passage.start
        return self.hit.passage.text[self.span[0] - begin : self.span[1] - begin]

    @property
    def marked(self) -> str:
        """Those of its words that the reader marks."""
        start, end = marked(self.hit, self.reading, self.span)
        return self.text[start - self.span[0] : end - self.span[0]]


@dataclass(frozen=True)
class Findings:
    """What the first passages hold for a question."""

    hits: tuple[Hit, ...]
    """The passages, those that were read in the order in which they likeliest answer."""
    ranked: tuple[Candidate, ...]
    """Their sentences, the likeliest first."""
    confidence: float
    """That the sources answer at all; 0 to 1."""


def findings(snapshot: Snapshot, question: Understood, hits: Sequence[Hit], reader: Reader) -> Findings:
    """Read the first passages for `question`; of nothing found nothing is sure."""
    first = hits[:PASSAGES_READ]
    readings = read_passages(snapshot, question, first, reader)
    if not readings:
        return Findings(tuple(hits), (), 0.0)
    odds = passage_odds(first, readings)
    chances = np.exp(odds - odds.max())
    chances /= chances.sum()
    # What a second stage has put in order stays so.
    order = list(range(len(first))) if first[0].reranked is not None else np.argsort(-odds, kind="stable").tolist()
    found = [
        Candidate(first[number], readings[number], place, float(mass), float(chances[number] * mass))
        for number in order
        for place, mass in enumerate(masses(first[number], readings[number]))
    ]
    stating = [c for c in found if not is_question(c.text)] or found
    ranked = sorted(stating, key=lambda c: -c.probability)
    alike = answers_alike(question, first[order[0]])
    sure = confidence(figures(snapshot, question, hits, readings), alike=alike)
    if not alike and asks_of_other_things(question):
        sure = min(sure, _OTHER_THINGS_ASKED)
    if asks_nothing(snapshot, question):
        sure = min(sure, _NOTHING_ASKED)
    return Findings((*(first[number] for number in order), *hits[PASSAGES_READ:]), tuple(ranked), sure)


def read_passages(snapshot: Snapshot, question: Understood, hits: Sequence[Hit], reader: Reader) -> list[Reading]:
    """Read the passages of `hits` for `question`."""
    excerpts = [
        Excerpt(snapshot.documents[hit.passage.document_id].title, hit.passage.text, hit.start - hit.passage.start)
        for hit in hits
    ]
    return reader.read(question.text, excerpts)


def masses(hit: Hit, reading: Reading) -> np.ndarray:
    """Return how likely each sentence of a passage holds the answer, if the passage does; 0 to 1 each."""
    begin = hit.passage.start
    return reading.mass([(start - begin, end - begin) for start, end in hit.passage.sentences])


def marked(hit: Hit, reading: Reading, span: Span) -> Span:
    """Return which part of `span` of the document the reader marks, without what ends a sentence."""
    begin = hit.passage.start
    start, end = reading.span_in((span[0] - begin, span[1] - begin))
    return begin + start, begin + start + len(hit.passage.text[start:end].rstrip(ENDS))


def in_one_language(question: Understood, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return those of `ranked` that are in one language: the question's where that answers nearly as likely, too."""
    if not ranked:
        return []
    own, found = family_of(question.language), family_of(ranked[0].hit.passage.language)
    likeliest = next((c for c in ranked if family_of(c.hit.passage.language) == own), None)
    if likeliest and question.kind is Kind.DEFINITION and not states_definition(likeliest.text):
        likeliest = None  # what says no more than the name is no answer, in whatever language
    if likeliest is not None and likeliest.probability >= _OWN_LANGUAGE * ranked[0].probability:
        found = own
    return [candidate for candidate in ranked if family_of(candidate.hit.passage.language) == found]


@dataclass(frozen=True)
class Chosen:
    """The spans that make up an answer, in reading order."""

    spans: list[tuple[Hit, Span]]
    items: int = 0
    """Where they are a list, how many items it has; up to `MOST_ITEMS` of them are among the spans."""


def chosen(snapshot: Snapshot, question: Understood, ranked: Sequence[Candidate], *, most: int) -> Chosen:
    """Choose up to `most` sentences, or a list with its items."""
    if not ranked:
        return Chosen([])
    # Its words tell a list where the recogniser, which hears the whole, does not, and the other way round.
    whole_list = TREATMENTS[question.kind].whole_list or question.lists
    best = ranked[0]
    picked = [best]
    for candidate in ranked[1:]:
        if len(picked) >= most or candidate.probability < _FURTHER * best.probability:
            break
        # What leads a list says nothing without the list.
        whole = not candidate.text.rstrip().endswith(LEADS)
        if whole and not any(_alike(candidate, other) for other in picked):
            picked.append(candidate)
    found = _likeliest_list(snapshot, ranked, picked, asked=whole_list)
    if found is not None:
        listing, hit = found
        lead = [listing.lead] if listing.lead and _leads(snapshot, listing, hit, ranked) else []
        return Chosen([(hit, span) for span in [*lead, *listing.items[:MOST_ITEMS]]], len(listing.items))
    numbers = list(dict.fromkeys(candidate.hit.number for candidate in picked))
    picked.sort(key=lambda c: (numbers.index(c.hit.number), c.place))
    return Chosen([(candidate.hit, candidate.span) for candidate in picked])


def _leads(snapshot: Snapshot, listing: Listing, hit: Hit, ranked: Sequence[Candidate]) -> bool:
    """Tell whether what stands before a list belongs to it: it says so, is a table's head, or may answer itself."""
    assert listing.lead is not None
    document = snapshot.documents[hit.passage.document_id]
    start, end = listing.lead
    head = any(block.start == start and block.kind != "paragraph" for block in document.blocks)
    if head or document.text[:end].rstrip().endswith(LEADS):
        return True
    same = (c for c in ranked if c.hit.passage.document_id == document.id and c.span == listing.lead)
    return any(candidate.probability >= _FURTHER * ranked[0].probability for candidate in same)


def _likeliest_list(
    snapshot: Snapshot, ranked: Sequence[Candidate], picked: Sequence[Candidate], *, asked: bool
) -> tuple[Listing, Hit] | None:
    """Return the list that as a whole is likelier to answer than any one sentence outside it, if there is one.

    Where no list is `asked` for, only one that the likeliest sentence leads, or that all that is `picked` is of.
    """
    best, held = None, 0.0
    for candidate in ranked[: _LISTS_SOUGHT_AMONG if asked else 1]:
        document = snapshot.documents[candidate.hit.passage.document_id]
        listing = list_around(document, candidate.span)
        if listing is None:
            continue
        within = [c for c in ranked if c.hit.passage.document_id == document.id and listing.holds(c.span)]
        together = sum(c.probability for c in within)
        told: dict[int, float] = {}
        for c in within:
            told[listing.item_of(c.span)] = told.get(listing.item_of(c.span), 0.0) + c.probability
        # What explains one item is no answer of the list's; several items are.
        several = sum(share >= _OF_AN_ITEM * together for share in told.values()) > 1
        likeliest = ranked[0] if ranked[0] in within else candidate
        whole = several or listing.lead == likeliest.span or listing.is_item(likeliest.span)
        of_it = len(picked) > 1 and several and all(c in within for c in picked)
        if not ((asked and whole) or of_it or (listing.lead == candidate.span and leads_on(document, listing))):
            continue
        if together > held and (ranked[0] in within or together > ranked[0].probability):
            best, held = (listing, candidate.hit), together
    return best


def _alike(candidate: Candidate, other: Candidate) -> bool:
    """Tell whether two sentences say nearly the same: the smaller one's character pairs lie mostly in the other."""
    a, b = (_pairs(text) for text in (candidate.text, other.text))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) > _NEAR_DUPLICATE


def _pairs(text: str) -> set[str]:
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
