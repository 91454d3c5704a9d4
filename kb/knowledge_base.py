"""The public face: a library that is searched and asked; `kb.library.library` opens, builds and changes it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from corpus.text.language import detect_language
from kb.answering.answers import Answer, AnswerSentence
from kb.answering.extractive import PASSAGES_WEIGHED, findings
from kb.answering.quoting import Quoted, quoted
from kb.answering.wording import refusal, stand_in
from kb.generation.checking import Cosines
from kb.generation.llm import LlmAnswerer, LlmFailure, OnText
from kb.generation.rewriting import leans, rewritten
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse, loading
from kb.library.library import Change, Library, UnknownDocument, loaded
from kb.question.conversation import REMEMBERED, completed
from kb.reading.trained import TrainedReader
from kb.settings.file import Staged
from kb.settings.schema import Settings
from kb.suggestions.next_questions import NextQuestions
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Hit, Mode, Question
from retrieval.storage.folder import IndexMissing, Store

LONGEST_QUESTION = 2000
"""Characters; more than any question and less than a pasted book."""


class QuestionError(ValueError):
    """A question that cannot be asked; the message says what was got and what is expected."""


class KnowledgeBase(Library):
    """Source texts in an index on disk, and the questions that they answer. Safe to ask from several threads."""

    def __init__(self, store: Store, in_use: InUse, opened: OpenGeneration) -> None:
        super().__init__(store, in_use, opened)
        self.lexicon = Lexicon.load()
        self._next_questions = NextQuestions(self)

    def adopt(self, settings: Settings, staged: Staged | None = None) -> None:
        """Go on with other settings, and keep what is `staged` of them; the index and its model stay.

        All that they name is loaded before anything is kept, another model for the next rebuild too. Raises
        `SettingsError` and changes nothing. Questions that are being answered go by the old ones to their end.
        """
        in_use = self._in_use.under(settings.model_copy(update={"index": self.settings.index}))
        if staged is not None:
            if settings.model not in (self.settings.model, self.model):
                with loading("model.name"):
                    loaded(settings.model).encode_queries(["?"])
            staged.keep()
            self.fallbacks = tuple(one for one in self.fallbacks if one.place not in staged.places)
        self._in_use = in_use

    def question(self, text: str) -> Question:
        """Make a question ready for the generation in use. Raises `QuestionError`."""
        return self._ready(self._fresh(), text)

    def _ready(self, opened: OpenGeneration, text: str) -> Question:
        # Of the generation that will be searched: its numbers of passages, and its model's vectors, mean nothing in
        # another.
        return opened.snapshot.question(checked_question(text), opened.encoder, expand=self.lexicon.expand)

    def search(
        self, query: str, k: int = 10, *, mode: Mode | None = None, languages: Collection[str] = ()
    ) -> list[Hit]:
        """Return the `k` best passages for `query`, best first, by default in the settings' mode.

        Raises `QuestionError`.
        """
        opened = self._fresh()
        return self._in_use.search(opened.snapshot, self._ready(opened, query), k, mode=mode, languages=languages)

    def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        languages: Collection[str] = (),
        history: Sequence[str] = (),
        on_text: OnText | None = None,
        quotes_only: bool = False,
    ) -> Answer:
        """Answer in cited sentences, the sources' own or a language model's, or say that the sources do not answer.

        `history` holds the questions asked before, the newest last, from which one that leans on them is completed.
        `on_text` is given a model's sentences as they become final; should the model then fail, the answer that is
        returned holds other ones. `quotes_only` leaves the model out. Raises `QuestionError`.
        """
        started = time.perf_counter()
        opened, in_use = self._fresh(), self._in_use
        if quotes_only:
            in_use = replace(in_use, llm=None)
        own = checked_question(question)
        understood = self._understood(own, history, in_use.llm) if history else own
        asked = self._ready(opened, understood)
        spent = _ms(started)
        answer = self.answer(opened, asked, in_use=in_use, k=k, languages=languages, encode_ms=spent, on_text=on_text)
        if understood != own:
            answer = replace(answer, question=own, completed=understood)
        if answer.answered or quotes_only:
            return answer
        return replace(answer, suggestions=self._next_questions.after(answer, languages=languages))

    def _understood(self, question: str, history: Sequence[str], llm: LlmAnswerer | None) -> str:
        """Return `question` completed from those before it: by the language model where there is one, else by rules."""
        ruled = completed(question, history, self.lexicon)
        if llm is None or not leans(question, ruled, self.lexicon):
            return ruled
        try:
            return rewritten(question, history[-REMEMBERED:], detect_language(ruled), llm.reply) or ruled
        except LlmFailure:
            return ruled

    def answer(
        self,
        opened: OpenGeneration,
        question: Question,
        *,
        in_use: InUse | None = None,
        k: int | None = None,
        languages: Collection[str] = (),
        encode_ms: float = 0.0,
        on_text: OnText | None = None,
    ) -> Answer:
        """Answer a question that has been made ready for `opened`, by what it was made ready with."""
        in_use = in_use or self._in_use
        started = time.perf_counter()
        snapshot, settings = opened.snapshot, in_use.settings
        given = k or settings.passages
        hits = in_use.search(snapshot, question, max(given, PASSAGES_WEIGHED), languages=languages)
        search_ms = _ms(started)
        found = findings(snapshot, question, hits, TrainedReader.beside(opened.encoder))
        sure = found.confidence
        answered = bool(found.ranked) and sure >= settings.answer.refuse_below
        told = quoted(snapshot, question, found.ranked, most=settings.answer.most_sentences) if answered else Quoted()
        answer_ms = _ms(started) - search_ms
        answer = Answer(
            question=question.text,
            language=question.language,
            answered=answered,
            confidence=sure,
            engine="extractive",
            text=_joined(told.sentences) if answered else refusal(question.language),
            sentences=told.sentences,
            citations=told.citations,
            differences=told.differences,
            note=told.note,
            hits=found.hits[:given],
            timings_ms={
                "encode": encode_ms,
                "search": search_ms,
                "answer": answer_ms,
                "total": encode_ms + search_ms + answer_ms,
            },
        )
        # What the sources do not answer a model is not asked.
        return _worded(answer, in_use, opened, question, on_text) if in_use.llm and answered else answer


def _worded(
    answer: Answer, in_use: InUse, opened: OpenGeneration, question: Question, on_text: OnText | None
) -> Answer:
    """Return the language model's answer, or `answer` and why it stands in."""
    assert in_use.llm is not None
    started = time.perf_counter()
    cosines = Cosines(opened.snapshot, opened.encoder)
    most = in_use.settings.answer.most_sentences
    reader = TrainedReader.beside(opened.encoder)
    drafted = in_use.llm.answer(opened.snapshot, question, answer.hits, reader, cosines, on_text, most=most)
    spent = _ms(started)
    timings = answer.timings_ms | {"llm": spent, "total": answer.timings_ms["total"] + spent}
    if not drafted.sentences:
        reason = stand_in(drafted.reason, question.language, drafted.status)
        return replace(answer, reason=reason, failure=drafted.reason, dropped=drafted.dropped, timings_ms=timings)
    return replace(
        answer,
        engine="llm",
        text=_joined(drafted.sentences),
        sentences=drafted.sentences,
        citations=drafted.citations,
        differences=(),
        note="",
        dropped=drafted.dropped,
        timings_ms=timings,
    )


def checked_question(text: str) -> str:
    """Return `text` trimmed. Raises `QuestionError` where it is empty, too long or holds no word."""
    trimmed = text.strip()
    if not trimmed:
        raise QuestionError("the question is empty; type one")
    if len(trimmed) > LONGEST_QUESTION:
        raise QuestionError(
            f"the question has {len(trimmed):,} characters, at most {LONGEST_QUESTION:,} are read; shorten it"
        )
    if not any(character.isalnum() for character in trimmed):
        raise QuestionError("the question holds no word or figure; type one in words")
    return trimmed


def _joined(sentences: Sequence[AnswerSentence]) -> str:
    return " ".join(
        f"{sentence.text} " + "".join(f"[{number}]" for number in sentence.citations) for sentence in sentences
    )


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1e3


__all__ = ["Change", "IndexMissing", "KnowledgeBase", "QuestionError", "UnknownDocument", "checked_question"]
