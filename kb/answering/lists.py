"""The lists of a document, in whatever form: items, rows, headings with numbers, sentences that count up."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from corpus.documents import Block, Document
from corpus.text.normalize import search_form
from corpus.text.numerals import digits_for_numerals
from corpus.text.segment import fold, sentence_spans

Span = tuple[int, int]

# From two on, as they stand before what is counted; folded.
_NUMBER_WORDS = tuple(
    frozenset(said.split())
    for said in (
        "dwa dwie dwoch two", "trzy trzech three", "cztery czterech four", "piec pieciu five", "szesc szesciu six",
        "siedem siedmiu seven", "osiem osmiu eight", "dziewiec dziewieciu nine", "dziesiec dziesieciu ten",
    )
)  # fmt: skip
LEADS = ("：", ":", "；", ";")
"""How a text ends that leads on to a list."""
_FEWEST = 2
_APART = 4
"""Sentences from one that counts to the next."""
_NEAR = 60
"""Blocks of a section that are looked at on either side of a sentence."""
_RUNS = ("item", "row")

_COUNT = "[一二三四五六七八九十]{1,2}|[0-9]{1,2}"
_NUMBERED = re.compile(
    rf"(?:{_COUNT})[、.．):：）]|第(?:{_COUNT})|[（(](?:{_COUNT})[)）]"
    rf"|(?:步骤|步驟|阶段|階段|krok|etap|faza|punkt|filar|zasada|step|stage|phase|rule|part|pillar)\s*(?:{_COUNT})\b"
    rf"|(?:pierwsz|drug|trzec|czwart|piąt|szóst|siódm|ósm)\w{{1,3}}\b(?:\s+\w+)?\s*[:–—-]|[IVX]{{1,4}}\.",
    re.IGNORECASE,
)
"""How a heading opens that is one of several."""
_FIRST = re.compile(
    r"首先|第一|其一|一是|一来|一來|最先|先是|po pierwsze|najpierw|na początek|pierws\w+|jeden|first(?:ly)?\b|to begin",
    re.IGNORECASE,
)
_FURTHER = re.compile(
    rf"其次|再次|再者|再来|再來|然后|然後|接着|接著|接下来|接下來|随后|隨後|此外|另外|最后|最後|末了|第(?:{_COUNT})|其[二三四五六]"
    r"|[二三四五六七]是|[二三四五]来|[二三四五]來|还有|還有"
    r"|po (?:drugie|trzecie|czwarte|piąte|szóste|siódme)|następni\w+|potem|później|dalej|kolejn\w+|wreszcie"
    r"|na koniec|na końcu|ostatni\w*|ponadto|poza tym|do tego|(?:drug|trzec|czwart|piąt|szóst)\w{1,3}\b"
    r"|second(?:ly)?\b|third(?:ly)?\b|fourth(?:ly)?\b|fifth\b|next\b|then\b|after that|finally|last(?:ly)?\b|also\b",
    re.IGNORECASE,
)
"""How sentences open of which the first counts one and the others go on."""
_COUNTED = re.compile(
    r"[^，,。:：；;]{0,16}第([一二三四五六七八九十]|[0-9]{1,2})"
    r"(?:步|件|[项項]|[个個]|[点點]|[类類]|[种種]|[层層]|[阶階]段)"
)
"""The same within a sentence's opening: 客戶長管流失的第一件事是……"""
_OPENING = re.compile(r"[\s„“\"«「『（(*-]*")


@dataclass(frozen=True)
class Listing:
    """A list: where it stands, what leads it, and its items in the document's order."""

    lead: Span | None
    """The sentence before it, or a table's first row; it leads on to the items where it says so."""
    items: tuple[Span, ...]
    end: int
    """Where its last item's text ends: what stands under a heading with a number is part of the list."""

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.lead[0] if self.lead else self.items[0][0]

    def holds(self, span: Span) -> bool:
        """Tell whether a sentence stands in it."""
        return self.start <= span[0] < self.end

    def item_of(self, span: Span) -> int:
        """Return the number of the item that a sentence is, or explains, from 1; 0 of what leads the list."""
        return bisect_right(self.items, span[0], key=lambda item: item[0])

    def is_item(self, span: Span) -> bool:
        """Tell whether a sentence is an item, or stands in one."""
        return any(start <= span[0] < end for start, end in self.items)


def list_around(document: Document, span: Span) -> Listing | None:
    """Return the narrowest list of a document that holds a sentence, None where none does.

    What it costs goes by the section that the sentence stands in, and not by the document.
    """
    blocks = _section(document, span[0])
    found = [*_of_blocks(document, blocks), *_of_sentences(document, blocks), *_of_headings(document)]
    return min((one for one in found if one.holds(span)), key=lambda one: one.end - one.start, default=None)


