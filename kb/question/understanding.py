"""A question understood, once, at the door: whoever comes after reads what is found here and finds none of it again."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, Self

from corpus.text.language import detect_language
from kb.question.kinds import KINDS, Kind, Recogniser, likeliest
from kb.question.question_words import asks_list, has_question_word, is_greeting, is_question, names_in, subject_of
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Question, Snapshot
from retrieval.models.encoder import Encoder

LONGEST_QUESTION = 2000
"""Characters; more than any question and less than a pasted book."""


class QuestionError(ValueError):
    """A question that cannot be asked; the message says what was got and what is expected."""

    def __init__(self, problem: Literal["empty", "too_long", "no_words"], message: str, count: int = 0) -> None:
        super().__init__(message)
        self.problem, self.count = problem, count
        """What is wrong, for whoever words it otherwise; and how many characters there are."""


@dataclass(frozen=True, eq=False)
class Understood(Question):
    """What is asked, ready for the generation that will be searched and no other: numbers of passages are its own."""

    kind: Kind = Kind.FACT
    """What is wanted."""
    names: tuple[tuple[str, ...], ...] = ()
    """Its names and figures, each as its lexical tokens."""
    subject: str = ""
    """What a Chinese question opens with if it may be a name, in search form."""
    lists: bool = False
    """Whether its question words ask for several things."""
    asks: bool = True
    """Whether it ends as a question does."""
    wonders: bool = True
    """Whether it has a question word."""

    @classmethod
    def by(cls, text: str, lexicon: Lexicon, snapshot: Snapshot, encoder: Encoder) -> Self:
        """Understand `text`, which stands on its own. Raises `QuestionError`."""
        asked = checked_question(text)
        language = detect_language(asked)
        ready = snapshot.question(asked, encoder, language, lexicon.expand(asked, language, snapshot))
        return cls(
            **vars(ready),
            kind=_kind(ready, encoder),
            names=names_in(asked),
            subject=subject_of(asked),
            lists=asks_list(asked),
            asks=is_question(asked),
            wonders=has_question_word(asked),
        )


def _kind(question: Question, encoder: Encoder) -> Kind:
    """Return what is wanted; whoever names a concept of the field asks about that, however chattily."""
    if is_greeting(question.text) or not _has_word(question.text):
        return Kind.SMALL_TALK
    chances = Recogniser.load().chances(question.text, question.own_vector, encoder.name)
    if any(word.synonyms for word in question.words):
        chances[[KINDS.index(Kind.SMALL_TALK), KINDS.index(Kind.ASSISTANT)]] = 0.0
    return likeliest(chances)


def checked_question(text: str) -> str:
    """Return `text` trimmed. Raises `QuestionError` where it is empty, too long or says nothing."""
    trimmed = text.strip()
    if not trimmed:
        raise QuestionError("empty", "the question is empty; type one")
    if len(trimmed) > LONGEST_QUESTION:
        count = len(trimmed)
        message = f"the question has {count:,} characters, at most {LONGEST_QUESTION:,} are read; shorten it"
        raise QuestionError("too_long", message, count)
    if not says_something(trimmed):
        raise QuestionError("no_words", "the question holds no word or figure; type one in words")
    return trimmed


def says_something(text: str) -> bool:
    """Tell whether there is a word, a figure or a smiley in a message."""
    return _has_word(text) or any(unicodedata.category(character) == "So" for character in text)


def _has_word(text: str) -> bool:
    return any(character.isalnum() for character in text)
