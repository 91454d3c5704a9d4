"""The library as HTML. Pure; whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from corpus.documents import Document
from retrieval.index.snapshot import Hit
from ui.locale.messages import LANGUAGES, Words
from ui.operations.jobs import Job
from ui.widgets.document_view import document_address, language_attribute, meta_line
from ui.widgets.failures import failure
from ui.widgets.icons import icon, icon_button
from ui.widgets.widgets import page_head, progress


@dataclass(frozen=True)
class Shelved:
    """One document as the library lists it."""

    document: Document
    passages: int
    bytes: int


@dataclass(frozen=True)
class LibraryState:
    """What the library page shows."""

    shelved: Sequence[Shelved]
    most_megabytes: int
    locked: str = ""
    """The message that says why nothing can be changed; empty where it can."""
    removed: Sequence[str] = ()
    """Titles that can be brought back."""
    job: Job | None = None
    notice: str = ""


def library_page(state: LibraryState, words: Words) -> str:
    """Return the whole page."""
    passages = sum(one.passages for one in state.shelved)
    facts = meta_line(escape(words.count("documents", len(state.shelved))), escape(words.count("passages", passages)))
    head = page_head(words("library"), words("library_note"), words, facts=facts)
    change = (
        f'<p class="notice">{escape(words(state.locked))}</p>' if state.locked else _adding(state.most_megabytes, words)
    )
    listed = _listed(state, words) if state.shelved else f'<p class="empty">{escape(words("library_empty"))}</p>'
    notice = f'<p class="unseen" data-notice>{escape(state.notice)}</p>' if state.notice else ""
    again = rebuilding(state.job, state.locked, words)
    return f"{head}{notice}{_undo(state.removed, words)}{change}{_tools(words)}{listed}{again}"


def search_page(query: str, hits: Sequence[Hit], titles: dict[str, str], words: Words) -> str:
    """Return the passages found for a query, each with a link to its place."""
    items = "".join(_found(hit, titles, words) for hit in hits)
    body = f'<ol class="quotes">{items}</ol>' if items else f'<p class="empty">{escape(words("nothing_found"))}</p>'
    return (
        f"{page_head(words('library'), '', words)}{_tools(words, query)}"
        f'<p><a class="back" href="#/library" data-load="pages/library">{icon("back")}'
        f"{escape(words('search_again'))}</a></p><h2>{escape(words('found_for', query=query))}</h2>{body}"
    )


def rebuilding(job: Job | None, locked: str, words: Words) -> str:
    """Return the way to make the index anew, where `locked` says nothing against it, or how far that is."""
    if job and job.running:
        shown = progress(words("rebuilding"), job.done, job.total)
        return (
            '<section class="rebuild" id="rebuild" data-part="pages/library/rebuild" data-refresh="700">'
            f"{shown}</section>"
        )
    said = ""
    if job:
        text = words("job_failed", reason=failure(job.error, words)) if job.error else ""
        if not job.error:
            text = words("rebuilt", seconds=f"{job.result.seconds:.0f}")
        said = f'<p class="meta" role="status">{escape(text)}</p>'
    button = (
        ""
        if locked
        else f'<button type="button" class="button" id="start-rebuild" data-send="pages/library/rebuild"'
        f' data-into="rebuild">{icon("retry")}{escape(words("rebuild"))}</button>'
        f'<p class="meta">{escape(words("rebuild_note"))}</p>'
    )
    return f'<section class="rebuild" id="rebuild">{button}{said}</section>'


def _undo(removed: Sequence[str], words: Words) -> str:
    if not removed:
        return ""
    return (
        f'<div class="undo"><p>{escape(words("removed_one", title=", ".join(removed)))}</p>'
        f'<button type="button" class="button" data-send="pages/library/undo" id="undo-remove" data-focus>'
        f"{escape(words('undo'))}</button></div>"
    )


def _adding(most: int, words: Words) -> str:
    said = {
        name: escape(words(f"upload_{name}" if name not in ("uploading", "indexing") else name))
        for name in ("uploading", "indexing", "waiting", "added", "skipped", "failed")
    } | {"too-large": escape(words("upload_too_large", most=most)), "and-why": escape(words("upload_and_why"))}
    data = "".join(f' data-{name}="{text}"' for name, text in said.items())
    return (
        f'<section class="adding" id="adding" data-most="{most * 1_000_000}"{data}>'
        f'<div class="drop">{icon("add")}<p>{escape(words("drop_here"))} '
        f'<label class="link">{escape(words("choose_files"))}'
        '<input type="file" multiple class="unseen" id="files"></label>'
        f'</p><p class="meta">{escape(words("kinds", most=most))}</p></div>'
        f'<ul class="uploads" aria-label="{escape(words("uploads"))}" aria-live="polite"></ul></section>'
    )


def _tools(words: Words, query: str = "") -> str:
    options = "".join(f'<option value="{tag}">{escape(words.name_of(tag))}</option>' for tag in (*LANGUAGES, "und"))
    language = (
        ""
        if query
        else f'<label><span class="unseen">{escape(words("filter_language"))}</span><select id="filter-language">'
        f'<option value="">{escape(words("all_languages"))}</option>{options}</select></label>'
    )
    label = escape(words("filter"))
    return (
        f'<form class="tools" data-search="pages/library"><label class="field">{icon("search")}'
        f'<span class="unseen">{label}</span><input type="search" id="filter" name="q" maxlength="500"'
        f' placeholder="{label}" value="{escape(query)}" autocomplete="off"></label>{language}'
        f'<button type="submit" class="button">{escape(words("search_texts"))}</button></form>'
    )


def _listed(state: LibraryState, words: Words) -> str:
    columns = ("title", "language", "passages", "date", "size") + (() if state.locked else ("actions",))
    head = "".join(
        f'<th scope="col" class="{name}">'
        + (
            f'<span class="unseen">{escape(words("column_actions"))}</span>'
            if name == "actions"
            else escape(words(f"column_{name}"))
        )
        + "</th>"
        for name in columns
    )
    rows = "".join(_row(one, words, removable=not state.locked) for one in state.shelved)
    return (
        f'<table class="documents" id="documents"><caption class="unseen">{escape(words("library"))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="empty" id="none-match" hidden>{escape(words("none_match"))}</p>'
    )


def _row(one: Shelved, words: Words, *, removable: bool) -> str:
    document = one.document
    language = language_attribute(document.language)
    when = (
        f'<time datetime="{escape(document.date)}">{escape(words.date(document.date))}</time>' if document.date else "–"
    )
    cells = (
        f'<th scope="row" class="title"><a data-pane href="{escape(document_address(document.id, words))}"{language}>'
        f"{escape(document.title)}</a></th>"
        f'<td class="language">{escape(words.name_of(document.language))}</td>'
        f'<td class="passages"><span class="long">{one.passages}</span>'
        f'<span class="short">{escape(words.count("passages", one.passages))}</span></td>'
        f'<td class="date">{when}</td><td class="size">{escape(size(one.bytes, words))}</td>'
    )
    if removable:
        cells += f'<td class="actions">{_removal(document, words)}</td>'
    tag = escape(document.language)
    return f'<tr data-language="{tag}" data-title="{escape(document.title.casefold())}">{cells}</tr>'


def _removal(document: Document, words: Words) -> str:
    """Return the button that removes a document and the dialog that asks before."""
    title = document.title
    return (
        icon_button("clear", words("remove_document", title=title), "data-opens-dialog")
        + f'<dialog aria-label="{escape(words("confirm_remove", title=title))}"><h2>'
        f"{escape(words('confirm_remove', title=title))}</h2><p>{escape(words('confirm_remove_note'))}</p>"
        f'<form method="dialog" class="buttons">'
        f'<button class="button" value="" autofocus>{escape(words("keep"))}</button>'
        f'<button class="button danger" value="yes" data-send="pages/library/remove"'
        f' data-id="{escape(document.id)}">{escape(words("remove"))}</button></form></dialog>'
    )


def size(count: int, words: Words) -> str:
    """Return a number of bytes in kilobytes as this language writes it."""
    kilobytes = max(count / 1000, 0.1)
    shown = f"{kilobytes:.1f}" if kilobytes < 10 else f"{kilobytes:.0f}"
    return words("kilobytes", size=shown.replace(".", ",") if words.language == "pl" else shown)


def _found(hit: Hit, titles: dict[str, str], words: Words) -> str:
    passage = hit.passage
    language = language_attribute(passage.language)
    section = f"<span{language}>{escape(passage.section)}</span>" if passage.section else ""
    address = document_address(passage.document_id, words, (hit.start, hit.end))
    return (
        f'<li><a class="title" data-pane href="{escape(address)}"{language}>{escape(titles[passage.document_id])}</a>'
        f'<p class="meta">{meta_line(section, escape(words.name_of(passage.language)))}</p>'
        f"<blockquote{language}>{escape(passage.text)}</blockquote></li>"
    )
