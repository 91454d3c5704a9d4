"""A question that leans on the ones before it, completed from them: 那他向谁汇报？ becomes 客户长向谁汇报？."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from corpus.text.language import UNDETERMINED, detect_language
from corpus.text.normalize import to_simplified, to_traditional
from kb.question.followups_latin import completed_latin, polish
from kb.question.followups_zh import completed_zh
from kb.question.kinds import Kind, Recogniser, likeliest
from kb.question.question_words import has_question_word, is_greeting, is_question
from kb.question.topics import named_in
from kb.question.turns import points_back, turn_of
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
    for earlier in asked_before(history, lexicon)[-REMEMBERED:]:
        if turn_of(earlier).changes:
            turns.clear()
        turns.append(_completed(earlier, turns, lexicon))
    return _completed(question, turns, lexicon)


def asked_before(history: Sequence[str], lexicon: Lexicon) -> list[str]:
    """Return those of the turns before that another can lean on: no thanks, and none that only points back."""
    said = (turn.strip() for turn in history if re.search(r"\w", turn) and not _chats(turn, lexicon))
    return [turn for turn in said if not points_back(turn)]


@lru_cache(maxsize=1000)
def _chats(turn: str, lexicon: Lexicon) -> bool:
    if is_greeting(turn):
        return True
    chances = Recogniser.load().chances(turn, None)
    return likeliest(chances) in (Kind.SMALL_TALK, Kind.ASSISTANT) and not lexicon.said_in(turn)


def _completed(question: str, turns: Sequence[str], lexicon: Lexicon) -> str:
    turn = turn_of(question)
    if turn.changes:
        return turn.text
    if not turns or len(question) > _LONGEST or len(turns[-1]) > _LONGEST:
        return question
    if turn.corrects:
        whole, question = question, turn.text
        if not _asks(question, lexicon):  # „nie, pytałem o CMO" is „a CMO?"
            question = _what_about(question, detect_language(whole))
    language = detect_language(question)
    if not language.startswith("zh"):
        language = _latin_language(question, language, turns)
    if language.startswith("zh"):
        if language == "zh-Hans" and _script_open(question):
            language = _script(turns) or language
        return completed_zh(question.strip(), language, turns, lexicon)
    return completed_latin(question.strip(), language, turns, lexicon)


def _asks(rest: str, lexicon: Lexicon) -> bool:
    """Tell whether what somebody meant is asked whole: in a question, or as something of a thing that is named."""
    if is_question(rest) or has_question_word(rest):
        return True
    named = named_in(rest, lexicon)
    return bool(named) and sum(n.end - n.start for n in named) < len(_unarticled(rest))


def _unarticled(named: str) -> str:
    return re.sub(r"^(?:the|an?) ", "", named.strip(" ?？。.!！"), flags=re.IGNORECASE)


def _what_about(named: str, language: str) -> str:
    """Return a follow-up that asks of `named` what the last question asked of something else."""
    named = _unarticled(named)
    return f"{named}呢？" if language.startswith("zh") else f"{'what about' if language == 'en' else 'co z'} {named}?"


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
