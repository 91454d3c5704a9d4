"""A knowledge base whose questions are counted and logged and whose changes are recorded, whoever is behind them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.documents import Document
from kb import Change, QuestionError
from kb.accounts.audit import Audit
from kb.answering.answers import Answer
from kb.any_base import AnyBase
from kb.library.generations import OpenGeneration
from kb.library.library import Fallback
from kb.settings.file import Staged, differing
from kb.settings.schema import ModelSettings, Settings
from kb.terms.lexicon import Lexicon
from retrieval.index.snapshot import Hit, Question, Snapshot
from retrieval.models.encoder import Encoder
from retrieval.storage.folder import Manifest
from ui.operations.logs import REQUEST_ID
from ui.operations.metrics import Metrics
from ui.operations.running import Running
from ui.security.access import VISITOR
from ui.security.concurrency import ConcurrencyLimiter

_log = logging.getLogger(__name__)


class Watched(AnyBase):
    """Stands before a knowledge base. What is not declared here is not there: nothing goes straight through."""

    def __init__(
        self, base: AnyBase, metrics: Metrics, running: Running, audit: Audit, concurrency: ConcurrencyLimiter
    ) -> None:
        self._base, self._metrics, self._running, self._audit, self._concurrency = (
            base,
            metrics,
            running,
            audit,
            concurrency,
        )

    # -------------------------------------------------------------------------------------------------------- reading

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self._base.settings

    @property
    def model(self) -> ModelSettings:
        """The model in use, as the settings named it."""
        return self._base.model

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """What is used instead of saved settings."""
        return self._base.fallbacks

    @property
    def lexicon(self) -> Lexicon:
        """The concepts and their names."""
        return self._base.lexicon

    @property
    def opened(self) -> OpenGeneration:
        """The generation in use and its model."""
        return self._base.opened

    @property
    def manifest(self) -> Manifest:
        """What the open generation holds and was made with."""
        return self._base.manifest

    @property
    def generation(self) -> str:
        """The name of the generation in use."""
        return self._base.generation

    @property
    def encoder(self) -> Encoder:
        """The model in use."""
        return self._base.encoder

    @property
    def snapshot(self) -> Snapshot:
        """What of the generation in use is searched."""
        return self._base.snapshot

    def documents(self) -> list[Document]:
        """Return the documents as the knowledge base does."""
        return self._base.documents()

    def document(self, document_id: str) -> Document:
        """Return one document as the knowledge base does."""
        return self._base.document(document_id)

    # --------------------------------------------------------------------------------------------------------- asking

    def question(self, text: str) -> Question:
        """Make a question ready as the knowledge base does."""
        with self._concurrency.turn():
            return self._base.question(text)

    def search(self, query: str, *arguments: Any, **options: Any) -> list[Hit]:
        """Search as the knowledge base does."""
        with self._running.work(), self._concurrency.turn():
            hits = self._base.search(query, *arguments, **options)
            self._metrics.searched()
            return hits

    def ask(self, question: str, **options: Any) -> Answer:
        """Answer as the knowledge base does."""
        with self._watching():
            answer = self._base.ask(question, **options)
            self._metrics.answered(answer)
            _log.info("question answered" if answer.answered else "question refused", extra=self._told(answer))
            return answer

    def next_questions(self, answer: Answer) -> tuple[str, ...]:
        """Offer questions as the knowledge base does, or none while all turns are taken.

        Nobody waits longer for an answer so that somebody else is told what to ask next. What is tried for it nobody
        has asked, so it is not counted.
        """
        with self._concurrency.spare() as free:
            return self._base.next_questions(answer) if free else ()

    def first_questions(self, language: str) -> tuple[str, ...]:
        """Offer questions to begin with, or none while all turns are taken."""
        with self._concurrency.spare() as free:
            return self._base.first_questions(language) if free else ()

    # ------------------------------------------------------------------------------------------------------- changing

    def add(self, paths: Iterable[str | Path], **options: Any) -> Change:
        """Add as the knowledge base does."""
        return self._changed("documents.add", lambda: self._base.add(paths, **options))

    def sync(self, paths: Iterable[str | Path], **options: Any) -> Change:
        """Bring into step as the knowledge base does."""
        return self._changed("documents.sync", lambda: self._base.sync(paths, **options))

    def remove(self, document_ids: Iterable[str]) -> Change:
        """Remove as the knowledge base does."""
        return self._changed("documents.remove", lambda: self._base.remove(document_ids))

    def rebuild(self, **options: Any) -> Change:
        """Make the index anew as the knowledge base does."""
        return self._changed("index.rebuild", lambda: self._base.rebuild(**options))

    def revert(self, *arguments: Any, **options: Any) -> bool:
        """Take a change back as the knowledge base does."""
        with self._running.work():
            before = {document.id for document in self._base.documents()}
            reverted = self._base.revert(*arguments, **options)
            if reverted:
                back = [document.id for document in self._base.documents() if document.id not in before]
                self._record("documents.restore", back)
            return reverted

    def adopt(self, settings: Settings, staged: Staged | None = None) -> None:
        """Go on with other settings as the knowledge base does."""
        before = self._base.settings
        self._base.adopt(settings, staged)
        self._record("settings.save", sorted(differing(before, self._base.settings)))

    def _changed(self, action: str, change: Callable[[], Change]) -> Change:
        with self._running.work():
            made = change()
            self._record(action, (*made.added, *made.removed))
            return made

    def _record(self, action: str, names: Iterable[str]) -> None:
        self._audit.record(VISITOR.get(), action, names)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        # The page's questions come out of a queue, which may still bear the id of the request that once started it.
        current = REQUEST_ID.get()
        token = REQUEST_ID.set(current if current in self._running.requests else uuid.uuid4().hex)
        try:
            with self._running.work(), self._concurrency.turn(), self._metrics.running.track_inprogress():
                yield
        except QuestionError:
            raise
        except Exception:
            self._metrics.failed()
            raise
        finally:
            REQUEST_ID.reset(token)

    def _told(self, answer: Answer) -> dict[str, Any]:
        told: dict[str, Any] = {
            "language": answer.language,
            "confidence": round(answer.confidence, 4),
            "engine": answer.engine,
            "citations": len(answer.citations),
            "dropped": answer.dropped,
            "timings_ms": {name: round(value, 1) for name, value in answer.timings_ms.items()},
        }
        if answer.failure:
            told["llm_failure"] = answer.failure
        if self._base.settings.log.questions:
            told["question"] = answer.question
        return told
