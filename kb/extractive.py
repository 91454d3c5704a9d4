"""The extractive answerer: the sentences of the found passages that answer, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpus.documents import Block, Document
from kb.close_reading import Reading, Span, read, sentences_of
from kb.confidence import confidence, passage_chances
from kb.evidence import evidence, passage_evidence
from kb.fitted import Fitted
from kb.outright import Told, says_outright, tells, wanted_of
from kb.questions import Kind, bears_sign, is_question, kind_of
from kb.sentences import probabilities, text_width
from kb.sides import says_side, sides_of
from retrieval.centring import family_of
from retrieval.index import Hit, Question, Snapshot

PASSAGES_READ = 4
"""Of the passages found; those after them are read only where they say outright what is asked."""
PASSAGES_WEIGHED = 10
"""Of the passages found, among which the best is to stand out."""
PASSAGES_LOOKED_THROUGH = 60
"""For what says outright what is asked: a role may go by another name where whom it answers to is said."""
WORTH = 0.003
"""A further sentence joins where the chance that it answers is worth its length: so much a unit of width."""
MOST_ITEMS = 12
_NEAR_DUPLICATE = 0.8
_LEADS = ("：", ":", "；", ";")
_LISTS_SOUGHT_AMONG = 8
"""Of the sentences, the likeliest: where a list is looked for whose items together are likelier still."""
_LISTED = (Kind.LIST, Kind.MANNER, Kind.DEFINITION, Kind.OTHER)


@dataclass(frozen=True, eq=False)
class Candidate:
    """A sentence of a found passage and how likely it answers."""

    reading: Reading
    place: int
    """Its number in the passage."""
    chance: float
    """That it answers, if its passage does; 0 to 1."""
    probability: float
    """That it answers, its passage's own chance taken in; 0 to 1."""

    @property
    def hit(self) -> Hit:
        """The passage that it stands in."""
        return self.reading.hit

    @property
    def span(self) -> Span:
        """Where it stands in its document's text."""
        return self.reading.spans[self.place]

    @property
    def outright(self) -> bool:
        """Whether it says outright what the question asks."""
        return bool(self.reading.outright[self.place])

    @property
    def text(self) -> str:
        """Its words."""
        return self.reading.texts[self.place]


@dataclass(frozen=True)
class Findings:
    """What the first passages hold for a question."""

    ranked: tuple[Candidate, ...]
    """Their sentences, the likeliest first."""
    confidence: float
    """That the sources answer at all; 0 to 1."""


def findings(snapshot: Snapshot, question: Question, hits: Sequence[Hit], fitted: Fitted) -> Findings:
    """Read the first passages for `question`; of nothing found nothing is sure."""
    outright = [hit for hit in hits[PASSAGES_READ:] if says_outright(question, sentences_of(hit)).any()]
    readings = [read(snapshot, question, hit) for hit in [*hits[:PASSAGES_READ], *outright]]
    if not readings:
        return Findings((), 0.0)
    chances = [probabilities(reading, question.text, fitted.sentences) for reading in readings]
    passages = [passage_evidence(question, *pair) for pair in zip(readings, chances, strict=True)]
    of_passages = passage_chances(passages, fitted)
    found = [
        Candidate(reading, place, float(chance), float(of_passage * chance))
        for reading, of_passage, of_sentences in zip(readings, of_passages, chances, strict=True)
        for place, chance in enumerate(of_sentences)
        if not is_question(reading.texts[place])
    ]
    ranked = sorted(found, key=lambda c: (-c.probability, c.hit.number, c.place))
    told = evidence(snapshot, question, hits[:PASSAGES_WEIGHED], readings, chances, int(np.argmax(of_passages)))
    return Findings(tuple(ranked), confidence(told, fitted))


