"""Lines of plain text -> headings, paragraphs and items; sentences that slides or line width chopped made whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import pairwise

from corpus.cleaning.lines import (
    Line,
    Piece,
    ends_sentence,
    is_bullet,
    is_prose,
    is_wide,
    joined,
    number_of,
    split_marker,
    width,
)

SHORTEST_SLIDE = 160
"""Width from which a numbered block may be one slide's or page's share of a text."""
LONGEST_TITLE = 120
LONGEST_HEADING = 80
"""Width up to which a line without an end may be a heading."""
NARROWEST_WRAP, WIDEST_WRAP = 30, 130
"""Line widths, in columns, between which a text may have been hard-wrapped."""
LONGEST_WORD = 100
"""Characters of a line's end that are looked at for the half of a word."""

_SLIDE_NUMBER = re.compile(r"(\d{1,3})\s?[、.．]\s?")
_GLUED_ITEM = re.compile(r"(?P<lead>.{3,}?[:：])\s*(?P<item>[-–—•*●▪·]\s*[^\s\d].*)")
_BYLINE = re.compile(r"(?:作者|文|記者|记者|撰文|autor(?:ka)?|author|tekst|by)\s*[:：/／|]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")


def pieces_of(lines: Sequence[Line]) -> Iterator[Piece]:
    """Turn the lines of a page without furniture into pieces."""
    whole = _with_items_apart(_with_wraps_joined(_with_pages_joined(_with_slides_joined(lines))))
    return _structured(whole)


# ---------------------------------------------------------------------------------------- joining what was chopped


def _with_slides_joined(lines: Sequence[Line]) -> list[Line]:
    """Join runs of long blocks that begin with consecutive slide numbers and break off in mid sentence."""
    found, place, widths = list[Line](), 0, [width(line.text) for line in lines]
    while place < len(lines):
        end = place
        while end < len(lines) and _is_slide(lines[end], after=lines[end - 1] if end > place else None):
            end += 1
        if _is_chopped(lines[place:end], widths[place : max(place, end - 1)]):
            found.append(_without_slide_numbers(lines[place:end]))
            place = end
        else:
            # No run that holds a short line, but as its last one, is chopped: those that begin before it are not tried.
            short = (number for number in range(end - 2, place, -1) if widths[number] < SHORTEST_SLIDE)
            begins = next(short, place) + 1
            found += lines[place:begins]
            place = begins
    return found


def _is_slide(line: Line, *, after: Line | None) -> bool:
    number = _slide_number(line)
    return number is not None and (after is None or number - 1 == _slide_number(after))


def _slide_number(line: Line) -> int | None:
    match = _SLIDE_NUMBER.match(line.text)
    return int(match[1]) if match else None


def _is_chopped(lines: Sequence[Line], full: Sequence[int]) -> bool:
    """Tell the shares of a chopped text from a numbered list: long, of like length, mostly without an end.

    `full`: how wide the lines are, but for the last.
    """
    if len(lines) < 3 or min(full) < max(SHORTEST_SLIDE, max(full) / 2):
        return False
    return sum(not ends_sentence(line.text) for line in lines[:-1]) >= 2 / 3 * len(full)


def _without_slide_numbers(lines: Sequence[Line]) -> Line:
    text = ""
    for before, line in zip((None, *lines), lines, strict=False):
        share = _SLIDE_NUMBER.sub("", line.text, count=1)
        # The cut falls anywhere, in words too (`Busines` + `s Review`), so only what shows a space gets one.
        apart = text[-1:].islower() and share[:1].isupper()
        text += " " * bool(before and (before.spaced or apart) and not is_wide(share[0])) + share
    return replace(lines[0], text=text, after="slides")


def _with_pages_joined(lines: Sequence[Line]) -> list[Line]:
    """Join the halves of a sentence between which a page counter stood."""
    found = list[Line]()
    for line in lines:
        before = found[-1].text if line.after == "pager" and found else ""
        open_end = width(before[-60:]) >= 60 and not ends_sentence(before) and not before.endswith((":", "："))
        goes_on = (
            not split_marker(line.text)[0] and (line.text[0].islower() or is_wide(line.text[0])) and is_prose(line.text)
        )
        if open_end and goes_on:
            found[-1] = replace(found[-1], text=joined(before, line.text))
        else:
            found.append(line)
    return found


def _with_wraps_joined(lines: Sequence[Line]) -> list[Line]:
    """Rejoin lines that were broken at a fixed width."""
    column = _wrap_column(lines)
    if column is None:
        return list(lines)
    words = set(re.findall(r"\w+-\w+", " ".join(line.text for line in lines)))
    found, before = list[Line](), Line("")
    for line in lines:
        starts = line.gap or line.indented or bool(split_marker(line.text)[0]) or not found
        if starts or not (
            _is_full(before, line, column) or (line.text[0].islower() and not ends_sentence(before.text))
        ):
            found.append(line)
        else:
            found[-1] = replace(found[-1], text=rejoined(found[-1].text, line.text, words))
        before = line
    return found


