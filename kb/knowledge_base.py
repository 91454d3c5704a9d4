"""The public face: a library that is searched and asked; `kb.library` opens, builds and changes it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from corpus.language import detect_language
from kb.answers import Answer, AnswerSentence
from kb.checking import Cosines
from kb.conversation import REMEMBERED, completed
from kb.extractive import PASSAGES_LOOKED_THROUGH, PASSAGES_WEIGHED, findings
from kb.fitted import Fitted
from kb.generations import OpenGeneration
from kb.lexicon import Lexicon
from kb.library import Change, Library, UnknownDocument
from kb.llm import LlmAnswerer, LlmFailure, OnText
from kb.next_questions import NextQuestions
from kb.outright import asks_outright
from kb.phrases import refusal, stand_in
from kb.quoting import Quoted, quoted
from kb.rewriting import leans, rewritten
from kb.settings import Settings
from retrieval.index import Hit, Mode, Question, Snapshot
from retrieval.reranking import CrossEncoderReranker, reranked
from retrieval.storage import IndexMissing, Store

LONGEST_QUESTION = 2000
"""Characters; more than any question and less than a pasted book."""


class QuestionError(ValueError):
    """A question that cannot be asked; the message says what was got and what is expected."""


class KnowledgeBase(Library):
    """Source texts in an index on disk, and the questions that they answer. Safe to ask from several threads."""

    def __init__(self, store: Store, settings: Settings, opened: OpenGeneration) -> None:
        super().__init__(store, settings, opened)
        self.lexicon = Lexicon.load()
        self._next_questions = NextQuestions(self)
        self._reranker = _reranker(settings)
        self._llm = _llm(settings)

    def adopt(self, settings: Settings) -> None:
        """Go on with other settings; the index and its model stay. Raises `SettingsError` and changes nothing.

        Questions that are being answered may still go by the old ones.
        """
        llm = self._llm if settings.llm == self.settings.llm else _llm(settings)
        reranker = self._reranker if _ranks_alike(settings, self.settings) else _reranker(settings)
        self._llm, self._reranker = llm, reranker
        self.settings = settings.model_copy(update={"index": self.settings.index})

    def question(self, text: str) -> Question:
        """Make a question ready for the generation in use. Raises `QuestionError`."""
        return self._ready(self._fresh(), text)

    def _ready(self, opened: OpenGeneration, text: str) -> Question:
        # Of the generation that will be searched: its numbers of passages, and its model's vectors, mean nothing in
        # another.
        return opened.snapshot.question(checked_question(text), opened.encoder, expand=self.lexicon.expand)

    def search(self, query: str, k: int = 10, *, mode: Mode = "hybrid", languages: Collection[str] = ()) -> list[Hit]:
        """Return the `k` best passages for `query`, best first. Raises `QuestionError`."""
        opened = self._fresh()
        return self._hits(opened.snapshot, self._ready(opened, query), k, mode, languages)

    def _hits(
        self, snapshot: Snapshot, question: Question, k: int, mode: Mode = "hybrid", languages: Collection[str] = ()
    ) -> list[Hit]:
        weight = self.settings.retrieval.keyword_weight
        if self._reranker is None:
            return snapshot.search(question, k=k, mode=mode, languages=languages, keyword_weight=weight)
        depth = self.settings.reranker.depth
        hits = snapshot.search(question, k=max(k, depth), mode=mode, languages=languages)
        return reranked(hits, question.text, self._reranker, depth)[:k]

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
        opened = self._fresh()
        own = checked_question(question)
        understood = self._understood(own, history, quotes_only=quotes_only) if history else own
        asked = self._ready(opened, understood)
        spent = _ms(started)
        answer = self.answer(
            opened, asked, k=k, languages=languages, encode_ms=spent, on_text=on_text, quotes_only=quotes_only
        )
        if understood != own:
            answer = replace(answer, question=own, completed=understood)
        if answer.answered or quotes_only:
            return answer
        return replace(answer, suggestions=self._next_questions.after(answer))

    def _understood(self, question: str, history: Sequence[str], *, quotes_only: bool) -> str:
        """Return `question` completed from those before it: by the language model where there is one, else by rules."""
        ruled = completed(question, history, self.lexicon)
        if self._llm is None or quotes_only or not leans(question, ruled, self.lexicon):
            return ruled
        try:
            return rewritten(question, history[-REMEMBERED:], detect_language(ruled), self._llm.reply) or ruled
        except LlmFailure:
            return ruled

    def answer(
        self,
        opened: OpenGeneration,
        question: Question,
        *,
        k: int | None = None,
        languages: Collection[str] = (),
        encode_ms: float = 0.0,
        on_text: OnText | None = None,
        quotes_only: bool = False,
    ) -> Answer:
        """Answer a question that has been made ready for `opened`."""
        started = time.perf_counter()
        snapshot = opened.snapshot
        mode = self.settings.retrieval.mode
        most = PASSAGES_LOOKED_THROUGH if asks_outright(question) else PASSAGES_WEIGHED
        hits = self._hits(snapshot, question, max(k or self.settings.passages, most), mode, languages)
        search_ms = _ms(started)
        found = findings(snapshot, question, hits, Fitted.of(opened.encoder.digest))
        sure = found.confidence
        answered = bool(found.ranked) and sure >= self.settings.answer.refuse_below
        sentences = self.settings.answer.most_sentences
        told = quoted(snapshot, question, found.ranked, most=sentences) if answered else Quoted()
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
            hits=tuple(hits[: k or self.settings.passages]),
            timings_ms={
                "encode": encode_ms,
                "search": search_ms,
                "answer": answer_ms,
                "total": encode_ms + search_ms + answer_ms,
            },
        )
        # What the sources do not answer a model is not asked.
        worded = self._llm and answered and not quotes_only
        return self._in_its_words(answer, opened, question, on_text) if worded else answer

    def _in_its_words(
        self, answer: Answer, opened: OpenGeneration, question: Question, on_text: OnText | None
    ) -> Answer:
        """Return the language model's answer, or `answer` and why it stands in."""
        assert self._llm is not None
        started = time.perf_counter()
        cosines = Cosines(opened.snapshot, opened.encoder)
        drafted = self._llm.answer(opened.snapshot, question, answer.hits, cosines, on_text)
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


def _reranker(settings: Settings) -> CrossEncoderReranker | None:
    return CrossEncoderReranker(settings.reranker.model, settings.model.dtype) if settings.reranker.model else None


def _ranks_alike(one: Settings, other: Settings) -> bool:
    return (one.reranker.model, one.model.dtype) == (other.reranker.model, other.model.dtype)


def _llm(settings: Settings) -> LlmAnswerer | None:
    return LlmAnswerer(settings.llm) if settings.llm.base_url else None


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
