"""What the network is given: `<s> question </s> title </s> passage </s>` as token numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpus.text.normalize import character_form
from kb.reading.readings import Span

LONGEST = 400
"""Tokens of question, title and passage together, as trained."""
CHARACTERS = 4000
"""Of a text, what is cut into tokens at all: more than is read in any language."""
_LONGEST_QUESTION, _LONGEST_TITLE = 64, 24
_START, _END = 0, 2


@dataclass(frozen=True)
class Tokens:
    """A text cut into tokens."""

    numbers: Sequence[int]
    places: Sequence[Span]
    """Where each stands in the text."""

    def part(self, first: int, last: int) -> Tokens:
        """Return some of the tokens; their places stay those in the whole text."""
        return Tokens(self.numbers[first:last], self.places[first:last])


class Cutter:
    """Cuts texts of any length with the bundled model's tokenizer. Safe to use from several threads."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer

    def tokens(self, text: str, begin: int = 0) -> Tokens:
        """Return the tokens of a text; `begin` is added to their places."""
        form = character_form(text)
        first = self.tokenizer.encode(form, add_special_tokens=False)
        numbers, places = list[int](), list[Span]()
        # Where the encoder's own use of the tokenizer has set a length, what is longer goes on in `overflowing`.
        for part in (first, *first.overflowing):
            held = sum(part.attention_mask)
            numbers += part.ids[:held]
            places += [
                (begin + start + form.startswith(" ", start, end), begin + end) for start, end in part.offsets[:held]
            ]
        return Tokens(numbers, places)

    def head(self, question: str, title: str) -> list[int]:
        """Return what stands before the passage in a row."""
        asked = self.tokens(question[:CHARACTERS]).numbers[:_LONGEST_QUESTION]
        return [_START, *asked, _END, *self.tokens(title[:CHARACTERS]).numbers[:_LONGEST_TITLE], _END]


def row_of(head: Sequence[int], passage: Tokens) -> list[int]:
    """Return a whole row."""
    return [*head, *passage.numbers, _END]


def room_after(head: Sequence[int]) -> int:
    """Return how many of the passage's tokens a row has room for."""
    return LONGEST - len(head) - 1
