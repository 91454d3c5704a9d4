"""Things compared: the sentence that contrasts them first, then what the sources say of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.text.language import family_of
from corpus.text.normalize import search_form
from corpus.text.segment import fold
from kb.answering.extractive import Candidate, Findings, in_one_language
from kb.question.question_words import states_definition
from kb.question.understanding import Understood

MOST_SIDES = 4
_ABOUT = {"zh-Hans": "什么是{0}？", "zh-Hant": "什麼是{0}？", "pl": "Co to jest {0}?", "en": "What is {0}?"}
_COMPARES = re.compile(
    r"区别|区分|差别|差异|差在|各有|不同|异同|比较|相比|对比|分别|还是|哪个|关系|\bvs\b|versus|porown|rozni|roznic|odroznia|zestaw"
    r"|differ|compar|\bbetter\b|distinguish"
)
_PAIR = re.compile(
    r"^(?:请问|比较(?:一下)?|对比)?(?P<a>[^,、?:;。]{2,10}?)[和与跟同](?P<b>[^,、?:;。]{2,10}?)"
    r"(?:,|的|到底|究竟|有什么|有何|有哪些|之间|差在|各有|不同|区别|$)"
    r"|^(?:porównaj|czym(?: się)? różni(?: się)?|różnica między|compare|(?:what is the )?difference between)?"
    r" ?(?P<a2>[^,?:;]{2,30}?) (?:a|i|oraz|od|vs\.?|versus|and|from) (?P<b2>[^,?:;–-]{2,30}?)(?: -| –|[,?:;]|$)"
)
"""Two things that are neither concepts nor names: 客服跟客戶成功到底差在哪裡？"""
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z0-9-]*(?: [A-Z][A-Za-z0-9-]*)*")
_JOINED = re.compile(r"[和与跟同及、,/]|\b(?:i|a|oraz|z|ze|od|czy|and|vs\.?|versus|or|from|to|with)\b")


@dataclass(frozen=True)
class Side:
    """One of the things compared."""

    name: str
    """As the question says it, in search form."""
    shown: str
    """The same as it is written there, where that can be told."""
    names: tuple[str, ...]
    """What it is called in the texts, in search form; the question's own word first."""

    def is_said_in(self, text: str) -> bool:
        """Tell whether a text in search form names it."""
        return any(
            re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text) if name.isascii() else name in text
            for name in self.names
        )


@dataclass(frozen=True)
class Compared:
    """The sentences of a comparison."""

    contrast: Candidate | None
    sides: tuple[tuple[Side, Candidate], ...]


def sides_of(question: Understood) -> list[Side]:
    """Return the things that a question compares, in its order; none where it compares nothing.

    They are concepts of the field, else names, that are joined by a word such as „a" or 和.
    """
    form = search_form(question.text)
    if not _COMPARES.search(fold(form)):
        return []
    named = {
        word.said: Side(
            word.said,
            _written(word.said, question.text),
            tuple(dict.fromkeys([word.said, *map(search_form, word.names)])),
        )
        for word in question.words
        if word.said and word.synonyms
    }
    for match in _LATIN_NAME.finditer(question.text):
        name = search_form(match.group())
        opens = not match.start() and not any(map(str.isupper, match.group()[1:]))  # „Porównaj"
        if not opens and not any(side.is_said_in(name) for side in named.values()):
            named[name] = Side(name, match.group(), (name,))
    if len(named) < 2 and (pair := _PAIR.search(form)):
        for name in (part.strip() for part in pair.group("a", "b", "a2", "b2") if part):
            named.setdefault(name, Side(name, _written(name, question.text), (name,)))
    sides = sorted(named.values(), key=lambda side: form.find(side.name))
    between = [form[form.find(a.name) + len(a.name) : form.find(b.name)] for a, b in pairwise(sides)]
    return sides[:MOST_SIDES] if len(sides) > 1 and all(map(_JOINED.search, between)) else []


def _written(name: str, question: str) -> str:
    """Return a name in search form as the question writes it; the two are as long where it is Chinese or Latin."""
    place = search_form(question).find(name)
    written = question[place : place + len(name)] if place >= 0 else ""
    return written if search_form(written) == name else name


def question_about(side: Side, language: str) -> str:
    """Return the question what a side is."""
    return _ABOUT.get(language, _ABOUT["en"]).format(side.name)


def compared(
    question: Understood,
    found: Findings,
    sides: Sequence[Side],
    find: Callable[[str], Findings],
    refused_below: float,
) -> Compared | None:
    """Return what the sources say of `sides`, None where it is not enough for a comparison.

    `found` is what the question itself found, `find` finds the same for another.
    """
    naming_all = [c for c in found.ranked if all(side.is_said_in(search_form(c.text)) for side in sides)]
    contrast = next(iter(in_one_language(question, naming_all)), None)
    each: list[tuple[Side, Candidate]] = []
    for side in sides:
        about = find(question_about(side, question.language))
        used = [candidate.text for _, candidate in each] + ([contrast.text] if contrast else [])
        told = [*about.ranked, *found.ranked]
        naming = [c for c in told if c.text not in used and side.is_said_in(search_form(c.text))]
        if naming and about.confidence >= refused_below:
            others = [other for other in sides if other is not side]
            each.append((side, max(naming, key=lambda c: _telling(c, side, others, question, contrast))))
    return Compared(contrast, tuple(each)) if len(each) > 1 or (contrast and each) else None


def _telling(
    candidate: Candidate, side: Side, others: Sequence[Side], question: Understood, contrast: Candidate | None
) -> tuple[bool, bool, bool, float]:
    """Order the sentences about a side: in the language of the rest, about it alone, saying what it is, likeliest."""
    text = search_form(candidate.text)
    language = contrast.hit.passage.language if contrast else question.language
    alone = not any(other.is_said_in(text) for other in others)
    opens = side.is_said_in(text[: len(text) // 3]) and states_definition(candidate.text)
    return family_of(candidate.hit.passage.language) == family_of(language), alone, opens, candidate.probability
