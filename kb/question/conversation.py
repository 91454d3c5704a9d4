"""A question that leans on the ones before it, completed from them: 那他向谁汇报？ becomes 客户长向谁汇报？."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.text.language import UNDETERMINED, detect_language
from corpus.text.normalize import to_simplified, to_traditional
from kb.question.followups_latin import completed_latin, polish
from kb.question.followups_zh import completed_zh
from kb.terms.lexicon import Lexicon

REMEMBERED = 6
"""Earlier questions that are looked at; what was asked before them is no longer what is meant."""
_TELLING = 5
"""Words from which on a question's language can be told."""
_LONGEST = 200
"""Characters; a longer question has said what it is about."""


def completed(question: str, history: Sequence[str], lexicon: Lexicon) -> str:
    """Return `question` as it is when it stands on its own, else completed from the questions before it.

    `history` holds these as they were asked, the newest last. The completed question is in the question's language. One
    that names its own subject is never changed, however it opens.
    """
    turns: list[str] = []
    for earlier in [turn.strip() for turn in history if re.search(r"\w", turn)][-REMEMBERED:]:
        turns.append(_completed(earlier, turns, lexicon))
    return _completed(question, turns, lexicon)


def _completed(question: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    if not turns or len(question) > _LONGEST or len(turns[-1]) > _LONGEST:
        return question
    language = detect_language(question)
    if not language.startswith("zh"):
        language = _latin_language(question, language, turns)
    if language.startswith("zh"):
        if language == "zh-Hans" and _script_open(question):
            language = _script(turns) or language
        return completed_zh(question.strip(), language, turns, lexicon)
    return completed_latin(question.strip(), language, turns, lexicon)


def language_of(message: str, history: Sequence[str]) -> str:
    """Return the language of a message; where it has none of its own (ok, 👍, 好的), that of the turns before it."""
    detected = detect_language(message)
    if detected == UNDETERMINED or (detected == "en" and len(message.split()) == 1):
        earlier = (tag for turn in reversed(history) if (tag := detect_language(turn)) != UNDETERMINED)
        return next(earlier, detected)
    if detected == "zh-Hans" and _script_open(message):
        return _script(history) or detected
    return detected


def _latin_language(question: str, detected: str, turns: Sequence[str]) -> str:
    """Return the language of a question whose few words may not tell it: theirs if all are Polish, else the turns'."""
    words = re.findall(r"[^\W\d_]+", question)
    if len(words) > _TELLING:
        return detected
    earlier = [tag for turn in reversed(turns) if (tag := detect_language(turn)) in ("pl", "en")]
    known = "pl" if polish([word for word in words if not word.isupper() or len(word) == 1]) else detected
    return earlier[0] if earlier and known in (UNDETERMINED, earlier[0]) else known if known != UNDETERMINED else "pl"


def _script_open(question: str) -> bool:
    """Tell whether a Chinese question has no character by which its script could be told."""
    return to_simplified(question) == question == to_traditional(question)


def _script(turns: Sequence[str]) -> str:
    tags = (detect_language(turn) for turn in reversed(turns))
    return next((tag for tag in tags if tag.startswith("zh")), "")
