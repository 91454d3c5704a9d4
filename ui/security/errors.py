"""What a program gets when its request fails: one shape, the right status, and never a trace or a path."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from corpus.files.sources import SourceError
from kb.accounts.users import UsersUnavailable
from kb.library.library import UnknownDocument
from kb.question.understanding import QuestionError
from retrieval.storage.folder import IndexBusy, IndexFailure
from ui.security.access import UNAVAILABLE
from ui.security.refusing import LONGEST_MESSAGE, ApiError, error_json, error_response

__all__ = ["LONGEST_MESSAGE", "ApiError", "answer_errors", "as_api_error", "error_json", "error_response"]

_log = logging.getLogger(__name__)


def as_api_error(error: Exception) -> ApiError:
    """Return what the sender of a request is told of `error`; what it should not know goes to the log instead."""
    match error:
        case ApiError():
            return error
        case UnknownDocument():
            return ApiError(404, "there is no document with this id; GET /api/documents lists them")
        case QuestionError():
            return ApiError(422, str(error), field="question")
        case SourceError():
            return ApiError(422, error.reason, field="files")
        case IndexBusy():
            return ApiError(
                503, "the library is being changed by another process; try again", headers={"Retry-After": "2"}
            )
        case UsersUnavailable():
            # Its message tells the operator where the file lies.
            _log.error("%s", error)
            return ApiError(503, UNAVAILABLE, headers={"Retry-After": "2"})
        case IndexFailure():
            # Its message tells the operator where the index lies and how to mend it.
            _log.error("the index cannot be used: %s", error)
            return ApiError(503, "the library cannot be read or changed at the moment; the server's log says why")
        case HTTPException():
            return _of_http(error)
    _log.error("a request failed", exc_info=error)
    return ApiError(500, "something went wrong on the server; its log says what")


def answer_errors(site: FastAPI) -> None:
    """Have `site` answer every error of its own routes in one shape."""

    async def failed(request: Request, error: Exception) -> JSONResponse:
        told = as_api_error(error)
        return error_response(told.status_code, told.detail, field=told.field, headers=told.headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return _of_validation(error)

    for kind in (ApiError, QuestionError, UnknownDocument, UsersUnavailable, SourceError, IndexFailure, HTTPException):
        site.add_exception_handler(kind, failed)
    site.add_exception_handler(RequestValidationError, invalid)


def _of_http(error: HTTPException) -> ApiError:
    said = {404: "there is nothing at this address; /api/docs lists what there is", 400: "the body cannot be read"}
    return ApiError(error.status_code, said.get(error.status_code, str(error.detail)), headers=error.headers)


def _of_validation(error: RequestValidationError) -> JSONResponse:
    """Return the first fault, and how many there are; what was sent is not repeated, since it may not be text."""
    faults = error.errors()
    first = faults[0]
    if first["type"] == "json_invalid":
        return error_response(400, f"the body is not JSON: {first['ctx']['error']} at character {first['loc'][-1]}")
    place = [str(part) for part in first["loc"][1:]] or [str(first["loc"][0])]
    name = ".".join(place).encode("utf-8", "replace").decode()[:80]
    reason = str(first["msg"])
    message = f"{name}: {reason[:1].lower()}{reason[1:]}".encode("utf-8", "replace").decode()
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return error_response(422, message + more, field=name)
