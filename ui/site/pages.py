"""What is served around the Gradio page: the documents that citations open, and the rules for every response."""

from __future__ import annotations

from html import escape
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from corpus.documents import Document
from kb import UnknownDocument
from kb.any_base import AnyBase
from ui.chat.citing import check_of
from ui.locale.messages import Words
from ui.widgets import document_view as reading
from ui.widgets.icons import FAVICON

_FOLDER = Path(__file__).parents[1]


def head() -> str:
    """Return the look, the script and the icon for a page's `<head>`; inline, so that they come with the page."""
    style, script = (
        "\n".join(path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob(f"static/*.{kind}")))
        for kind in ("css", "js")
    )
    return f'<link rel="icon" href="{FAVICON}"><style>{style}</style><script>{script}</script>'


def documents(base: AnyBase) -> APIRouter:
    """Return the routes of the library and its documents: as a part for the pane, or as a page of their own."""
    router = APIRouter()

    @router.get("/documents", response_class=HTMLResponse)
    def library(ui: str = "", part: bool = False) -> HTMLResponse:
        words = Words.of(ui)
        return _response(reading.library(base.documents(), words), words("library"), words, part=part, root="./")

    @router.get("/documents/{document_id:path}", response_class=HTMLResponse)
    def document(
        document_id: str,
        ui: str = "",
        start: int = 0,
        end: int = 0,
        marks: str = "",
        check: str = "",
        part: bool = False,
    ) -> HTMLResponse:
        words = Words.of(ui)
        root = "" if part else "../"
        try:
            found = base.document(document_id)
        except UnknownDocument:
            body = reading.missing(words, root=root)
            return _response(body, words("source"), words, part=part, root=root, status=404)
        span = (start, end) if 0 <= start < end <= len(found.text) else None
        changed = bool(check) and (span is None or check_of(found.text[start:end]) != check)
        if changed:
            span = None
        body = reading.document(
            found,
            words,
            span,
            root=root,
            marks=reading.marks_of(marks, span) if span else (),
            section=reading.section_at(found, start) if span else "",
            page=_page_at(base, found, start) if span else None,
            changed=changed,
        )
        return _response(body, found.title, words, part=part, root=root)

    return router


def _page_at(base: AnyBase, document: Document, place: int) -> int | None:
    """Return the page that a character stands on, None where the file has no pages."""
    passages = (p for p in base.snapshot.contents.passages if p.document_id == document.id)
    return next((passage.page for passage in passages if passage.start <= place < passage.end), None)


def _response(body: str, title: str, words: Words, *, part: bool, root: str, status: int = 200) -> HTMLResponse:
    """Return a part as it is, for the pane; otherwise as a page of its own with a way back to the questions."""
    if part:
        return HTMLResponse(body, status)
    return HTMLResponse(
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head()}</head><body class="alone">'
        f'<p class="home"><a href="{root}">{escape(words("to_question"))}</a></p><main class="pane">{body}</main>'
        "</body></html>",
        status,
    )
