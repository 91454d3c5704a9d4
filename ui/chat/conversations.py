"""What is done with a conversation beside asking: taking it along, and saying whether an answer helped."""

from __future__ import annotations

import logging
import math

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool

from kb.any_base import AnyBase
from kb.hosting.feedback import FeedbackError, FeedbackStore, NotTheirs, Rater
from ui.chat import records
from ui.chat.export import conversation_json, conversation_markdown
from ui.locale.messages import Words
from ui.security.access import LOCAL, sender_of, visitor_of
from ui.security.limits import Limiter
from ui.security.requests import json_of

_log = logging.getLogger(__name__)

LARGEST = 2_000_000
"""Bytes of a conversation that is sent here."""
_DAY = 24 * 60 * 60.0


def conversations(base: AnyBase) -> APIRouter:
    """Return the routes for a conversation that a browser keeps."""
    router = APIRouter()
    store = FeedbackStore.of(base)
    limiter = Limiter(base.settings.server.ratings_per_day, _DAY)

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
    async def rate(request: Request, ui: str = "") -> Response:
        sent, words = await json_of(request, LARGEST), Words.of(ui)
        answer, rating, earlier = records.answer(sent.get("turn")), sent.get("rating"), sent.get("instead_of")
        if answer is None or rating not in ("up", "down", None) or not isinstance(earlier, str | int | None):
            return PlainTextResponse("expected a turn with an answer, and up, down or nothing", 422)
        rater = _rater(request)
        try:
            if rating is None:
                if earlier is not None:
                    await run_in_threadpool(store.take_back, earlier, rater)
                return JSONResponse({"id": None})
            if visitor_of(request) is not LOCAL and (wait := limiter.wait(sender_of(request))):
                return PlainTextResponse(words("rated_enough"), 429, {"Retry-After": str(math.ceil(wait))})
            key = await run_in_threadpool(store.record, answer, rating, instead_of=earlier, rater=rater)
        except NotTheirs:
            return PlainTextResponse(words("rated_by_another"), 403)
        except FeedbackError:
            _log.exception("a rating could not be kept")
            return PlainTextResponse(words("not_rated"), 503)
        return JSONResponse({"id": key})

    return router


def _rater(request: Request) -> Rater:
    visitor = visitor_of(request)
    return Rater(visitor.name if visitor.signed_in else "", visitor.may_edit)
