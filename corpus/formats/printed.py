"""Lines as they stand on printed pages -> pieces of text: no furniture, whole paragraphs, headings, tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.cleaning.layout import rejoined
from corpus.cleaning.lines import WIDE, Piece, ends_sentence, is_bullet, is_wide, split_marker, width

LONGEST_HEADING = 120
"""Width up to which a line that is larger or bolder than the text may be a heading."""
_MARGIN, _EDGE = 0.12, 0.032
"""Shares of a page's height at its top and bottom: where headers stand, and where nothing but these does."""
_LARGER = 1.12
_PITCH = 1.4
"""How much further apart than usual two lines stand that are not of one paragraph."""
_MOST_COLUMNS = 15
_INDENT = 0.8
"""Of a line's height."""

_UNIT = re.compile(rf"[（“‘「『《〈【(\"'„]*(?:(?:(?!{WIDE})\S)+|.)[，。、；：！？）”’」』》〉】…%％]*")
"""What cannot be parted at the end of a line: a word or one wide character, with the signs that cling to it."""
_COUNTER = re.compile(
    r"[-–—·|\s]*(?:(?:page|strona|str\.|s\.|第)\s*)?(?:\d{1,4}|[ivxlc]{1,6})\s*(?:[页頁])?"
    r"(?:\s*(?:/|of|z|／|，|,|共)\s*\d{1,4}\s*[页頁]?)?[-–—·|\s]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PrintedLine:
    """One line of a page. Lengths are in points, places count from the page's lower left corner."""

    text: str
    """Its words; a tab where the cells of a table part, a soft hyphen at the end where a word was parted."""
    page: int
    left: float
    right: float
    bottom: float
    """Of its letters without what hangs below."""
    size: float
    bold: bool = False
    gaps: tuple[tuple[float, float], ...] = ()
    """From where to where its wide gaps reach, one for each tab."""
    height: float = 792.0
    """Of its page."""


@dataclass(frozen=True)
class _Layout:
    """What is usual in a document."""

    size: float
    pitch: float
    """From one line of a paragraph to the next, as a multiple of the size."""
    rights: Mapping[tuple[int, int], float]
    """Page and left edge, in steps of 10 points -> how far lines reach there."""
    widths: Mapping[int, float]
    """Page -> from its leftmost letter to its rightmost."""
    hyphenated: frozenset[str]
    spaced: bool
    """Whether a space is written between Chinese and Latin words."""

    def right_of(self, line: PrintedLine) -> float:
        step = round(line.left / 10)
        return max(self.rights.get((line.page, near), line.right) for near in range(step - 3, step + 4))


def pieces_of(pages: Sequence[Sequence[PrintedLine]], bookmarks: Mapping[str, int]) -> Iterator[Piece]:
    """Turn the lines of all pages into pieces. `bookmarks` hold headings, without white space, and their levels."""
    lines = _with_emphasis(_with_markers_joined(_without_furniture(pages)))
    if not lines:
        return
    layout = _layout_of(lines)
    paragraphs = list(_paragraphs(_with_tables(lines), layout))
    sizes = sorted({p[0].size for p in paragraphs if _is_heading(p, layout) and p[0].size > _LARGER * layout.size})
    for number, paragraph in enumerate(paragraphs):
        text, turns = _joined(paragraph, layout)
        level = bookmarks.get("".join(text.split()))
        following = paragraphs[number + 1] if number + 1 < len(paragraphs) else None
        if level is None and following and _is_heading(paragraph, layout):
            larger = [size for size in sizes if size > paragraph[0].size]
            level = len(larger) + 1 if paragraph[0].size > _LARGER * layout.size else min(len(sizes) + 1, 6)
        marker, words = split_marker(text)
        if level is not None:
            yield Piece("heading", text, min(level, 6), pages=turns)
        elif "\t" in text:
            yield Piece("row", text.replace("\t", " | "), pages=turns)
        elif marker and words:
            shift = len(text) - len(words)
            yield Piece("item", words, 1, _shown(marker), tuple((max(0, at - shift), page) for at, page in turns))
        else:
            yield Piece("paragraph", text, pages=turns)


# ------------------------------------------------------------------------------------------------------- furniture


def _without_furniture(pages: Sequence[Sequence[PrintedLine]]) -> list[PrintedLine]:
    """Drop what is printed at the top or foot of page after page: headers, footers, page numbers."""
    filled = [page for page in pages if page]
    if not filled:
        return []
    usual = _usual_size([line for page in filled for line in page])
    counts = Counter(key for page in filled for key in {_key(line) for line in page if _at_margin(line, _MARGIN)})
    kept = list[PrintedLine]()
    for page in filled:
        for line in page:
            repeated = counts[_key(line)] >= 3 or counts[_key(line)] == len(filled) > 1
            small = line.size <= 1.1 * usual
            counter = _COUNTER.fullmatch(line.text) is not None
            edge = _at_margin(line, _EDGE)
            if not (_at_margin(line, _MARGIN) and small and (repeated or counter or edge)):
                kept.append(line)
    return kept


def _at_margin(line: PrintedLine, share: float) -> bool:
    return not share * line.height < line.bottom < (1 - share) * line.height


def _key(line: PrintedLine) -> tuple[int, str]:
    return round(line.bottom / 2), re.sub(r"\d+", "0", line.text)


def _usual_size(lines: Sequence[PrintedLine]) -> float:
    letters = Counter[float]()
    for line in lines:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0]


