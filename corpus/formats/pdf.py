"""PDF files: the lines of each page, where they stand and how large they are; `printed` makes text of them."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, pairwise
from math import hypot
from typing import Any

from corpus.cleaning.lines import SIGN, WIDE, is_wide
from corpus.cleaning.pieces import Cleaned
from corpus.formats import Content, ContentError, ElementError, missing
from corpus.formats.printed import PrintedLine, pieces_of
from corpus.limits import Limits
from corpus.reasons import why

_CELL_GAP, _HAN_GAP = 0.5, 0.2
"""Of a line's height: a wider gap may part two cells of a table; between Han characters already a narrow one."""
_NEXT_LINE = 0.6
"""Of a line's height: letters that stand so much lower, and further left, are of the next line."""
_WORD_GAP = 0.15
"""Of a line's height: a wider gap parts two words where their letters had to be put in order."""
_GAP = "\x1f"
"""A space that stands on the page but not in the file."""
_WIDE_GAP = re.compile(f"(?<={WIDE}){_GAP}(?={WIDE})|(?<={SIGN}){_GAP}|{_GAP}(?={SIGN})")
"""One that nobody wrote: the letters of a justified Chinese line stand apart."""
_MIXED_GAP = re.compile(f"(?<={WIDE}){_GAP}|{_GAP}(?={WIDE})")
_UNSURE, _SPACED_OUT = "\x1e", 5
"""What stands for such a gap until it is known whether the file writes spaces at all; and how many gaps between Han
characters show that a line is spaced out."""
_SHAPES = re.compile("[\u2e80-\u2fdf\ufb00-\ufb06]")
"""Radicals that stand for whole characters in many files, and ligatures; their letters are meant."""
_MOST_OF_A_PAGE, _PICTURES = 0.4, 200
"""What part of a page a picture must cover to be a scan of it, and how many pictures of a page are looked at."""
_RANGES = 12
"""Ranges of pages that a reason names."""
_PROGRAMS = re.compile(
    r"^(?:microsoft \w+|untitled|print|document\d*)\b|\.(?:docx?|pptx?|odt|html?|tex|dvi|indd)$", re.I
)


def read(data: bytes, limits: Limits) -> Content:
    """Read a PDF. Raises `ContentError`: encrypted, damaged, or scanned without a text layer."""
    try:
        import pypdfium2
    except ImportError:
        raise missing("pypdfium2") from None
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ContentError(why("encrypted")) from None
        raise ContentError(why("damaged_pdf")) from None
    if count > limits.pages:
        raise ElementError("pages", limits.pages)
    pages = _pages(document, limits)
    pieces = tuple(pieces_of(pages, _bookmarks(document)))
    # Not all that is printed counts: many a scanner stamps a number or a date on a page.
    read = {page for piece in pieces if _has_words(piece.text) for _, page in piece.pages}
    scanned = [number for number in range(1, count + 1) if number not in read and _is_picture(document, number)]
    if not any(_has_words(line.text) for page in pages for line in page) or len(scanned) == count:
        raise ContentError(why("scan", count=count))
    passed = (why("scanned_pages", pages=_ranges(scanned), count=len(scanned)),) if scanned else ()
    return Content(Cleaned(pieces), title=_title(document), passed=passed)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _is_picture(document: Any, number: int) -> bool:
    """Tell whether a picture covers most of a page, as where it was scanned."""
    import pypdfium2
    from pypdfium2 import raw

    with suppress(pypdfium2.PdfiumError):
        page = document[number - 1]
        width, height = page.get_size()
        for picture in islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]), _PICTURES):
            left, bottom, right, top = picture.get_bounds()
            if abs((right - left) * (top - bottom)) > _MOST_OF_A_PAGE * width * height:
                return True
    return False


def _ranges(numbers: Sequence[int]) -> list[str]:
    """Return ascending numbers, those in a row as one range; after the first dozen ranges only that more follow."""
    found = list[list[int]]()
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    told = [str(a) if a == b else f"{a}–{b}" for a, b in found[:_RANGES]]
    return told + ["…"] * (len(found) > _RANGES)


