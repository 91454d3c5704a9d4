"""The library page: the documents, and what is done with them while others read and ask."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from corpus.files.sources import SourceError
from kb import QuestionError, UnknownDocument
from kb.any_base import AnyBase
from kb.hosting.removals import UndoableRemovals
from kb.hosting.uploads import add_uploads, file_name, tidy_uploads
from retrieval.storage.folder import IndexFailure
from ui.library.view import LibraryState, Shelved, library_page, rebuilding, search_page
from ui.locale.messages import Words
from ui.operations.jobs import Jobs
from ui.security.access import visitor_of
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.requests import json_of
from ui.widgets.failures import failure
from ui.widgets.reasons import reasons, worded

_REBUILD = "rebuild"

_log = logging.getLogger(__name__)


class LibraryPage:
    """The handlers behind the library page."""

    def __init__(self, base: AnyBase, jobs: Jobs, concurrency: ConcurrencyLimiter, changes: ConcurrencyLimiter) -> None:
        """Take what questions wait at, and what changes do."""
        self._base, self._jobs, self._concurrency, self._changes = base, jobs, concurrency, changes
        self._removals = UndoableRemovals(base)
        tidy_uploads(base)

    def routes(self) -> APIRouter:
        """Return the page's routes."""
        router = APIRouter(prefix="/pages/library", include_in_schema=False)
        router.get("")(self.page)
        router.post("/files")(self.receive)
        router.post("/remove")(self.remove)
        router.post("/undo")(self.undo)
        router.get("/rebuild")(self.progress)
        router.post("/rebuild")(self.rebuild)
        return router

    async def page(self, request: Request, ui: str = "", q: Annotated[str, Query(max_length=500)] = "") -> HTMLResponse:
        """Show the documents, or the passages found for `q`."""
        words = Words.of(ui)
        if q.strip():
            try:
                hits = await self._concurrency.run(lambda: self._base.search(q, 10), "page")
            except QuestionError:
                hits = []
            titles = {document.id: document.title for document in self._base.documents()}
            there = [hit for hit in hits if hit.passage.document_id in titles]  # some may have gone meanwhile
            return HTMLResponse(search_page(q.strip(), there, titles, words))
        return await run_in_threadpool(self._shown, request, words)

    async def receive(self, request: Request, name: str = "", ui: str = "") -> Response:
        """Take in one file, the request's body; answer with what came of it, in the page's language."""
        words = Words.of(ui)
        if refusal := self._refusal(request):
            return refusal
        most = self._base.settings.server.largest_upload
        try:
            with tempfile.TemporaryFile() as file:
                length = 0
                async for piece in request.stream():
                    length += len(piece)
                    if length > most:
                        return JSONResponse(
                            {"added": [], "reason": words("upload_too_large", most=self._most_megabytes)}, 413
                        )
                    await run_in_threadpool(file.write, piece)
                file.seek(0)
                change = await self._changes.run(lambda: add_uploads(self._base, [(name, file)]), "page")
        except SourceError as error:
            return JSONResponse({"added": [], "reason": worded(error.why, words)})
        except (IndexFailure, OSError) as error:
            _log.error("%s was not added: %s", file_name(name), error)
            return JSONResponse({"added": [], "reason": failure(error, words)}, 503)
        reason = reasons(change.skipped, words, name=file_name(name))
        return JSONResponse({"added": list(change.added), "reason": reason})

    async def remove(self, request: Request, ui: str = "") -> Response:
        """Remove one document."""
        if refusal := self._refusal(request):
            return refusal
        words = Words.of(ui)
        document_id = (await json_of(request)).get("id")
        try:
            titles = await self._changes.run(lambda: self._removals.remove([str(document_id)]), "page")
        except UnknownDocument:
            return self._shown(request, words, words("gone"))
        except IndexFailure as error:
            _log.error("a document was not removed: %s", error)
            return self._shown(request, words, failure(error, words))
        return self._shown(request, words, words("removed_one", title=titles[0]))

    async def undo(self, request: Request, ui: str = "") -> Response:
        """Bring back what was removed last."""
        if refusal := self._refusal(request):
            return refusal
        words = Words.of(ui)
        try:
            titles = await self._changes.run(self._removals.undo, "page")
        except IndexFailure as error:
            _log.error("a removal was not undone: %s", error)
            return self._shown(request, words, failure(error, words))
        return self._shown(request, words, words("brought_back", title=titles[0]) if titles else words("too_late"))

    def rebuild(self, request: Request, ui: str = "") -> Response:
        """Begin to make the index anew."""
        if refusal := self._refusal(request):
            return refusal
        self._jobs.start(_REBUILD, lambda report: self._base.rebuild(report=report))
        return self.progress(request, ui)

    def progress(self, request: Request, ui: str = "") -> Response:
        """Tell how far that is."""
        return HTMLResponse(rebuilding(self._jobs.job(_REBUILD), self._locked(request), Words.of(ui)))

    def _shown(self, request: Request, words: Words, notice: str = "") -> HTMLResponse:
        return HTMLResponse(library_page(self._state(request, notice), words))

    def _state(self, request: Request, notice: str = "") -> LibraryState:
        contents = self._base.snapshot.contents
        passages = Counter(passage.document_id for passage in contents.passages)
        return LibraryState(
            shelved=[Shelved(d, passages[d.id], _bytes(d.path, d.text)) for d in contents.documents],
            most_megabytes=self._most_megabytes,
            locked=self._locked(request),
            removed=self._removals.removed,
            job=self._jobs.job(_REBUILD),
            notice=notice,
        )

    @property
    def _most_megabytes(self) -> int:
        return max(1, self._base.settings.server.largest_upload // 1_000_000)

    def _locked(self, request: Request) -> str:
        """Return the message that says why this visitor may change nothing; nothing where they may."""
        if self._base.settings.page.locked:
            return "library_locked"
        return "" if visitor_of(request).may_edit else "editors_only"

    def _refusal(self, request: Request) -> Response | None:
        locked = self._locked(request)
        return PlainTextResponse(Words.of(request.query_params.get("ui"))(locked), 403) if locked else None


def _bytes(path: str, text: str) -> int:
    try:
        return Path(path).stat().st_size if path else len(text.encode())
    except OSError:
        return len(text.encode())
