"""What looks after a server asks it: is it there, may it be sent questions, how is it doing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from ui.operations.metrics import CONTENT_TYPE, Metrics
from ui.operations.running import Running
from ui.security.access import Visitor, known


def health(metrics: Metrics, running: Running) -> APIRouter:
    """Return the routes; the first two answer whoever asks, with nothing to be learned from them."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> Response:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def ready() -> Response:
        if running.stopping:
            return JSONResponse({"status": "stopping"}, 503)
        return JSONResponse({"status": "ready"})

    @router.get("/metrics")
    def figures(visitor: Annotated[Visitor, Depends(known)]) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return router
