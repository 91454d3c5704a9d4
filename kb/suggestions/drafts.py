"""What the makers of questions are given, and what they make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from corpus.documents import Document
from corpus.text.normalize import search_form
from corpus.text.segment import sentence_spans
from kb.terms.concepts import Concept, concepts

Span = tuple[int, int]
LONGEST_NAME = 60


@dataclass(frozen=True)
class Draft:
    """A question and where its answers stand."""

    question: str
    answers: tuple[Span, ...]
    """Spans of the document's text."""
    kind: str
    """`heading`, `definition`, `list`, `figure`, `name` or `model`."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of a document."""

    text: str
    start: int

    def span(self, start: int, end: int) -> Span:
        """Return a part of the sentence as a span of the document."""
        return self.start + start, self.start + end


@dataclass(frozen=True)
class List:
    """A line that ends in a colon, and the items below it."""

    lead: Sentence
    items: tuple[Span, ...]


def sentences(document: Document) -> Iterator[Sentence]:
    """Yield the sentences of a document's paragraphs and items, headings and table rows left out."""
    for block in document.blocks:
        if block.kind in ("paragraph", "item"):
            for start, end in sentence_spans(document.text, block.start, block.end):
                yield Sentence(document.text[start:end], start)


def headed(document: Document) -> Iterator[tuple[str, Span]]:
    """Yield every heading with the first sentence below it, where a paragraph follows."""
    for heading, below in zip(document.blocks, document.blocks[1:], strict=False):
        if heading.kind == "heading" and below.kind == "paragraph":
            first = next(iter(sentence_spans(document.text, below.start, below.end)), None)
            if first and not document.text[slice(*first)].rstrip().endswith((":", "：")):
                yield document.text[heading.start : heading.end].strip(), first


def lists(document: Document) -> Iterator[List]:
    """Yield every line that leads a list, with the list's items."""
    blocks = document.blocks
    for place, block in enumerate(blocks):
        if block.kind != "paragraph" or not document.text[: block.end].rstrip().endswith((":", "：")):
            continue
        items = [(b.start, b.end) for b in takewhile(lambda b: b.kind == "item", blocks[place + 1 :])]
        spans = sentence_spans(document.text, block.start, block.end)
        if len(items) > 1 and spans:
            start, end = spans[-1]
            yield List(Sentence(document.text[start:end], start), tuple(items))


@lru_cache(maxsize=1)
def _names() -> dict[str, Concept]:
    """Return every name and abbreviation of a concept in the search form; those that several share left out."""
    found: dict[str, Concept | None] = {}
    for concept in concepts():
        for name in (*concept.all_names(), *concept.abbreviations):
            form = search_form(name)
            found[form] = concept if found.get(form, concept) is concept else None
    return {name: concept for name, concept in found.items() if concept is not None}


def named_at_start(text: str) -> tuple[str, Concept | None] | None:
    """Return the longest name of a concept that `text` begins with, as it stands there, None where there is none."""
    for end in range(min(len(text), LONGEST_NAME), 1, -1):
        if end < len(text) and re.match(r"\w", text[end], re.ASCII) and re.match(r"\w", text[end - 1], re.ASCII):
            continue
        concept = _names().get(search_form(text[:end]))
        if concept is not None and text[end - 1 : end].strip():
            return text[:end], concept
    return None


_HALVES = (("（", "）"), ("(", ")"), ("「", "」"), ("『", "』"), ("《", "》"), ("[", "]"))


def balanced(text: str) -> bool:
    """Tell whether every bracket and quotation mark in `text` has its other half."""
    quotes = text.count("„") + text.count("“") + text.count("”") + text.count('"')
    return quotes % 2 == 0 and all(text.count(a) == text.count(b) for a, b in _HALVES)
