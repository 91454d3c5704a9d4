"""A document's passages (what is cited) and their windows (what is searched)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corpus.documents import Block, Document, Passage, Window
from corpus.text.normalize import HAN
from corpus.text.segment import sentence_spans

# Widths count a Han character as two, since it carries about twice as much as a letter.
LONGEST_PASSAGE = 2000
"""Width above which a passage is split between sentences."""
SHORTEST_PASSAGE = 500
"""Width up to which the following paragraph of the same section joins a passage."""
WINDOW_SENTENCES = 3

_HAN_CHARACTER = re.compile(f"[{HAN}]")

Span = tuple[int, int]


def passages_of(document: Document) -> list[Passage]:
    """Split `document` into passages of whole sentences, none of which crosses a heading."""
    passages = []
    for section, blocks in _by_section(document):
        for sentences in _packed(document.text, blocks):
            start, end = sentences[0][0], sentences[-1][1]
            text, page = document.text[start:end], document.page_at(start)
            passages.append(Passage(document.id, start, end, text, document.language, section, tuple(sentences), page))
    return passages


def windows_of(passages: Iterable[Passage], first_number: int = 0) -> list[Window]:
    """Return for each passage its single sentences, then its runs of up to three, each run starting one later.

    Single sentences find the answer, runs under their document's title find what a passage is about; the two together
    find more passages than either. A passage's number is `first_number` plus its place in `passages`.
    """
    windows = []
    for number, passage in enumerate(passages, first_number):
        count = len(passage.sentences)
        windows += [Window(number, first, 1, titled=False) for first in range(count)]
        size = min(WINDOW_SENTENCES, count)
        windows += [Window(number, first, size, titled=True) for first in range(count - size + 1)]
    return windows


def window_text(passage: Passage, window: Window) -> str:
    """Return the original words of `window`, which is one of `passage`, without titles."""
    start = passage.sentences[window.first][0]
    end = passage.sentences[window.first + window.count - 1][1]
    return passage.text[start - passage.start : end - passage.start]


def _by_section(document: Document) -> Iterator[tuple[str, list[Block]]]:
    title, blocks = "", list[Block]()
    for block in document.blocks or (Block("paragraph", 0, len(document.text)),):
        if block.kind == "heading":
            if blocks:
                yield title, blocks
            title, blocks = document.text[block.start : block.end], []
        else:
            blocks.append(block)
    if blocks:
        yield title, blocks


def _packed(text: str, blocks: list[Block]) -> Iterator[list[Span]]:
    """Yield the sentences of each passage: short paragraphs joined, a list kept with its lead, long ones split."""
    current: list[Span] = []
    width = 0
    for number, block in enumerate(blocks):
        sentences = sentence_spans(text, block.start, block.end)
        block_width = sum(_width(text, span) for span in sentences)
        continues = block.kind != "paragraph" and number > 0
        room = LONGEST_PASSAGE if continues else SHORTEST_PASSAGE
        if current and (width > room or width + block_width > LONGEST_PASSAGE):
            yield current
            current, width = [], 0
        for sentence in sentences:
            if current and width > LONGEST_PASSAGE:
                yield current
                current, width = [], 0
            current.append(sentence)
            width += _width(text, sentence)
    if current:
        yield current


def _width(text: str, span: Span) -> int:
    piece = text[span[0] : span[1]]
    return len(piece) + len(_HAN_CHARACTER.findall(piece))
