"""A follow-up put as a question that stands on its own by the language model, believed only where it adds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.text.language import detect_language, family_of
from corpus.text.normalize import is_han, to_simplified
from corpus.text.segment import content_words, lexical_tokens
from kb.generation.injection import speaks_to_model
from kb.generation.prompts import Message, rewriting
from kb.question.question_words import names_in
from kb.question.topics import named_in
from kb.terms.lexicon import Lexicon

_LONGEST = 200
"""Characters of a rewritten question."""
_KEPT = 0.5
"""Share of the follow-up's own words that the rewritten question must say."""
_MARKS = "?？"
_QUOTES = " \"'„“”«»「」『』*`"

Reply = Callable[[Sequence[Message]], str]
"""Returns what the model says to messages."""


def leans(question: str, ruled: str, lexicon: Lexicon) -> bool:
    """Tell whether to ask the model: where the rules completed `question` (to `ruled`), or it names nothing itself.

    A question with a subject of its own that the rules leave alone opens a new topic, which no model may drag into the
    old one.
    """
    return ruled != question or not named_in(question, lexicon)


def rewritten(question: str, turns: Sequence[str], language: str, reply: Reply) -> str | None:
    """Return the follow-up `question` as the model completes it from `turns`, the newest last; None if not to be used.

    Raises what `reply` raises.
    """
    said = reply(rewriting(question, turns, language)).strip()
    line = said.split("\n")[0].strip().strip(_QUOTES)
    return line if _adds_nothing(line, question, turns, language) else None


def _adds_nothing(line: str, question: str, turns: Sequence[str], language: str) -> bool:
    """Tell whether `line` is a question in `language` that says only what was said, and what the question says."""
    if not line or len(line) > _LONGEST or line[-1] not in _MARKS or speaks_to_model(line):
        return False
    detected = detect_language(line)
    if detected != language and not (family_of(detected) == family_of(language) == "zh" and _one_script(line)):
        return False
    told = "\n".join([*turns, question])
    # The question's own words come first: those that only name what was meant by a pronoun may go.
    return _says_only(line, told) and _share_said(question, line) >= _KEPT and _names_kept(question, line)


def _says_only(line: str, told: str) -> bool:
    tokens = set(lexical_tokens(told))
    characters = set(to_simplified(told))
    return all(
        not tokens.isdisjoint(word) or all(is_han(c) and c in characters for token in word for c in token[1:])
        for word in [*content_words(line), *names_in(line)]
    )


def _share_said(question: str, line: str) -> float:
    tokens = set(lexical_tokens(line))
    asked = content_words(question)
    return sum(not tokens.isdisjoint(word) for word in asked) / len(asked) if asked else 1.0


def _names_kept(question: str, line: str) -> bool:
    tokens = set(lexical_tokens(line))
    return all(not tokens.isdisjoint(name) for name in names_in(question))


def _one_script(line: str) -> bool:
    """Tell whether no character of `line` would tell its script."""
    return to_simplified(line) == line
