"""The library, and one document with its quote marked, as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from corpus.documents import Block, Document
from ui.locale.messages import LANGUAGES, Words
from ui.widgets.icons import icon, icon_button

Span = tuple[int, int]
MOST_MARKS = 100
"""Marked words in one quote that an address may name."""


def document_address(
    document_id: str,
    words: Words,
    span: Span | None = None,
    *,
    root: str = "",
    marks: Sequence[Span] = (),
    check: str = "",
) -> str:
    """Return where a document opens, at `span` if there is one; relative, so that it holds under any prefix.

    `marks` are the words in it that answer; `check` is what `ui.chat.citing.check_of` gives for the words of the span.
    """
    query: dict[str, str | int] = {"ui": words.language}
    if span:
        query |= {"start": span[0], "end": span[1]}
    if marks:
        query["marks"] = ".".join(f"{start}-{end}" for start, end in marks)
    if check:
        query["check"] = check
    return f"{root}documents/{url_quote(document_id, safe='')}?{urlencode(query)}" + ("#quote" if span else "")


def marks_of(text: str, span: Span) -> tuple[Span, ...]:
    """Read the `marks` of an address; what does not lie in order within `span` is left out."""
    found: list[Span] = []
    for piece in text.split(".")[:MOST_MARKS]:
        first, _, last = piece.partition("-")
        if not (first.isdecimal() and last.isdecimal() and len(piece) < 30):
            continue
        start, end = int(first), int(last)
        if max(span[0], found[-1][1] if found else 0) <= start < end <= span[1]:
            found.append((start, end))
    return tuple(found)


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
    return _bar(escape(words("library")), title, "", words) + f'<div class="pane-body">{groups}</div>'


def document(
    document: Document,
    words: Words,
    span: Span | None = None,
    *,
    root: str = "",
    marks: Sequence[Span] = (),
    section: str = "",
    page: int | None = None,
    changed: bool = False,
) -> str:
    """Return the whole document, with `span` marked and given the id `quote`.

    `section` and `page` are where the span stands. `changed` says that the quote is no longer there.
    """
    language = language_attribute(document.language)
    meta = meta_line(
        f"<span{language}>{escape(section)}</span>" if section else "",
        escape(words("page", page=page)) if page is not None else "",
        escape(words.name_of(document.language)),
        f'<time datetime="{escape(document.date)}">{escape(words.date(document.date))}</time>' if document.date else "",
    )
    title = f"<span{language}>{escape(document.title)}</span>"
    notice = f'<p class="notice" role="status">{escape(words("changed"))}</p>' if changed else ""
    return (
        _bar(_back(words, root), title, meta, words, stepping=True)
        + f'<div class="pane-body">{notice}{_restated(document, words)}'
        f'<article class="text"{language}>{document_text(document, span, marks)}</article></div>'
    )


def missing(words: Words, *, root: str = "") -> str:
    """Return what stands in the pane when the document is not there (any more)."""
    return _bar(_back(words, root), escape(words("source")), escape(words("gone")), words)


def document_text(document: Document, span: Span | None = None, marks: Sequence[Span] = ()) -> str:
    """Return the document's blocks in order, with the characters of `span` marked wherever they stand."""
    blocks = document.blocks or (Block("paragraph", 0, len(document.text)),)
    marker = _Marker(document.text, span, marks)
    html = []
    for is_item, group in groupby(blocks, key=lambda block: block.kind == "item"):
        pieces = "".join(_block(block, marker) for block in group)
        html.append(f"<ul>{pieces}</ul>" if is_item else pieces)
    return "".join(html)


def section_at(document: Document, place: int) -> str:
    """Return the title of the section that a character stands in, nothing before the first."""
    titles = [section.title for section in document.sections if section.start <= place < section.end]
    return titles[-1].strip() if titles else ""


def marked(text: str, spans: Sequence[Span]) -> str:
    """Return text with the characters of `spans`, which are in order, set off as the words that answer."""
    html, place = [], 0
    for start, end in spans:
        start, end = max(start, place), min(end, len(text))
        if start < end:
            html.append(f'{escape(text[place:start])}<em class="key">{escape(text[start:end])}</em>')
            place = end
    return "".join(html) + escape(text[place:])


class _Marker:
    """Escapes stretches of a text and marks what of them lies in a span; the first mark gets the id."""

    def __init__(self, text: str, span: Span | None, marks: Sequence[Span]) -> None:
        self._text, self._marks = text, marks
        self._start, self._end = span or (0, 0)
        self._marked = False

    def __call__(self, start: int, end: int) -> str:
        first, last = max(start, self._start), min(end, self._end)
        if first >= last:
            return escape(self._text[start:end])
        name = "" if self._marked else ' id="quote"'
        self._marked = True
        before, inside, after = self._text[start:first], self._text[first:last], self._text[last:end]
        within = marked(inside, [(a - first, b - first) for a, b in self._marks if a < last and b > first])
        return f"{escape(before)}<mark{name}>{within}</mark>{escape(after)}"


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
    return f'<a class="back" data-pane href="{address}">{icon("back")}{escape(words("library"))}</a>'


def _bar(left: str, title: str, meta: str, words: Words, *, stepping: bool = False) -> str:
    """Return what stays in sight above a text however far one reads: the way back, its title, what it is.

    `stepping` leaves room for the way to the quotes before and after, which a script shows where there are any.
    """
    close = icon_button("close", words("close"), 'data-pane-do="close"')
    steps = (
        f'<div class="steps" role="group" aria-label="{escape(words("sources"))}" hidden>'
        + icon_button("back", words("previous_quote"), 'data-pane-do="previous" aria-keyshortcuts="["')
        + '<span class="count"></span>'
        + icon_button("next", words("next_quote"), 'data-pane-do="next" aria-keyshortcuts="]"')
        + "</div>"
        if stepping
        else ""
    )
    return (
        f'<header class="pane-bar"><div>{left}{steps}{close}</div>'
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
