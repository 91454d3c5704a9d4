"""Several questions in one message, taken apart: 什么是NPS？怎么算？谁发明的？."""

from __future__ import annotations

import re

from corpus.text.normalize import search_form
from corpus.text.segment import asking_removed, content_tokens, sentence_spans
from kb.question.question_words import has_question_word, is_greeting, is_question

MOST_PARTS = 5
"""Questions of one message that are answered each for itself; what is asked beyond goes with the last of them."""


def parts_of(message: str) -> list[str]:
    """Return the questions of a message, each with what is said before it; the message alone where it asks but one.

    Only what ends as a question does and asks for something is one for itself: „Prawda?" and 对吗？ are none. What
    comes after the last question stays with it.
    """
    parts: list[str] = []
    begun = 0
    for start, end in sentence_spans(message):
        if _asks(message[start:end]):
            parts.append(message[begun:end].strip())
            begun = end
    rest = message[begun:].strip()
    if len(parts) < 2:
        return _joined_by_a_word(message)
    kept, beyond = parts[:MOST_PARTS], [*parts[MOST_PARTS:], rest]
    kept[-1] = " ".join([kept[-1], *filter(None, beyond)])
    return kept


_JOINT = re.compile(
    r"""
    [，,；;]? \s? (?:以及|还有|還有|并且|並且|同时|同時) (?=[\w\s]{0,12}?(?:怎|如何|[谁誰]|什[么麼]|多少|哪|[为為]何))
    | [，,；;] \s? (?=[又它他她那要该該]{0,2}(?:怎|如何|[谁誰]|[为為]什[么麼]|什[么麼]|多少|有哪|哪|[为為]何))
    | [,;]? \s (?:i|oraz|a\stakże) \s
      (?=(?:jak|co|czym|kim|kto|komu|kogo|kiedy|gdzie|dlaczego|czemu|po\sco|ile|czy|od\sczego|skąd)\b)
    | [,;]? \s and \s (?=(?:how|what|who|whom|why|when|where|which|is|are|does|do|should)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Where another question begins behind a comma or an "and"."""
_ONE = re.compile(
    r"区别|區別|相比|相[较較]|差[别別異异]|什[么麼](?:情况|情況|时候|時候|条件|條件)|\bbetween\b|\bdiffer|\bmiędzy\b|\bróżni",
    re.IGNORECASE,
)
"""What is said before such a place where it is none."""


def _joined_by_a_word(message: str) -> list[str]:
    """Return the questions of a message that asks several of them as one: czym jest CLV i jak to policzyć."""
    begun, parts = 0, list[str]()
    for joint in _JOINT.finditer(message):
        before = message[begun : joint.start()]
        if _asks_of_something(before) and not _ONE.search(before):
            parts.append(before.strip())
            begun = joint.end()
    if not parts or len(parts) >= MOST_PARTS:
        return [message]
    return [*parts, message[begun:].strip()]


def _asks_of_something(clause: str) -> bool:
    """Tell whether a clause asks, and says of what: „kto" of „kto i kiedy" does not."""
    return has_question_word(clause) and bool(content_tokens(asking_removed(search_form(clause))))


def _asks(sentence: str) -> bool:
    if not is_question(sentence) or is_greeting(sentence):
        return False
    return has_question_word(sentence) or len(content_tokens(sentence)) > 1
