"""What a line's place on a saved page says: lists of links, menus, islands between furniture, the tail, repeats.

Every rule takes the lines as they were judged by their own words and drops some more; none brings a dropped line back
but the one for lists, whose items may be the words of buttons (`- Facebook` after `Kanały kontaktu:`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.cleaning import furniture
from corpus.cleaning.lines import Line, ends_sentence, is_prose, split_marker, width

LONGEST_ENTRY = 24
"""Width up to which a line without an end may be the entry of a menu."""
SHORTEST_MENU = 5
"""Entries that make a run at a page's head or tail a menu although it does not speak like one."""
LONGEST_ISLAND = 3
"""Lines without an end that are furniture when they stand between furniture and lead to no text."""
SHORTEST_REPEAT = 30
"""Width from which a line that stands in the text already is a repeat, not a coincidence."""

PASSING = {"advertisement", "caption", "pager", "reading"}
"""Kinds of furniture that stand inside an article, so that text may well go on after them."""

_HOME = {"首页", "主页", "网站首页", "strona główna", "home", "główna"}
_COUNTED = re.compile(r"[(（]\d+[)）]$")
_LEAD = re.compile(r"[:：]\s*$")


@dataclass(frozen=True)
class Judged:
    """A line and what it turned out to be."""

    line: Line
    rest: str
    """What is kept of its words; empty where the line is furniture."""
    kind: str = ""
    """The kind of furniture that it is or begins with; empty for text."""

    def dropped(self, kind: str) -> Judged:
        """Return the line as furniture of a kind."""
        return replace(self, rest="", kind=self.kind or kind)


def without_furniture(judged: Sequence[Judged]) -> list[Line]:
    """Drop what a page's lines are by their place, and return what remains of it as lines of text."""
    for rule in (_with_items_back, _without_link_lists, _without_menus, _without_tail, _without_islands):
        judged = rule(judged)
    kept, after = list[Line](), ""
    for verdict in judged:
        if verdict.rest:
            kept.append(replace(verdict.line, text=verdict.rest, after=after))
        after = verdict.kind if not verdict.rest else ""
    return _without_repeats(kept)


def _with_items_back(judged: Sequence[Judged]) -> list[Judged]:
    """Give a list the items back that were taken for buttons: those that follow a kept lead line with a colon."""
    found, leading, bullet = list[Judged](), False, ""
    for verdict in judged:
        marker = split_marker(verdict.line.text)[0]
        if leading and verdict.kind == "button" and (bullet in {"", marker}) and _is_entry(verdict.line.text):
            verdict, bullet = Judged(verdict.line, verdict.line.text), marker or bullet
        elif leading and verdict.rest and _is_entry(verdict.rest):
            bullet = marker or bullet
        else:
            leading, bullet = bool(verdict.rest and _LEAD.search(verdict.rest) and width(verdict.rest) >= 16), ""
        found.append(verdict)
    return found


def _without_link_lists(judged: Sequence[Judged]) -> list[Judged]:
    """Drop what follows the opener of a list of links, until prose returns."""
    first = next((number for number, verdict in enumerate(judged) if is_prose(verdict.rest)), 0)
    found, listed, named, contents = list[Judged](), list[Judged](), set[str](), False
    listing = False
    for number, verdict in enumerate(judged):
        form = _form(verdict.line.text)
        following = judged[number + 1].line.text if number + 1 < len(judged) else ""
        if opener := furniture.opener_of(form):
            sure = (
                opener == "links"
                or (opener == "contents" and not is_prose(following))
                or (opener == "sidebar" and number > first and not is_prose(following))
            )
            if sure:
                found.append(verdict.dropped("opener"))
                listing, contents, listed, named = True, opener == "contents", [], set()
                continue
        words = _entry_words(verdict.rest or verdict.line.text)
        if listing and contents and words in named:
            listing = False  # the contents are over: the first heading that they name
        if listing and is_prose(verdict.line.text):
            if listed and _is_heading_after_links(listed):
                found[-1] = listed[-1]
            listing = False
        if listing:
            listed.append(verdict)
            named.add(_entry_words(verdict.line.text))
            verdict = verdict.dropped("link")
        found.append(verdict)
    return found


