"""What a request must say of its body before it is read."""

from __future__ import annotations

from fastapi import Request

from ui.security.errors import ApiError


def json_only(request: Request) -> None:
    """Refuse a body that does not say that it is JSON: a form of another site could send any other."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, f"expected Content-Type: application/json, got {kind[:60] or 'none'}")


def form_only(request: Request) -> None:
    """Refuse an upload that is not a form."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise ApiError(415, f"expected Content-Type: multipart/form-data, got {kind[:60] or 'none'}")
