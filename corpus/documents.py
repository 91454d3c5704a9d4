"""The nouns of a source text. Every span is `[start, end)` in characters of the document's original text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, list item or table row of a document, as its reader found it."""

    kind: str
    """`heading`, `paragraph`, `item` or `row`."""
    start: int
    end: int
    level: int = 0
    """Of a heading: 1 to 6; of an item: its depth from 1."""


@dataclass(frozen=True)
class Section:
    """A heading and the text that it governs, up to the next heading."""

    title: str
    level: int
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A source text as its reader took it from the file; its `text` is the only thing ever quoted."""

    id: str
    title: str
    text: str
    language: str
    """A BCP 47 tag: zh-Hans, zh-Hant, pl, en or und."""
    source: str
    """Where the text came from: the file's path as it was given, or what its front matter names."""
    digest: str
    """SHA-256 of the file's bytes, in hexadecimal."""
    blocks: tuple[Block, ...] = ()
    date: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    """What else its front matter says, as plain values."""
    path: str = ""
    """The file's absolute path, by which a changed file is known again; empty where there is none."""
    member: str = ""
    """Its name within the file, where that is an archive."""
    pages: tuple[tuple[int, int], ...] = ()
    """Where in the text each page or slide begins, and its number; empty where there are none."""

    def page_at(self, place: int) -> int | None:
        """Return the number of the page or slide that the text's character `place` stands on."""
        number = bisect_right(self.pages, place, key=lambda page: page[0])
        return self.pages[number - 1][1] if number else None

    @property
    def sections(self) -> tuple[Section, ...]:
        """The document's sections in order; text before the first heading belongs to none."""
        headings = [block for block in self.blocks if block.kind == "heading"]
        ends = [*(block.start for block in headings[1:]), len(self.text)][: len(headings)]
        return tuple(
            Section(self.text[block.start : block.end], block.level, block.start, end)
            for block, end in zip(headings, ends, strict=True)
        )


def document_from(fields: dict[str, Any]) -> Document:
    """Make a document of what JSON made of its fields."""
    blocks = tuple(Block(**block) for block in fields["blocks"])
    pages = tuple((start, number) for start, number in fields["pages"])
    return Document(**{**fields, "blocks": blocks, "pages": pages})


@dataclass(frozen=True)
class Passage:
    """What is ranked and cited: one or a few paragraphs of one section."""

    document_id: str
    start: int
    end: int
    text: str
    """`document.text[start:end]`."""
    language: str
    section: str
    """The title of the section that it stands in; empty before the first heading."""
    sentences: tuple[tuple[int, int], ...]
    """Spans of its sentences, into the document's text."""
    page: int | None = None


@dataclass(frozen=True)
class Window:
    """What is encoded and searched: a run of consecutive sentences of one passage."""

    passage: int
    """The passage's number in its index."""
    first: int
    """Number of its first sentence in the passage."""
    count: int
    """How many sentences it spans."""
    titled: bool
    """Whether it is encoded under its document's title and its section's."""