# ------------------------------------------------------------------------------------------------------ paragraphs


def _with_markers_joined(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Give a bullet that stands on a line of its own to the line that follows."""
    found = list[PrintedLine]()
    for line in lines:
        marked = re.match(r"(\S{1,4})\t", line.text)
        if marked and split_marker(f"{marked[1]} x")[0] == marked[1]:
            line = replace(line, text=line.text.replace("\t", " ", 1), gaps=line.gaps[1:])
        before = found[-1] if found else None
        if before and before.page == line.page and split_marker(before.text)[0] and not split_marker(before.text)[1]:
            found[-1] = replace(line, text=f"{before.text} {line.text}", left=before.left)
        else:
            found.append(line)
    return found


def _with_emphasis(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Take bold type for an emphasis only where it is not what most of the text is in."""
    letters = sum(len(line.text) for line in lines if line.bold)
    usual = letters > 0.5 * sum(len(line.text) for line in lines)
    return [replace(line, bold=False) for line in lines] if usual else list(lines)


def _with_tables(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Keep the tabs of lines whose wide gaps stand above those of another; elsewhere a wide gap is a space."""
    rows = [False] * len(lines)
    for number, (above, below) in enumerate(pairwise(lines)):
        if _in_columns(above, below):
            rows[number] = rows[number + 1] = True
    return [
        line if row else replace(line, text=re.sub(f"(?<={WIDE})\t(?={WIDE})", "", line.text).replace("\t", " "))
        for line, row in zip(lines, rows, strict=True)
    ]


def _in_columns(above: PrintedLine, below: PrintedLine) -> bool:
    fewer, more = sorted((above.gaps, below.gaps), key=len)
    if (
        not fewer
        or len(more) > min(len(fewer) + 1, _MOST_COLUMNS)
        or above.page != below.page
        or above.bottom <= below.bottom
    ):
        return False
    return all(any(left < end and begin < right for begin, end in more) for left, right in fewer)


def _layout_of(lines: Sequence[PrintedLine]) -> _Layout:
    usual = _usual_size(lines)
    pitches = [
        (a.bottom - b.bottom) / a.size
        for a, b in pairwise(lines)
        if a.page == b.page and a.size == b.size and 0 < a.bottom - b.bottom < 3 * a.size
    ]
    rights = dict[tuple[int, int], float]()
    for line in lines:
        key = (line.page, round(line.left / 10))
        rights[key] = max(rights.get(key, 0.0), line.right)
    words = " ".join(line.text for line in lines)
    # The lower half: where most lines are headings or list items, the wide gaps are the usual ones.
    pitch = median(sorted(pitches)[: max(1, len(pitches) // 2)]) if pitches else 1.2
    pages = dict[int, list[PrintedLine]]()
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    widths = {page: max(line.right for line in on) - min(line.left for line in on) for page, on in pages.items()}
    close, spaced = (len(re.findall(rf"[一-鿿]{gap}[A-Za-z0-9]|[A-Za-z0-9%]{gap}[一-鿿]", words)) for gap in ("", " "))
    return _Layout(usual, pitch, rights, widths, frozenset(re.findall(r"\w+-\w+", words)), spaced > close)


def _paragraphs(lines: Sequence[PrintedLine], layout: _Layout) -> Iterator[list[PrintedLine]]:
    paragraph = list[PrintedLine]()
    for line in lines:
        if paragraph and not _goes_on(paragraph, line, layout):
            yield paragraph
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield paragraph


def _goes_on(paragraph: Sequence[PrintedLine], line: PrintedLine, layout: _Layout) -> bool:
    """Tell whether a line goes on with the paragraph before it."""
    before = paragraph[-1]
    if "\t" in before.text or "\t" in line.text or abs(before.size - line.size) > 0.08 * before.size:
        return False
    if before.text.endswith("\xad"):
        return True
    marker = split_marker(line.text)[0]
    full, ended = _is_full(before, line, layout), ends_sentence(before.text)
    if marker and (is_bullet(marker) or ended or not full):
        return False
    apart = before.bottom - line.bottom
    if before.page != line.page or apart < -before.size:
        # Over the end of a page or column.
        begins = line.text[0].islower() or is_wide(line.text[0]) or line.text[0].isdigit()
        return full and not ended and begins and before.bold == line.bold
    if apart > _PITCH * layout.pitch * before.size or (before.bold != line.bold and (ended or len(paragraph) == 1)):
        return False
    if before.size > _LARGER * layout.size and _is_heading([before], layout):
        return full or line.text[0].islower() or is_wide(line.text[0])
    # The first line of an item stands out to the left, that of a paragraph to the right.
    base = min(other.left for other in _in_column(paragraph))
    hanging = len(paragraph) == 1 and bool(split_marker(before.text)[0])
    if line.left > base + _INDENT * line.size and not hanging and line.page == before.page:
        return False
    return full


def _in_column(paragraph: Sequence[PrintedLine]) -> Sequence[PrintedLine]:
    """Return the lines of a paragraph from where its last column or page begins."""
    turns = [
        number
        for number, (above, below) in enumerate(pairwise(paragraph), 1)
        if above.page != below.page or below.bottom > above.bottom
    ]
    return paragraph[turns[-1] if turns else 0 :]


def _is_full(line: PrintedLine, following: PrintedLine, layout: _Layout) -> bool:
    """Tell whether a line could not have taken the first word of the next one as well."""
    room = layout.right_of(line) - line.right
    if line.size > _LARGER * layout.size:
        # A title may be centred.
        room = max(room, 0.0)
        room = min(room, layout.widths[line.page] - (line.right - line.left))
    unit = _UNIT.match(following.text)
    needed = 1 + width(unit[0]) if unit and not is_wide(following.text[0]) else width(unit[0]) if unit else 2
    column = (line.right - line.left) / max(1, width(line.text))
    # Letters differ in width, so where the sentence is not over a little more room counts as none.
    slack = 1.0 if ends_sentence(line.text) else 1.3
    return room < slack * needed * max(column, 0.3 * line.size)


def _joined(paragraph: Sequence[PrintedLine], layout: _Layout) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Join the lines of a paragraph; return its text and where in it each page begins."""
    text, turns = paragraph[0].text, [(0, paragraph[0].page)]
    for before, line in pairwise(paragraph):
        words = line.text
        if text.endswith("-") and re.match(r"-\w", words):
            words = words[1:]  # Polish repeats the hyphen of a compound on the next line
            text += words
        else:
            mixed = is_wide(text[-1]) != is_wide(words[0]) and text[-1].isalnum() and words[0].isalnum()
            close = mixed and not layout.spaced
            text = text + words if close else rejoined(text, words, layout.hyphenated)
        if line.page != before.page:
            turns.append((len(text) - len(words), line.page))
    return text.replace("\xad", ""), tuple(turns)


def _is_heading(paragraph: Sequence[PrintedLine], layout: _Layout) -> bool:
    """Tell whether a paragraph is a heading: short, without an end, and larger or bolder than the text."""
    text = " ".join(line.text for line in paragraph)
    if width(text) > LONGEST_HEADING or "\t" in text or not re.search(r"[^\W\d_]", text):
        return False
    if re.search(r"[。.;；:：,，、…]$", text) or is_bullet(split_marker(text)[0]):
        return False
    return paragraph[0].size > _LARGER * layout.size or all(line.bold for line in paragraph)


def _shown(marker: str) -> str:
    return "•" if marker in "\uf0b7\uf0a7" else marker
