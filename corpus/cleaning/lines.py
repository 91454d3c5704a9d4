"""The parts that readers work with: lines of a file, pieces of a text to be, and how wide and how finished they are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from corpus.documents import Block

SHORTEST_PROSE = 50
"""Width from which a line that ends as a sentence counts as prose."""
LONGEST_LINK = 160
"""Width from which a line counts as prose even without an end: no link or button is that long."""

WIDE = "[\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]"
_WIDE = re.compile(WIDE)
_CLOSERS = re.escape("\"'”’」』）)]】》〉»")
SIGN = "[\u3000-\u3004\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff3d\uff5b-\uff65]"
"""Full-width punctuation."""
_SIGN = re.compile(SIGN)
_ENDS_SENTENCE = re.compile(rf"[。.!?！？…｡；;][{_CLOSERS}\s]*$")
_CUT_OFF = re.compile(r"(?:\.\.\.|…|\[…\])[\s»>)\]]*$")
_BULLET = r"[•\uf0b7\uf0a7●○◦▪■□◆◇►▶‣⁃·✓✔☑➤➢※]|[-–—*](?=\s|[^\W\d_]|[\"„“(]|$)"
_NUMBER = (
    r"[(（]?\d{1,2}[)）]|\d{1,2}[.．](?!\d)|\d{1,2}、|[一二三四五六七八九十]{1,3}[、.．]"
    r"|[(（][一二三四五六七八九十]{1,3}[)）]|[①-⑳]|[a-z]\)"
)
_MARKER = re.compile(rf"(?P<bullet>{_BULLET})\s*|(?P<number>{_NUMBER})\s*")
_DIGITS_OF_HAN = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}


@dataclass(frozen=True)
class Line:
    """One line of a file, its outer white space gone."""

    text: str
    gap: bool = False
    """Whether a blank line stands before it."""
    after: str = ""
    """The kind of page furniture that was dropped just before it."""
    spaced: bool = False
    """Whether white space stood at its end."""
    indented: bool = False
    """Whether it begins with an ideographic space, as the first line of a Chinese paragraph does."""


@dataclass(frozen=True)
class Piece:
    """A block that has no place in a text yet."""

    kind: str
    text: str
    level: int = 0
    marker: str = ""
    """What stands before an item in the text but outside its block: a bullet or a number."""
    pages: tuple[tuple[int, int], ...] = ()
    """Where in `text` a page or slide begins, and its number; at 0 the one that the piece begins on."""


class Assembled(NamedTuple):
    """A document's text, its blocks, and where in the text each page or slide begins, with its number."""

    text: str
    blocks: tuple[Block, ...]
    pages: tuple[tuple[int, int], ...]


def printable(text: str) -> str:
    """Drop what no text should hold (control characters, lone surrogates) and make every line end a newline."""
    text = re.sub("\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]", "", text)


def lines_of(text: str) -> list[Line]:
    """Split a text into its lines that are not blank."""
    found, gap = list[Line](), False
    for raw in text.split("\n"):
        if stripped := raw.strip():
            found.append(Line(stripped, gap, spaced=raw != raw.rstrip(), indented=raw.startswith("\u3000")))
        gap = not stripped
    return found


def width(text: str) -> int:
    """Return how wide a text is: a Han character, kana or full-width sign counts as two."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def is_wide(character: str) -> bool:
    """Tell whether a character is a Han character, kana or full-width sign, beside which no space is written."""
    return bool(_WIDE.match(character))


def ends_sentence(text: str) -> bool:
    """Tell whether a line ends as a sentence does; a teaser that was cut off (`...`) does not."""
    return bool(_ENDS_SENTENCE.search(text[-12:])) and not _CUT_OFF.search(text[-12:])


def is_prose(text: str) -> bool:
    """Tell whether a line is running text: it ends as a sentence and is long, or is longer than any link."""
    if len(text) >= LONGEST_LINK:
        return True
    wide = width(text)
    return wide >= LONGEST_LINK or (wide >= SHORTEST_PROSE and ends_sentence(text))


def split_marker(text: str) -> tuple[str, str]:
    """Split a line into its bullet or number, if it begins with one, and its words."""
    match = _MARKER.match(text)
    return (match[0].strip(), text[match.end() :]) if match else ("", text)


def is_bullet(marker: str) -> bool:
    """Tell a bullet from a number."""
    return bool(re.fullmatch(_BULLET, marker))


def number_of(marker: str) -> int | None:
    """Return the value of an item's number, None for a bullet or a letter."""
    if digits := re.search(r"\d+", marker):
        return int(digits[0])
    if han := re.search("[一二三四五六七八九十]+", marker):
        tens, _, units = han[0].rpartition("十") if "十" in han[0] else ("", "", han[0])
        return (10 * _DIGITS_OF_HAN.get(tens, 1) if "十" in han[0] else 0) + _DIGITS_OF_HAN.get(units, 0)
    return ord(marker[0]) - ord("①") + 1 if marker and "①" <= marker[0] <= "⑳" else None


def joined(before: str, after: str) -> str:
    """Join two halves of a broken line: nothing between two wide characters, else a space.

    A half-width comma after a Han character counts as wide, since much Chinese text is written so.
    """
    last = before[-2:-1] if before[-1:] in set(",.;:!?/)\"'”’") else before[-1:]
    first = after[1:2] if after[:1] in set("(\"'“‘") else after[:1]
    touching = not before or not after or (is_wide(first or after) and is_wide(last or before))
    # Beside full-width punctuation no space is written whatever stands on its other side.
    touching = touching or bool(_SIGN.search(before[-1:]) or _SIGN.search(after[:1]))
    return f"{before}{after}" if touching else f"{before} {after}"


def assemble(pieces: Iterable[Piece]) -> Assembled:
    """Join pieces to a text, blank lines between paragraphs and newlines inside lists and tables."""
    parts, blocks, pages, length, before = list[str](), list[Block](), list[tuple[int, int]](), 0, ""
    for piece in pieces:
        words = piece.text.strip()
        if not words:
            continue
        space = "" if not parts else "\n" if piece.kind == before and before in {"item", "row"} else "\n\n"
        indent = "  " * (piece.level - 1) if piece.kind == "item" else ""
        lead = f"{space}{indent}{piece.marker}{' ' if piece.marker else ''}"
        start = length + len(lead)
        parts += [lead, words]
        pages += [(start + offset, page) for offset, page in piece.pages]
        length, before = start + len(words), piece.kind
        blocks.append(Block(piece.kind, start, length, piece.level))
    turned = [page for before, page in zip([(0, None), *pages], pages, strict=False) if page[1] != before[1]]
    return Assembled("".join(parts), tuple(blocks), tuple(turned))