def _pages(document: Any, limits: Limits) -> list[list[PrintedLine]]:
    import pypdfium2

    pages, count, spaces = list[list[PrintedLine]](), 0, False
    for number in range(len(document)):
        lines = list[PrintedLine]()
        with suppress(pypdfium2.PdfiumError):  # a page that is damaged; the others may be whole
            glyphs = _Glyphs(document[number], number + 1)
            lines = glyphs.lines()
            spaces = spaces or glyphs.writes_spaces
        pages.append(lines)
        count += len(lines)
        if count > limits.elements:
            raise ElementError("lines", limits.elements)
    gap = "" if spaces else " "
    return [[replace(line, text=line.text.replace(_UNSURE, gap)) for line in page] for page in pages]


class _Glyphs:
    """The characters of one page, by their places in its text."""

    def __init__(self, page: Any, number: int) -> None:
        from pypdfium2 import raw

        self._page, self._number, self._textpage = page, number, page.get_textpage()
        self._raw, self._text = raw, self._textpage.raw
        self.writes_spaces = False
        """Whether a space is a character of the file, and not just a gap; known once the lines are."""

    def lines(self) -> list[PrintedLine]:
        """Return the lines of the page, which is closed."""
        height = self._page.get_height()
        found = [self._line(characters, height) for characters in self._split(self._textpage.count_chars())]
        self._textpage.close()
        self._page.close()
        return [line for line in found if line is not None]

    def _split(self, count: int) -> Iterator[list[tuple[int, str]]]:
        """Yield the characters of each line with their places; a word that was parted ends in a soft hyphen."""
        characters, last = list[tuple[int, str]](), None
        for place in range(count):
            code = self._raw.FPDFText_GetUnicode(self._text, place)
            character = chr(code) if code < 0x110000 else ""
            if character in "\r\n\x02\ufffe" or code == 0:
                # A parted word goes on without a break; its hyphen stands for one.
                yield characters + ([(place, "\xad")] if character in {"\x02", "\ufffe"} else [])
                characters, last = [], None
                continue
            if not character.isspace():
                x, y = self._origin(place)
                # The engine takes the line after a hyphen for the same one.
                if last is not None and x < last[0] and last[1] - y > _NEXT_LINE * self._size(place):
                    yield characters
                    characters = []
                last = (x, y)
            characters.append((place, character))
        yield characters

    def _line(self, characters: list[tuple[int, str]], height: float) -> PrintedLine | None:
        """Return a line, None where it has no ink."""
        inked = [place for place, character in characters if not character.isspace() and character != "\xad"]
        if not inked:
            return None
        size = max(self._size(inked[0]), self._size(inked[len(inked) // 2]))
        characters = self._in_order(characters, size)
        words, gaps = self._words(characters, size)
        if not words.strip("\xad"):
            return None
        inked = [place for place, character in characters if not character.isspace() and character != "\xad"]
        first, last = self._box(inked[0]), self._box(inked[-1])
        return PrintedLine(
            words,
            self._number,
            left=first[0],
            right=max(first[2], last[2]),
            bottom=min(first[1], last[1]),
            size=round(size, 1),
            bold=all(self._is_bold(inked[part * (len(inked) - 1) // 3]) for part in range(4)),
            gaps=gaps,
            height=height,
        )

    def _words(self, characters: list[tuple[int, str]], size: float) -> tuple[str, tuple[tuple[float, float], ...]]:
        """Return a line's words, a tab in each wide gap, and where the gaps are."""
        parts, gaps, before, last = list[str](), list[tuple[float, float]](), None, ""
        for place, character in characters:
            if character.isspace():
                made = self._is_made(place)
                self.writes_spaces = self.writes_spaces or not made
                parts.append(_GAP if made else " ")
                continue
            if parts and parts[-1] in {" ", _GAP} and before is not None:
                left, right = self._box(before)[2], self._box(place)[0]
                wide = is_wide(character) and is_wide(last)
                if right - left > (_HAN_GAP if wide else _CELL_GAP) * size:
                    parts[-1] = "\t"
                    gaps.append((left, right))
            parts.append(_letter(character))
            if character != "\xad":
                before, last = place, character
        words, apart = _WIDE_GAP.subn("", "".join(parts))
        if apart >= _SPACED_OUT:
            words = _MIXED_GAP.sub("", words)
        words = _MIXED_GAP.sub(_UNSURE, words)
        words = re.sub(r" *\t[ \t]*", "\t", re.sub(f"[ {_GAP}]+", " ", words)).strip()
        words = re.sub(r"(?<=\w)\u2010$", "-", words)  # how Chromium parts a word at the end of a line
        return unicodedata.normalize("NFC", words), tuple(gaps)

    def _in_order(self, characters: list[tuple[int, str]], size: float) -> list[tuple[int, str]]:
        """Put a line's characters in the order in which they stand, where a program wrote each font by itself."""
        placed = [
            (self._origin(place)[0], place, character)
            for place, character in characters
            if character != "\xad" and not self._is_made(place)
        ]
        if all(a[0] <= b[0] + 0.1 * size for a, b in pairwise(placed)):
            return characters
        found, end = list[tuple[int, str]](), None
        for _, place, character in sorted(placed, key=lambda one: one[0]):
            left, _, right, _ = self._box(place)
            if end is not None and left - end > _WORD_GAP * size and not character.isspace():
                found.append((-1, " "))
            found.append((place, character))
            end = None if character.isspace() else right
        return found + [pair for pair in characters if pair[1] == "\xad"]

    def _is_made(self, place: int) -> bool:
        """Tell whether a character is not in the file but was made of a gap."""
        return place < 0 or self._raw.FPDFText_IsGenerated(self._text, place) == 1

    def _origin(self, place: int) -> tuple[float, float]:
        x, y = ctypes.c_double(), ctypes.c_double()
        self._raw.FPDFText_GetCharOrigin(self._text, place, x, y)
        return x.value, y.value

    def _box(self, place: int) -> tuple[float, float, float, float]:
        """Return where a character stands: left, foot, right, top, in points from the page's lower left corner."""
        # The loose box, which holds the white within a full-width sign too.
        box = self._raw.FS_RECTF()
        self._raw.FPDFText_GetLooseCharBox(self._text, place, box)
        return box.left, self._origin(place)[1], box.right, box.top

    def _size(self, place: int) -> float:
        """Return a character's font size as printed, whatever the page scales it by."""
        size, matrix = float(self._raw.FPDFText_GetFontSize(self._text, place)), self._raw.FS_MATRIX()
        # Not the character's box, which is another for each font.
        scaled = self._raw.FPDFText_GetMatrix(self._text, place, matrix)
        return size * hypot(matrix.b, matrix.d) if scaled else size

    def _is_bold(self, place: int) -> bool:
        if self._raw.FPDFText_GetFontWeight(self._text, place) >= 600:
            return True
        name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self._raw.FPDFText_GetFontInfo(self._text, place, name, 128, flags)
        return b"bold" in name.value.lower()


def _letter(character: str) -> str:
    if _SHAPES.match(character):
        return unicodedata.normalize("NFKC", character)
    if character in "\ufeff\u200b" or (unicodedata.category(character) in {"Cc", "Cs", "Cn"}):
        return ""
    return character


def _bookmarks(document: Any) -> dict[str, int]:
    """Return the level of each heading that the bookmarks name, the outermost 1."""
    found = dict[str, int]()
    try:
        for bookmark, _ in zip(document.get_toc(max_depth=6), range(5000), strict=False):
            found.setdefault("".join(bookmark.get_title().split()), bookmark.level + 1)
    except Exception:  # broken bookmarks are no reason to refuse the text
        return {}
    return found


def _title(document: Any) -> str:
    title = " ".join(document.get_metadata_value("Title").replace("\0", "").split())
    return "" if _PROGRAMS.search(title) else title
