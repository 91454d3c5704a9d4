"""Questions and passages as rows of token numbers: each question with its answer, and with texts that lack it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.text.normalize import character_form
from corpus.text.segment import sentence_spans
from kb.reading.readings import Span
from kb.reading.rows import Cutter, Tokens, room_after, row_of
from training.material import Asked, Passage

_TITLED, _CROPPED, _WITHOUT, _NEIGHBOUR = 0.6, 0.4, 0.4, 0.6
"""Shares of the examples with a title and with some of the passage's sentences only; and of the answerable questions
that come again with their passage less its answer, and with a passage that retrieval takes for the right one."""
_PASSAGES_A_MESSAGE = 8
"""That do not answer it; other ones in each epoch."""
_AROUND = 3
"""Sentences at most that a crop keeps on either side."""
_LEAST_CROP = 40
"""Characters."""


@dataclass(frozen=True)
class Example:
    """One row, and what the network should say to it."""

    row: Sequence[int]
    begin: int
    """The place of the passage's first token."""
    span: Span
    """First and last token of the answer in the row; (0, 0) where there is none."""


class Examples:
    """Makes the examples of an epoch, other ones in each; the same for the same seed."""

    def __init__(self, cutter: Cutter, seed: int) -> None:
        self._cutter, self._seed = cutter, seed
        self._tokens: dict[str, Tokens] = {}

    def of_epoch(
        self,
        passages: Sequence[Passage],
        neighbours: Sequence[Sequence[Sequence[int]]],
        epoch: int,
        messages: Sequence[str] = (),
    ) -> list[Example]:
        """Return examples in random order; `neighbours` holds for each passage and question other passages.

        `messages` are answered by no passage.
        """
        chance = random.Random(f"{self._seed} {epoch}")
        found = [
            example
            for passage, around in zip(passages, neighbours, strict=True)
            for asked, near in zip(passage.asked, around, strict=True)
            for example in self._of_question(passage, asked, [passages[number] for number in near], chance)
        ]
        for message in messages:
            for passage in chance.sample(passages, min(_PASSAGES_A_MESSAGE, len(passages))):
                asked = Asked("", message, None)
                found.append(self._example(passage, asked, None, (0, len(passage.text)), chance))
        chance.shuffle(found)
        return found

    def _of_question(
        self, passage: Passage, asked: Asked, near: Sequence[Passage], chance: random.Random
    ) -> list[Example]:
        whole = (0, len(passage.text))
        if asked.answer is None:
            part = _crop(passage, chance) if chance.random() < _CROPPED else None
            return [self._example(passage, asked, None, part or whole, chance)]
        part = _crop_around(passage, asked.answer, chance) if chance.random() < _CROPPED else None
        found = [self._example(passage, asked, asked.answer, part or whole, chance)]
        if chance.random() < _WITHOUT and (part := _crop_without(passage, asked.answer, chance)):
            found.append(self._example(passage, asked, None, part, chance))
        told = character_form(passage.text[slice(*asked.answer)])
        lacking = [other for other in near if told not in character_form(other.text)]
        if chance.random() < _NEIGHBOUR and lacking:
            other = chance.choice(lacking)
            found.append(self._example(other, asked, None, (0, len(other.text)), chance))
        return found

    def _example(
        self, passage: Passage, asked: Asked, answer: Span | None, part: Span, chance: random.Random
    ) -> Example:
        head = self._cutter.head(asked.question, passage.title if chance.random() < _TITLED else "")
        tokens, room = self._within(passage, part), room_after(head)
        first, last = _tokens_of(tokens, answer) if answer else (-1, -1)
        if len(tokens.numbers) > room:
            # Where the answer stands in the window is left to chance, so that no place in it is learned.
            latest = len(tokens.numbers) - room
            low, high = (max(0, last - room + 1), first) if first >= 0 else (0, latest)
            begin = min(latest, chance.randint(min(low, high), high))
            tokens, first, last = tokens.part(begin, begin + room), first - begin, last - begin
        found = 0 <= first <= last < len(tokens.numbers)
        span = (first + len(head), last + len(head)) if found else (0, 0)
        return Example(row_of(head, tokens), len(head), span)

    def _within(self, passage: Passage, part: Span) -> Tokens:
        if passage.id not in self._tokens:
            self._tokens[passage.id] = self._cutter.tokens(passage.text)
        tokens = self._tokens[passage.id]
        inside = [n for n, (start, end) in enumerate(tokens.places) if start >= part[0] and end <= part[1]]
        return tokens.part(inside[0], inside[-1] + 1) if inside else Tokens((), ())


def _tokens_of(tokens: Tokens, answer: Span) -> Span:
    """Return the first and last token that an answer touches; (-1, -1) where none does."""
    touched = [
        n for n, (start, end) in enumerate(tokens.places) if start < answer[1] and end > answer[0] and end > start
    ]
    return (touched[0], touched[-1]) if touched else (-1, -1)


def _crop(passage: Passage, chance: random.Random) -> Span | None:
    sentences = sentence_spans(passage.text)
    if len(sentences) < _AROUND:
        return None
    first = chance.randrange(len(sentences) - 1)
    last = min(len(sentences) - 1, first + chance.randint(1, 2 * _AROUND))
    return sentences[first][0], sentences[last][1]


def _crop_around(passage: Passage, answer: Span, chance: random.Random) -> Span | None:
    sentences = sentence_spans(passage.text)
    held = [n for n, (start, end) in enumerate(sentences) if start < answer[1] and end > answer[0]]
    if not held:
        return None
    first = max(0, held[0] - chance.randint(0, _AROUND))
    last = min(len(sentences) - 1, held[-1] + chance.randint(0, _AROUND))
    return min(sentences[first][0], answer[0]), max(sentences[last][1], answer[1])


def _crop_without(passage: Passage, answer: Span, chance: random.Random) -> Span | None:
    """Return sentences in a row that hold nothing of the answer."""
    told, runs = character_form(passage.text[slice(*answer)]), list[list[Span]]([[]])
    for start, end in sentence_spans(passage.text):
        touched = start < answer[1] and end > answer[0]
        if touched or told in character_form(passage.text[start:end]):
            runs.append([])
        else:
            runs[-1].append((start, end))
    parts = [(run[0][0], run[-1][1]) for run in runs if run and run[-1][1] - run[0][0] > _LEAST_CROP]
    return chance.choice(parts) if parts else None
