"""What is done with a conversation beside asking: taking it along, and saying whether an answer helped."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from kb.any_base import AnyBase
from kb.feedback import FeedbackError, FeedbackStore
from ui import records
from ui.export import conversation_json, conversation_markdown
from ui.messages import Words
from ui.requests import json_of

_log = logging.getLogger(__name__)

LARGEST = 2_000_000
"""Bytes of a conversation that is sent here."""


def conversations(base: AnyBase) -> APIRouter:
    """Return the routes for a conversation that a browser keeps."""
    router = APIRouter()
    store = FeedbackStore.of(base)

    @router.get("/alive")
    def alive() -> Response:
        return Response(status_code=204)

    @router.post("/conversation/export/{form}")
    async def export(form: str, request: Request, ui: str = "") -> Response:
        sent = await json_of(request, LARGEST)
        turns = records.turns(sent.get("turns"))
        if form == "json":
            return JSONResponse(conversation_json(turns))
        return PlainTextResponse(conversation_markdown(turns, Words.of(ui)), media_type="text/markdown; charset=utf-8")

    @router.post("/conversation/rating")
    async def rate(request: Request) -> Response:
        sent = await json_of(request, LARGEST)
        answer, rating, earlier = records.answer(sent.get("turn")), sent.get("rating"), sent.get("instead_of")
        if answer is None or rating not in ("up", "down", None) or not isinstance(earlier, int | None):
            return PlainTextResponse("expected a turn with an answer, and up, down or nothing", 422)
        try:
            if rating is None:
                if earlier is not None:
                    await run_in_threadpool(store.take_back, earlier)
                return JSONResponse({"id": None})
            number = await run_in_threadpool(store.record, answer, rating, instead_of=earlier)
        except FeedbackError:
            _log.exception("a rating could not be kept")
            return PlainTextResponse("the rating cannot be kept at the moment; the server's log says why", 503)
        return JSONResponse({"id": number})

    return router
