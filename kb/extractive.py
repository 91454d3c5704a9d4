"""The extractive answerer: the sentences of the found passages that answer, word for word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.documents import Block, Document
from corpus.segment import content_words
from kb.questions import Kind, bears_sign, kind_of, names_in
from kb.sentences import probabilities, text_width
from retrieval.index import Hit, Question, Snapshot

# Weights of a sentence's evidence beside its cosine, chosen on half the questions of each public set.
COVERAGE_WEIGHT = 1.5
PASSAGE_WEIGHT = 0.4
SIGN_WEIGHT = 0.2
NAMES_WEIGHT = 0.5
"""For a name of the question that the whole passage lacks; a sentence that lacks it loses `NAMED_WEIGHT`."""
NAMED_WEIGHT = 0.2

PASSAGES_READ = 4
WORTH = 0.0025
"""A further sentence joins where the chance that it holds the answer is worth its length: so much a unit of width."""
LONGEST_ANSWER = 220
"""Width that further sentences may not exceed."""
MOST_ITEMS = 12
_NEAR_DUPLICATE = 0.8

Span = tuple[int, int]


@dataclass(frozen=True)
class Candidate:
    """A sentence of a found passage and what speaks for it."""

    hit: Hit
    span: Span
    text: str
    score: float
    cosine: float
    coverage: float
    probability: float = 0.0
    """How likely it holds the answer if its passage does; 0 to 1."""


def candidates(snapshot: Snapshot, question: Question, hits: Sequence[Hit]) -> list[Candidate]:
    """Return the sentences of the first passages, the best first."""
    kind, names = kind_of(question.text), names_in(question.text)
    found = []
    for hit in hits[:PASSAGES_READ]:
        passage = hit.passage
        lacking = _lacking(snapshot, hit.number, names)
        cosines = snapshot.sentence_cosines(question, hit.number)
        coverages = snapshot.sentence_shares(question, hit.number)
        named = _named(snapshot, hit.number, names)
        read: list[Candidate] = []
        for span, cosine, coverage, share in zip(passage.sentences, cosines, coverages, named, strict=True):
            text = passage.text[span[0] - passage.start : span[1] - passage.start]
            score = (
                float(cosine)
                + COVERAGE_WEIGHT * float(coverage)
                + PASSAGE_WEIGHT * (hit.score - hits[0].score)
                + SIGN_WEIGHT * (bears_sign(kind, text) - 1.0)
                - NAMES_WEIGHT * lacking
                + NAMED_WEIGHT * (float(share) - 1.0)
                - (1.0 if is_question(text) else 0.0)
            )
            read.append(Candidate(hit, span, text, score, float(cosine), float(coverage)))
        chances = probabilities(
            [candidate.text for candidate in read],
            np.array([candidate.score for candidate in read]),
            cosines,
            coverages,
            np.array([bears_sign(kind, candidate.text) for candidate in read], float),
        )
        found += [replace(candidate, probability=float(p)) for candidate, p in zip(read, chances, strict=True)]
    return sorted(found, key=lambda c: (-c.score, c.hit.number, c.span))


def _named(snapshot: Snapshot, passage: int, names: Sequence[Sequence[str]]) -> np.ndarray:
    """Return for each sentence of a passage which share of `names` it holds; 1 without names."""
    held = [snapshot.sparse.sentence_coverage(passage, dict.fromkeys(name, 1.0)) > 0 for name in names]
    count = len(snapshot.contents.passages[passage].sentences)
    return np.mean(held, axis=0) if held else np.ones(count)


def _lacking(snapshot: Snapshot, passage: int, names: Sequence[Sequence[str]]) -> float:
    """Return the share of `names` that neither the passage nor its headings hold; 0 without names."""
    return sum(not snapshot.sparse.holds(passage, name) for name in names) / max(1, len(names))


def chosen(snapshot: Snapshot, question: Question, ranked: Sequence[Candidate], *, most: int) -> list[tuple[Hit, Span]]:
    """Return the spans that make up the answer, in reading order: up to `most` sentences, or a list with its items."""
    if not ranked:
        return []
    best = ranked[0]
    document = snapshot.documents[best.hit.passage.document_id]
    if kind_of(question.text) in (Kind.LIST, Kind.MANNER, Kind.DEFINITION, Kind.OTHER) or best.text.rstrip().endswith(
        ("：", ":")
    ):
        listed = _list_around(document, best)
        if listed:
            return [(best.hit, span) for span in listed]
    # The passage of the best sentence is the one that answers; within it the likeliest come first.
    within = [c for c in ranked if c.hit.number == best.hit.number and not is_question(c.text)] or [best]
    likely = sorted(within, key=lambda c: (-c.probability, c.span))
    picked = likely[:1]
    width = text_width(picked[0].text)
    for candidate in likely[1:]:
        more = text_width(candidate.text)
        if len(picked) >= most or candidate.probability < WORTH * more or width + more > LONGEST_ANSWER:
            continue
        if not any(_alike(candidate, other) for other in picked):
            picked.append(candidate)
            width += more
    picked.sort(key=lambda c: c.span)
    return [(candidate.hit, candidate.span) for candidate in picked]


def is_question(text: str) -> bool:
    """Tell whether a sentence asks instead of stating."""
    return text.rstrip("”」』\"' ").endswith(("?", "？"))


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
    leads = [s for s in best.hit.passage.sentences if lead.start <= s[0] < lead.end]
    is_lead = blocks[place].kind == "paragraph"
    if is_lead and (
        not leads or best.span != leads[-1] or not document.text[: lead.end].rstrip().endswith(("：", ":", "；", ";"))
    ):
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


def evidence(snapshot: Snapshot, question: Question, hits: Sequence[Hit], ranked: Sequence[Candidate]) -> np.ndarray:
    """Return what speaks for the sources answering the question at all, shape `(len(EVIDENCE),)`, float32."""
    if not hits or not ranked:
        return np.zeros(len(EVIDENCE), np.float32)
    best = ranked[0]
    passage = best.hit.passage
    alike = float(passage.language.split("-")[0] == question.language.split("-")[0])
    names = names_in(question.text)
    # A name in Polish letters may stand in Chinese ones in a Chinese text, so it is missed only where languages agree.
    chinese = question.language.startswith("zh")
    unknown = sum(
        not any(map(snapshot.sparse.knows, name))
        and (alike > 0 or name[0].startswith("n") or (chinese and name[0][0] == "l"))
        for name in names
    )
    words = content_words(question.text)
    others = [hit.score for hit in hits if hit.number != best.hit.number]
    return np.array(
        [
            best.hit.dense,
            best.cosine,
            alike,
            alike * best.hit.sparse,
            alike * best.coverage,
            best.hit.score - max(others, default=0.0),
            _lacking(snapshot, best.hit.number, names),
            unknown / max(1, len(names)),
            alike * sum(not any(map(snapshot.sparse.knows, word)) for word in words) / max(1, len(words)),
        ],
        np.float32,
    )


EVIDENCE = (
    "cosine of the passage",
    "cosine of the sentence",
    "question and passage in one language",
    "coverage of the question by the passage, in one language",
    "coverage of the question by the sentence, in one language",
    "lead over the runner-up",
    "share of the question's names and figures that the passage lacks",
    "share of the question's names and figures that no text has",
    "share of the question's words that no text has, in one language",
)
"""What `evidence` returns, in order."""
