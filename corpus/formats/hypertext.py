"""A tree of HTML -> pieces of its text: headings, paragraphs, items, table rows. Nothing is run, shown or fetched."""

from __future__ import annotations

import re
from typing import Any

from corpus.cleaning.lines import Piece, joined

SKIPPED = frozenset(
    "script style noscript template head title svg math canvas iframe object embed applet audio video map "
    "button select option datalist input textarea dialog rt rp".split()
)
"""Elements whose words are no part of the text."""
FURNITURE = frozenset("nav aside footer menu".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table tbody "
    "td tfoot th thead tr ul".split()
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9]))", re.IGNORECASE)
_LAID_OUT = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "article", "section", "form")
_GROUPS = frozenset("tbody thead tfoot colgroup col tr".split())
_SPACES = " \t\r\f"
_LONGEST_CELL = 300
"""Characters of a table's cell above which the table is there to lay out the page."""


class Walk:
    """Goes through a tree once, without recursion, however deep it is."""

    def __init__(self, *, skip_furniture: bool) -> None:
        self._skipped = SKIPPED | (FURNITURE if skip_furniture else frozenset())
        self.pieces: list[Piece] = []
        self._text, self._pre = "", 0
        self._kind: list[tuple[str, int]] = []
        self._lists: list[list[Any]] = []
        self._marker = ""

    def run(self, root: Any) -> list[Piece]:
        """Return the pieces of the text under `root`, an lxml element."""
        stack: list[tuple[Any, bool]] = [(root, False)]
        while stack:
            node, ended = stack.pop()
            if ended:
                self._end(node)
                self._take(node.tail)
                continue
            if not isinstance(node.tag, str):
                # Comments and instructions have no text of their own; an entity stands for a character.
                self._take(node.tail)
                continue
            if self._is_skipped(node):
                if _tag(node) in _BLOCKS:
                    self._flush()
                self._take(node.tail if node is not root else None)
                continue
            if _tag(node) == "table" and (rows := _rows(node)) is not None:
                self._flush()
                self.pieces += rows
                self._take(node.tail if node is not root else None)
                continue
            self._start(node)
            if node is not root:
                stack.append((node, True))
            stack += [(child, False) for child in reversed(node)]
        self._flush()
        return self.pieces

    def _is_skipped(self, node: Any) -> bool:
        hidden = node.get("hidden") is not None or _HIDDEN.search(node.get("style") or "")
        return _tag(node) in self._skipped or bool(hidden)

    def _start(self, node: Any) -> None:
        tag = _tag(node)
        if tag in _BLOCKS:
            self._flush()
        if re.fullmatch("h[1-6]", tag):
            self._kind.append(("heading", int(tag[1])))
        elif tag in {"ul", "ol", "menu"}:
            start = node.get("start") or "1"
            self._lists.append([tag, int(start) if re.fullmatch(r"-?\d{1,6}", start) else 1])
        elif tag == "li" and self._lists:
            ordered, number = self._lists[-1]
            self._marker = f"{number}." if ordered == "ol" else "-"
            self._lists[-1][1] = number + 1
        elif tag == "pre":
            self._pre += 1
        elif tag == "br":
            # Two of them part paragraphs, one of them lines.
            self._text = self._text.rstrip(" ")
            if self._text.endswith("\n"):
                self._flush()
            else:
                self._text += "\n"
        elif tag == "q":
            self._text += "„" if (node.get("lang") or "").startswith("pl") else "“"
        self._take(node.text)

    def _end(self, node: Any) -> None:
        tag = _tag(node)
        if tag == "q":
            self._text += "”"
        if tag in _BLOCKS:
            self._flush()
        if re.fullmatch("h[1-6]", tag):
            self._kind.pop()
        elif tag in {"ul", "ol", "menu"}:
            self._lists.pop()
        elif tag == "li":
            self._marker = ""
        elif tag == "pre":
            self._pre -= 1

    def _take(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            *lines, last = text.split("\n")
            for line in lines:
                self._text += line
                self._flush()
            self._text += last
            return
        self._text = _spaced(self._text, text)

    def _flush(self) -> None:
        text, self._text = one_line(self._text), ""
        if not text:
            return
        kind, level = self._kind[-1] if self._kind else ("paragraph", 0)
        if kind == "paragraph" and self._lists and self._marker:
            kind, level = "item", len(self._lists)
        self.pieces.append(Piece(kind, text, level, self._marker if kind == "item" else ""))
        self._marker = ""


def one_line(text: str) -> str:
    """Join the lines of a block: nothing between two wide characters, else a space; white space is one space."""
    whole = ""
    for line in text.split("\n"):
        words = " ".join(line.replace("\u200b", "").replace("\xad", "").split())
        whole = joined(whole, words) if whole and words else whole or words
    return whole


def _spaced(before: str, text: str) -> str:
    """Add a text node, its white space folded; a line break in the source between wide characters is none."""
    first, *others = text.split("\n")
    lines = [first]
    if others:
        *middle, last = others
        within = (line.strip(_SPACES) for line in middle)
        lines = [first.rstrip(_SPACES), *filter(None, within), last.lstrip(_SPACES)]
    for number, line in enumerate(lines):
        line = re.sub(r"[ \t\r\f]+", " ", line)
        if number:
            before = joined(before.rstrip(" "), line) if line and before.strip() else f"{before.rstrip(' ')} {line}"
        else:
            before += line
    return before


def _tag(node: Any) -> str:
    return node.tag.rpartition("}")[2].lower() if isinstance(node.tag, str) else ""


def _rows(table: Any) -> list[Piece] | None:
    """Return a table's rows, or None where it lays out a page.

    Such a one is nested, has headings, cells of prose, or words that stand in no cell.
    """
    if (table.text or "").strip():
        return None
    rows, waiting = list[Piece](), [iter(table)]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        tag = _tag(node)
        if (node.tail or "").strip() or (tag in _GROUPS and (node.text or "").strip()):
            return None
        if tag == "caption":
            rows.append(Piece("paragraph", _cell(node)))
        elif tag in {"tbody", "thead", "tfoot", "colgroup"}:
            waiting.append(iter(node))
        elif tag == "tr":
            cells = [cell for cell in node if isinstance(cell.tag, str)]
            words = [_cell(cell) for cell in cells if _is_cell(cell)]
            if len(words) < len(cells) or max(map(len, words), default=0) > _LONGEST_CELL:
                return None
            rows.append(Piece("row", " | ".join(filter(None, words))))
        elif tag and tag not in SKIPPED | {"col"}:
            return None
    return [row for row in rows if row.text]


def _is_cell(node: Any) -> bool:
    """Tell whether an element is a cell of words, and nothing that a page is laid out with."""
    return _tag(node) in {"td", "th"} and next(node.iter(*_LAID_OUT), None) is None and not (node.tail or "").strip()


def _cell(node: Any) -> str:
    return one_line("\n".join(piece.text for piece in Walk(skip_furniture=False).run(node)))