def _section(document: Document, place: int) -> Sequence[Block]:
    """Return the blocks around a place between two headings, of a long section the nearest and whole runs of items."""
    blocks = document.blocks
    at = max(bisect_right(blocks, place, key=lambda block: block.start) - 1, 0)
    first = last = at
    while first > 0 and blocks[first - 1].kind != "heading" and (at - first < _NEAR or blocks[first].kind in _RUNS):
        first -= 1
    while last + 1 < len(blocks) and blocks[last + 1].kind != "heading":
        if last - at >= _NEAR and blocks[last + 1].kind not in _RUNS:
            break
        last += 1
    return blocks[first : last + 1]


def _of_blocks(document: Document, blocks: Sequence[Block]) -> Iterator[Listing]:
    """Yield runs of items and of table rows; a table's first row says what the others tell."""
    for kind, run in groupby(enumerate(blocks), key=lambda block: block[1].kind):
        if kind not in _RUNS:
            continue
        (first, block), *others = run
        before = blocks[first - 1] if first and blocks[first - 1].kind == "paragraph" else None
        if kind == "row":
            if len(others) >= _FEWEST:
                yield Listing(_span(block), tuple(_span(b) for _, b in others), others[-1][1].end)
            continue
        items = [block, *(b for _, b in others)]
        lead = _last_sentence(document, before) if before else None
        if len(items) >= _FEWEST:
            yield Listing(lead, tuple(map(_span, items)), items[-1].end)


def _of_headings(document: Document) -> Iterator[Listing]:
    """Yield series of headings of one level that open with numbers; what leads them is the sentence before."""
    blocks, text = document.blocks, document.text
    places = [n for n, block in enumerate(blocks) if block.kind == "heading"]
    for level in sorted({blocks[n].level for n in places}):
        series: list[int] = []
        for n in [*places, len(blocks)]:
            block = blocks[n] if n < len(blocks) else None
            if block and block.level > level:
                continue
            numbered = block is not None and block.level == level and _NUMBERED.match(text, block.start, block.end)
            if numbered:
                series.append(n)
                continue
            if len(series) > _FEWEST:
                before = blocks[series[0] - 1] if series[0] else None
                lead = None
                if before is not None:
                    lead = _span(before) if before.kind == "heading" else _last_sentence(document, before)
                end = blocks[n - 1].end
                yield Listing(lead, tuple(_span(blocks[m]) for m in series), end)
            series = []


def _of_sentences(document: Document, blocks: Sequence[Block]) -> Iterator[Listing]:
    """Yield sentences of a section that count up, in one paragraph or in paragraphs that follow each other."""
    prose = [block for block in blocks if block.kind == "paragraph"]
    sentences = [span for block in prose for span in sentence_spans(document.text, block.start, block.end)]
    openings = [_opening(document.text, span) for span in sentences]
    place = 0
    while place < len(sentences):
        if openings[place] != "first":
            place += 1
            continue
        members = [place]
        # Up to three sentences may say more of an item before the next one is counted.
        for further in range(place + 1, len(sentences)):
            if further - members[-1] > _APART or openings[further] == "first":
                break
            if openings[further] == "further":
                members.append(further)
        if len(members) > _FEWEST:
            lead = sentences[place - 1] if place else None
            yield Listing(lead, tuple(sentences[n] for n in members), sentences[members[-1]][1])
        place = members[-1] + 1


def _opening(text: str, span: Span) -> str:
    start = _OPENING.match(text, *span).end()  # type: ignore[union-attr]
    if counted := _COUNTED.match(text, start, span[1]):
        return "first" if counted[1] in ("一", "1") else "further"
    if _FIRST.match(text, start, span[1]):
        return "first"
    return "further" if _FURTHER.match(text, start, span[1]) else ""


def _last_sentence(document: Document, block: Block) -> Span | None:
    spans = sentence_spans(document.text, block.start, block.end)
    return spans[-1] if spans else None


def _span(block: Block) -> Span:
    return block.start, block.end


def leads_on(document: Document, listing: Listing) -> bool:
    """Tell whether what stands before a list says that it follows: by its end, or by how many items there are."""
    if listing.lead is None:
        return False
    lead = document.text[slice(*listing.lead)]
    return lead.rstrip().endswith(LEADS) or len(listing.items) in _counts(lead)


def _counts(lead: str) -> set[int]:
    """Return the numbers that a sentence says, in digits or in words."""
    form = digits_for_numerals(search_form(lead))
    words = set(re.findall(r"[^\W\d_]+", fold(form)))
    return {int(number) for number in re.findall(r"[0-9]{1,2}", form)} | {
        count for count, said in enumerate(_NUMBER_WORDS, 2) if words & said
    }
