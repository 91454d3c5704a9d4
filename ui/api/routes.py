"""The HTTP API for programs: ask, search, and the library, in the JSON that the command line prints."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, File, Query, Request, UploadFile
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic.json_schema import SkipJsonSchema
from starlette.routing import Match

from kb.answering.answers import AnswerSentence, passage_json
from kb.any_base import AnyBase
from kb.hosting.uploads import add_uploads, file_name, remove_documents
from kb.library.catalogue import documents_of
from kb.library.library import Change, UnknownDocument
from retrieval.index.snapshot import Mode
from ui.api import docs as api_docs
from ui.api.models import (
    MOST_PASSAGES,
    AnswerJson,
    AskRequest,
    ChangeJson,
    DocumentsJson,
    DocumentTextJson,
    ErrorJson,
    Language,
    SearchJson,
    SearchRequest,
    VisitorJson,
    answer_json,
    shown_source,
)
from ui.api.openai_api import openai_routes
from ui.api.stream import Piece, event_stream, pieces
from ui.security.access import editor, visitor_of
from ui.security.bodies import form_only, json_only
from ui.security.concurrency import ConcurrencyLimiter
from ui.security.errors import ApiError, answer_errors

MOST_FILES = 50
"""In one upload."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_STREAM = {"text/event-stream": {"example": "event: sentence\ndata: {...}\n\n"}}


def programs(site: FastAPI, base: AnyBase, concurrency: ConcurrencyLimiter, changes: ConcurrencyLimiter) -> None:
    """Give `site` all that is for programs, except the MCP tools, which the page's own framework serves."""
    routers = [asking(base, concurrency), library(base, changes), openai_routes(base, concurrency), who()]
    answer_errors(site)
    for router in (*routers, described(routers)):
        site.include_router(router)


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how the OpenAPI page tells of failed requests."""
    return {status: {"model": ErrorJson} for status in (401, 422, 429, *statuses)}


def asking(base: AnyBase, concurrency: ConcurrencyLimiter) -> APIRouter:
    """Return the routes of questions."""
    router = APIRouter(prefix="/api", tags=["questions"])

    @router.post(
        "/ask",
        summary="Ask a question",
        response_model=AnswerJson,
        responses={200: {"content": _STREAM}, **failures(400, 413, 415, 503)},
        dependencies=[Depends(json_only)],
    )
    async def ask(asked: AskRequest, request: Request) -> Response:
        """Return an answer in which every sentence cites the exact words of a source, or that the sources do not say.

        Streamed, each sentence comes as an event `sentence` as soon as it is final, then the whole as `answer`.
        """
        options: dict[str, Any] = {"k": asked.k, "languages": asked.languages, "history": asked.history}
        if asked.stream or "text/event-stream" in request.headers.get("accept", ""):
            source = pieces(concurrency, lambda tell: base.ask(asked.question, on_text=tell, **options))
            return await event_stream(source, _events)
        return JSONResponse(answer_json(await concurrency.run(lambda: base.ask(asked.question, **options))))

    async def found(query: str, k: int, asked: Mode | None, languages: Sequence[str]) -> JSONResponse:
        mode = asked or base.settings.retrieval.mode

        def search() -> dict[str, Any]:
            hits = base.search(query, k, mode=mode, languages=languages)
            words = [
                {"said": word.said, "names": list(word.names)} for word in base.question(query).words if word.names
            ]
            passages = [passage_json(hit) for hit in hits]
            return {"query": query, "mode": mode, "expansion": words, "passages": passages}

        return JSONResponse(await concurrency.run(search))

    @router.post(
        "/search",
        summary="Rank passages",
        response_model=SearchJson,
        responses=failures(400, 413, 415, 503),
        dependencies=[Depends(json_only)],
    )
    async def search(sought: SearchRequest) -> Response:
        """Return the passages that are nearest to a query, the best first, and the other names looked for."""
        return await found(sought.query, sought.k, sought.mode, sought.languages)

    @router.get("/search", summary="Rank passages", response_model=SearchJson, responses=failures(503))
    async def search_by_address(
        query: Annotated[str, Query(examples=["rola CXO a CMO"])],
        k: Annotated[int, Query(ge=1, le=MOST_PASSAGES)] = 10,
        mode: Annotated[
            Mode | SkipJsonSchema[None], Query(description="As the settings say where it is not given.")
        ] = None,
        language: Annotated[list[Language], Query(max_length=4, description="Only texts in these.")] = [],  # noqa: B006
    ) -> Response:
        """Return the same for a query in the address."""
        return await found(query, k, mode, language)

    return router


def library(base: AnyBase, changes: ConcurrencyLimiter) -> APIRouter:
    """Return the routes of documents."""
    router = APIRouter(prefix="/api/documents", tags=["documents"])

    @router.get("", summary="List the documents", response_model=DocumentsJson, responses=failures())
    def documents() -> Response:
        """Return every document, in the order in which they were added."""
        told = documents_of(base.snapshot)
        return JSONResponse({"documents": [{**one, "source": shown_source(one["source"])} for one in told]})

    @router.post(
        "",
        summary="Add documents",
        status_code=201,
        response_model=ChangeJson,
        responses=failures(400, 403, 413, 415, 503),
        dependencies=[Depends(form_only), Depends(editor)],
    )
    async def add(files: Annotated[list[UploadFile], File(description="Source files.")]) -> Response:
        """Add files (editors only). One that came before under the same name is replaced.

        Files that cannot be read are skipped, and the response says why; when all are, the request fails.
        """
        if len(files) > MOST_FILES:
            raise ApiError(
                413, f"{len(files)} files at once, at most {MOST_FILES} are taken; send fewer", field="files"
            )
        named = [(file.filename or "", file.file) for file in files]
        return JSONResponse(_change_json(await changes.run(lambda: add_uploads(base, named))), 201)

    @router.get(
        "/{document_id:path}",
        summary="Read a document",
        response_model=DocumentTextJson,
        responses=failures(404),
    )
    def document(document_id: str) -> Response:
        """Return a document with its text; a citation's start and end count its characters."""
        snapshot = base.snapshot  # one for all of it: the next may be without the document
        told = next((one for one in documents_of(snapshot) if one["id"] == document_id), None)
        if told is None:
            raise UnknownDocument(document_id)
        found = snapshot.documents[document_id]
        sections = [vars(section) for section in found.sections]
        source = shown_source(found.source)
        return JSONResponse({**told, "source": source, "text": found.text, "sections": sections})

    @router.delete(
        "/{document_id:path}",
        summary="Remove a document",
        response_model=ChangeJson,
        responses=failures(403, 404, 503),
        dependencies=[Depends(editor)],
    )
    async def remove(document_id: str) -> Response:
        """Remove a document (editors only); it is never cited again."""
        return JSONResponse(_change_json(await changes.run(lambda: remove_documents(base, [document_id]))))

    return router


