"""What may be done with a knowledge base, by what it does: for those who take one, or what stands before one.

A class that lists one of these as its base and lacks a method of it cannot be made, and mypy says so before.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from corpus.documents import Document
from kb.answering.answers import Answer
from kb.generation.llm import OnText
from kb.library.generations import OpenGeneration
from kb.library.intake import Report
from kb.library.library import Change, Fallback
from kb.settings.file import Staged
from kb.settings.schema import ModelSettings, Settings
from kb.terms.lexicon import Lexicon
from retrieval.index.contents import Contents
from retrieval.index.snapshot import Hit, Mode, Question, Snapshot
from retrieval.models.encoder import Encoder
from retrieval.storage.folder import Manifest


class Readable(Protocol):
    """Tells what is there; costs next to nothing and changes nothing."""

    @property
    @abstractmethod
    def settings(self) -> Settings: ...

    @property
    @abstractmethod
    def model(self) -> ModelSettings: ...

    @property
    @abstractmethod
    def fallbacks(self) -> tuple[Fallback, ...]: ...

    @property
    @abstractmethod
    def lexicon(self) -> Lexicon: ...

    @property
    @abstractmethod
    def opened(self) -> OpenGeneration: ...

    @property
    @abstractmethod
    def manifest(self) -> Manifest: ...

    @property
    @abstractmethod
    def generation(self) -> str: ...

    @property
    @abstractmethod
    def encoder(self) -> Encoder: ...

    @property
    @abstractmethod
    def snapshot(self) -> Snapshot: ...

    @abstractmethod
    def documents(self) -> list[Document]: ...

    @abstractmethod
    def document(self, document_id: str, /) -> Document: ...


class Askable(Protocol):
    """Puts a question to the model, which keeps the processor busy."""

    @abstractmethod
    def question(self, text: str, /) -> Question: ...

    @abstractmethod
    def search(
        self, query: str, k: int = 10, *, mode: Mode | None = None, languages: Collection[str] = ()
    ) -> list[Hit]: ...

    @abstractmethod
    def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        languages: Collection[str] = (),
        history: Sequence[str] = (),
        on_text: OnText | None = None,
        quotes_only: bool = False,
    ) -> Answer: ...

    @abstractmethod
    def next_questions(self, answer: Answer, /) -> tuple[str, ...]: ...

    @abstractmethod
    def first_questions(self, language: str, /) -> tuple[str, ...]: ...


class Changeable(Protocol):
    """Changes what is there, for all who come after."""

    @abstractmethod
    def add(self, paths: Iterable[str | Path], *, report: Report | None = None) -> Change: ...

    @abstractmethod
    def sync(self, paths: Iterable[str | Path], *, report: Report | None = None, emptied: bool = False) -> Change: ...

    @abstractmethod
    def remove(self, document_ids: Iterable[str]) -> Change: ...

    @abstractmethod
    def revert(self, contents: Contents, *, generation: str) -> bool: ...

    @abstractmethod
    def rebuild(self, *, encoder: Encoder | None = None, report: Report | None = None) -> Change: ...

    @abstractmethod
    def adopt(self, settings: Settings, staged: Staged | None = None) -> None: ...


class AnyBase(Readable, Askable, Changeable, Protocol):
    """All of it."""