def _is_heading_after_links(listed: Sequence[Judged]) -> bool:
    """Tell whether the line before returning prose is a heading: set apart from links that stand close."""
    last, others = listed[-1], listed[:-1]
    return bool(last.rest) and last.line.gap and not all(other.line.gap for other in others)


def _entry_words(text: str) -> str:
    return re.sub(r"^[\d.\s]+", "", split_marker(text)[1])


def _without_menus(judged: Sequence[Judged]) -> list[Judged]:
    """Drop menus: lines and trails of menu words, runs of entries that speak like a menu or stand by furniture."""
    prose = [number for number, verdict in enumerate(judged) if is_prose(verdict.rest)]
    first, last = (prose[0], prose[-1]) if prose else (0, len(judged))
    found = list(judged)
    for number, verdict in enumerate(judged):
        if verdict.rest and (_is_menu_line(verdict.rest) or _is_trail(verdict.rest, outside=not first < number < last)):
            found[number] = verdict.dropped("menu")
    for start, end in _runs_of_entries(found):
        place = "head" if end <= first else "tail" if start > last else "body"
        if _is_menu(found, start, end, place):
            title = end == first and place == "head" and not furniture.is_menu_word(found[end - 1].rest)
            found[start : end - title] = [verdict.dropped("menu") for verdict in found[start : end - title]]
    return found


def _runs_of_entries(judged: Sequence[Judged]) -> Iterator[tuple[int, int]]:
    start = 0
    for number in range(len(judged) + 1):
        if number == len(judged) or not (judged[number].rest and _is_entry(judged[number].rest)):
            if number - start >= 2:
                yield start, number
            start = number + 1


def _is_entry(text: str) -> bool:
    marker, words = split_marker(text)
    numbered = marker and marker[0].isalnum()
    return not numbered and width(words) <= LONGEST_ENTRY and not re.search(r"[。.!?！？;；:：,，、…]\s*$", words)


def _is_menu(judged: Sequence[Judged], start: int, end: int, place: str) -> bool:
    if start and _LEAD.search(judged[start - 1].rest):
        return False
    run = [verdict.rest for verdict in judged[start:end]]
    counted = [_COUNTED.search(text) is not None for text in run]
    spoken = sum(furniture.is_menu_word(text) or count for text, count in zip(run, counted, strict=True))
    site = sum(map(furniture.is_site_word, run)) + (sum(counted) if sum(counted) > 1 else 0)
    if place == "body":
        return site >= 2 and spoken >= 0.6 * len(run)
    beside = start > 0 and not judged[start - 1].rest and judged[start - 1].kind not in PASSING
    return (spoken >= max(2, 0.3 * len(run)) and (site > 0 or beside)) or (
        len(run) >= SHORTEST_MENU and (beside or site > 0)
    )


def _is_menu_line(text: str) -> bool:
    if width(text) > 200 or ends_sentence(text) or split_marker(text)[0] or re.search("[,，、。]", text):
        return False
    form = furniture.folded(text)
    words = form.split()
    if words[0] in _HOME and len(words) >= 3 and all(width(word) <= 10 for word in words):
        return True
    return furniture.menu_words_in(form) >= 3 and furniture.menu_share(form) >= 0.6


def _is_trail(text: str, *, outside: bool) -> bool:
    """Tell a bread-crumb trail: short steps with `>` between them, outside the text or beginning at the home page."""
    if width(text) > 200 or ends_sentence(text):
        return False
    steps = [step.strip() for step in re.split(r"[>›»＞]", text)]
    home = furniture.folded(re.split(r"[>›»＞/|·\\]", text)[0]) in _HOME
    return (home and furniture.folded(text) not in _HOME) or (
        outside and len(steps) >= 3 and all(width(step) <= 60 for step in steps)
    )


