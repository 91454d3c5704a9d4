"""Pieces of HTML that several pages are made of. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from html import escape

from ui.locale.messages import Words


def page_head(title: str, note: str, words: Words, *, facts: str = "", back: str = "") -> str:
    """Return a page's heading, which takes the focus when the page opens; `facts` and `back` are HTML."""
    said = f"<p>{escape(note)}</p>" if note else ""
    told = f'<p class="meta">{facts}</p>' if facts else ""
    return (
        f'<header class="page-head" lang="{words.language}">{back}<h1 tabindex="-1">{escape(title)}</h1>'
        f"{said}{told}</header>"
    )


def progress(label: str, done: int, total: int) -> str:
    """Return a bar that shows how far something is, unknown where `total` is 0."""
    said = escape(label)
    value = f' value="{done}" max="{total}"' if total else ""
    share = f"{done} / {total}" if total else ""
    return (
        f'<div class="progress"><p><span>{said}</span><span class="meta">{share}</span></p>'
        f'<progress aria-label="{said}"{value}></progress></div>'
    )
