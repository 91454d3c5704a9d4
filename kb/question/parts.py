"""Several questions in one message, taken apart: 什么是NPS？怎么算？谁发明的？."""

from __future__ import annotations

from corpus.text.segment import content_tokens, sentence_spans
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
        return [message]
    kept, beyond = parts[:MOST_PARTS], [*parts[MOST_PARTS:], rest]
    kept[-1] = " ".join([kept[-1], *filter(None, beyond)])
    return kept


def _asks(sentence: str) -> bool:
    if not is_question(sentence) or is_greeting(sentence):
        return False
    return has_question_word(sentence) or len(content_tokens(sentence)) > 1
