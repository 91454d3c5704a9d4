"""How whoever is not served for now is told: a browser by a page in its reader's language, a program as everywhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from ui.locale.messages import Words
from ui.security.refusing import error_response
from ui.widgets.icons import FAVICON, LOGO

_FOLDER = Path(__file__).parents[1]


def turned_away(request: HTTPConnection, status: int, told: str, message: str, seconds: int = 0) -> Response:
    """Return a refusal: `told` for programs, `message` of `ui.locale` for people; `seconds` until it may be tried."""
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if request.scope["method"] not in ("GET", "HEAD") or "text/html" not in request.headers.get("accept", ""):
        return error_response(status, told, headers=headers)
    chosen = QueryParams(request.scope["query_string"].decode("latin-1")).get("ui", "")
    words = Words.preferred(chosen, request.headers.get("accept-language", ""))
    return HTMLResponse(page(words, message, seconds), status, {**headers, "Vary": "Accept-Language"})


def page(words: Words, message: str, seconds: int = 0) -> str:
    """Return the page; where it may be tried again it does so by itself."""
    style = "".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("static/1-base.css", "starting.css"))
    again = f'<meta http-equiv="refresh" content="{seconds}">' if seconds else ""
    then = f'<p class="then">{escape(words("tried_again", seconds=seconds))}</p>' if seconds else ""
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{escape(words('product'))}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'{again}<link rel="icon" href="{FAVICON}"><style>{style}</style></head><body class="starting"><main>'
        f"<h1>{LOGO}<span>{escape(words('product'))}</span></h1>"
        f'<p class="step" role="alert">{escape(words(message))}</p>{then}</main></body></html>'
    )