def _wrap_column(lines: Sequence[Line]) -> int | None:
    """Return the width at which a text was hard-wrapped, None where it was not."""
    pairs = [(a, b) for a, b in pairwise(lines) if not b.gap and not b.indented]
    if len(pairs) < 3:
        return None
    column = sorted(width(line.text) for pair in pairs for line in pair)[-1 - len(pairs) // 10]
    if not NARROWEST_WRAP <= column <= WIDEST_WRAP:
        return None
    full = [(a, b) for a, b in pairs if _is_full(a, b, column)]
    broken = sum(not ends_sentence(a.text) for a, _ in full)
    return column if len(full) >= max(3, 0.6 * len(pairs)) and broken >= max(2, 0.4 * len(full)) else None


def _is_full(line: Line, following: Line, column: int) -> bool:
    """Tell whether a line could not have taken the first word of the next one as well."""
    first = following.text[0]
    word = 5 if is_wide(first) else 1 + len(following.text.split(maxsplit=1)[0])
    return width(line.text) + 4 * line.indented + word > column


def rejoined(before: str, after: str, hyphenated: Set[str]) -> str:
    """Join two lines of a wrapped text; a hyphen at the break stays only where the text writes that word with one."""
    halves = re.search(r"\w+$", before[-LONGEST_WORD:-1]), re.match(r"\w+", after)
    if before[-1:] not in {"-", "\u00ad"} or not halves[0] or not halves[1] or not after[0].islower():
        return joined(before, after)
    left, right = halves[0][0], halves[1][0]
    keeps = before[-1] == "-" and (len(left) == 1 or left.isupper() or f"{left}-{right}" in hyphenated)
    return before + after if keeps else before[:-1] + after


# ----------------------------------------------------------------------------------------------- lists and headings


def _with_items_apart(lines: Sequence[Line]) -> list[Line]:
    """Give every item a line: a bullet alone takes the next line, an item glued to the lead of its list leaves it."""
    found, waiting = list[Line](), ""
    for number, line in enumerate(lines):
        marker, words = split_marker(line.text)
        if marker and not words:
            waiting = f"{marker} "
            continue
        if waiting:
            line, waiting = replace(line, text=waiting + line.text), ""
        glued = _GLUED_ITEM.fullmatch(line.text) if len(line.text) < 2000 else None
        following = split_marker(lines[number + 1].text)[0] if number + 1 < len(lines) else ""
        if glued and is_bullet(following):
            found += [replace(line, text=glued["lead"]), Line(glued["item"])]
        else:
            found.append(line)
    return found


def _structured(lines: Sequence[Line]) -> Iterator[Piece]:
    before = Piece("", "")
    listed = _unmarked_items(lines)
    for number, line in enumerate(lines):
        marker, words = split_marker(line.text)
        if not number and _is_title(lines):
            before = Piece("heading", line.text, 1)
        elif _is_heading(lines, number, before) and number not in listed:
            before = Piece("heading", line.text, 2)
        elif marker and line.after != "slides":
            before = Piece("item", words, 1, marker)
        else:
            before = Piece("item", line.text, 1) if number in listed else Piece("paragraph", line.text)
        yield before


def _is_heading(lines: Sequence[Line], number: int, before: Piece) -> bool:
    """Tell whether a line is a heading: short, without an end, and longer text or a list stands after it."""
    marker, words = split_marker(lines[number].text)
    if not _looks_like_heading(words) or (marker and (is_bullet(marker) or _continues_list(before, marker))):
        return False
    return _leads_on(lines, number)


def _is_title(lines: Sequence[Line]) -> bool:
    """Tell whether a page begins with its title, which may shout and ask more freely than a heading does."""
    text = lines[0].text
    if len(lines) < 2 or split_marker(text)[0] or not _LETTER.search(text) or width(text) > LONGEST_TITLE:
        return False
    following = lines[1].text
    asks = ends_sentence(text) and is_prose(following) and width(following) > width(text)
    return not re.search(r"[。;；:：,，、]$|[。；]|[a-ząćęłńóśźż]\.$", text) and (asks or not ends_sentence(text))


def _leads_on(lines: Sequence[Line], number: int) -> bool:
    own = split_marker(lines[number].text)
    question = ends_sentence(own[1])
    for distance, following in enumerate(lines[number + 1 : number + 4]):
        marker, words = split_marker(following.text)
        if marker:
            # A numbered line before a numbered line is an item; a question before a list may well be its lead.
            return not own[0] and not question
        if is_prose(words) or (ends_sentence(words) and width(words) > width(own[1])):
            return distance == 0 or not question
        if not _looks_like_heading(words):
            return distance == 0 and re.search(r"[:：]$", words) is not None
    return False


def _looks_like_heading(words: str) -> bool:
    if not _LETTER.search(words) or width(words) > LONGEST_HEADING or _BYLINE.match(words):
        return False
    if re.search(r"[:：;；,，、。.…]$", words):
        return False
    # A question may be a heading, but then a single one.
    return not re.search(r"[。!！;；]|[?？].*[?？]|[.!] [A-ZŁŚŻŹĆÓ]", words)


def _continues_list(before: Piece, marker: str) -> bool:
    number, previous = number_of(marker), number_of(before.marker) if before.kind == "item" else None
    return number is not None and previous is not None and number == previous + 1


def _unmarked_items(lines: Sequence[Line]) -> set[int]:
    """Find the items of lists that lost their bullets: two or more short lines after a lead with a colon."""
    found = set[int]()
    for number, line in enumerate(lines):
        if not re.search(r"[:：]$", line.text) or number in found:
            continue
        end = number + 1
        while end < len(lines) and _is_plain_item(lines[end].text):
            end += 1
        # The last one before prose may be the next heading, where it is set apart or written otherwise.
        if end < len(lines) and is_prose(lines[end].text) and end - number > 2:
            last, first = lines[end - 1], lines[number + 1]
            end -= (last.gap and not first.gap) or last.text[0].isupper() != first.text[0].isupper()
        if end - number > 2:
            found.update(range(number + 1, end))
    return found


def _is_plain_item(text: str) -> bool:
    return not split_marker(text)[0] and width(text) <= 120 and not re.search(r"[。.!?！？:：…]$", text)
