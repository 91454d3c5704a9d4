"""Sentences that say what a thing is: its name stands first, and what joins it to its definition follows at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from corpus.normalize import search_form
from corpus.segment import fold
from kb.questions import Kind, kind_of
from retrieval.index import AskedWord, Question

_LEAD = r"(?:(?:依照?|根据|按照?|据)[^,。]{1,12},|wedlug [^,.]{1,30}, )?[^,;:。.!?]{0,12}?"
"""What may stand before the name: 所谓, 依照维基百科的定义，"""
# On the folded search form. An abbreviation in brackets or another name between commas may follow the name.
_BESIDE = r"[”\"»'》」』]?\s*(?:\([^)]*\)\s*)?(?:,\s*[^,]{1,40},\s*)?"
_COPULA = (
    r"(?:是指|指的是|就是|是(?![不否由因为在])|指(?![标数出])|即(?![使便])|意思是|又称|称为|定义为"
    r"|(?:to|jest|sa|oznacza\w*|polega\w*|nazywa\w*|means|refers to|is|are)\b)"
)


def defines(question: Question, sentences: Sequence[str]) -> np.ndarray:
    """Return which of `sentences` say what `question` asks to explain; shape `(n,)`, bool.

    None do where it asks something else, or about what is no concept.
    """
    concepts = [word for word in question.words if word.synonyms]
    if kind_of(question.text) is not Kind.DEFINITION or len(concepts) != 1:
        return np.zeros(len(sentences), bool)
    return np.array([introduces(concepts[0], text) == DEFINES for text in sentences], bool)


DEFINES, IS_ABOUT = 2, 1


def introduces(concept: AskedWord, sentence: str) -> int:
    """Return `DEFINES` where `sentence` says what a concept is, `IS_ABOUT` where it opens with its name, else 0."""
    names = frozenset(fold(search_form(name)) for name in (concept.said, *concept.names) if name)
    opening, definition = _patterns(names)
    form = fold(search_form(sentence))
    return DEFINES if definition.search(form) else IS_ABOUT if opening.search(form) else 0


@lru_cache(maxsize=256)
def _patterns(names: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    if not names:
        return _NEVER, _NEVER
    # The longest first: „首席客户官" before „客户".
    name = "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
    opening = rf"^{_LEAD}(?<![a-z])(?:{name})(?![a-z])"
    return re.compile(opening), re.compile(rf"{opening}{_BESIDE}{_COPULA}")


_NEVER = re.compile(r"(?!)")
