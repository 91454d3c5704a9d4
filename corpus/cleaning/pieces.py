"""The raw lines of a saved page -> pieces of its text: page furniture dropped, chopped sentences joined.

What a line's own words say is in `furniture`, what its place says in `saved_pages`, what becomes of the rest in
`layout`. A sentence goes only by a strong pattern; a short line without an end goes more easily.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.cleaning import furniture
from corpus.cleaning.furniture_tables import SENTENCES
from corpus.cleaning.layout import pieces_of
from corpus.cleaning.lines import Line, Piece, ends_sentence, is_prose, lines_of, split_marker, width
from corpus.cleaning.saved_pages import SHORTEST_REPEAT, Judged, without_furniture

KINDS_IN_MARKDOWN = {"breadcrumb", "button", "counter", "pager", "neighbour", "advertisement", "date", *SENTENCES}
"""Somebody wrote a Markdown file by hand more often than not, so lines such as `Source: ...` stay there."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_WIKI_BUTTON = re.compile(r"\[(?:编辑|編輯|edytuj|edit)(?:\s?[|｜]\s?[^\]]{1,20})?\]$")


@dataclass(frozen=True)
class Cleaned:
    """What remains of a page, and the date of publication that its furniture named."""

    pieces: tuple[Piece, ...]
    published: str | None = None


def clean_plain_text(text: str) -> Cleaned:
    """Make pieces of a plain text: without its furniture, its broken sentences whole, its lists and headings found."""
    judged = [_judge(line) for line in lines_of(text)]
    return Cleaned(tuple(pieces_of(without_furniture(judged))), _published(judged))


def clean_markdown(pieces: Sequence[Piece]) -> Cleaned:
    """Drop the furniture that pieces of a Markdown file surely are; headings stay unless they head a list of links."""
    judged, kept, seen, listing = list[Judged](), list[Piece](), set[str](), False
    for piece in pieces:
        heading = piece.kind == "heading"
        if furniture.opener_of(furniture.folded(piece.text)) == "links":
            listing = True
            continue
        listing = listing and not heading and not is_prose(piece.text)
        verdict = Judged(Line(piece.text), piece.text) if heading or piece.kind == "row" else _judge(Line(piece.text))
        judged.append(verdict)
        repeated = piece.kind == "paragraph" and width(piece.text) >= SHORTEST_REPEAT and piece.text in seen
        seen.add(piece.text)
        if not (listing or repeated or (verdict.kind in KINDS_IN_MARKDOWN and not verdict.rest)):
            kept.append(piece)
    return Cleaned(tuple(kept), _published(judged))


def date_in(text: str) -> str | None:
    """Return the first full date of a text as YYYY-MM-DD, or None where it has none."""
    for match in furniture.DATE.finditer(furniture.folded(text)):
        if found := _iso(match[0]):
            return found
    return None


def _published(judged: Sequence[Judged]) -> str | None:
    dated = (date_in(verdict.line.text[:80]) for verdict in judged if verdict.kind in {"date", "meta"})
    return next((found for found in dated if found), None)


def _iso(written: str) -> str | None:
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    words = re.findall(r"[^\W\d_]{3,}", written)
    if month := next((furniture.MONTHS[word[:3]] for word in words if word[:3] in furniture.MONTHS), None):
        numbers.insert(1, month)
    year, middle, day = numbers if numbers[0] > 31 else reversed(numbers)
    try:
        return date(year, middle, day).isoformat()
    except ValueError:
        return None


# ----------------------------------------------------------------------------------------- one line by itself


def _judge(line: Line) -> Judged:
    """Say what a line is by its own words."""
    button = _WIKI_BUTTON.search(line.text)
    text = line.text[: button.start()].rstrip() if button else line.text
    if not text:
        return Judged(line, "", "button")
    if len(text) > furniture.LONGEST:
        return Judged(line, text)
    if _YEAR.search(text[:80]) and (label := furniture.DATED_LABEL.match(_aligned(text[:80]))):
        rest = text[label.end() :].lstrip(" \t\xa0|·,;/-–—)】]")
        judged = _judge(Line(rest)) if rest else Judged(line, "")
        return Judged(line, judged.rest, "date")
    bare = split_marker(text)[1] if text[0] in "•●·-–*" else text
    form = furniture.folded(bare)
    if furniture.DATE_LINE.fullmatch(form):
        return Judged(line, "", "date")
    if furniture.leads_to_reading(form):
        return Judged(line, "", "reading")
    kind = furniture.kind_of(form, ends_sentence=ends_sentence(bare))
    return Judged(line, "" if kind else text, kind or "")


def _aligned(text: str) -> str:
    """Fold a text without changing its length, so that places in it hold in the original."""
    forms = (furniture.folded(character) for character in text)
    return "".join(
        form if len(form) == 1 else " " if character.isspace() else character
        for form, character in zip(forms, text, strict=True)
    )
