"""A knowledge base whose questions are counted and logged and whose changes are recorded, whoever is behind them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from kb import Change, KnowledgeBase, QuestionError
from kb.answers import Answer
from kb.audit import Audit
from retrieval.index import Hit
from ui.access import VISITOR
from ui.logs import REQUEST_ID
from ui.metrics import Metrics
from ui.running import Running

_log = logging.getLogger(__name__)


class Watched:
    """Stands before a knowledge base; what neither asks nor changes goes straight through."""

    def __init__(self, base: KnowledgeBase, metrics: Metrics, running: Running, audit: Audit) -> None:
        self._base, self._metrics, self._running, self._audit = base, metrics, running, audit

    @classmethod
    def over(cls, base: KnowledgeBase, metrics: Metrics, running: Running, audit: Audit) -> KnowledgeBase:
        """Return `base`, watched; to whoever uses it nothing else changes."""
        return cast(KnowledgeBase, cls(base, metrics, running, audit))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def ask(self, question: str, **options: Any) -> Answer:
        """Answer as the knowledge base does."""
        with self._watching():
            answer = self._base.ask(question, **options)
            self._metrics.answered(answer)
            _log.info("question answered" if answer.answered else "question refused", extra=self._told(answer))
            return answer

    def search(self, query: str, *arguments: Any, **options: Any) -> list[Hit]:
        """Search as the knowledge base does."""
        with self._running.work():
            hits = self._base.search(query, *arguments, **options)
            self._metrics.searched()
            return hits

    def add(self, paths: Iterable[str | Path], **options: Any) -> Change:
        """Add as the knowledge base does."""
        with self._running.work():
            change = self._base.add(paths, **options)
            self._audit.record(VISITOR.get(), "documents.add", change.added)
            return change

    def remove(self, document_ids: Iterable[str]) -> Change:
        """Remove as the knowledge base does."""
        with self._running.work():
            change = self._base.remove(document_ids)
            self._audit.record(VISITOR.get(), "documents.remove", change.removed)
            return change

    def revert(self, *arguments: Any, **options: Any) -> bool:
        """Take a change back as the knowledge base does."""
        with self._running.work():
            before = {document.id for document in self._base.documents()}
            reverted: bool = self._base.revert(*arguments, **options)
            if reverted:
                back = [document.id for document in self._base.documents() if document.id not in before]
                self._audit.record(VISITOR.get(), "documents.restore", back)
            return reverted

    def rebuild(self, **options: Any) -> Change:
        """Make the index anew as the knowledge base does."""
        with self._running.work():
            change: Change = self._base.rebuild(**options)
            self._audit.record(VISITOR.get(), "index.rebuild", change.added)
            return change

    @contextmanager
    def _watching(self) -> Iterator[None]:
        # The page's questions come out of a queue, which may still bear the id of the request that once started it.
        current = REQUEST_ID.get()
        token = REQUEST_ID.set(current if current in self._running.requests else uuid.uuid4().hex)
        try:
            with self._running.work(), self._metrics.running.track_inprogress():
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
