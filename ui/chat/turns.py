"""One question in a conversation, from being asked to being answered. The conversation itself lives in the browser."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Literal

from corpus.text.language import detect_language
from corpus.text.normalize import to_script
from kb import Answer, AnswerSentence
from kb.any_base import AnyBase
from kb.question.understanding import LONGEST_QUESTION, QuestionError, checked_question
from ui.locale.messages import LANGUAGES, Words

MOST_TURNS = 50
"""Turns that a conversation keeps; older ones go, so that an open page does not grow without bound."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """One question and its answer, or why there is none yet."""

    question: str
    outcome: Answer | Literal["pending", "stopped", "failed"]
    partial: Answer | None = None
    """While it is pending: the sentences so far."""
    follow_ups: tuple[str, ...] = ()
    """Questions to ask next, which the sources answer."""


Turns = tuple[Turn, ...]
FollowUps = Callable[[Answer], tuple[str, ...]]
"""Gives questions to ask after an answer."""


@dataclass(frozen=True)
class Moment:
    """What the page shows of a question at one moment, or what is wrong with it."""

    turn: Turn | None
    problem: str = ""


def asking(
    base: AnyBase,
    question: str,
    history: Sequence[str],
    words: Words,
    follow_ups: FollowUps = lambda answer: (),
) -> Iterator[Moment]:
    """Ask `question` after those in `history`, yielding what there is of its answer, sentence by sentence."""
    problem = problem_with(question, words)
    if problem:
        yield Moment(None, problem)
        return
    asked = question.strip()
    yield Moment(Turn(asked, "pending"))
    try:
        for answer, whole in _heard(base, asked, history):
            if not whole:
                yield Moment(Turn(asked, "pending", answer))
                continue
            yield Moment(Turn(asked, answer))
            if answer.citations and (more := follow_ups(answer)):
                yield Moment(Turn(asked, answer, follow_ups=more))
    except QuestionError as error:
        yield Moment(None, str(error))
    except Exception:
        # The page lives on whatever happens to one question; the log has the trace, the reader a line.
        _log.exception("a question could not be answered")
        yield Moment(Turn(asked, "failed"))


class _GivenUp(Exception):
    """Nobody waits for the answer any more."""


def _heard(base: AnyBase, question: str, history: Sequence[str]) -> Iterator[tuple[Answer, bool]]:
    """Yield the answer as far as it is known, and whether that is all of it.

    It is made in a thread of its own, so that a language model's sentences show as they come; once nobody listens the
    next of them ends it.
    """
    heard: SimpleQueue[AnswerSentence | Answer | BaseException] = SimpleQueue()
    given_up = threading.Event()

    def on_text(sentence: AnswerSentence) -> None:
        if given_up.is_set():
            raise _GivenUp
        heard.put(sentence)

    def work() -> None:
        try:
            heard.put(base.ask(question, history=history, on_text=on_text))
        except BaseException as error:  # handed to whoever waits for it
            heard.put(error)

    threading.Thread(target=copy_context().run, args=(work,), name="ask", daemon=True).start()
    partial = Answer(question, detect_language(question), True, 0.0, "llm", "")
    try:
        while True:
            item = heard.get()
            if isinstance(item, BaseException):
                raise item
            if isinstance(item, Answer):
                yield from _unfolding(item, already=bool(partial.sentences))
                return
            partial = replace(partial, sentences=(*partial.sentences, item))
            yield partial, False
    finally:
        given_up.set()


def _unfolding(answer: Answer, *, already: bool) -> Iterator[tuple[Answer, bool]]:
    """Yield an answer sentence by sentence where none has been shown, then whole."""
    if not already:
        for count in range(1, len(answer.sentences)):
            yield replace(answer, sentences=answer.sentences[:count]), False
    yield answer, True


def warm_up(base: AnyBase) -> None:
    """Have loaded what a first question would otherwise wait for: dictionaries, tables of characters, the model."""
    try:
        for language, question in (
            ("zh-Hans", "什么是客户？"),
            ("zh-Hant", "什麼是客戶？"),
            ("pl", "Co to jest klient?"),
        ):
            if not threading.main_thread().is_alive():
                return  # the program is ending, and waits for this
            base.ask(question, quotes_only=True)
            to_script(question, language)
        for language in LANGUAGES:
            if threading.main_thread().is_alive():
                base.first_questions(language)
    except Exception:
        _log.exception("the page could not be made ready in advance")


def problem_with(question: str, words: Words) -> str:
    """Return what is wrong with a question, in the page's language; nothing where it can be asked."""
    try:
        checked_question(question)
    except QuestionError as error:
        return words(error.problem, count=error.count, most=LONGEST_QUESTION)
    return ""
