"""Names of things in several languages: which of them a text says, and what keyword search looks for to find them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from corpus.text.normalize import is_han
from corpus.text.segment import words
from retrieval.index.sparse import Phrase

Word = tuple[str, tuple[str, ...]]
"""A word in token form and, unless it is of Han characters, its lexical tokens."""
_LONGEST_NAME = 8
"""Words."""


@dataclass(frozen=True)
class Mention:
    """A place where a text says a name."""

    first: int
    """Number of the first word."""
    words: tuple[Word, ...]
    terms: tuple[int, ...]
    """Numbers of all the terms that go by this name."""


def phrase(said: Sequence[Word]) -> Phrase:
    """Return what finds these words in the keyword index: each Latin word, and of each Han run its pairs."""
    parts: list[tuple[str, ...]] = []
    run = ""
    for word, tokens in said:
        if tokens:
            parts += [*_pairs(run), tokens]
            run = ""
        else:
            run += word
    return (*parts, *_pairs(run))


def _pairs(run: str) -> list[tuple[str, ...]]:
    return [("c" + run[i : i + 2],) for i in range(len(run) - 1)] if len(run) != 1 else [("u" + run,)]


@lru_cache(maxsize=50_000)
def name_phrase(form: str) -> Phrase:
    """Return what finds a name, given in token form."""
    return phrase(tuple(words(form)))


class TermFinder:
    """Finds names in any text: Han names in either script, at the borders of words; Polish names in any inflection."""

    def __init__(self, names: Iterable[tuple[str, int]], known: Mapping[str, Sequence[Word]] | None = None) -> None:
        """Take pairs of a name in token form and the number of the term that goes by it.

        `known` has the words of names for which they need not be found again. Names of one Han character are left out:
        most of the words that they open have nothing to do with them.
        """
        self._han: dict[str, set[int]] = {}
        self._other: dict[str, list[tuple[tuple[Word, ...], int]]] = {}
        for name, term in names:
            if is_han(name):
                if len(name) > 1:
                    self._han.setdefault(name, set()).add(term)
                continue
            said = tuple(known[name]) if known and name in known else tuple(words(name))
            for key in (said[0][1] or (said[0][0],)) if said else ():
                self._other.setdefault(key, []).append((said, term))

    def known_words(self, said: Iterable[Word]) -> list[Word]:
        """Return the words of a text, and for a Han word that no name has the names that it is made of: 知名 + 品牌."""
        known: list[Word] = []
        for word, tokens in said:
            parts = [word] if tokens or word in self._han else self._cut(word)
            known += [(part, tokens) for part in parts]
        return known

    def _cut(self, word: str) -> list[str]:
        for length in range(2, len(word) - 1):
            head, rest = word[:length], word[length:]
            if head in self._han:
                tail = [rest] if rest in self._han else self._cut(rest)
                if all(part in self._han for part in tail):
                    return [head, *tail]
        return [word]

    def mentions(self, said: Sequence[Word]) -> list[Mention]:
        """Return the names that a text, given as its words, says: in order, the longest at each place, none twice."""
        found, place = [], 0
        while place < len(said):
            length, terms = self._longest(said, place)
            if terms:
                found.append(Mention(place, tuple(said[place : place + length]), tuple(sorted(terms))))
            place += max(length, 1)
        return found

    def _longest(self, said: Sequence[Word], place: int) -> tuple[int, set[int]]:
        length, terms = 0, set[int]()
        joined = ""
        for count, (word, tokens) in enumerate(said[place : place + _LONGEST_NAME], 1):
            if tokens:
                break
            joined += word
            if joined in self._han:
                length, terms = count, set(self._han[joined])
        for key in said[place][1] or (said[place][0],):
            for name, term in self._other.get(key, ()):
                if len(name) >= length and _says(said[place : place + len(name)], name):
                    terms = terms | {term} if len(name) == length else {term}
                    length = len(name)
        return length, terms


def is_named(said: Sequence[Word], name: str, words_of: Mapping[str, Sequence[Word]]) -> bool:
    """Tell whether these words are a name, given in token form, in any inflection; `words_of` has the Latin names'."""
    return _says(said, words_of[name]) if name in words_of else "".join(word for word, _ in said) == name


def _says(said: Sequence[Word], name: Sequence[Word]) -> bool:
    return len(said) == len(name) and all(
        not set(a[1]).isdisjoint(b[1]) if b[1] else a[0] == b[0] for a, b in zip(said, name, strict=True)
    )
