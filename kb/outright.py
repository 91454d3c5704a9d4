"""Sentences that say outright what is asked: what a thing is, how it is calculated, or whom a role answers to.

Its name stands first, and what joins it to the answer follows: „CCO … to …”, 客户长……直接向CEO报告。
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Flag, auto
from functools import lru_cache, reduce
from operator import or_

import numpy as np

from corpus.normalize import search_form
from corpus.segment import fold
from kb.questions import Kind, asks_how_it_is_calculated, asks_whom_it_answers_to, kind_of
from retrieval.index import AskedWord, Question

_LEAD = r"(?:(?:依照?|根据|按照?|据)[^,。]{1,12},|wedlug [^,.]{1,30}, )?[^,;:。.!?]{0,12}?"
"""What may stand before the name: 所谓, 依照维基百科的定义，"""
_FULL_NAME = r"[^,;:。!?()]{2,48}"
"""What stands before an abbreviation in brackets: Dyrektor ds. doświadczenia (CXO)"""
# On the folded search form. An abbreviation in brackets or another name between commas may follow the name.
_BESIDE = r"[”\"»'》」』)]?\s*(?:\([^)]*\)\s*)?(?:,\s*[^,]{1,40},\s*)?"
_COPULA = (
    r"(?:是指|指的是|就是|是(?![不否由因为在])|指(?![标数出])|即(?![使便])|意思是|又称|称为|定义为"
    r"|(?:to|jest|sa|oznacza\w*|polega\w*|nazywa\w*|means|refers to|is|are)\b)"
)


# Whom a role answers to is said of the role itself and of no matter: not 主管向他汇报, nor 向董事会报告进度.
_ADVERBS = (
    r"(?:一般|通常|往往|多半|大多|应该|应当|应|要|须|必须|需要?|直接|也|并且?|只|会|可以?|则|多|常|所以|因此|\s)*"
)
_ANSWERS_TO = (
    rf"(?:{_BESIDE}|[^;:。!?]{{0,60}},){_ADVERBS}(?:[向对](?!谁)[^,;。向对]{{1,24}}(?:汇报|报告|负责)(?:工作)?(?![^,;。)”」])"
    r"|直属于?|隶属于?)"
    r"|[^;:.!?]{0,60}?\b(?:podlega\w*|raportuj\w*|odpowiada\w* przed|ma\w* nad soba"
    r"|report\w* (?:directly )?to|answers? to)\b"
)


_CALCULATED = (
    r"[^,;:。.!?]{0,16}?(?:(?:公式|算法|计算方法|计算方式)[^,;。]{0,6}?(?:是|为|:)|等于|[^。]{0,60}除以)"
    r"|[^;:.!?]{0,60}?(?:\bto (?:iloraz|iloczyn)\b|\b(?:oblicza|wylicza)\w* sie\b|\bpodzielon\w+ przez\b"
    r"|\browna sie\b|\bdivided by\b|\bequals\b|\bcalculated\b| = )"
)
_FORMULA_OF = r"^[^,;:。!?]{0,24}?\b(?:wzor\w* na|formula for)\s+(?:[a-z]+ ){0,2}"


def says_outright(question: Question, sentences: Sequence[str]) -> np.ndarray:
    """Return which of `sentences` say outright what `question` asks of a concept; shape `(n,)`, bool.

    None do where it asks neither what that is, nor how it is calculated, nor whom it answers to.
    """
    wanted, concepts = wanted_of(question.text), _asked_about(question)
    return np.array([any(wanted & tells(concept, text) for concept in concepts) for text in sentences], bool)


def asks_outright(question: Question) -> bool:
    """Tell whether there are sentences that say outright what `question` asks, wherever they stand."""
    return bool(_asked_about(question))


def wanted_of(question: str) -> Told:
    """Return what `question` wants told of a concept."""
    if asks_whom_it_answers_to(question):
        return Told.ANSWERS_TO
    if asks_how_it_is_calculated(question):
        return Told.CALCULATED
    return Told.DEFINES if kind_of(question) is Kind.DEFINITION else Told.NOTHING


def _asked_about(question: Question) -> list[AskedWord]:
    concepts, wanted = [word for word in question.words if word.synonyms], wanted_of(question.text)
    # Of several concepts it is not to be seen which one is to be explained.
    return concepts if wanted and (wanted is not Told.DEFINES or len(concepts) == 1) else []


class Told(Flag):
    """What a sentence tells of a concept."""

    NOTHING = 0
    OPENS = auto()
    """It opens with the concept's name."""
    DEFINES = auto()
    """It says what the concept is."""
    ANSWERS_TO = auto()
    """It says whom a role answers to."""
    CALCULATED = auto()
    """It says how a figure is calculated."""


def tells(concept: AskedWord, sentence: str) -> Told:
    """Return what `sentence` tells of a concept."""
    names = frozenset(fold(search_form(name)) for name in (concept.said, *concept.names) if name)
    form = fold(search_form(sentence))
    found = (told for told, pattern in _patterns(names) if pattern.search(form))
    return reduce(or_, found, Told.NOTHING)


@lru_cache(maxsize=256)
def _patterns(names: frozenset[str]) -> tuple[tuple[Told, re.Pattern[str]], ...]:
    if not names:
        return ()
    # The longest first: „首席客户官" before „客户".
    name = "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
    opening = rf"^(?:{_LEAD}|{_FULL_NAME}\()(?<![a-z])(?:{name})(?![a-z])"
    clause = rf"^(?:[^,;:。.!?]{{1,20}},)?(?:{_LEAD}|{_FULL_NAME}\()(?<![a-z])(?:{name})(?![a-z])"
    return (
        (Told.OPENS, re.compile(opening)),
        (Told.DEFINES, re.compile(rf"{opening}{_BESIDE}{_COPULA}")),
        (Told.ANSWERS_TO, re.compile(f"{clause}(?:{_ANSWERS_TO})")),
        (Told.CALCULATED, re.compile(f"{opening}(?:{_CALCULATED})|{_FORMULA_OF}(?:{name})(?![a-z])")),
    )
