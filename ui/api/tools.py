"""What other programs' assistants may call, as MCP tools: plain functions, typed and described for a model to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kb.answering.answers import passage_json
from kb.any_base import AnyBase
from kb.library.catalogue import documents_of
from ui.api.models import answer_json, shown_source
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.errors import as_api_error

LONGEST_READING = 20_000
"""Characters of a document in one reading."""


class ToolError(Exception):
    """A call that cannot be served; its message goes to the caller."""


class Tools:
    """The tools over one knowledge base. Each returns JSON; those that keep the processor busy wait for their turn."""

    def __init__(self, base: AnyBase, concurrency: ConcurrencyLimiter) -> None:
        self._base, self._concurrency = base, concurrency

    async def ask(self, question: str, history: list[str] = []) -> str:  # noqa: B006
        """Answer a question from the library.

        Each sentence cites the exact words of a source; where the sources do not say, "answered" is false and
        "passages" holds what is nearest.

        Args:
            question: The question, in Chinese (either script), Polish or English.
            history: Questions asked before it, the newest last, that it may lean on.

        """
        _check(question=question, history=history)
        return await self._json(lambda: answer_json(self._base.ask(question, history=history)))

    async def search(self, query: str, k: int = 5) -> str:
        """Find the passages of the library that are nearest to a query, in whatever language they are.

        Args:
            query: What to look for, in Chinese (either script), Polish or English.
            k: How many passages, 1 to 50.

        """
        _check(query=query, k=k)
        most = min(max(k, 1), 50)
        return await self._json(lambda: {"passages": [passage_json(hit) for hit in self._base.search(query, most)]})

    def read_document(self, document_id: str, start: int = 0) -> str:
        """Read a document of the library, 20,000 characters at a time; "next_start" tells where to go on.

        Args:
            document_id: The document's id, as ask and search give it. Empty: list all documents.
            start: The character to begin at.

        """
        _check(document_id=document_id, start=start)
        with _told():
            return _text(self._read(document_id, max(start, 0)) if document_id else self._listed())

    def all(self) -> tuple[Any, ...]:
        """Return the functions to offer."""
        return (self.ask, self.search, self.read_document)

    async def _json(self, work: Callable[[], dict[str, Any]]) -> str:
        with _told():
            return await self._concurrency.run(lambda: _text(work()))

    def _read(self, document_id: str, start: int) -> dict[str, Any]:
        document = self._base.document(document_id)
        end = min(start + LONGEST_READING, len(document.text))
        return {
            "document_id": document.id,
            "title": document.title,
            "language": document.language,
            "source": shown_source(document.source),
            "date": document.date,
            "characters": len(document.text),
            "start": start,
            "end": end,
            "next_start": end if end < len(document.text) else None,
            "text": document.text[start:end],
        }

    def _listed(self) -> dict[str, Any]:
        told = documents_of(self._base.snapshot)
        return {"documents": [{**one, "source": shown_source(one["source"])} for one in told]}


def _check(**arguments: object) -> None:
    """Raise `ToolError` where an argument is not what the tool's schema says; nobody has looked at it before."""
    for name, value in arguments.items():
        kind = {"k": int, "start": int, "history": list}.get(name, str)
        within = value if isinstance(value, list) else ()
        if type(value) is not kind or not all(isinstance(one, str) for one in within):
            expected = {int: "a whole number", list: "a list of strings", str: "a string"}[kind]
            raise ToolError(f"{name}: expected {expected}, got {type(value).__name__}")


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


@contextmanager
def _told() -> Iterator[None]:
    """Raise whatever goes wrong as a `ToolError`."""
    try:
        yield
    except Exception as error:
        raise ToolError(as_api_error(error).detail) from None
