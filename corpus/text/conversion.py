"""Chinese from one script into the other by OpenCC's tables, as OpenCC does, which takes up to ten times as long.

A conversion is a chain of groups of tables. Of a group's first table the longest phrase is converted wherever it
stands, of equally long ones the first, then the next in what is left; what is in none is the next table's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_SEPARATORS = re.compile(
    r"[\s\-,.?!*，。、；：？！…“”‘’『』「」﹁﹂—－（）《》〈〉～．／＼︒︑︔︓︿﹀︹︺︙︐［﹇］﹈︕︖︰︳︴︽︾︵︶｛︷｝︸﹃﹄【︻】︼]"
)
"""What OpenCC cuts a text at: a phrase that has one of these is never found."""


class Table:
    """Phrases or characters, and what is said in their place."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self.said = said
        self.of_characters = max(map(len, said)) == 1
        lengths: dict[str, set[int]] = {}
        for phrase in said:
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        self._lengths = {first: tuple(sorted(found)) for first, found in lengths.items()}
        self._first = re.compile(f"[{re.escape(''.join(lengths))}]")

    def every_one(self, text: str) -> str:
        """Return a text with each character converted, where that is all that the table is of."""
        return self._first.sub(lambda found: self.said[found[0]], text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where what is converted stands, in order."""
        found = [
            (-length, start)
            for start in (match.start() for match in self._first.finditer(text))
            for length in self._lengths[text[start]]
            if start + length <= len(text) and text[start : start + length] in self.said
        ]
        spans, taken = [], bytearray(len(text))
        for negative, start in sorted(found):
            end = start - negative
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
                spans.append((start, end))
        return sorted(spans)


class Converter:
    """One of OpenCC's conversions, by its name: `t2s`, `s2t`, `tw2s`, `s2tw`, `tw2sp` ..."""

    def __init__(self, name: str) -> None:
        chain = json.loads(_data("config", f"{name}.json").read_text(encoding="utf-8"))["conversion_chain"]
        self._groups = [[table(file["file"]) for file in link["dict"].get("dicts", [link["dict"]])] for link in chain]

    def convert(self, text: str) -> str:
        """Return `text` converted."""
        for tables in self._groups:
            text = _converted(text, tables)
        return text


def _converted(text: str, tables: Sequence[Table]) -> str:
    if not text or not tables:
        return text
    first, rest = tables[0], tables[1:]
    if first.of_characters and not rest:
        return first.every_one(text)
    parts, place = [], 0
    for start, end in first.spans(text):
        parts += [_converted(text[place:start], rest), first.said[text[start:end]]]
        place = end
    return "".join([*parts, _converted(text[place:], rest)])


@cache
def table(file: str) -> Table:
    """Return one of OpenCC's tables."""
    lines = (line.strip().split("\t") for line in _data("dictionary", file).read_text(encoding="utf-8").splitlines())
    # Of several that may be said, the first.
    return Table({phrase: said.split(" ")[0] for phrase, said in lines if not _SEPARATORS.search(phrase)})


def _data(*path: str) -> Traversable:
    import opencc

    return resources.files(opencc).joinpath(*path)