def chosen(snapshot: Snapshot, question: Question, ranked: Sequence[Candidate], *, most: int) -> list[tuple[Hit, Span]]:
    """Return the spans that make up the answer, in reading order: up to `most` sentences, or a list with its items."""
    if not ranked:
        return []
    definite = wanted_of(question.text) & (Told.ANSWERS_TO | Told.CALCULATED)
    if ranked[0].outright or (definite and any(c.outright for c in ranked)):
        # Of several that do, one in the reader's own language.
        ranked = sorted(ranked, key=lambda c: (not c.outright, _language_apart(question, c)))
    best = ranked[0]
    kind = kind_of(question.text)
    if kind is Kind.LIST and not best.outright:
        best = _likeliest_list(snapshot, ranked) or best
    if kind in _LISTED or best.text.rstrip().endswith(_LEADS):
        listed = _list_around(snapshot.documents[best.hit.passage.document_id], best)
        if listed:
            return [(best.hit, span) for span in listed]
    picked = _from_each_side(question, ranked) if kind is Kind.COMPARISON else []
    further = ranked
    if len(picked) == 2:
        # What stands on its own for each side needs no more words on one of them, nor a definition on its thing.
        further = [c for c in ranked if _says_all_sides(question, c)]
    elif best.outright:
        further = [c for c in ranked if c.outright]
    for candidate in further:
        if len(picked) >= most:
            break
        # What leads a list says nothing without the list.
        whole = not candidate.text.rstrip().endswith(_LEADS)
        worth_reading = not picked or (whole and candidate.probability >= WORTH * text_width(candidate.text))
        if worth_reading and not any(_alike(candidate, other) for other in picked):
            picked.append(candidate)
    first = {picked[0].hit.number: -1}
    picked.sort(key=lambda c: (first.get(c.hit.number, c.hit.number), c.place))
    return [(candidate.hit, candidate.span) for candidate in picked]


def _introducing(told: Told) -> tuple[bool, bool]:
    return Told.DEFINES in told, Told.OPENS in told


def _from_each_side(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Return the likeliest sentence that tells all that is compared apart, else one on each, where they are."""
    sides = sides_of(question)[:2]
    if len(sides) < 2:
        return []
    saying = [[c for c in ranked if says_side(c.reading, c.place, side)] for side in sides]
    both = next((c for c in ranked if _says_all_sides(question, c)), None)
    if both is not None and both.probability >= ranked[0].probability / 2 and bears_sign(question.text, both.text):
        return [both]
    found = {}
    for side, told, others in zip(sides, saying, reversed(saying), strict=True):
        alone = [c for c in told if c not in others] or told
        # The first of the highest: what a thing is, else what opens with its name, else the likeliest.
        c = max(alone, key=lambda c: _introducing(tells(question.words[side], c.text)), default=None)
        if c is not None:
            found[c.hit.number, c.place] = c
    return list(found.values()) if len(found) == 2 else []


def _language_apart(question: Question, candidate: Candidate) -> int:
    """Return 0 for a passage in the question's language, 1 for the other script of it, 2 for another language."""
    language = candidate.hit.passage.language
    return 0 if language == question.language else 2 - (family_of(language) == family_of(question.language))


def _says_all_sides(question: Question, candidate: Candidate) -> bool:
    return all(says_side(candidate.reading, candidate.place, side) for side in sides_of(question)[:2])


def _likeliest_list(snapshot: Snapshot, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return a sentence of the list that as a whole is likelier to answer than any one sentence, if there is one."""
    best, held = None, ranked[0].probability
    for candidate in ranked[:_LISTS_SOUGHT_AMONG]:
        document = snapshot.documents[candidate.hit.passage.document_id]
        spans = _list_around(document, candidate)
        if not spans:
            continue
        begin, end = spans[0][0], spans[-1][1]
        of_list = [c for c in ranked if c.hit.number == candidate.hit.number and begin <= c.span[0] < end]
        together = sum(c.probability for c in of_list)
        if together > held:
            best, held = candidate, together
    return best


def _list_around(document: Document, best: Candidate) -> list[Span]:
    """Return the lead and items of the list that the best sentence leads or stands in, none where there is none."""
    blocks = [block for block in document.blocks if block.kind != "heading"]
    place = next((n for n, b in enumerate(blocks) if b.start <= best.span[0] < b.end), None)
    if place is None:
        return []
    first = place
    while first > 0 and blocks[first].kind == "item":
        first -= 1
    lead = blocks[first]
    items = _items_after(blocks, first)
    if len(items) < 2 or lead.kind == "item":
        return []
    leads = [s for s in best.reading.spans if lead.start <= s[0] < lead.end]
    is_lead = blocks[place].kind == "paragraph"
    if is_lead and (not leads or best.span != leads[-1] or not document.text[: lead.end].rstrip().endswith(_LEADS)):
        return []
    if not is_lead and not leads:
        return []
    within = [b for b in items[:MOST_ITEMS] if b.end <= best.hit.passage.end]
    return [leads[-1], *((b.start, b.end) for b in within)]


def _items_after(blocks: Sequence[Block], lead: int) -> list[Block]:
    items = []
    for block in blocks[lead + 1 :]:
        if block.kind != "item":
            break
        items.append(block)
    return items


def _alike(candidate: Candidate, other: Candidate) -> bool:
    """Tell whether two sentences say nearly the same: the smaller one's character pairs lie mostly in the other."""
    a, b = (_pairs(text) for text in (candidate.text, other.text))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) > _NEAR_DUPLICATE


def _pairs(text: str) -> set[str]:
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
