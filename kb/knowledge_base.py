"""The public face: a library that is searched and asked; `kb.library.library` opens, builds and changes it."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import replace

from corpus.text.language import detect_language
from kb.answering.answers import Answer
from kb.answering.several import joined
from kb.answering.treatment import TREATMENTS
from kb.asking.answered import answered
from kb.asking.continuing import Before, continued
from kb.asking.next_questions import NextQuestions
from kb.asking.replying import explained, replied
from kb.generation.llm import LlmAnswerer, LlmFailure, OnText
from kb.generation.rewriting import leans, rewritten
from kb.library.generations import OpenGeneration
from kb.library.in_use import InUse, loading
from kb.library.library import Library, loaded
from kb.question.conversation import REMEMBERED, completed, language_of
from kb.question.kinds import Kind
from kb.question.parts import parts_of
from kb.question.turns import turn_of
from kb.question.understanding import Understood, checked_question
from kb.settings.file import Staged
from kb.settings.schema import Settings
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Hit, Mode
from retrieval.storage.folder import Store

_COMPARED_AMONG = 2
"""Questions of a message up to which things compared are looked up one by one, so that none costs ten times another."""


class KnowledgeBase(Library):
    """Source texts in an index on disk, and the questions that they answer. Safe to ask from several threads."""

    def __init__(self, store: Store, in_use: InUse, opened: OpenGeneration) -> None:
        super().__init__(store, in_use, opened)
        self.lexicon = Lexicon.load()
        self._next_questions = NextQuestions(self.lexicon)

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

    def question(self, text: str) -> Understood:
        """Understand a question, for the generation in use. Raises `QuestionError`."""
        return self._understood(self._fresh(), text)

    def _understood(self, opened: OpenGeneration, text: str) -> Understood:
        return Understood.by(text, self.lexicon, opened.snapshot, opened.encoder)

    def search(
        self, query: str, k: int = 10, *, mode: Mode | None = None, languages: Collection[str] = ()
    ) -> list[Hit]:
        """Return the `k` best passages for `query`, best first, by default in the settings' mode.

        Raises `QuestionError`.
        """
        opened = self._fresh()
        asked = self._understood(opened, query)
        return self._in_use.search(opened.snapshot, asked, k, mode=mode, languages=languages)

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

        Several questions in one message are answered one by one. Small talk gets a fixed reply, and so does what is no
        question to the sources.

        `history` holds the questions asked before, the newest last, from which one that leans on them is completed.
        `on_text` is given a model's sentences as they become final; should the model then fail, the answer that is
        returned holds other ones. `quotes_only` leaves the model out. Raises `QuestionError`.
        """
        opened, in_use = self._fresh(), self._in_use
        if quotes_only:
            in_use = replace(in_use, llm=None)
        own = checked_question(question)
        parts = parts_of(own)
        answers = [
            self._ask(
                opened,
                in_use,
                part,
                [*history, *parts[:number]],  # each leans on what is asked before it, in this message too
                k=k,
                languages=languages,
                on_text=on_text if len(parts) == 1 else None,  # of several none is told before all are there
                offering=not quotes_only,
                comparing=len(parts) <= _COMPARED_AMONG,
            )
            for number, part in enumerate(parts)
        ]
        return joined(own, answers) if len(parts) > 1 else answers[0]

    def _ask(
        self,
        opened: OpenGeneration,
        in_use: InUse,
        own: str,
        history: Sequence[str],
        *,
        k: int | None,
        languages: Collection[str],
        on_text: OnText | None,
        offering: bool,
        comparing: bool,
    ) -> Answer:
        """Answer one question; where it is refused and others are to be offered, offer them."""
        started = time.perf_counter()
        asked = self._understood(opened, own)
        whole = own
        # Thanks lean on nothing, though no word in them says so.
        turn = turn_of(own)
        if history and (turn.more or turn.item):
            before = Before.of(turn, history, opened, in_use, self.lexicon, languages)
            if before and (further := continued(turn, own, before, opened.snapshot)):
                return further
        if history and asked.kind not in (Kind.SMALL_TALK, Kind.ASSISTANT):
            whole = self._completed(own, history, in_use.llm)
        if whole != own:
            asked = self._understood(opened, whole)
        spent = (time.perf_counter() - started) * 1e3
        if not TREATMENTS[asked.kind].looked_up:
            near = [] if TREATMENTS[asked.kind].answered else self._nearest(opened, asked, in_use, k, languages)
            answer = replied(asked, language_of(own, history), near, spent)
            first = self._next_questions.first(answer.language, opened, in_use, languages) if offering else ()
            return replace(answer, question=own, completed="" if whole == own else whole, suggestions=first)
        answer = answered(
            opened,
            asked,
            in_use,
            self.lexicon,
            k=k,
            languages=languages,
            encode_ms=spent,
            on_text=on_text,
            comparing=comparing,
        )
        if whole != own:
            answer = replace(answer, question=own, completed=whole)
        if not answer.answered:
            answer = explained(answer, asked, self.lexicon, opened.snapshot)
        if answer.answered or not offering:
            return answer
        return replace(answer, suggestions=self._next_questions.after(answer, opened, in_use, languages=languages))

    @staticmethod
    def _nearest(
        opened: OpenGeneration, asked: Understood, in_use: InUse, k: int | None, languages: Collection[str]
    ) -> list[Hit]:
        return in_use.search(opened.snapshot, asked, k or in_use.settings.passages, languages=languages)

    def next_questions(self, answer: Answer) -> tuple[str, ...]:
        """Return questions to ask after `answer`, each of which the texts do answer."""
        return self._next_questions.after(answer, self._fresh(), self._in_use)

    def first_questions(self, language: str) -> tuple[str, ...]:
        """Return questions to begin with, in `language`, which the texts do answer; none where there are no texts."""
        return self._next_questions.first(language, self._fresh(), self._in_use)

    def _completed(self, question: str, history: Sequence[str], llm: LlmAnswerer | None) -> str:
        """Return `question` completed from those before it: by the language model where there is one, else by rules."""
        ruled = completed(question, history, self.lexicon)
        if llm is None or not leans(question, ruled, self.lexicon):
            return ruled
        try:
            return rewritten(question, history[-REMEMBERED:], detect_language(ruled), llm.reply) or ruled
        except LlmFailure:
            return ruled