def described(routers: Sequence[APIRouter]) -> APIRouter:
    """Return the OpenAPI description of `routers`, the page that shows it, and what answers where there is nothing."""
    router = APIRouter(include_in_schema=False)
    routes = [route for one in routers for route in one.routes]

    @cache
    def schema() -> dict[str, Any]:
        # Not before somebody asks for it: it takes as long as half of the page.
        return get_openapi(
            title="CCO Knowledge Base",
            version=api_docs.VERSION,
            description="Cited answers from the documents of this library.",
            routes=routes,
        )

    @router.get("/api/openapi.json")
    def openapi() -> JSONResponse:
        return JSONResponse(schema())

    @router.get("/api/docs")
    def docs() -> HTMLResponse:
        return HTMLResponse(api_docs.page(schema()))

    @router.api_route("/api/{rest:path}", methods=METHODS)
    @router.api_route("/v1/{rest:path}", methods=METHODS)
    def nothing(request: Request) -> None:
        taken = {
            method
            for route in routes
            if route.matches(request.scope)[0] is Match.PARTIAL
            for method in getattr(route, "methods", ())
        }
        if taken:
            allowed = ", ".join(sorted(taken))
            raise ApiError(405, f"{request.method} is not for this address; {allowed} is", headers={"Allow": allowed})
        raise ApiError(404, "there is nothing at this address; /api/docs lists what there is")

    return router


def _events(piece: Piece) -> list[tuple[str, Any]]:
    if isinstance(piece, AnswerSentence):
        return [("sentence", {"text": piece.text, "citations": list(piece.citations), "support": piece.support})]
    return [("answer", answer_json(piece))]


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "added": list(change.added),
        "removed": list(change.removed),
        "skipped": [{"file": file_name(item.path), "reason": item.reason} for item in change.skipped],
        "documents": change.documents,
        "passages": change.passages,
        "windows": change.windows,
        "seconds": round(change.seconds, 2),
    }


def who() -> APIRouter:
    """Return the route by which a program or the page learns who it is taken for."""
    router = APIRouter(prefix="/api", tags=["access"])

    @router.get("/me", summary="Who am I", response_model=VisitorJson)
    def me(request: Request) -> Response:
        """Return who the sender of this request is taken for, and what they may do."""
        return JSONResponse(vars(visitor_of(request)))

    return router
