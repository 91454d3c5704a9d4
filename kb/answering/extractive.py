"""The extractive answerer: the sentences of the found passages that answer, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from corpus.documents import Document
from kb.answering.confidence import answers_alike, asks_nothing, asks_of_other_things, confidence, figures, passage_odds
from kb.answering.treatment import TREATMENTS
from kb.question.question_words import is_question
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
_LISTS_SOUGHT_AMONG = 8
"""Of the sentences, the likeliest: where a list is looked for whose items together are likelier still."""
_NEAR_DUPLICATE = 0.8
ENDS = "。.！!；; \n"
"""What ends a sentence and answers nothing."""
_LEADS = ("：", ":", "；", ";")


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


def chosen(
    snapshot: Snapshot, question: Understood, ranked: Sequence[Candidate], *, most: int
) -> list[tuple[Hit, Span]]:
    """Return the spans that make up the answer, in reading order: up to `most` sentences, or a list with its items."""
    if not ranked:
        return []
    best = ranked[0]
    whole_list = TREATMENTS[question.kind].whole_list
    if whole_list:
        best = _likeliest_list(snapshot, ranked) or best
    if whole_list or best.text.rstrip().endswith(_LEADS):
        listed = _list_around(snapshot.documents[best.hit.passage.document_id], best)
        if listed:
            return [(best.hit, span) for span in listed]
    picked = [best]
    for candidate in ranked[1:]:
        if len(picked) >= most or candidate.probability < _FURTHER * best.probability:
            break
        # What leads a list says nothing without the list.
        whole = not candidate.text.rstrip().endswith(_LEADS)
        if whole and not any(_alike(candidate, other) for other in picked):
            picked.append(candidate)
    numbers = list(dict.fromkeys(candidate.hit.number for candidate in picked))
    picked.sort(key=lambda c: (numbers.index(c.hit.number), c.place))
    return [(candidate.hit, candidate.span) for candidate in picked]


def _likeliest_list(snapshot: Snapshot, ranked: Sequence[Candidate]) -> Candidate | None:
    """Return a sentence of the list that as a whole is likelier to answer than any one sentence, if there is one."""
    best, held = None, ranked[0].probability
    for candidate in ranked[:_LISTS_SOUGHT_AMONG]:
        spans = _list_around(snapshot.documents[candidate.hit.passage.document_id], candidate)
        of_list = [c for c in ranked if c.hit.number == candidate.hit.number and c.span in spans]
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
    items = list(takewhile(lambda block: block.kind == "item", blocks[first + 1 :]))
    if len(items) < 2 or lead.kind == "item":
        return []
    leads = [s for s in best.hit.passage.sentences if lead.start <= s[0] < lead.end]
    leads_on = document.text[: lead.end].rstrip().endswith(_LEADS)
    if not leads or (blocks[place].kind == "paragraph" and (best.span != leads[-1] or not leads_on)):
        return []
    within = [b for b in items[:MOST_ITEMS] if b.end <= best.hit.passage.end]
    return [leads[-1], *((b.start, b.end) for b in within)]


def _alike(candidate: Candidate, other: Candidate) -> bool:
    """Tell whether two sentences say nearly the same: the smaller one's character pairs lie mostly in the other."""
    a, b = (_pairs(text) for text in (candidate.text, other.text))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) > _NEAR_DUPLICATE


def _pairs(text: str) -> set[str]:
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return {letters[i : i + 2] for i in range(len(letters) - 1)}
