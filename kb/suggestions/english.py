"""Questions in English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.documents import Document
from kb.suggestions.drafts import Draft, Sentence, balanced, headed, lists, named_at_start, sentences

_ASKING = re.compile(r"^(?:what|who|whom|whose|how|why|when|which|where) \w", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_DEFINES = re.compile(r"^(?: \([^()]*\))? (?:is|are|means|refers to|stands for) (?:an?|the|how|what|when|all)?\b")
_LEAD = re.compile(r"^(?P<rest>[^,:]{3,60}) (?P<verb>includes?|covers?|comprises?):$", re.IGNORECASE)
_YEAR = re.compile(r"^In (?P<year>[12]\d{3}),? (?P<rest>[^.;:!?()“”\"]+?) (?P<verb>was|were) (?P<more>[^.;:!?]+)\.?$")
_SHARE = re.compile(
    r"^(?:(?:almost|nearly|about|over|more than|only|some) )?(?P<share>\d+(?:\.\d+)?\s?(?:%|per ?cent)) of "
    r"(?P<rest>[^.;:!?()“”\",]{12,100})",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"^(?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+){1,3})(?:, [^,]+,)? "
    r"(?P<said>says|argues|believes|suggests|notes|writes|claims|warns) (?P<rest>that [^.!?]{10,120})[.!]?$"
)
_POINTS = re.compile(
    r"\b(?:this|that|these|those|it|its|he|she|they|him|her|his|their|them|such|we|our|here)\b", re.IGNORECASE
)


def drafts(document: Document) -> Iterator[Draft]:
    """Yield questions on one text."""
    for title, first in headed(document):
        if _ASKING.match(title) and 8 <= len(title) <= 80 and "," not in title and balanced(title):
            yield Draft(title.rstrip("?.") + "?", (first,), "heading")
    for listed in lists(document):
        found = _LEAD.match(listed.lead.text.strip())
        if found and not _POINTS.search(found["rest"]):
            does = "does" if found["verb"].lower().endswith("s") else "do"
            verb = found["verb"].lower().removesuffix("s")
            yield Draft(f"What {does} {_small(found['rest'])} {verb}?", listed.items, "list")
    for sentence in sentences(document):
        yield from _definition(sentence)
        yield from _figure(sentence)
        yield from _saying(sentence)


def _definition(sentence: Sentence) -> Iterator[Draft]:
    article = _ARTICLE.match(sentence.text)
    begin = article.end() if article else 0
    named = named_at_start(sentence.text[begin:])
    if not named or not _DEFINES.match(sentence.text[begin + len(named[0]) :]):
        return
    name = named[0]
    what = f"{article[0].lower()}{name}" if article else _small(name)
    be = "are" if sentence.text[begin + len(name) :].lstrip().startswith("are ") else "is"
    yield Draft(f"What {be} {what}?", (sentence.span(0, len(sentence.text)),), "definition")


def _figure(sentence: Sentence) -> Iterator[Draft]:
    text = sentence.text
    if (year := _YEAR.match(text)) and not _POINTS.search(year["rest"]) and len(year["rest"]) < 60:
        question = f"In which year {year['verb']} {year['rest']} {year['more'].strip()}?"
        yield Draft(question, (sentence.span(*year.span("year")),), "figure")
    if (share := _SHARE.match(text)) and not _POINTS.search(share["rest"]):
        yield Draft(f"What share of {share['rest'].strip()}?", (sentence.span(*share.span("share")),), "figure")


def _saying(sentence: Sentence) -> Iterator[Draft]:
    match = _SAYS.match(sentence.text)
    if match and not _POINTS.search(match["rest"].removeprefix("that")):
        yield Draft(f"Who {match['said']} {match['rest']}?", (sentence.span(*match.span("name")),), "name")


def _small(text: str) -> str:
    return text if text.split()[0][1:] != text.split()[0][1:].lower() else text[0].lower() + text[1:]
