"""The library, and one document with its quote marked, as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from corpus.documents import Block, Document
from ui.messages import LANGUAGES, Words

Span = tuple[int, int]

CLOSE_ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18"/></svg>'
BACK_ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M15 5l-7 7 7 7"/></svg>'


def document_address(document_id: str, words: Words, span: Span | None = None, root: str = "") -> str:
    """Return where a document opens, at `span` if there is one; relative, so that it holds under any prefix."""
    query: dict[str, str | int] = {"ui": words.language}
    if span:
        query |= {"start": span[0], "end": span[1]}
    return f"{root}documents/{url_quote(document_id, safe='')}?{urlencode(query)}" + ("#quote" if span else "")


def library_address(words: Words, root: str = "") -> str:
    """Return where the list of documents opens."""
    return f"{root}documents?{urlencode({'ui': words.language})}"


def language_attribute(language: str) -> str:
    """Return the `lang` attribute of a text; browsers choose the forms of Han characters by it."""
    return f' lang="{escape(language)}"' if language != "und" else ""


def meta_line(*parts: str) -> str:
    """Join what is told about a text with thin dividers; empty parts fall away. Each part is HTML."""
    return "".join(f"<span>{part}</span>" for part in parts if part)


def library(documents: Iterable[Document], words: Words) -> str:
    """Return the list of documents by language, that of the page first."""
    everything = list(documents)
    order = [words.language, *LANGUAGES, "und"]
    everything.sort(key=lambda d: order.index(d.language) if d.language in order else len(order))
    groups = "".join(
        f'<h3>{escape(words.name_of(language))}</h3><ul class="shelf">{"".join(_shelved(d, words) for d in group)}</ul>'
        for language, group in groupby(everything, key=lambda d: d.language)
    )
    title = escape(words.count("documents", len(everything)))
    return (
        _bar(escape(words("library")), title, escape(words("library_note")), words)
        + f'<div class="pane-body">{groups}</div>'
    )


def document(document: Document, words: Words, span: Span | None = None, *, root: str = "") -> str:
    """Return the whole document, with `span` marked and given the id `quote`."""
    meta = meta_line(
        escape(words.name_of(document.language)),
        f'<time datetime="{escape(document.date)}">{escape(words.date(document.date))}</time>' if document.date else "",
    )
    language = language_attribute(document.language)
    title = f"<span{language}>{escape(document.title)}</span>"
    return (
        _bar(_back(words, root), title, meta, words) + f'<div class="pane-body">{_restated(document, words)}'
        f'<article class="text"{language}>{document_text(document, span)}</article></div>'
    )


def missing(words: Words, *, root: str = "") -> str:
    """Return what stands in the pane when the document is not there (any more)."""
    return _bar(_back(words, root), escape(words("source")), escape(words("gone")), words)


def document_text(document: Document, span: Span | None = None) -> str:
    """Return the document's blocks in order, with the characters of `span` marked wherever they stand."""
    blocks = document.blocks or (Block("paragraph", 0, len(document.text)),)
    marker = _Marker(document.text, span)
    html = []
    for is_item, group in groupby(blocks, key=lambda block: block.kind == "item"):
        pieces = "".join(_block(block, marker) for block in group)
        html.append(f"<ul>{pieces}</ul>" if is_item else pieces)
    return "".join(html)


class _Marker:
    """Escapes stretches of a text and marks what of them lies in a span; the first mark gets the id."""

    def __init__(self, text: str, span: Span | None) -> None:
        self._text = text
        self._start, self._end = span or (0, 0)
        self._marked = False

    def __call__(self, start: int, end: int) -> str:
        first, last = max(start, self._start), min(end, self._end)
        if first >= last:
            return escape(self._text[start:end])
        name = "" if self._marked else ' id="quote"'
        self._marked = True
        before, inside, after = self._text[start:first], self._text[first:last], self._text[last:end]
        return f"{escape(before)}<mark{name}>{escape(inside)}</mark>{escape(after)}"


def _block(block: Block, marker: _Marker) -> str:
    text = marker(block.start, block.end)
    if block.kind == "heading":
        # The document's title is h2, so that its own headings begin at h3.
        level = min(max(block.level, 1) + 1, 6) if block.level > 1 else 3
        return f"<h{level}>{text}</h{level}>"
    if block.kind == "item":
        return f'<li data-depth="{block.level}">{text}</li>'
    return f'<p class="row">{text}</p>' if block.kind == "row" else f"<p>{text}</p>"


def _back(words: Words, root: str) -> str:
    address = escape(library_address(words, root))
    return f'<a class="back" data-pane href="{address}">{BACK_ICON}{escape(words("library"))}</a>'


def _bar(left: str, title: str, meta: str, words: Words) -> str:
    """Return what stays in sight above a text however far one reads: the way back, its title, what it is."""
    close = escape(words("close"))
    return (
        f'<header class="pane-bar"><div>{left}'
        f'<button type="button" class="icon close" aria-label="{close}" title="{close}">{CLOSE_ICON}</button></div>'
        f'<h2 class="pane-title" tabindex="-1">{title}</h2><p class="meta">{meta}</p></header>'
    )


def _shelved(document: Document, words: Words) -> str:
    when = f'<span class="meta">{escape(words.date(document.date))}</span>' if document.date else ""
    return (
        f'<li><a data-pane href="{escape(document_address(document.id, words))}">'
        f"<span{language_attribute(document.language)}>{escape(document.title)}</span>{when}</a></li>"
    )


def _restated(document: Document, words: Words) -> str:
    """Return a line that names what the document restates, where its front matter tells."""
    named = [escape(" · ".join(parts)) for parts in _works(document.metadata.get("restates"), words)]
    return f'<p class="meta">{escape(words("restates"))}{"; ".join(named)}</p>' if named else ""


def _works(restates: Any, words: Words) -> Iterator[list[str]]:
    for work in restates if isinstance(restates, list) else []:
        if isinstance(work, dict) and work.get("title"):
            yield [
                str(work["title"]),
                *(str(work[key]) for key in ("publisher",) if work.get(key)),
                *(words.date(str(work[key])) for key in ("date",) if work.get(key)),
            ]