def _without_tail(judged: Sequence[Judged]) -> list[Judged]:
    """Drop the lines without an end that stand among the furniture after a page's last prose or list."""
    last = max((number for number, verdict in enumerate(judged) if _is_content(verdict.rest)), default=-1)
    if last < 0:
        return list(judged)
    if _LEAD.search(judged[last].rest) or (last + 1 < len(judged) and split_marker(judged[last + 1].rest)[0]):
        while last + 1 < len(judged) and judged[last + 1].rest:
            last += 1
    found, begun = list(judged), False
    for number, verdict in enumerate(judged[last + 1 :], last + 1):
        dangling = number + 1 < len(judged) and not judged[number + 1].rest and _is_entry(verdict.rest)
        begun = begun or (not verdict.rest and verdict.kind not in PASSING)
        if verdict.rest and not _is_sentence(verdict.rest) and (begun or (dangling and number == last + 1)):
            found[number], begun = verdict.dropped("tail"), True
    return found


def _is_content(text: str) -> bool:
    return is_prose(text) or (bool(_LEAD.search(text)) and width(text) >= 16)


def _is_sentence(text: str) -> bool:
    return width(text) >= SHORTEST_REPEAT and re.search(r"[。.][\"'”’」』）)]*$", text) is not None


def _without_islands(judged: Sequence[Judged]) -> list[Judged]:
    """Drop a few lines without an end that stand between furniture, unless they are the title or lead to text."""
    first = next((number for number, verdict in enumerate(judged) if is_prose(verdict.rest)), len(judged))
    title = _title_before(judged, first)
    found, start, followed = list(judged), 0, _following(judged)
    for number in range(len(judged) + 1):
        if number < len(judged) and judged[number].rest:
            continue
        island, head = judged[start:number], number < first < len(judged)
        leads = not head and number < len(judged) and _is_text(followed[number])
        text = any(_is_sentence(verdict.rest) if head else _is_text(verdict.rest) for verdict in island)
        if 0 < len(island) <= LONGEST_ISLAND and (start > 0 or head) and not text and not leads:
            found[start:number] = [v if v is title else v.dropped("island") for v in island]
        start = number + 1
    return found


def _following(judged: Sequence[Judged]) -> list[str]:
    """Return for each line what is kept of it, else of the next line of which something is."""
    found, following = list[str](), ""
    for verdict in reversed(judged):
        following = verdict.rest or following
        found.append(following)
    return found[::-1]


def _is_text(text: str) -> bool:
    return is_prose(text) or bool(split_marker(text)[0]) or bool(_LEAD.search(text)) or ends_sentence(text)


def _title_before(judged: Sequence[Judged], first: int) -> Judged | None:
    """Return the likely title of a page: the longest line before its first prose, of those about as long the last."""
    kept = [verdict for verdict in judged[:first] if verdict.rest and not furniture.DATE.search(_form(verdict.rest))]
    longest = max((width(verdict.rest) for verdict in kept), default=0)
    return next((verdict for verdict in reversed(kept) if width(verdict.rest) >= 0.75 * longest), None)


def _without_repeats(lines: Sequence[Line]) -> list[Line]:
    """Drop what the page has said already: doubled captions and titles, paragraphs repeated word for word."""
    kept, seen = list[Line](), set[str]()
    for number, line in enumerate(lines):
        text, half = line.text, len(line.text) // 2
        twin = number > 0 and text == lines[number - 1].text
        doubled = text[:half] == text[half:] and text[:half] in seen
        again = text in seen and (width(text) >= SHORTEST_REPEAT or text == lines[0].text)
        if twin or doubled or again:
            if twin and kept and kept[-1].text == text and _is_named_before(text, kept[:-1]):
                kept.pop()
            continue
        seen.add(text)
        kept.append(line)
    return kept


def _is_named_before(text: str, lines: Sequence[Line]) -> bool:
    """Tell whether a doubled line is the caption of something that the text names just before."""
    return width(text) <= 80 and any(text in line.text for line in lines[-6:])


def _form(text: str) -> str:
    return furniture.folded(text) if len(text) <= furniture.LONGEST else ""
